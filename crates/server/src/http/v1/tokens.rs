//! `tokens`: minted, listed, rotated and revoked.

use super::{
    audit::event_cursor,
    expand,
    views::{token_event, token_event_actions},
};
use crate::http::{
    answer,
    extract::{Admitted, Ids, MaybeBody, Paging, Query, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::{
    Code, ShownToken,
    v1::{
        Page,
        scopes::ScopeCatalogue,
        tokens::{
            Activity, CurrentToken, GenerateToken, RotateToken as RotateBody, Token,
            TokenAuditEvent, TokenGenerated, TokenType,
        },
    },
};
use subrosa_app::tokens::{Bucket, MintToken, Minted, RotateToken};
use subrosa_domain::{
    self as domain, RequestId, ScopeSet, TokenId,
    policy::{Authenticated, ReadTokens, WriteTokens},
};

/// Mints a token that speaks for the caller. The token is in this answer and in no other.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/tokens/~generate", tag = "tokens",
    security(("bearer" = ["keys:write"])), request_body = Option<GenerateToken>,
    responses((status = 201, body = TokenGenerated)))]
pub(crate) async fn tokens_generate(
    who: Admitted<WriteTokens>,
    MaybeBody(body): MaybeBody<GenerateToken>,
) -> Answer {
    let scopes = expand::scopes(body.scopes.as_deref(), body.preset.as_deref())?;
    let new = MintToken {
        name: body.name,
        scopes: scopes.unwrap_or(ScopeSet::NONE),
        expiry: expand::expiry(body.expiration_days),
        kind: body.kind.unwrap_or(TokenType::User).into(),
    };
    let minted = who.app.mint_token(&who.op, &who.permit, new).await.map_err(who.refusal())?;
    who.exchange.carry_value();
    let location = who.location(format_args!("tokens/{}", minted.token.id));
    answer::created(&location, &shown(minted))
}

/// The tenant's tokens, newest first, revoked ones included.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens", tag = "tokens",
    security(("bearer" = ["keys:read"])), params(("bucket" = Option<String>, Query)),
    responses((status = 200, body = Vec<Token>)))]
pub(crate) async fn tokens_list(who: Admitted<ReadTokens>, query: Query, paging: Paging) -> Answer {
    let bucket = query.chosen("bucket", "must be ALL, OWNED or SYSTEM", |text| match text {
        "ALL" | "UNSPECIFIED" => Some(Bucket::All),
        "OWNED" => Some(Bucket::Owned),
        "SYSTEM" => Some(Bucket::System),
        _ => None,
    })?;
    let page = paging.whole_or_part(id_cursor)?;
    let found = who.app.list_tokens(&who.permit, bucket.unwrap_or(Bucket::All), page).await;
    let cursor = |token: &domain::Token| token.id.as_bytes().to_vec();
    answer::list::<_, Token>(found.map_err(who.refusal())?, paging.is_absent(), cursor)
}

/// Every scope and preset there is.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens/scopes", tag = "tokens",
    security(("bearer" = [])), responses((status = 200, body = ScopeCatalogue)))]
pub(crate) async fn tokens_scopes(_who: Admitted<Authenticated>) -> Answer {
    answer::json(&ScopeCatalogue::of_this_build())
}

/// The token this request came with.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens/current", tag = "tokens",
    security(("bearer" = [])), responses((status = 200, body = CurrentToken)))]
pub(crate) async fn tokens_current(who: Admitted<Authenticated>) -> Answer {
    let current = who.app.current_token(&who.op, &who.permit).await.map_err(who.refusal())?;
    let (token, owner) = current.ok_or(Refusal::code(Code::NotFound))?;
    answer::json(&CurrentToken::new(&token, owner))
}

/// Revokes the token this request came with, for good. It takes no scope.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}/tokens/current", tag = "tokens",
    security(("bearer" = [])), extensions(("x-ends-credential" = json!(true))),
    responses((status = 204)))]
pub(crate) async fn tokens_delete_current(who: Admitted<Authenticated>) -> Answer {
    who.app.revoke_current_token(&who.op, &who.permit).await.map_err(who.refusal())?;
    answer::no_content()
}

