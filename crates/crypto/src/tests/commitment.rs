//! GCM alone would let one ciphertext open under two keys. Here such ciphertexts are made, shown to open under both,
//! and shown to be refused by the commitment.

use super::support::{DEPLOYMENT, TENANT, binding, fixed, fixed_vec, leave, tenant_keys};
use crate::{
    OpenError,
    binding::Content,
    envelope::{self, FreshWrap, RevisionKey},
    format::ValueBlock,
    hazmat::gcm,
};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, UnboundCipherKey};
use subrosa_domain::Sealed;
use subrosa_plaintext::Plaintext;
use zeroize::Zeroizing;

#[test]
fn a_ciphertext_made_for_two_keys_opens_under_the_committed_one_alone() {
    let (binding, keys) = (binding(), tenant_keys(DEPLOYMENT, TENANT, &[1]));
    let aad = binding.value_aad(DEPLOYMENT, Content::SecretValue);
    for round in 0..100 {
        let revision_key =
            |which: &str| -> RevisionKey { Zeroizing::new(fixed(&format!("{which} {round}"))) };
        let (one, two) = (revision_key("one"), revision_key("two"));
        let (salt, iv) = (fixed(&format!("salt {round}")), fixed(&format!("iv {round}")));
        let keys_of = |key: &RevisionKey| *envelope::value_keys(key, &salt, &aad).unwrap();
        let ([key_one, commitment_one], [key_two, _]) = (keys_of(&one), keys_of(&two));
        let (ciphertext, tag) = collide(&key_one, &key_two, &iv, &aad, &fixed_vec("text", 64));
        let mut out = vec![0; ciphertext.len()];
        for key in [&key_one, &key_two] {
            assert!(gcm::open(key, &iv, &aad, &ciphertext, &tag, &mut out).is_ok(), "no collision");
        }
        let mut value = Vec::new();
        ValueBlock::start(&salt, &commitment_one, &iv, &mut value);
        value.extend_from_slice(&ciphertext);
        value.extend_from_slice(&tag);
        let opened_with = |revision_key: &RevisionKey| {
            let fresh = FreshWrap { salt: [1; 16], iv: [2; 12] };
            let active = &keys.active;
            let wrap =
                envelope::wrap(DEPLOYMENT, 1, &active.key, &binding, revision_key, &fresh).unwrap();
            let sealed = Sealed { value: value.clone().into(), wrap };
            // Comparing goes by the commitment too: it says nothing of what only the other key opens.
            let compared = keys.holds(&binding, &sealed, &Plaintext::from_vec(vec![0; 64]));
            let opened = keys.open(&binding, &sealed, &leave(&binding)).map(drop);
            assert_eq!(compared.map(drop), opened);
            opened
        };
        assert_eq!(opened_with(&one), Ok(()), "the committed key opens it");
        assert_eq!(opened_with(&two), Err(OpenError::Integrity), "the other one does not");
    }
}

/// Changes the last block of `ciphertext` so that one tag fits it under both keys. GHASH is linear in each block, so
/// the block is the solution of one equation in the field.
fn collide(
    one: &[u8; 32],
    two: &[u8; 32],
    iv: &[u8; 12],
    aad: &[u8],
    ciphertext: &[u8],
) -> (Vec<u8>, [u8; 16]) {
    let mut ciphertext = ciphertext.to_vec();
    let free = ciphertext.len() - 16;
    ciphertext[free..].fill(0);
    let (h_one, h_two) = (block(one, [0; 16]), block(two, [0; 16]));
    let rest = tag(one, h_one, iv, aad, &ciphertext) ^ tag(two, h_two, iv, aad, &ciphertext);
    // The last block of text is followed by the block of lengths, so it is weighed with the square of H.
    let weight = times(h_one, h_one) ^ times(h_two, h_two);
    let solution = times(rest, inverse(weight));
    ciphertext[free..].copy_from_slice(&solution.to_be_bytes());
    let tag = tag(one, h_one, iv, aad, &ciphertext).to_be_bytes();
    (ciphertext, tag)
}

fn tag(key: &[u8; 32], h: u128, iv: &[u8; 12], aad: &[u8], ciphertext: &[u8]) -> u128 {
    let mut start = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    start[..12].copy_from_slice(iv);
    let mut hash = 0;
    for chunk in aad.chunks(16).chain(ciphertext.chunks(16)) {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        hash = times(hash ^ u128::from_be_bytes(block), h);
    }
    let lengths = (aad.len() as u128 * 8) << 64 | (ciphertext.len() as u128 * 8);
    times(hash ^ lengths, h) ^ block(key, start)
}

/// One block of AES-256.
fn block(key: &[u8; 32], mut input: [u8; 16]) -> u128 {
    let key = UnboundCipherKey::new(&AES_256, key).unwrap();
    EncryptingKey::ecb(key).unwrap().encrypt(&mut input).unwrap();
    u128::from_be_bytes(input)
}

/// Multiplication in GCM's field, whose bits count from the left.
fn times(a: u128, b: u128) -> u128 {
    let (mut product, mut shifted) = (0, b);
    for bit in (0..128).rev() {
        if a >> bit & 1 == 1 {
            product ^= shifted;
        }
        let carry = shifted & 1;
        shifted >>= 1;
        if carry == 1 {
            shifted ^= 0xe1 << 120;
        }
    }
    product
}

/// The power 2^128 - 2, which is the inverse.
fn inverse(a: u128) -> u128 {
    let (mut result, mut square) = (1 << 127, a);
    for _ in 1..128 {
        square = times(square, square);
        result = times(result, square);
    }
    result
}
