//! The names of scopes in a request: what they stand for, and which of the unknown ones an answer may repeat.

use super::problem::Refusal;
use subrosa_domain::ScopeSet;

/// How many unknown names an answer repeats.
const NAMED_MAX: usize = 20;

/// The scopes that `names` stand for together, each as its surface reads it.
pub(super) fn read(
    pointer: &'static str,
    names: &[String],
    parse: impl Fn(&str) -> Option<ScopeSet>,
) -> Result<ScopeSet, Refusal> {
    let known: Option<Vec<ScopeSet>> = names.iter().map(|name| parse(name)).collect();
    known.map(|sets| sets.into_iter().fold(ScopeSet::NONE, ScopeSet::union)).ok_or_else(|| {
        let unknown = names.iter().filter(|name| parse(name).is_none());
        let shown = unknown.filter(|name| looks_like_a_scope(name)).take(NAMED_MAX);
        Refusal::UnknownScopes { pointer, shown: shown.cloned().collect() }
    })
}

/// Whether a refused name may be repeated: two short words of letters, which is no secret.
fn looks_like_a_scope(name: &str) -> bool {
    let word = |word: &str| {
        (1..=32).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    name.split_once(':').is_some_and(|(resource, action)| word(resource) && word(action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_domain::Scope;

    fn parse(name: &str) -> Option<ScopeSet> {
        Scope::parse(name).map(|scope| [scope].into_iter().collect())
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_count_together_and_none_is_no_scope() {
        let read = |of: &[&str]| read("/scopes", &names(of), parse).unwrap().to_text();
        assert_eq!(read(&["keys:read", "audit:read", "keys:read"]), "audit:read keys:read");
        assert_eq!(read(&[]), "");
    }

    #[test]
    fn one_unknown_name_refuses_all_and_only_what_looks_like_a_scope_is_repeated() {
        let sent = ["secrets:fly", "keys:read", "sk_live_Abc123", "A:B", "a:b:c", "x1:y"];
        let refused = read("/scopes", &names(&sent), parse).err().unwrap();
        let Refusal::UnknownScopes { pointer, shown } = refused else { panic!("{refused:?}") };
        assert_eq!((pointer, shown), ("/scopes", names(&["secrets:fly"])));
        let many: Vec<String> = vec!["secrets:fly".to_owned(); 100];
        let Err(Refusal::UnknownScopes { shown, .. }) = read("/scopes", &many, parse) else {
            panic!("accepted")
        };
        assert_eq!(shown.len(), NAMED_MAX);
    }
}
