//! Whom a proxy speaks for: what a client wrote before the proxy did is never believed.
#![cfg_attr(fuzzing, no_main)]

use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;
use subrosa_server::http::{Network, TrustedProxies, fuzz};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    if let Some(network) = str::from_utf8(data).ok().and_then(|text| text.parse::<Network>().ok()) {
        let own = String::from_utf8_lossy(data);
        let own = own.split('/').next().and_then(|address| address.parse().ok());
        assert!(own.is_some_and(|own: IpAddr| network.contains(own)), "a network without itself");
    }
    let Ok(ours) = "10.0.0.0/8".parse::<Network>() else { return };
    let (proxy, stranger) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([198, 51, 100, 1]));
    let proxies = TrustedProxies::new(&[ours]);
    let Some(alone) = said(&[data]) else { return };
    assert_eq!(fuzz::client(&proxies, stranger, &alone), stranger, "a stranger was believed");
    // What ends in a question mark is no address: what stands before it was written by nobody known.
    let unread = [data, b"?, 10.2.2.2"].concat();
    if let Some(unread) = said(&[&unread]) {
        let last = IpAddr::from([10, 2, 2, 2]);
        assert_eq!(fuzz::client(&proxies, proxy, &unread), last, "beyond what cannot be read");
    }
    let appended = [data, b", 198.51.100.1"].concat();
    for lines in [&[&appended[..]][..], &[data, b"198.51.100.1"]] {
        let Some(lines) = said(lines) else { continue };
        assert_eq!(fuzz::client(&proxies, proxy, &lines), stranger, "a client was believed");
    }
}

fn said(lines: &[&[u8]]) -> Option<HeaderMap> {
    let name = HeaderName::from_static("x-forwarded-for");
    lines.iter().map(|line| Some((name.clone(), HeaderValue::from_bytes(line).ok()?))).collect()
}
