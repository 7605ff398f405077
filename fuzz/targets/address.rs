//! Addresses that are fetched from and servers that are called: nothing in them is read two ways.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::client::Server;
use subrosa_oidc::Address;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.as_str(), text);
        assert!(address.target().starts_with(['/', '?']) && address.port() != 0);
        assert!(!address.host().is_empty() && !address.host().contains(['@', '/', '#', '\\', '[']));
        let here = address.host() == "localhost"
            || address.host().parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        assert!(address.is_tls() || here, "in the clear to somebody else");
    }
    if let Ok(server) = text.parse::<Server>() {
        let written = server.to_string();
        assert_eq!(written.parse::<Server>(), Ok(server), "{written} is another server");
    }
}
