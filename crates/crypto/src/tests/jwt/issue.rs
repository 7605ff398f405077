//! What is issued: the documented text, the same each time, and readable whatever the account is called.

use super::*;
use crate::{OpenError, looks_like_jwt, tests::support::OTHER};
use proptest::prelude::*;
use subrosa_domain::Sealed;

#[test]
fn a_token_is_the_documented_text_and_says_who_it_is_of() {
    let signer = Signer::new();
    let token = signer.token();
    let [header, claims, signature] = segments(&token);
    assert_eq!(unbase64(header), HEADER.as_bytes());
    assert_eq!(unbase64(claims), CLAIMS.as_bytes());
    assert_eq!(unbase64(signature).len(), 64);
    let presented = PresentedJwt::parse(&token).unwrap();
    assert_eq!((presented.kid(), ID.to_string().as_str()), (ID, KID));
    assert_eq!(presented.verify(&signer.key.public), Some(account_found()));
}

#[test]
fn the_same_row_makes_the_identical_token_again_before_and_after_a_rotation() {
    let signer = Signer::new();
    let first = signer.token();
    assert_eq!(signer.token(), first);
    let keys = tenant_keys(DEPLOYMENT, TENANT, &[2, 1]);
    let wrap = keys.rewrap_signing_key(&signer.key).unwrap();
    let seed = Sealed { wrap, ..signer.key.seed.clone() };
    let renewed = SigningKey { seed, ..signer.key.clone() };
    let keys = tenant_keys(DEPLOYMENT, TENANT, &[2]);
    let again = keys.issue_account_token(&renewed, &account("deploy bot")).unwrap();
    assert_eq!(again.expose(), first);
}

#[test]
fn times_are_whole_seconds_rounded_down() {
    let signer = Signer::new();
    let claims = AccountClaims {
        issued_at: NOW.plus(Duration::from_micros(999_999)),
        expires_at: NOW.plus(Duration::from_micros(3_600_999_999)),
        ..account("deploy bot")
    };
    let token = signer.keys.issue_account_token(&signer.key, &claims).unwrap();
    assert_eq!(token.expose(), signer.token());
}

#[test]
fn every_claim_is_in_the_signature() {
    let signer = Signer::new();
    let base = account("deploy bot");
    let later = NOW.plus(Duration::from_secs(1));
    for other in [
        AccountClaims { subject: PrincipalId::from_bytes([1; 16]), ..base.clone() },
        AccountClaims { token: TokenId::from_bytes([1; 16]), ..base.clone() },
        AccountClaims { issued_at: later, ..base.clone() },
        AccountClaims { expires_at: later, ..base.clone() },
        AccountClaims { tenant: "other".parse().unwrap(), ..base.clone() },
        AccountClaims { name: "other", ..base.clone() },
    ] {
        let token = signer.keys.issue_account_token(&signer.key, &other).unwrap();
        let (own, other) = (signer.token(), token.expose().to_owned());
        let ([_, _, own], [header, claims, theirs]) = (segments(&own), segments(&other));
        assert_ne!(own, theirs);
        let verify = |signature: &str| {
            let text = format!("{header}.{claims}.{signature}");
            PresentedJwt::parse(&text).unwrap().verify(&signer.key.public).is_some()
        };
        assert_eq!((verify(theirs), verify(own)), (true, false));
    }
}

#[test]
fn a_key_that_is_not_this_tenants_issues_nothing() {
    let signer = Signer::new();
    let refused = |keys: &TenantKeys, key: &SigningKey| {
        keys.issue_account_token(key, &account("deploy bot")).map(drop)
    };
    let foreign = tenant_keys(DEPLOYMENT, OTHER, &[1]);
    assert_eq!(refused(&foreign, &signer.key), Err(OpenError::Integrity));
    let mut swapped = signer.key.clone();
    swapped.public = Signer::new().key.public;
    assert_eq!(refused(&signer.keys, &swapped), Err(OpenError::Integrity));
    let newer = tenant_keys(DEPLOYMENT, TENANT, &[2]);
    assert_eq!(refused(&newer, &signer.key), Err(OpenError::UnknownKeyVersion));
}

/// 800 bytes of control characters are the longest JSON a name of 800 bytes can be.
#[test]
fn a_name_of_800_bytes_fits_whatever_is_in_it() {
    let signer = Signer::new();
    for name in ["\u{1}".repeat(800), "é".repeat(400), "\"\\".repeat(400), "😀".repeat(200)] {
        let token = signer.keys.issue_account_token(&signer.key, &account(&name)).unwrap();
        assert_eq!(signer.fate(token.expose()), Accepted, "{} bytes", token.expose().len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_an_account_is_called_its_token_is_accepted(name in any::<String>()) {
        let signer = Signer::new();
        let token = signer.keys.issue_account_token(&signer.key, &account(&name)).unwrap();
        prop_assert_eq!(signer.fate(token.expose()), Accepted);
        prop_assert!(looks_like_jwt(token.expose()));
        let [_, claims, _] = segments(token.expose());
        let json: serde_json::Value = serde_json::from_slice(&unbase64(claims)).unwrap();
        prop_assert_eq!(json.get("username").unwrap().as_str(), Some(name.as_str()));
    }

    #[test]
    fn arbitrary_text_is_never_ours(text in any::<String>()) {
        prop_assert!(PresentedJwt::parse(&text).is_none());
    }
}
