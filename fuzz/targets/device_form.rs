//! The page of a sign-in: whatever a form says stays text.
#![cfg_attr(fuzzing, no_main)]

use subrosa_app::devices::DeviceAsked;
use subrosa_domain::ScopeSet;
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let label = String::from_utf8_lossy(data);
    let asked =
        |label: &str| DeviceAsked { label: label.into(), scopes: ScopeSet::NONE, tenant: None };
    let form = [b"code=", data].concat();
    let page = fuzz::answered(&form, &asked(&label));
    let plain = fuzz::answered(b"", &asked(""));
    for mark in ['<', '>', '"', '\''] {
        let count = |text: &str| text.chars().filter(|c| *c == mark).count();
        assert_eq!(count(&page), count(&plain), "the form wrote markup");
    }
}
