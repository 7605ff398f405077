//! Tokens of an issuer, each with a signature that holds: what is asserted is within the configuration.
#![cfg_attr(fuzzing, no_main)]

use subrosa_domain::{Scope, ScopeSet, Timestamp};
use subrosa_fuzz::issuer::{Published, URL, check, signed};

subrosa_fuzz::target!(run);

const NOW: i64 = 1_800_000_000;

fn run(data: &[u8]) {
    let now = Timestamp::from_micros(NOW * 1_000_000);
    let (header, claims) = match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => data.split_at(at),
        None => (&br#"{"alg":"EdDSA","kid":"k"}"#[..], data),
    };
    let text = String::from_utf8_lossy(data);
    assert!(check(&text, now, &Published::sound()).is_err(), "nobody signed that");
    let Ok(said) = check(&signed(header, claims.trim_ascii()), now, &Published::sound()) else {
        return;
    };
    assert_eq!(&*said.identity.issuer, URL);
    assert_eq!(said.tenant.as_str(), "acme");
    let most: ScopeSet = [Scope::SECRETS_READ].into_iter().collect();
    assert!(said.scopes.without(most).is_empty(), "a scope that no rule grants");
    assert!(said.roles.iter().all(|(group, _)| group.as_str() == "prod"));
    assert!(said.email.is_none_or(|email| email.as_str().ends_with("@acme.dev")));
    assert!(said.expires_at > now, "it is over");
    let subject = &said.identity.subject;
    assert!(subject.trim() == &**subject && (1..=255).contains(&subject.len()));
}
