//! `audit-logs`: the tenant's events for its administrators, one's own for everybody else.

use crate::http::{
    answer,
    extract::{AtHome, Query, Window},
    problem::Answer,
};
use subrosa_api::{
    IsoTime,
    truefoundry::{
        audit_logs::{AuditLog, AuditMetadata, Counted},
        page::{Data, Listed, Pagination},
        reference,
        subject::Subject,
    },
};
use subrosa_app::{
    AppError,
    audit::{About, Filter, LogQuery},
};
use subrosa_domain::{
    PrincipalKind,
    audit::{ActorKind, AuditAction, AuditEvent, Reason, ResourceKind},
    policy::Authenticated,
};
use uuid::Uuid;

/// Events, newest first, among the newest 20,000.
#[utoipa::path(get, path = "/api/svc/v1/audit-logs", tag = "truefoundry audit",
    security(("bearer" = [])),
    params(("metric" = String, Query, description = "`list` or `count`."),
        ("action" = Option<String>, Query), ("resourceId" = Option<String>, Query),
        ("resourceType" = Option<String>, Query), ("resourceName" = Option<String>, Query),
        ("resourceFqn" = Option<String>, Query),
        ("subjectSlug" = Option<String>, Query, description = "Names, separated by commas."),
        ("start" = Option<String>, Query), ("end" = Option<String>, Query)),
    responses((status = 200, body = Listed<AuditLog>)))]
pub(crate) async fn audit_logs(
    AtHome(who): AtHome<Authenticated>,
    query: Query,
    window: Window,
) -> Answer {
    let slug = who.app.tenant_slug(who.op.tenant_id).await.map_err(who.refusal())?;
    let counts = query.chosen("metric", "must be list or count", |text| match text {
        "list" => Some(false),
        "count" => Some(true),
        _ => None,
    })?;
    let counts = counts.ok_or_else(|| AppError::invalid("metric", "must be list or count"))?;
    let moment = "must be a moment as RFC 3339 has it";
    let time = |text: &str| text.parse::<IsoTime>().ok().map(Into::into);
    let action = query.chosen("action", "must be an action", AuditAction::parse)?;
    let id = query.chosen("resourceId", "must be an id", |text| Uuid::parse_str(text).ok())?;
    let kind = query.chosen("resourceType", "must be a type of resource", resource_kind)?;
    let about = query.text("resourceFqn")?.map(|fqn| about(slug.as_str(), fqn));
    let subjects = query.text("subjectSlug")?;
    let subjects = subjects.map(|all| all.split(',').map(str::to_owned).collect());
    let logs = LogQuery {
        filter: Filter {
            from: query.chosen("start", moment, time)?,
            to: query.chosen("end", moment, time)?,
            actions: action.into_iter().collect(),
            resource_ids: id.map(|id| *id.as_bytes()).into_iter().collect(),
            ..Filter::default()
        },
        kind,
        named: query.text("resourceName")?.map(str::to_owned),
        about,
        subjects,
        offset: window.offset,
        limit: window.limit,
    };
    let found = who.app.list_logs(&who.op, &who.permit, &logs).await.map_err(who.refusal())?;
    if counts {
        return answer::json(&Data { data: Counted { count: found.total } });
    }
    let Window { limit, offset } = window;
    let data = found.items.iter().map(|(event, name)| log(event, name, slug.as_str())).collect();
    answer::json(&Listed { data, pagination: Pagination { total: found.total, offset, limit } })
}

/// The types of resource as this surface calls them, and as events do.
fn resource_kind(text: &str) -> Option<ResourceKind> {
    if text == "secret-group" { Some(ResourceKind::Group) } else { ResourceKind::parse(text) }
}

/// What a full name means in this tenant.
fn about(tenant: &str, fqn: &str) -> About {
    let secret = reference::parse_secret(tenant, fqn);
    let secret = secret.map(|(group, key)| About::Secret(group, key));
    let group = || reference::parse_group(tenant, fqn).map(About::Group);
    secret.or_else(group).unwrap_or(About::Nothing)
}

fn log(event: &AuditEvent, name: &str, tenant: &str) -> AuditLog {
    let resource = &event.resource;
    let id = resource.id.map(|id| Uuid::from_bytes(id).to_string());
    let group = resource.key.as_deref().filter(|_| resource.kind == ResourceKind::Group);
    let operation = resource.kind == ResourceKind::Operation;
    AuditLog {
        id: event.id.to_string(),
        action: event.action.word(),
        request_path: resource.key.as_deref().filter(|_| operation).map(str::to_owned),
        resource_id: id,
        resource_type: match resource.kind {
            ResourceKind::Group => "secret-group",
            kind => kind.word(),
        },
        resource_name: resource.key.as_deref().map(str::to_owned),
        resource_fqn: group.map(|name| reference::group(tenant, name)),
        tenant_name: tenant.to_owned(),
        cluster_id: None,
        workspace_id: None,
        subject: Subject::new(&event.actor.id, kind(event.actor.kind), name),
        meta_data: AuditMetadata {
            surface: event.surface.word(),
            decision: event.decision.word(),
            reason: event.reason.as_ref().map(Reason::as_str).map(str::to_owned),
            version: event.revision,
            count: event.count,
        },
        created_at: event.time.into(),
        updated_at: event.time.into(),
    }
}

const fn kind(actor: ActorKind) -> PrincipalKind {
    match actor {
        ActorKind::ServiceAccount => PrincipalKind::ServiceAccount,
        ActorKind::Agent => PrincipalKind::Agent,
        ActorKind::VirtualAccount => PrincipalKind::VirtualAccount,
        ActorKind::User | ActorKind::Anonymous | ActorKind::Operator | ActorKind::System => {
            PrincipalKind::User
        }
    }
}
