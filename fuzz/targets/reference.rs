//! Names of groups, secrets and subjects in full: each names one thing, and reads back.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::truefoundry::{reference, roles, subject};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Some((group, key)) = reference::parse_secret("acme", text) {
        let full = reference::secret("acme", group.as_str(), key.as_str());
        assert_eq!(text.strip_prefix("tfy-secret://").unwrap_or(text), full);
    }
    if let Some(group) = reference::parse_group("acme", text) {
        let full = reference::group("acme", group.as_str());
        assert!(text == full || text == group.as_str(), "another group");
    }
    if let Some((kind, name)) = subject::parse(text) {
        assert!(subject::text(kind, &name).eq_ignore_ascii_case(text), "somebody else");
        assert_eq!(subject::parse(&subject::text(kind, &name)), Some((kind, name)));
    }
    assert!(roles::parse(text).is_none_or(|role| roles::id(role) == text));
}
