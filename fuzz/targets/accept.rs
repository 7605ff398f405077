//! What a caller wants to be answered with: two lines are one list.
#![cfg_attr(fuzzing, no_main)]

use http::{HeaderMap, HeaderValue, header};
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').take(8).collect();
    // What is no text is passed over by the line, and so would hide its neighbours in a list.
    if lines.iter().any(|line| !line.iter().all(|byte| matches!(byte, b' '..=b'~'))) {
        return;
    }
    let together = lines.join(&b","[..]);
    let (Some(apart), Some(together)) = (said(&lines), said(&[&together])) else { return };
    assert_eq!(fuzz::prefers_text(&apart), fuzz::prefers_text(&together));
}

fn said(lines: &[&[u8]]) -> Option<HeaderMap> {
    let line = |line: &&[u8]| Some((header::ACCEPT, HeaderValue::from_bytes(line).ok()?));
    lines.iter().map(line).collect()
}
