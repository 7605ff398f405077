//! Signatures: header and claims are ours here, and the signature is not.

use super::*;
use crate::tests::support::fixed_vec;

/// The order of the group (RFC 8032, 5.1), little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn signed(signer: &Signer) -> (String, [u8; 64]) {
    let token = signer.token();
    let (text, signature) = token.rsplit_once('.').unwrap();
    (text.to_owned(), unbase64(signature).try_into().unwrap())
}

#[test]
fn a_signature_that_was_made_up_or_changed_is_refused() {
    let signer = Signer::new();
    let twin = signer.token();
    let (text, signature) = signed(&signer);
    let (r, s) = signature.split_at(32);
    let mut identity = [0; 64];
    identity[0] = 1;
    let mut larger = signature;
    let mut carry = 0;
    for (byte, add) in larger[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    let all = |byte: u8| vec![byte; 64];
    for (why, odd) in [
        ("all zero", all(0)),
        ("all one", all(0xff)),
        ("the neutral element and zero", identity.to_vec()),
        ("random", fixed_vec("signature", 64)),
        ("halves swapped", [s, r].concat()),
        ("first half twice", [r, r].concat()),
        ("the group's order added", larger.to_vec()),
        ("reversed", signature.iter().rev().copied().collect()),
        ("inverted", signature.iter().map(|byte| !byte).collect()),
        ("the public key twice", [signer.key.public, signer.key.public].concat()),
    ] {
        signer.hostile(why, &format!("{text}.{}", base64(odd)), Refused, &twin);
    }
    for bit in 0..512 {
        let mut odd = signature;
        odd[bit / 8] ^= 1 << (bit % 8);
        signer.hostile("one bit", &format!("{text}.{}", base64(odd)), Refused, &twin);
    }
}

#[test]
fn a_signature_of_another_length_is_not_ours() {
    let signer = Signer::new();
    let twin = signer.token();
    let (text, signature) = signed(&signer);
    for length in (0..64).chain(65..130) {
        let odd: Vec<u8> = signature.iter().copied().cycle().take(length).collect();
        signer.hostile("length", &format!("{text}.{}", base64(odd)), NotOurs, &twin);
    }
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    signer.hostile("in hex", &format!("{text}.{hex}"), NotOurs, &twin);
}

/// All of it signed with the right key, and none of it what is to be signed.
#[test]
fn a_signature_of_something_else_is_refused() {
    let signer = Signer::new();
    let twin = signer.token();
    let (text, _) = signed(&signer);
    let (header, claims) = text.split_once('.').unwrap();
    for other in [
        "",
        header,
        claims,
        HEADER,
        CLAIMS,
        &format!("{HEADER}.{CLAIMS}"),
        &format!("{header}.{CLAIMS}"),
        &format!("{claims}.{header}"),
        &format!("{text}."),
        &format!("{text}\n"),
        &format!("{header}{claims}"),
        &format!("{header}=.{claims}="),
    ] {
        let signature = signer.keys.sign(&signer.key, other.as_bytes()).unwrap();
        signer.hostile(other, &format!("{text}.{}", base64(signature)), Refused, &twin);
    }
    let later = signer.forge(HEADER, CLAIMS.replacen("1700003600", "1800000000", 1));
    let [_, _, signature] = segments(&later);
    signer.hostile("of other claims", &format!("{text}.{signature}"), Refused, &twin);
    let [_, claims, _] = segments(&later);
    let (_, own) = signed(&signer);
    let moved = format!("{header}.{claims}.{}", base64(own));
    signer.hostile("other claims under it", &moved, Refused, &twin);
}

#[test]
fn a_token_is_accepted_under_its_own_public_key_alone() {
    let (signer, other) = (Signer::new(), Signer::new());
    let token = signer.token();
    assert_eq!((signer.fate(&token), other.fate(&token)), (Accepted, Refused));
    assert_eq!((signer.fate(&other.token()), other.fate(&other.token())), (Refused, Accepted));
    for bit in 0..256 {
        let mut public = signer.key.public;
        public[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(fate(&token, &public), Refused, "bit {bit}");
    }
    assert_eq!(fate(&token, &[0; 32]), Refused, "no key");
}
