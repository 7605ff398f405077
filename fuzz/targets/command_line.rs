//! What the command line reads of names, files, flags and pipes.
#![cfg_attr(fuzzing, no_main)]

use subrosa_cli::fuzz;
use subrosa_domain::{KeyName, TenantSlug};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let kept = fuzz::piped(data.to_vec(), false).len();
    assert!(data.len() - kept <= 2 && fuzz::piped(data.to_vec(), true).len() == data.len());
    if let Some((server, tenant)) = fuzz::login(data) {
        assert!(server.starts_with("http") && tenant.parse::<TenantSlug>().is_ok());
    }
    let Ok(text) = str::from_utf8(data) else { return };
    if let Some((_, shown)) = fuzz::moment(text) {
        assert!(shown.is_ascii() && shown.len() < 40, "{shown}");
    }
    let Ok(key) = text.parse::<KeyName>() else { return };
    let (name, fits) = fuzz::variable(key.as_str());
    assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "no shell can name it");
    let takes_over = ["LD_", "DYLD_", "SUBROSA_TOKEN"].iter().any(|start| name.starts_with(start));
    assert!(!fits || !(takes_over || name == "PATH" || name == "IFS"), "{name} may not be set");
}
