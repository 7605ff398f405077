//! Events and activities as the views of tokens and service accounts show them.

use crate::http::answer;
use subrosa_api::v1::{
    Page as WirePage,
    service_accounts::{ServiceAccountAuditEvent, ServiceAccountEventType},
    tokens::{Activity, TokenAuditEvent, TokenEventType},
};
use subrosa_app::Page;
use subrosa_domain::{
    self as domain, PrincipalId, ToolName,
    audit::{AuditAction, AuditEvent, Detail},
};

/// The actions a token's events are made of.
pub(super) fn token_event_actions() -> Vec<AuditAction> {
    vec![
        AuditAction::TokenMint,
        AuditAction::TokenRotate,
        AuditAction::TokenRevoke,
        AuditAction::TokenUseRevoked,
    ]
}

/// An event as a token's view shows it.
pub(super) fn token_event(token: &domain::Token, event: &AuditEvent) -> Option<TokenAuditEvent> {
    let event_type = match event.action {
        AuditAction::TokenMint => TokenEventType::Minted,
        AuditAction::TokenRotate => TokenEventType::Rotated,
        AuditAction::TokenRevoke => TokenEventType::Revoked,
        AuditAction::TokenUseRevoked => TokenEventType::UsedWhileRevoked,
        _ => return None,
    };
    Some(TokenAuditEvent {
        id: event.id.uuid(),
        token_id: token.id.uuid(),
        key_prefix: Some(token.key_prefix.to_string()),
        event_type,
        created_at: event.time.into(),
        user_id: Some(event.actor.id.to_string()),
        actor: event.actor.tool.as_ref().map(ToolName::to_string),
        details: details(event),
        tenant_id: event.tenant_id.uuid(),
    })
}

/// The actions that the events of a service account and its keys are made of.
pub(super) fn account_event_actions() -> Vec<AuditAction> {
    vec![
        AuditAction::ServiceAccountCreate,
        AuditAction::ServiceAccountRotate,
        AuditAction::ServiceAccountRevoke,
        AuditAction::TokenUseRevoked,
    ]
}

/// An event as a service account's view shows it.
pub(super) fn account_event(
    account: PrincipalId,
    event: &AuditEvent,
) -> Option<ServiceAccountAuditEvent> {
    let event_type = match event.action {
        AuditAction::ServiceAccountCreate => ServiceAccountEventType::Provisioned,
        AuditAction::ServiceAccountRotate => ServiceAccountEventType::Rotated,
        AuditAction::ServiceAccountRevoke => ServiceAccountEventType::Revoked,
        AuditAction::TokenUseRevoked => ServiceAccountEventType::UsedWhileRevoked,
        _ => return None,
    };
    Some(ServiceAccountAuditEvent {
        id: event.id.uuid(),
        service_account_id: account.uuid(),
        event_type,
        created_at: event.time.into(),
        user_id: Some(event.actor.id.to_string()),
        actor: event.actor.tool.as_ref().map(ToolName::to_string),
        details: details(event),
        tenant_id: event.tenant_id.uuid(),
    })
}

/// Activities, with the prefix of the key that each was made with; `search` keeps those that have it in any column.
pub(super) fn activities(
    page: &Page<domain::Activity>,
    prefix: impl Fn(&domain::Activity) -> String,
    search: Option<&str>,
) -> WirePage<Activity> {
    let last = page.items.last().filter(|_| page.more);
    let items = page.items.iter().filter(|one| search.is_none_or(|text| mentions(one, text)));
    WirePage {
        items: items.map(|one| Activity::new(one, &prefix(one))).collect(),
        next_page_token: last.map(|one| answer::page_token(one.id.as_bytes())),
        total_count: page.total.filter(|_| search.is_none()),
    }
}

fn mentions(activity: &domain::Activity, text: &str) -> bool {
    activity.method.contains(text)
        || activity.path.contains(text)
        || activity.status.to_string().contains(text)
        || activity.remote_ip.as_deref().is_some_and(|ip| ip.contains(text))
        || activity.tool.as_ref().is_some_and(|tool| tool.as_str().contains(text))
}

/// What some events add, as JSON in a string.
fn details(event: &AuditEvent) -> Option<String> {
    let details = match &event.detail {
        Some(Detail::Scopes(scopes)) => {
            serde_json::json!({ "scopes": subrosa_api::v1::tokens::names(*scopes) })
        }
        Some(Detail::Prefix(prefix)) => serde_json::json!({ "replacementPrefix": prefix }),
        Some(Detail::Required(_) | Detail::Gap { .. } | Detail::SetBack { .. }) | None => {
            let reason = event.reason.as_ref()?;
            serde_json::json!({ "reason": reason.as_str() })
        }
    };
    Some(details.to_string())
}
