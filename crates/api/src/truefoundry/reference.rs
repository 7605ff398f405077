//! Names of groups and secrets: `tenant:group`, `tenant:group:key`, and `tfy-secret://tenant:group:key`.

use subrosa_domain::{GroupName, KeyName};
use subrosa_plant::planted;

/// What references begin with.
const SCHEME: &str = "tfy-secret://";

/// A group's name in full.
#[must_use]
pub fn group(tenant: &str, group: &str) -> String {
    format!("{tenant}:{group}")
}

/// A secret's name in full.
#[must_use]
pub fn secret(tenant: &str, group: &str, key: &str) -> String {
    format!("{tenant}:{group}:{key}")
}

/// The name of the store that every tenant has: tenant, provider, account, type, name.
#[must_use]
pub fn store(tenant: &str) -> String {
    format!("{tenant}:truefoundry:{ACCOUNT}:secret-store:{STORE}")
}

/// The name of the account that store belongs to.
#[must_use]
pub fn account(tenant: &str) -> String {
    format!("{tenant}:truefoundry:{ACCOUNT}")
}

/// The account's own name.
pub const ACCOUNT: &str = "subrosa";

/// The store's own name.
pub const STORE: &str = "built-in";

/// The group of `tenant` that a full name, or a name alone, means; `None` for what names no group of it.
#[must_use]
pub fn parse_group(tenant: &str, text: &str) -> Option<GroupName> {
    match text.split_once(':') {
        None => text.parse().ok(),
        Some((of, name)) if of == tenant => name.parse().ok(),
        Some(_) => None,
    }
}

/// The secret of `tenant` that a full name means, with or without the scheme; `None` for what names no secret of it.
#[must_use]
pub fn parse_secret(tenant: &str, text: &str) -> Option<(GroupName, KeyName)> {
    if planted!("fuzz-scheme-sliced") && text.len() > SCHEME.len() {
        let (scheme, rest) = text.split_at(SCHEME.len());
        return if scheme == SCHEME { parse_secret(tenant, rest) } else { None };
    }
    let text = match text.strip_prefix(SCHEME).unwrap_or(text) {
        text if planted!("scheme-twice") => text.trim_start_matches(SCHEME),
        text => text,
    };
    let (of, rest) = text.split_once(':')?;
    let (group, key) = rest.split_once(':')?;
    if of == tenant { Some((group.parse().ok()?, key.parse().ok()?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_with_and_without_the_scheme() {
        let full = secret("acme", "prod", "DB_URL");
        for text in [full.clone(), format!("tfy-secret://{full}")] {
            let (group, key) = parse_secret("acme", &text).unwrap();
            assert_eq!((group.as_str(), key.as_str()), ("prod", "DB_URL"), "{text}");
        }
        assert_eq!(parse_group("acme", "acme:payments/eu").unwrap().as_str(), "payments/eu");
        assert_eq!(parse_group("acme", "prod").unwrap().as_str(), "prod");
    }

    #[test]
    fn nothing_else_names_a_secret() {
        for odd in [
            "",
            "prod:K",
            "acme:prod",
            "other:prod:K",
            "acme:prod:K:1",
            "acme::K",
            "acme:prod:",
            "tfy-secret://",
            "TFY-SECRET://acme:prod:K",
            "tfy-secret://tfy-secret://acme:prod:K",
            "acme:Prod:K",
            "acme:prod:a b",
        ] {
            assert_eq!(parse_secret("acme", odd), None, "{odd:?}");
        }
        assert_eq!(parse_group("acme", "other:prod"), None);
        assert_eq!(parse_group("acme", "acme:prod:K"), None);
    }
}
