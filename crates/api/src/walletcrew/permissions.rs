//! Permissions: what this surface calls scopes, in its own spelling. A name of the catalogue is a permission as well.

use subrosa_domain::{Scope, ScopeSet};

/// Everything there is.
const ALL: &str = "*";

/// The names this surface's callers know, and what they stand for.
const NAMED: [(&str, &[Scope]); 4] = [
    ("Secret.Read", &[Scope::SECRETS_READ, Scope::SECRETS_REVEAL]),
    ("Secret.Write", &[Scope::SECRETS_WRITE]),
    ("tenant.apiKey:read", &[Scope::KEYS_READ]),
    ("tenant.apiKey:write", &[Scope::KEYS_WRITE]),
];

/// The scopes that a permission stands for, if there is such a permission.
#[must_use]
pub fn parse(name: &str) -> Option<ScopeSet> {
    if name == ALL {
        return Some(ScopeSet::all());
    }
    let known = NAMED.iter().find(|(known, _)| *known == name);
    known.map_or_else(
        || Scope::parse(name).map(|scope| [scope].into_iter().collect()),
        |(_, scopes)| Some(scopes.iter().copied().collect()),
    )
}

/// Scopes as permissions: the whole catalogue as `*`, else this surface's names first and then, in catalogue order,
/// what none of them says. Read back they are the same scopes.
#[must_use]
pub fn names(scopes: ScopeSet) -> Vec<String> {
    if scopes == ScopeSet::all() {
        return vec![ALL.to_owned()];
    }
    let (mut names, mut rest) = (Vec::new(), scopes);
    for (name, stands_for) in NAMED {
        if stands_for.iter().all(|scope| scopes.contains(*scope)) {
            rest = rest.without(stands_for.iter().copied().collect());
            names.push(name.to_owned());
        }
    }
    names.extend(rest.iter().map(|scope| scope.name().to_owned()));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(names: &[&str]) -> ScopeSet {
        let sets = names.iter().map(|name| parse(name).unwrap());
        sets.fold(ScopeSet::NONE, ScopeSet::union)
    }

    #[test]
    fn each_name_stands_for_its_scopes_and_for_no_others() {
        assert_eq!(read(&["Secret.Read"]).to_text(), "secrets:read secrets:reveal");
        assert_eq!(read(&["Secret.Write"]).to_text(), "secrets:write");
        assert_eq!(read(&["tenant.apiKey:read"]).to_text(), "keys:read");
        assert_eq!(read(&["tenant.apiKey:write"]).to_text(), "keys:write");
        assert_eq!(read(&["*"]), ScopeSet::all());
        assert_eq!(read(&["audit:read"]).to_text(), "audit:read");
        for unknown in ["secret.read", "Secret.*", "Secret.Delete", "secrets:*", "**", ""] {
            assert_eq!(parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_set_is_written_with_this_surfaces_names_where_they_say_it_exactly() {
        let written = |scopes: &[&str]| names(read(scopes));
        assert_eq!(written(&["secrets:reveal", "secrets:read"]), ["Secret.Read"]);
        assert_eq!(written(&["secrets:read"]), ["secrets:read"], "never more than there is");
        assert_eq!(
            written(&["audit:read", "Secret.Write", "secrets:reveal", "keys:write"]),
            ["Secret.Write", "tenant.apiKey:write", "secrets:reveal", "audit:read"]
        );
        assert_eq!(written(&["*"]), ["*"]);
        assert!(written(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn any_set_reads_back_as_it_was(chosen in prop::collection::vec(any::<bool>(), 64)) {
            let scopes = Scope::all().zip(&chosen).filter(|(_, chosen)| **chosen);
            let scopes: ScopeSet = scopes.map(|(scope, _)| scope).collect();
            let names = names(scopes);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            prop_assert_eq!(read(&names), scopes);
        }
    }
}
