//! `admin/apiKeys`: tokens known by a name.

use crate::http::{
    answer,
    extract::{Admitted, Body, Ids, MaybeBody},
    problem::{Answer, Refusal},
    scope_names,
};
use subrosa_api::{
    ShownToken,
    walletcrew::{
        api_keys::{ApiKeyCreated, ApiKeyDefinition, CreateApiKey, PatchApiKey, ReplaceApiKey},
        permissions,
    },
};
use subrosa_app::api_keys::{ChangeApiKey, CreateApiKey as NewApiKey};
use subrosa_domain::{
    ScopeSet,
    policy::{ReadTokens, WriteTokens},
};

/// The tenant's API keys, by name. Never a token.
#[utoipa::path(get, path = "/api/{tenant}/admin/apiKeys", tag = "walletcrew API keys",
    security(("bearer" = ["keys:read"]), ("apiKey" = ["keys:read"])),
    responses((status = 200, body = Vec<ApiKeyDefinition>)))]
pub(crate) async fn walletcrew_api_keys_list(who: Admitted<ReadTokens>) -> Answer {
    let keys = who.app.list_api_keys(&who.permit).await.map_err(who.refusal())?;
    let keys: Vec<ApiKeyDefinition> = keys.iter().map(Into::into).collect();
    answer::json(&keys)
}

/// Makes an API key that speaks for the caller. Its token is in this answer and in no other.
#[utoipa::path(post, path = "/api/{tenant}/admin/apiKeys", tag = "walletcrew API keys",
    security(("bearer" = ["keys:write"]), ("apiKey" = ["keys:write"])),
    request_body = CreateApiKey, responses((status = 201, body = ApiKeyCreated)))]
pub(crate) async fn walletcrew_api_keys_create(
    who: Admitted<WriteTokens>,
    Body(body): Body<CreateApiKey>,
) -> Answer {
    let new = NewApiKey {
        name: body.name,
        enabled: body.enabled.unwrap_or(true),
        scopes: scopes(&body.permissions.unwrap_or_default())?,
    };
    let made = who.app.create_api_key(&who.op, &who.permit, new).await.map_err(who.refusal())?;
    who.exchange.carry_value();
    let location = format!("/api/{}/admin/apiKeys/{}", who.slug, made.token.name);
    answer::created(&location, &ApiKeyCreated::new(&made.token, ShownToken::from(made.plain)))
}

/// One API key.
#[utoipa::path(get, path = "/api/{tenant}/admin/apiKeys/{keyName}", tag = "walletcrew API keys",
    security(("bearer" = ["keys:read"]), ("apiKey" = ["keys:read"])),
    responses((status = 200, body = ApiKeyDefinition)))]
pub(crate) async fn walletcrew_api_keys_get(
    who: Admitted<ReadTokens>,
    Ids((_, name)): Ids<(String, String)>,
) -> Answer {
    let found = who.app.show_api_key(&who.permit, &name).await.map_err(who.refusal())?;
    answer::json(&ApiKeyDefinition::from(&found))
}

/// Replaces what can change of an API key.
#[utoipa::path(put, path = "/api/{tenant}/admin/apiKeys/{keyName}", tag = "walletcrew API keys",
    security(("bearer" = ["keys:write"]), ("apiKey" = ["keys:write"])),
    request_body = ReplaceApiKey, responses((status = 200, body = ApiKeyDefinition)))]
pub(crate) async fn walletcrew_api_keys_put(
    who: Admitted<WriteTokens>,
    Ids((_, name)): Ids<(String, String)>,
    Body(body): Body<ReplaceApiKey>,
) -> Answer {
    let scopes = Some(scopes(&body.permissions)?);
    changed(&who, &name, ChangeApiKey { enabled: Some(body.enabled), scopes }).await
}

/// Changes an API key; what is absent stays.
#[utoipa::path(patch, path = "/api/{tenant}/admin/apiKeys/{keyName}", tag = "walletcrew API keys",
    security(("bearer" = ["keys:write"]), ("apiKey" = ["keys:write"])),
    request_body = Option<PatchApiKey>, responses((status = 200, body = ApiKeyDefinition)))]
pub(crate) async fn walletcrew_api_keys_patch(
    who: Admitted<WriteTokens>,
    Ids((_, name)): Ids<(String, String)>,
    MaybeBody(body): MaybeBody<PatchApiKey>,
) -> Answer {
    let scopes = body.permissions.as_deref().map(scopes).transpose()?;
    changed(&who, &name, ChangeApiKey { enabled: body.enabled, scopes }).await
}

/// Revokes an API key for good. Its name is free again.
#[utoipa::path(delete, path = "/api/{tenant}/admin/apiKeys/{keyName}", tag = "walletcrew API keys",
    security(("bearer" = ["keys:write"]), ("apiKey" = ["keys:write"])),
    responses((status = 204)))]
pub(crate) async fn walletcrew_api_keys_delete(
    who: Admitted<WriteTokens>,
    Ids((_, name)): Ids<(String, String)>,
) -> Answer {
    who.app.delete_api_key(&who.op, &who.permit, &name).await.map_err(who.refusal())?;
    answer::no_content()
}

async fn changed(who: &Admitted<WriteTokens>, name: &str, change: ChangeApiKey) -> Answer {
    let changed = who.app.change_api_key(&who.op, &who.permit, name, change).await;
    answer::json(&ApiKeyDefinition::from(&changed.map_err(who.refusal())?))
}

/// The scopes that permissions stand for together.
fn scopes(names: &[String]) -> Result<ScopeSet, Refusal> {
    scope_names::read("/permissions", names, permissions::parse)
}
