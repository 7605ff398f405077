//! The configuration file: what is read of it is what it says, and what it says can be judged.
#![cfg_attr(fuzzing, no_main)]

use std::sync::Arc;
use subrosa_domain::TenantSlug;
use subrosa_fuzz::Nobody;
use subrosa_oidc::Issuers;
use subrosa_server::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok((hosts, public_url, issuers)) = fuzz::config(text) else { return };
    for (host, tenant) in hosts {
        assert!(!host.bytes().any(|b| b.is_ascii_uppercase()), "a host that no request matches");
        assert!(tenant.parse::<TenantSlug>().is_ok());
    }
    assert!(public_url.is_none_or(|url| url.starts_with("http") && !url.ends_with('/')));
    let judged = Issuers::new(&issuers, |_| Ok(Arc::new(Nobody)));
    assert!(judged.is_err() || issuers.iter().all(|one| !one.audience.is_empty()));
    assert!(fuzz::config(&format!("{text}\n[unheard-of]\n")).is_err(), "it was passed over");
}
