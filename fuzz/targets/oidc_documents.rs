//! What an issuer publishes: a token is believed only where its key is among what was published.
#![cfg_attr(fuzzing, no_main)]

use subrosa_domain::Timestamp;
use subrosa_fuzz::issuer::{Published, check, public_key, signed};

subrosa_fuzz::target!(run);

const HEADER: &[u8] = br#"{"alg":"EdDSA","kid":"k"}"#;
const CLAIMS: &[u8] =
    br#"{"iss":"https://id.acme.dev","aud":"subrosa","sub":"ana","exp":1900000000}"#;

fn run(data: &[u8]) {
    let Some((which, document)) = data.split_first() else { return };
    let published = if which % 2 == 0 {
        Published { keys: document.to_vec(), ..Published::sound() }
    } else {
        Published { configuration: document.to_vec(), ..Published::sound() }
    };
    let now = Timestamp::from_micros(1_800_000_000_000_000);
    let believed = check(&signed(HEADER, CLAIMS), now, &published).is_ok();
    let text = String::from_utf8_lossy(&published.keys).replace("\\u00", "");
    let ours = text.contains(&public_key()) || text.contains('\\') || text.len() < document.len();
    assert!(!believed || ours, "a key that nobody published");
}
