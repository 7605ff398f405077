//! Subjects: who did something, and who may.

use serde::Serialize;
use subrosa_domain::PrincipalKind;
use utoipa::ToSchema;

/// Somebody, as answers show them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// Their id, or their name where the id is not known any more.
    pub subject_id: String,
    /// `user`, `serviceaccount`, `agent` or `virtualaccount`.
    pub subject_type: &'static str,
    /// Their name.
    pub subject_slug: String,
    /// The same.
    pub subject_display_name: String,
}

impl Subject {
    /// A principal.
    #[must_use]
    pub fn new(id: &str, kind: PrincipalKind, name: &str) -> Self {
        Self {
            subject_id: id.to_owned(),
            subject_type: word(kind),
            subject_slug: name.to_owned(),
            subject_display_name: name.to_owned(),
        }
    }

    /// Whoever is known by this name alone.
    #[must_use]
    pub fn by_name(name: &str) -> Self {
        let (kind, plain) = match name.strip_prefix("virtualaccount:") {
            Some(account) => (PrincipalKind::VirtualAccount, account),
            None => (PrincipalKind::User, name),
        };
        Self::new(name, kind, plain)
    }
}

/// How this surface calls a kind of principal.
#[must_use]
pub const fn word(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "user",
        PrincipalKind::ServiceAccount => "serviceaccount",
        PrincipalKind::Agent => "agent",
        PrincipalKind::VirtualAccount => "virtualaccount",
    }
}

/// The text form of a subject: `user:ana@acme.dev`.
#[must_use]
pub fn text(kind: PrincipalKind, name: &str) -> String {
    format!("{}:{name}", word(kind))
}

/// The subject in a text form; `None` for a kind that is not known here (a team, a role) and for what is none. Names of
/// users are read in lower case.
#[must_use]
pub fn parse(text: &str) -> Option<(PrincipalKind, String)> {
    let (kind, name) = text.split_once(':')?;
    parse_parts(kind, name)
}

/// The same in its two parts.
#[must_use]
pub fn parse_parts(kind: &str, name: &str) -> Option<(PrincipalKind, String)> {
    let kind = match kind {
        "user" => PrincipalKind::User,
        "serviceaccount" => PrincipalKind::ServiceAccount,
        "agent" => PrincipalKind::Agent,
        "virtualaccount" => PrincipalKind::VirtualAccount,
        _ => return None,
    };
    let fits = (1..=254).contains(&name.len()) && !name.chars().any(char::is_control);
    let name =
        if kind == PrincipalKind::User { name.to_ascii_lowercase() } else { name.to_owned() };
    fits.then_some((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_read_back_and_users_in_lower_case() {
        assert_eq!(
            parse("user:Ana@Acme.dev"),
            Some((PrincipalKind::User, "ana@acme.dev".to_owned()))
        );
        for kind in [PrincipalKind::User, PrincipalKind::VirtualAccount, PrincipalKind::Agent] {
            assert_eq!(parse(&text(kind, "x")), Some((kind, "x".to_owned())));
        }
        for odd in ["", "ana@acme.dev", "team:ops", "user:", "user:a\nb"] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }
}
