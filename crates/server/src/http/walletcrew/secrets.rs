//! `secrets`: a value under a key, put, read, listed by key and deleted.

use super::accept::PrefersText;
use crate::http::{
    answer,
    extract::{Admitted, Body, Ids, parse_id},
    problem::Answer,
};
use subrosa_api::{BareValue, SecretValue, WireValue, walletcrew::secrets::PutSecret};
use subrosa_app::{AppError, secrets::CreateSecret};
use subrosa_domain::{
    GroupId, KeyName, Validity,
    policy::{ReadSecrets, RevealSecrets, WriteSecrets},
};

/// The keys of the tenant's secrets, sorted; those of expired ones too. Never a value.
#[utoipa::path(get, path = "/api/{tenant}/secrets", tag = "walletcrew secrets",
    security(("bearer" = ["secrets:read"]), ("apiKey" = ["secrets:read"])),
    responses((status = 200, body = Vec<String>)))]
pub(crate) async fn walletcrew_secrets_list(who: Admitted<ReadSecrets>) -> Answer {
    let keys = who.app.list_keys(&who.permit).await.map_err(who.refusal())?;
    let keys: Vec<&str> = keys.iter().map(KeyName::as_str).collect();
    answer::json(&keys)
}

/// A secret's live value.
///
/// A JSON string, or plain text where the caller prefers it; what is not UTF-8 is answered as its bytes, whatever was
/// asked.
#[utoipa::path(get, path = "/api/{tenant}/secrets/{key}", tag = "walletcrew secrets",
    security(("bearer" = ["secrets:reveal"]), ("apiKey" = ["secrets:reveal"])),
    responses((status = 200, content(
        (SecretValue = "application/json"), (BareValue = "text/plain"),
        (BareValue = "application/octet-stream")))))]
pub(crate) async fn walletcrew_secrets_get(
    who: Admitted<RevealSecrets>,
    Ids((_, key)): Ids<(String, String)>,
    PrefersText(as_text): PrefersText,
) -> Answer {
    reveal(&who, &parse_id(&key)?, as_text).await
}

/// The same for a request that was read already.
pub(crate) async fn reveal(who: &Admitted<RevealSecrets>, key: &KeyName, as_text: bool) -> Answer {
    let read = who.app.reveal_by_key(&who.op, &who.permit, key, None).await;
    let bare = |kind, value| answer::bare_value(&who.exchange, kind, BareValue::from(value));
    match WireValue::from(read.map_err(who.refusal())?.value) {
        WireValue::Text(value) if as_text => {
            bare("text/plain; charset=utf-8", value.into_plaintext())
        }
        WireValue::Text(value) => answer::value(&who.exchange, &value),
        WireValue::Bytes(value) => bare("application/octet-stream", value.into_plaintext()),
    }
}

/// Puts a value under a key: made when it is not there, replaced with its window when it is.
///
/// What the secret is besides, above all who may read it, stays.
#[utoipa::path(put, path = "/api/{tenant}/secrets/{key}", tag = "walletcrew secrets",
    security(("bearer" = ["secrets:write"]), ("apiKey" = ["secrets:write"])),
    request_body = PutSecret, responses((status = 204)))]
pub(crate) async fn walletcrew_secrets_put(
    who: Admitted<WriteSecrets>,
    Ids((_, key)): Ids<(String, String)>,
    Body(body): Body<PutSecret>,
) -> Answer {
    let expected = "must be 1 to 127 letters, digits, '-' or '_'";
    let key: KeyName = key.parse().map_err(|_| AppError::invalid("key", expected))?;
    let put = CreateSecret {
        validity: Validity {
            not_before: body.not_before.map(Into::into),
            expires_on: body.expires_on.map(Into::into),
        },
        ..CreateSecret::readable(key, body.value.into_plaintext())
    };
    let group = GroupId::default_of(who.permit.tenant_id());
    who.app.put_secret(&who.op, &who.permit, group, put).await.map_err(who.refusal())?;
    answer::no_content()
}

/// Deletes a secret for good. Its key is free again.
#[utoipa::path(delete, path = "/api/{tenant}/secrets/{key}", tag = "walletcrew secrets",
    security(("bearer" = ["secrets:write"]), ("apiKey" = ["secrets:write"])),
    responses((status = 204)))]
pub(crate) async fn walletcrew_secrets_delete(
    who: Admitted<WriteSecrets>,
    Ids((_, key)): Ids<(String, String)>,
) -> Answer {
    let key: KeyName = parse_id(&key)?;
    who.app.delete_by_key(&who.op, &who.permit, &key).await.map_err(who.refusal())?;
    answer::no_content()
}
