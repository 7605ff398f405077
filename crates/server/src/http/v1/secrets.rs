//! `secrets`: made, listed, shown, changed and deleted. Never a value in an answer.

use crate::http::{
    answer,
    extract::{Admitted, Body, Ids, Paging, Query, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::{
    EpochMillis,
    secret_value::{NotOneValue, at_most_one_value, one_value},
    v1::{
        Disclosure, Sensitivity,
        secrets::{CreateSecret, PatchSecret, Secret},
    },
};
use subrosa_app::{
    AppError,
    secrets::{ChangeSecret, CreateSecret as NewSecret},
};
use subrosa_domain::{
    self as domain, KeyName, SecretId, Validity,
    policy::{ReadSecrets, WriteSecrets},
};

/// Makes a secret and publishes its first revision.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/secrets", tag = "secrets",
    security(("bearer" = ["secrets:write"])), request_body = CreateSecret,
    responses((status = 201, body = Secret)))]
pub(crate) async fn secrets_create(
    who: Admitted<WriteSecrets>,
    Body(body): Body<CreateSecret>,
) -> Answer {
    let chosen = body.sensitivity.and_then(Sensitivity::chosen);
    let new = NewSecret {
        key: body.key,
        value: one_value(body.value, body.value_base64).map_err(not_one_value)?,
        description: body.description,
        sensitivity: chosen.unwrap_or(domain::Sensitivity::Standard),
        disclosure: body.disclosure.unwrap_or(Disclosure::UseOnly).into(),
        validity: Validity {
            not_before: body.not_before.map(Into::into),
            expires_on: body.expires_on.map(Into::into),
        },
        note: body.note,
    };
    let made = who.app.create_secret(&who.op, &who.permit, new).await.map_err(who.refusal())?;
    let location = who.location(format_args!("secrets/{}", made.id));
    answer::created(&location, &Secret::from(&made))
}

/// The tenant's secrets, newest first; with `key`, the one of that key or none.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets", tag = "secrets",
    security(("bearer" = ["secrets:read"])), params(("key" = Option<String>, Query)),
    responses((status = 200, body = Vec<Secret>)))]
pub(crate) async fn secrets_list(
    who: Admitted<ReadSecrets>,
    query: Query,
    paging: Paging,
) -> Answer {
    if let Some(key) = query.text("key")? {
        // What cannot be a key is no secret's: an empty list, as for any other that is not there.
        let found = match key.parse::<KeyName>() {
            Ok(key) => who.app.find_secret(&who.permit, &key).await.map_err(who.refusal())?,
            Err(_) => None,
        };
        let found: Vec<Secret> = found.iter().map(Secret::from).collect();
        return answer::json(&found);
    }
    let page = paging.whole_or_part(id_cursor)?;
    let secrets = who.app.list_secrets(&who.permit, page).await.map_err(who.refusal())?;
    let cursor = |secret: &domain::Secret| secret.id.as_bytes().to_vec();
    answer::list::<_, Secret>(secrets, paging.is_absent(), cursor)
}

/// One secret.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets/{secret}", tag = "secrets",
    security(("bearer" = ["secrets:read"])), responses((status = 200, body = Secret)))]
pub(crate) async fn secrets_get(
    who: Admitted<ReadSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
) -> Answer {
    let secret = parse_id(&secret)?;
    let found = who.app.show_secret(&who.permit, secret).await.map_err(who.refusal())?;
    answer::json(&Secret::from(&found))
}

/// Changes a secret's metadata; with a value, publishes it in the same step.
#[utoipa::path(patch, path = "/v1/tenants/{tenant}/secrets/{secret}", tag = "secrets",
    security(("bearer" = ["secrets:write"])), request_body = PatchSecret,
    responses((status = 200, body = Secret)))]
pub(crate) async fn secrets_patch(
    who: Admitted<WriteSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    Body(body): Body<PatchSecret>,
) -> Answer {
    let secret = parse_id(&secret)?;
    if body.sensitivity == Some(Sensitivity::Unspecified) {
        let message = "must be STANDARD, PII, PHI, FINANCIAL or REGULATED";
        return Err(AppError::invalid("/sensitivity", message).into());
    }
    let moment = |when: Option<EpochMillis>| when.map(Into::into);
    let change = ChangeSecret {
        description: body.description,
        sensitivity: body.sensitivity.and_then(Sensitivity::chosen),
        disclosure: body.disclosure.map(Into::into),
        not_before: body.not_before.map(moment),
        expires_on: body.expires_on.map(moment),
        value: at_most_one_value(body.value, body.value_base64).map_err(not_one_value)?,
        note: body.note,
    };
    let changed = who.app.change_secret(&who.op, &who.permit, secret, change).await;
    answer::json(&Secret::from(&changed.map_err(who.refusal())?))
}

/// Deletes a secret with its revisions and grants. Its key is free again; its id is not.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}/secrets/{secret}", tag = "secrets",
    security(("bearer" = ["secrets:write"])), responses((status = 204)))]
pub(crate) async fn secrets_delete(
    who: Admitted<WriteSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
) -> Answer {
    let secret = parse_id(&secret)?;
    who.app.delete_secret(&who.op, &who.permit, secret).await.map_err(who.refusal())?;
    answer::no_content()
}

/// A body that names a value twice, or not at all.
pub(super) fn not_one_value(fault: NotOneValue) -> Refusal {
    let message = match fault {
        NotOneValue::None => "is required, or valueBase64 in its place",
        NotOneValue::Both => "and valueBase64 exclude each other",
    };
    AppError::invalid("/value", message).into()
}

pub(super) fn id_cursor(bytes: &[u8]) -> Option<SecretId> {
    bytes.try_into().ok().map(SecretId::from_bytes)
}