/// One token.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens/{token}", tag = "tokens",
    security(("bearer" = ["keys:read"])), responses((status = 200, body = Token)))]
pub(crate) async fn tokens_get(
    who: Admitted<ReadTokens>,
    Ids((_, token)): Ids<(String, String)>,
) -> Answer {
    let token = parse_id(&token)?;
    let found = who.app.show_token(&who.op, &who.permit, token).await.map_err(who.refusal())?;
    answer::json(&Token::from(&found))
}

/// Gives a token a new secret; the old one is dead at once.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/tokens/{token}/~rotate", tag = "tokens",
    security(("bearer" = ["keys:write"])), request_body = Option<RotateBody>,
    responses((status = 200, body = TokenGenerated)))]
pub(crate) async fn tokens_rotate(
    who: Admitted<WriteTokens>,
    Ids((_, token)): Ids<(String, String)>,
    MaybeBody(body): MaybeBody<RotateBody>,
) -> Answer {
    let token = parse_id(&token)?;
    let change = RotateToken {
        name: body.name,
        scopes: expand::scopes(body.scopes.as_deref(), body.preset.as_deref())?,
        expiry: expand::expiry(body.expiration_days),
    };
    let rotated = who.app.rotate_token(&who.op, &who.permit, token, change).await;
    answer::value(&who.exchange, &shown(rotated.map_err(who.refusal())?))
}

/// Revokes a token for good.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}/tokens/{token}", tag = "tokens",
    security(("bearer" = ["keys:write"])), responses((status = 204)))]
pub(crate) async fn tokens_delete(
    who: Admitted<WriteTokens>,
    Ids((_, token)): Ids<(String, String)>,
) -> Answer {
    let token = parse_id(&token)?;
    who.app.revoke_token(&who.op, &who.permit, token).await.map_err(who.refusal())?;
    answer::no_content()
}

/// What happened to a token, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens/{token}/auditEvents", tag = "tokens",
    security(("bearer" = ["keys:read"])), responses((status = 200, body = Page<TokenAuditEvent>)))]
pub(crate) async fn tokens_audit_events(
    who: Admitted<ReadTokens>,
    Ids((_, token)): Ids<(String, String)>,
    paging: Paging,
) -> Answer {
    let (token, page) = (parse_id(&token)?, paging.part(event_cursor)?);
    let actions = token_event_actions();
    let found = who.app.token_events(&who.op, &who.permit, token, actions, page).await;
    let (token, events) = found.map_err(who.refusal())?;
    let items = events.items.iter().filter_map(|(_, event)| token_event(&token, event)).collect();
    answer::json(&super::audit::page_of(items, &events))
}

/// What a token was used for lately, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/tokens/{token}/activity", tag = "tokens",
    security(("bearer" = ["keys:read"])), params(("search" = Option<String>, Query)),
    responses((status = 200, body = Page<Activity>)))]
pub(crate) async fn tokens_activity(
    who: Admitted<ReadTokens>,
    Ids((_, token)): Ids<(String, String)>,
    query: Query,
    paging: Paging,
) -> Answer {
    let (token, page) = (parse_id(&token)?, paging.part(request_cursor)?);
    let search = query.text("search")?;
    let found = who.app.token_activity(&who.op, &who.permit, token, page).await;
    let (token, activities) = found.map_err(who.refusal())?;
    let prefix = |_: &domain::Activity| token.key_prefix.to_string();
    answer::json(&super::views::activities(&activities, prefix, search))
}

pub(in crate::http) fn request_cursor(bytes: &[u8]) -> Option<RequestId> {
    bytes.try_into().ok().map(RequestId::from_bytes)
}

/// A minted token as the one answer that shows it.
pub(super) fn shown(minted: Minted) -> TokenGenerated {
    TokenGenerated::new(&minted.token, ShownToken::from(minted.plain))
}

fn id_cursor(bytes: &[u8]) -> Option<TokenId> {
    bytes.try_into().ok().map(TokenId::from_bytes)
}
