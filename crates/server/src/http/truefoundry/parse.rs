//! Words of this surface in our own terms. What cannot be read is 422, by place.

use crate::http::problem::Refusal;
use subrosa_api::truefoundry::{
    groups::{Collaborator, GroupManifest},
    reference, roles, subject,
};
use subrosa_app::{
    AppError,
    groups::{GroupManifest as Manifest, SubjectRef},
};
use subrosa_domain::{Email, GroupName, IntegrationId, KeyName, Role, Tenant, Timestamp};
use time::{
    Date, OffsetDateTime, Time, format_description::well_known::Rfc3339, macros::format_description,
};

/// A group's name as this surface has them: `^[a-z][a-z0-9-]{1,48}[a-z0-9]$`, or `default`.
pub(super) fn group_name(text: &str, place: &'static str) -> Result<GroupName, Refusal> {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let name = text.parse::<GroupName>().ok();
    let fits = first && (3..=50).contains(&text.len()) && !text.contains('/');
    let message = "must be 3 to 50 lower-case letters, digits or '-', from a letter to no '-'";
    name.filter(|_| fits).ok_or_else(|| AppError::invalid(place, message).into())
}

/// A secret's key.
pub(super) fn key(text: &str) -> Result<KeyName, Refusal> {
    let message = "must be named by 1 to 127 letters, digits, '-' or '_'";
    text.parse().map_err(|_| AppError::invalid("/secrets", message).into())
}

/// An address.
pub(super) fn email(text: &str, place: &'static str) -> Result<Email, Refusal> {
    let email = text.to_ascii_lowercase().parse();
    email.map_err(|_| AppError::invalid(place, "must be an e-mail address").into())
}

/// The store of values that a group names by its id: there is one.
pub(super) fn integration_id(text: &str, tenant: &Tenant) -> Result<(), Refusal> {
    if text.parse() == Ok(IntegrationId::built_in(tenant.id)) {
        return Ok(());
    }
    let message = "must be the id of an integration: see /api/svc/v1/provider-integrations";
    Err(AppError::invalid("/integrationId", message).into())
}

/// The same by its full name.
pub(super) fn integration_fqn(text: &str, tenant: &Tenant) -> Result<(), Refusal> {
    if text == reference::store(tenant.slug.as_str()) {
        return Ok(());
    }
    let message = "must be the fqn of an integration: see /api/svc/v1/provider-integrations";
    Err(AppError::invalid("/manifest/integration_fqn", message).into())
}

/// A role by its id.
pub(super) fn role(text: &str, place: &'static str) -> Result<Role, Refusal> {
    let message = "must be secret-group-admin, secret-group-editor or secret-group-viewer";
    roles::parse(text).ok_or_else(|| AppError::invalid(place, message).into())
}

/// Somebody by their text form.
pub(super) fn subject_ref(text: &str, place: &'static str) -> Result<SubjectRef, Refusal> {
    found(subject::parse(text), place)
}

/// Somebody by their kind and their name.
pub(super) fn subject_parts(
    kind: &str,
    name: &str,
    place: &'static str,
) -> Result<SubjectRef, Refusal> {
    found(subject::parse_parts(kind, name), place)
}

fn found(
    parsed: Option<(subrosa_domain::PrincipalKind, String)>,
    place: &'static str,
) -> Result<SubjectRef, Refusal> {
    let message = "must be user:<e-mail>, serviceaccount:<name> or virtualaccount:<name>";
    let (kind, name) = parsed.ok_or_else(|| AppError::invalid(place, message))?;
    Ok(SubjectRef { kind, name: name.into() })
}

/// Collaborators, each with their role.
pub(super) fn collaborators(
    all: &[Collaborator],
    place: &'static str,
) -> Result<Vec<(SubjectRef, Role)>, Refusal> {
    let one =
        |one: &Collaborator| Ok((subject_ref(&one.subject, place)?, role(&one.role_id, place)?));
    all.iter().map(one).collect()
}

/// A group's manifest.
pub(in crate::http) fn manifest(
    body: &GroupManifest,
    tenant: &Tenant,
) -> Result<Manifest, Refusal> {
    if body.kind != GroupManifest::TYPE {
        return Err(AppError::invalid("/manifest/type", "must be secret-group").into());
    }
    integration_fqn(&body.integration_fqn, tenant)?;
    let place = "/manifest/collaborators";
    let collaborators = body.collaborators.as_deref().map(|all| collaborators(all, place));
    Ok(Manifest {
        name: group_name(&body.name, "/manifest/name")?,
        collaborators: collaborators.transpose()?,
    })
}

/// The group a full name means, among those that can have roles.
pub(super) fn resource(
    kind: &str,
    fqn: &str,
    tenant: &Tenant,
    place: &'static str,
) -> Result<GroupName, Refusal> {
    let group =
        (kind == roles::RESOURCE).then(|| reference::parse_group(tenant.slug.as_str(), fqn));
    let message = "must name resources of type secret-group by tenant:group";
    group.flatten().ok_or_else(|| AppError::invalid(place, message).into())
}

/// The moment at which something ends that lives until a date, that day included, or until a moment.
pub(in crate::http) fn end(text: &str, place: &'static str) -> Result<Timestamp, Refusal> {
    let day = format_description!("[year]-[month]-[day]");
    let whole_day = || {
        let next = Date::parse(text, day).ok()?.next_day()?;
        Some(OffsetDateTime::new_utc(next, Time::MIDNIGHT))
    };
    let end = whole_day().or_else(|| OffsetDateTime::parse(text, &Rfc3339).ok());
    let micros =
        end.and_then(|end| i64::try_from(end.unix_timestamp_nanos().div_euclid(1_000)).ok());
    let message = "must be a date, yyyy-mm-dd, or a moment as RFC 3339 has it";
    micros.map(Timestamp::from_micros).ok_or_else(|| AppError::invalid(place, message).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_ends_with_its_day_and_a_moment_at_once() {
        let secs = |text| end(text, "/x").ok().map(Timestamp::as_secs);
        assert_eq!(secs("1970-01-01"), Some(86_400));
        assert_eq!(secs("1970-01-01T00:00:05Z"), Some(5));
        assert_eq!(secs("1970-01-01T01:00:05+01:00"), Some(5));
        for odd in ["", "tomorrow", "1970-1-1", "1970-13-01", "1970-01-01T00:00:05"] {
            assert_eq!(secs(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn group_names_are_narrower_here_than_in_the_core() {
        for good in ["abc", "default", "a-1", &format!("a{}", "b".repeat(49))] {
            assert!(group_name(good, "/name").is_ok(), "{good}");
        }
        for bad in ["", "ab", "1bc", "a/b", "abc-", "Abc", "a_b", &"a".repeat(51)] {
            assert!(group_name(bad, "/name").is_err(), "{bad}");
        }
    }
}
