//! Queries: a parameter is there once, twice or not at all, whoever reads it, and numbers stay in their bounds.
#![cfg_attr(fuzzing, no_main)]

use http::Uri;
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(query) = str::from_utf8(data) else { return };
    let Ok(uri) = format!("/x?{query}").parse::<Uri>() else { return };
    let text = uri.query().unwrap_or_default();
    for name in ["from", "limit", "key", "pageToken"] {
        let pairs = form_urlencoded::parse(text.as_bytes());
        let values: Vec<_> =
            pairs.filter(|(said, _)| said.eq_ignore_ascii_case(name)).map(|pair| pair.1).collect();
        match (values.as_slice(), fuzz::parameter(&uri, name)) {
            ([], Ok(None)) | ([_, _, ..], Err(_)) => {}
            ([only], Ok(Some(read))) => assert_eq!(*only, read),
            (values, read) => unreachable!("{name}: {values:?} was read as {read:?}"),
        }
    }
    if let Some((limit, _)) = fuzz::window(&uri) {
        assert!((1..=1_000).contains(&limit), "a window of {limit}");
    }
    assert!(fuzz::is_audit_query(&uri) || !text.is_empty(), "nothing is asked for");
}
