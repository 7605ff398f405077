//! `grants`: which agents may use a secret.

use crate::http::{
    answer,
    extract::{Admitted, Ids, Paging, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::v1::grants::Grant;
use subrosa_app::{AppError, PageRequest};
use subrosa_domain::{
    self as domain, AgentId,
    policy::{ReadSecrets, WriteGrants},
};

/// A secret's grants, in the agents' order.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/secrets/{secret}/grants", tag = "grants",
    security(("bearer" = ["secrets:read"])), responses((status = 200, body = Vec<Grant>)))]
pub(crate) async fn grants_list(
    who: Admitted<ReadSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    paging: Paging,
) -> Answer {
    let secret = parse_id(&secret)?;
    let agent = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<AgentId>().ok();
    let page = paging.whole_or_part(agent)?;
    let page = match &page {
        PageRequest::Whole => PageRequest::Whole,
        PageRequest::Part { size, after } => {
            PageRequest::Part { size: *size, after: after.as_ref() }
        }
    };
    let found = who.app.list_grants(&who.permit, secret, page).await;
    let cursor = |grant: &domain::Grant| grant.agent_id.as_str().as_bytes().to_vec();
    answer::list::<_, Grant>(found.map_err(who.refusal())?, paging.is_absent(), cursor)
}

/// Grants a secret to an agent. Doing it twice is doing it once.
#[utoipa::path(put, path = "/v1/tenants/{tenant}/secrets/{secret}/grants/{agent}", tag = "grants",
    security(("bearer" = ["grants:write"])), responses((status = 200, body = Grant)))]
pub(crate) async fn grants_put(
    who: Admitted<WriteGrants>,
    Ids((_, secret, agent)): Ids<(String, String, String)>,
) -> Answer {
    let (secret, agent) = (parse_id(&secret)?, agent_id(&agent)?);
    let granted = who.app.put_grant(&who.op, &who.permit, secret, &agent).await;
    answer::json(&Grant::from(&granted.map_err(who.refusal())?))
}

/// Takes an agent's grant back. That there was none is fine.
#[utoipa::path(delete, path = "/v1/tenants/{tenant}/secrets/{secret}/grants/{agent}",
    tag = "grants", security(("bearer" = ["grants:write"])), responses((status = 204)))]
pub(crate) async fn grants_delete(
    who: Admitted<WriteGrants>,
    Ids((_, secret, agent)): Ids<(String, String, String)>,
) -> Answer {
    let (secret, agent) = (parse_id(&secret)?, agent_id(&agent)?);
    who.app.delete_grant(&who.op, &who.permit, secret, &agent).await.map_err(who.refusal())?;
    answer::no_content()
}

fn agent_id(text: &str) -> Result<AgentId, Refusal> {
    let expected = "must be 1 to 128 letters, digits, '.', '_', '-', ':' or '@'";
    text.parse().map_err(|_| AppError::invalid("agent", expected).into())
}
