//! Paths: what reaches the router has one reading, and no verb but those of the table.
#![cfg_attr(fuzzing, no_main)]

use http::Uri;
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(uri) = text.parse::<Uri>() else { return };
    let Some((inside, public)) = fuzz::routed(&uri) else { return };
    assert_eq!(public, uri.path(), "the document spells it differently");
    assert!(!uri.path().contains("/~"), "a verb was reached by its inner name");
    let verbs = inside.split('/').filter(|segment| segment.starts_with('~')).count();
    assert!(verbs <= 1 && (verbs == 0 || !inside.ends_with('~')));
    for segment in uri.path().split('/').skip(1).filter(|_| uri.path() != "/") {
        let decoded = decoded(segment);
        assert!(!decoded.is_empty() && decoded != b"." && decoded != b"..", "a second reading");
        let apart = decoded.iter().any(|byte| b"/\\%\0".contains(byte));
        assert!(!apart && decoded.is_ascii(), "a second reading");
    }
}

fn decoded(segment: &str) -> Vec<u8> {
    let mut rest = segment.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap_or_default()).to_digit(16);
        decoded.push(match byte {
            b'%' => {
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let byte = high.zip(low).map(|(high, low)| high * 16 + low);
                byte.and_then(|byte| u8::try_from(byte).ok()).unwrap_or_default()
            }
            byte => byte,
        });
    }
    decoded
}
