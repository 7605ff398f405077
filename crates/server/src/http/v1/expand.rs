//! What a request says of scopes and lives, as the use-cases take it.

use crate::http::{problem::Refusal, scope_names};
use subrosa_app::{AppError, tokens::Expiry};
use subrosa_domain::{Scope, ScopeSet, scope::Preset};

/// The scopes and the preset together; `None` when neither was given.
pub(super) fn scopes(
    names: Option<&[String]>,
    preset: Option<&str>,
) -> Result<Option<ScopeSet>, Refusal> {
    let one = |name: &str| Scope::parse(name).map(|scope| [scope].into_iter().collect());
    let named = names.map(|names| scope_names::read("/scopes", names, one)).transpose()?;
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
}
