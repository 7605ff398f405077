//! `personal-access-tokens`: one's own, and for others by an administrator.

use super::{parse, views};
use crate::http::{
    answer,
    extract::{AtHome, Body, Ids, Query, Seen, Window, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::truefoundry::{
    page::{Done, Listed, page_of},
    personal_tokens::{CreatePersonalToken, CreatePersonalTokenFor, RevokeAll, TokenShown},
    virtual_accounts::VirtualAccount,
};
use subrosa_app::{
    AppError,
    personal_tokens::{CreatePersonalToken as NewToken, PersonalTokenName},
};
use subrosa_domain::policy::{AdminTenant, Authenticated, Denied, WriteTokens};

/// The caller's own personal access tokens.
#[utoipa::path(get, path = "/api/svc/v1/personal-access-tokens", tag = "truefoundry tokens",
    security(("bearer" = [])), params(("nameSearchQuery" = Option<String>, Query)),
    responses((status = 200, body = Listed<VirtualAccount>)))]
pub(crate) async fn personal_tokens_list(
    AtHome(who): AtHome<Authenticated>,
    query: Query,
    window: Window,
) -> Answer {
    let slug = who.app.tenant_slug(who.op.tenant_id).await.map_err(who.refusal())?;
    let tokens = who.app.list_personal_tokens(&who.op, &who.permit).await;
    let search = query.text("nameSearchQuery")?.unwrap_or_default();
    let tokens = tokens.map_err(who.refusal())?;
    let found = tokens.iter().filter(|token| token.name.contains(search));
    let found = found.map(|token| views::personal_token(token, slug.as_str(), who.op.now()));
    answer::json(&page_of(found.collect(), window.offset, window.limit))
}

/// Mints a personal access token. It is in this answer and in no other.
#[utoipa::path(post, path = "/api/svc/v1/personal-access-tokens", tag = "truefoundry tokens",
    security(("bearer" = ["keys:write"])),
    request_body = CreatePersonalToken, responses((status = 200, body = TokenShown)))]
pub(crate) async fn personal_tokens_create(
    AtHome(who): AtHome<WriteTokens>,
    Body(body): Body<CreatePersonalToken>,
) -> Answer {
    let opaque = body.token_type.as_deref().is_none_or(|kind| kind == "opaque");
    if !opaque {
        return Err(AppError::invalid("/tokenType", "must be opaque").into());
    }
    let new =
        new_token(body.name.parse()?, body.expiration_date.as_deref(), body.team_name.as_deref())?;
    let minted = who.app.create_personal_token(&who.op, &who.permit, new).await;
    let token = minted.map_err(who.refusal())?.plain.into();
    answer::value(&who.exchange, &TokenShown { token })
}

/// Mints a personal access token by its name alone, as clients of old do. They take the answer for the token of that
/// name, there or new; a token is shown once, so a name that is taken is refused.
#[utoipa::path(get, path = "/api/svc/v1/personal-access-tokens/{token}", tag = "truefoundry tokens",
    security(("bearer" = ["keys:write"])), params(("teamName" = Option<String>, Query)),
    responses((status = 200, body = TokenShown)))]
pub(crate) async fn personal_tokens_by_name(
    AtHome(who): AtHome<WriteTokens>,
    _seen: Seen,
    Ids(name): Ids<String>,
    query: Query,
) -> Answer {
    let team = query.text("teamName")?;
    let Ok(name) = name.parse::<PersonalTokenName>() else {
        return Err(who.refusal()(AppError::Denied(Denied::NotFound)));
    };
    let new = new_token(name, None, team)?;
    let minted = who.app.create_personal_token(&who.op, &who.permit, new).await;
    let token = minted.map_err(who.refusal())?.plain.into();
    answer::value(&who.exchange, &TokenShown { token })
}

/// Mints a personal access token for a user: it acts by that user's roles.
#[utoipa::path(post, path = "/api/svc/v1/personal-access-tokens/for-user", tag = "truefoundry tokens",
    security(("bearer" = ["tenant:admin"])),
    request_body = CreatePersonalTokenFor, responses((status = 200, body = TokenShown)))]
pub(crate) async fn personal_tokens_create_for(
    AtHome(who): AtHome<AdminTenant>,
    Body(body): Body<CreatePersonalTokenFor>,
) -> Answer {
    let user = parse::email(&body.user_email, "/userEmail")?;
    let new =
        new_token(body.name.parse()?, body.expiration_date.as_deref(), body.team_name.as_deref())?;
    let minted = who.app.create_personal_token_for(&who.op, &who.permit, &user, new).await;
    let token = minted.map_err(who.refusal())?.plain.into();
    answer::value(&who.exchange, &TokenShown { token })
}

/// Revokes every personal access token of a user.
#[utoipa::path(delete, path = "/api/svc/v1/personal-access-tokens/revoke/all", tag = "truefoundry tokens",
    security(("bearer" = ["tenant:admin"])),
    request_body = RevokeAll, responses((status = 200, body = Done)))]
pub(crate) async fn personal_tokens_revoke_all(
    AtHome(who): AtHome<AdminTenant>,
    Body(body): Body<RevokeAll>,
) -> Answer {
    let user = parse::email(&body.email, "/email")?;
    let revoked = who.app.revoke_personal_tokens_of(&who.op, &who.permit, &user).await;
    revoked.map_err(who.refusal())?;
    answer::json(&Done {})
}

/// Revokes one of the caller's own personal access tokens; an administrator revokes anybody's.
#[utoipa::path(delete, path = "/api/svc/v1/personal-access-tokens/{token}", tag = "truefoundry tokens",
    security(("bearer" = [])), responses((status = 200, body = Done)))]
pub(crate) async fn personal_tokens_delete(
    AtHome(who): AtHome<Authenticated>,
    Ids(token): Ids<String>,
) -> Answer {
    let id = parse_id(&token)?;
    let deleted = who.app.delete_personal_token(&who.op, &who.permit, id).await;
    deleted.map_err(who.refusal())?;
    answer::json(&Done {})
}

fn new_token(
    name: PersonalTokenName,
    end: Option<&str>,
    team: Option<&str>,
) -> Result<NewToken, Refusal> {
    if team.is_some_and(|team| !team.is_empty()) {
        return Err(AppError::invalid("/teamName", "must be left out: there are no teams").into());
    }
    let expires_at = end.map(|end| parse::end(end, "/expirationDate")).transpose()?;
    Ok(NewToken { name, expires_at })
}
