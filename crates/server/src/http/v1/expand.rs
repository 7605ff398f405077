//! What a request says of scopes and lives, as the use-cases take it.

use crate::http::problem::Refusal;
use subrosa_app::{AppError, tokens::Expiry};
use subrosa_domain::{Scope, ScopeSet, scope::Preset};

/// How many unknown names an answer repeats.
const NAMED_MAX: usize = 20;

/// The scopes and the preset together; `None` when neither was given.
pub(super) fn scopes(
    names: Option<&[String]>,
    preset: Option<&str>,
) -> Result<Option<ScopeSet>, Refusal> {
    let unknown: Vec<&String> =
        names.unwrap_or_default().iter().filter(|name| Scope::parse(name).is_none()).collect();
    if !unknown.is_empty() {
        let shown = unknown.into_iter().filter(|name| looks_like_a_scope(name)).take(NAMED_MAX);
        return Err(AppError::UnknownScopes(shown.cloned().collect()).into());
    }
    let named = names.map(|names| names.iter().filter_map(|name| Scope::parse(name)).collect());
    let preset = preset.map(|preset| Preset::parse(preset).map(Preset::scopes));
    let preset: Option<ScopeSet> = match preset {
        None => None,
        Some(Some(scopes)) => Some(scopes),
        Some(None) => {
            let message = "must be one of runner, builder, read-only, admin, agent, reader";
            return Err(AppError::invalid("/preset", message).into());
        }
    };
    Ok(match (named, preset) {
        (None, None) => None,
        (named, preset) => Some(named.unwrap_or(ScopeSet::NONE).union(preset.unwrap_or_default())),
    })
}

/// The life a request asks for: a number of days, null for no end, or nothing said.
pub(super) fn expiry(days: Option<Option<i32>>) -> Expiry {
    match days {
        None => Expiry::Unsaid,
        Some(None) => Expiry::Never,
        Some(Some(days)) => Expiry::Days(days.into()),
    }
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

    #[test]
    fn names_and_preset_are_united() {
        let names = ["keys:read".to_owned()];
        let both = scopes(Some(&names), Some("agent")).unwrap().unwrap();
        assert_eq!(both.to_text(), "keys:read secrets:use");
        assert!(scopes(None, None).unwrap().is_none());
        assert!(scopes(Some(&[]), None).unwrap().unwrap().is_empty());
        assert!(scopes(None, Some("root")).is_err());
    }

    #[test]
    fn only_what_looks_like_a_scope_is_repeated() {
        let names = ["secrets:fly".to_owned(), "sk_live_Abc123".to_owned(), "A:B".to_owned()];
        let Err(Refusal::App(error, _)) = scopes(Some(&names), None) else { panic!("accepted") };
        assert!(matches!(&*error, AppError::UnknownScopes(names) if names == &["secrets:fly"]));
    }
}
