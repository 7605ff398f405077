//! One spelling for every path. What could be read two ways is refused before anything is looked up.

use http::Uri;
use subrosa_plant::planted;

/// Whether a path has one reading only: printable ASCII, no empty or dot segments, and no percent-encoding at all but
/// of characters that cannot change how it is cut into segments.
pub(super) fn is_canonical(uri: &Uri) -> bool {
    let path = uri.path();
    is_plain(path)
        || path == "/"
        || (path.starts_with('/') && path.split('/').skip(1).all(is_plain_segment))
}

/// Whether a path is made of letters, digits and `-_:` between single slashes, and has no other reading for that alone:
/// what most paths are, told at one look.
fn is_plain(path: &str) -> bool {
    let mut before = b'.';
    let plain = |byte: u8| {
        let fits = match byte {
            b'/' => before != b'/',
            b'-' | b'_' | b':' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        before = byte;
        fits
    };
    path.starts_with('/') && path.bytes().all(plain) && before != b'/'
}

fn is_plain_segment(segment: &str) -> bool {
    // `~` begins the internal names of custom verbs: no outside path may reach them by name.
    !segment.is_empty()
        && segment.bytes().all(|byte| byte.is_ascii_graphic())
        && !segment.starts_with('~')
        && segment != "."
        && segment != ".."
        && !segment.contains('\\')
        && has_plain_escapes(segment)
}

/// Escapes of printable ASCII that is no separator are let through; `%2e`, `%2f`, `%3a`, `%5c`, `%25`, `%00` and
/// whatever is not ASCII are not.
fn has_plain_escapes(segment: &str) -> bool {
    let mut rest = segment;
    while let Some((_, after)) = rest.split_once('%') {
        let decoded = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded {
            Some(b'.') if planted!("fuzz-dot-escaped") => {}
            Some(byte) if byte.is_ascii_graphic() && !b"./\\:%~".contains(&byte) => {}
            _ => return false,
        }
        rest = after.get(2..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &str) -> bool {
        path.parse::<Uri>().is_ok_and(|uri| is_canonical(&uri))
    }

    #[test]
    fn paths_with_one_reading_pass() {
        for path in
            ["/", "/v1/tenants", "/v1/tenants/acme/secrets/x:publish", "/a/agent%40acme", "/a/b.c"]
        {
            assert!(canonical(path), "{path}");
        }
    }

    #[test]
    fn paths_with_a_second_reading_do_not() {
        for path in [
            "/v1//tenants",
            "/v1/tenants/",
            "/v1/./tenants",
            "/v1/../tenants",
            "/v1/%2e%2e/tenants",
            "/v1/%2E/tenants",
            "/v1/a%2fb",
            "/v1/a%2Fb",
            "/v1/a%252fb",
            "/v1/a%5cb",
            "/v1/a%00",
            "/v1/a%3Apublish",
            "/v1/a/~publish",
            "/v1/a/%7epublish",
            "/v1/a%zz",
            "/v1/a%c3%a9",
            "/v1/a%",
            "/v1/a\u{e9}",
            "/v1/a\u{7f}",
        ] {
            assert!(!canonical(path), "{path}");
        }
    }
}
