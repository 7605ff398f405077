//! `auditEvents`, their verification, and `credentialAuditEvents`.

use crate::http::{
    answer,
    extract::{Admitted, Ids, Operator, Paging, Query, parse_id},
    problem::{Answer, Refusal},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use subrosa_api::{
    EpochMillis,
    v1::{
        Page,
        audit::{
            AuditCheckpoint, AuditEvent, AuditExport, AuditFault, AuditLane, AuditPart,
            AuditStates, AuditStored, AuditVerification, CredentialAuditEvent,
        },
    },
};
use subrosa_app::{
    AppError,
    audit::{Cursor, Events, Filter, LaneVerified, StoredEvent, Verified},
};
use subrosa_domain::{
    EventId, TenantId,
    audit::{AuditAction, Decision, Note, Surface},
    policy::{self, Permit, ReadAudit},
};

/// The tenant's events, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/auditEvents", tag = "audit",
    security(("bearer" = ["audit:read"])),
    params(
        ("from" = Option<i64>, Query), ("to" = Option<i64>, Query),
        ("action" = Option<String>, Query), ("actorId" = Option<String>, Query),
        ("resourceId" = Option<String>, Query), ("decision" = Option<String>, Query),
        ("surface" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<AuditEvent>)))]
pub(crate) async fn audit_events_list(
    who: Admitted<ReadAudit>,
    query: Query,
    paging: Paging,
) -> Answer {
    let (filter, page) = (filter(&query)?, paging.part(event_cursor)?);
    let found = who.app.list_events(&who.op, &who.permit, &filter, page).await;
    listed(&found.map_err(who.refusal())?)
}

/// The deployment's own events, newest first: tenants made and erased, strangers refused. The operator's alone.
#[utoipa::path(get, path = "/v1/auditEvents", tag = "audit",
    security(("operator" = [])),
    params(
        ("from" = Option<i64>, Query), ("to" = Option<i64>, Query),
        ("action" = Option<String>, Query), ("actorId" = Option<String>, Query),
        ("resourceId" = Option<String>, Query), ("decision" = Option<String>, Query),
        ("surface" = Option<String>, Query),
    ),
    responses((status = 200, body = Page<AuditEvent>)))]
pub(crate) async fn deployment_audit_events_list(
    who: Operator,
    query: Query,
    paging: Paging,
) -> Answer {
    let (filter, page) = (filter(&query)?, paging.part(event_cursor)?);
    let found = who.app.list_events(&who.op, &deployment(&who)?, &filter, page).await;
    listed(&found.map_err(Refusal::of(&who.op.caller))?)
}

/// Checks every link of the deployment's own chains. The operator's alone.
#[utoipa::path(get, path = "/v1/auditEvents/~verify", tag = "audit",
    security(("operator" = [])), params(("deep" = Option<bool>, Query)),
    responses((status = 200, body = AuditVerification)))]
pub(crate) async fn deployment_audit_events_verify(who: Operator, query: Query) -> Answer {
    let deep = deep(&query)?;
    let outcome = who.app.verify_events(&who.op, &deployment(&who)?, deep).await;
    verified(&outcome.map_err(Refusal::of(&who.op.caller))?)
}

/// Leave to read what belongs to no tenant.
fn deployment(who: &Operator) -> Result<Permit<ReadAudit>, Refusal> {
    let leave = policy::authorize(&who.op.caller, TenantId::SYSTEM);
    leave.map_err(|denied| AppError::from(denied).into())
}

fn listed(events: &Events) -> Answer {
    let items = events.items.iter().map(|(at, event)| AuditEvent::at(at.lane, at.seq, event));
    answer::json(&page_of(items.collect(), events))
}

/// Checks every link of the tenant's chains, and where they end.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/auditEvents/~verify", tag = "audit",
    security(("bearer" = ["audit:read"])), params(("deep" = Option<bool>, Query)),
    responses((status = 200, body = AuditVerification)))]
pub(crate) async fn audit_events_verify(who: Admitted<ReadAudit>, query: Query) -> Answer {
    let outcome = who.app.verify_events(&who.op, &who.permit, deep(&query)?).await;
    verified(&outcome.map_err(who.refusal())?)
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether rows are to be added up as well.
fn deep(query: &Query) -> Result<bool, Refusal> {
    Ok(query.parsed::<bool>("deep", "must be true or false")?.unwrap_or(false))
}

fn verified(outcome: &Verified) -> Answer {
    let lane = |lane: &LaneVerified| AuditLane {
        lane: lane.lane,
        events: lane.events,
        head: hex(&lane.head),
    };
    answer::json(&AuditVerification {
        intact: outcome.is_intact(),
        events: outcome.lanes.iter().map(|lane| lane.events).sum(),
        lanes: outcome.lanes.iter().map(lane).collect(),
        fault: outcome.fault.as_ref().map(|fault| AuditFault {
            lane: fault.lane,
            seq: fault.seq,
            what: fault.what.to_string(),
        }),
        states: outcome.states.as_ref().map(|states| AuditStates {
            rows: states.rows,
            heads: states.heads,
            edited: states.edited.iter().map(Into::into).collect(),
        }),
    })
}

/// Begins an export of the tenant's chains: where each lane ends, signed.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/auditEvents/~export", tag = "audit",
    security(("bearer" = ["audit:read"])), responses((status = 200, body = AuditExport)))]
pub(crate) async fn audit_events_export(who: Admitted<ReadAudit>) -> Answer {
    let begun = who.app.begin_export(&who.op, &who.permit).await.map_err(who.refusal())?;
    let lanes = begun.lanes.iter().map(|end| AuditLane {
        lane: end.lane,
        events: end.seq,
        head: hex(&end.link),
    });
    answer::json(&AuditExport {
        tenant: who.op.tenant_id.uuid(),
        key: begun.key.to_string(),
        lanes: lanes.collect(),
        end: begun.end.0.into(),
    })
}

/// The next events of a lane as they are stored, 1,000 at most, and the checkpoints made among them.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/auditEvents/~part", tag = "audit",
    security(("bearer" = ["audit:read"])),
    params(("lane" = Option<u32>, Query), ("after" = Option<u64>, Query)),
    responses((status = 200, body = AuditPart)))]
pub(crate) async fn audit_events_part(who: Admitted<ReadAudit>, query: Query) -> Answer {
    let number = "must be a whole number";
    // As they are described: numbers of 31 and 63 bits.
    let lane = |text: &str| text.parse().ok().and_then(|lane: i32| u32::try_from(lane).ok());
    let lane = query.chosen("lane", number, lane)?.unwrap_or(0);
    let after = |text: &str| text.parse().ok().and_then(|after: i64| u64::try_from(after).ok());
    let after = query.chosen("after", number, after)?.unwrap_or(0);
    let part = who.app.export_part(&who.op, &who.permit, lane, after).await;
    let part = part.map_err(who.refusal())?;
    let stored = |event: &StoredEvent| AuditStored {
        seq: event.seq,
        hash: hex(&event.hash),
        event: STANDARD.encode(&event.canonical),
    };
    let checkpoint = |(seq, note): (u64, Note)| AuditCheckpoint { seq, note: note.0.into() };
    answer::json(&AuditPart {
        events: part.events.iter().map(stored).collect(),
        checkpoints: part.checkpoints.into_iter().map(checkpoint).collect(),
    })
}

/// Reveals and uses of the tenant's secrets, newest first.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/credentialAuditEvents", tag = "audit",
    security(("bearer" = ["audit:read"])),
    params(
        ("sensitivity" = Option<String>, Query), ("operation" = Option<String>, Query),
        ("successOnly" = Option<bool>, Query),
    ),
    responses((status = 200, body = Page<CredentialAuditEvent>)))]
pub(crate) async fn credential_audit_events_list(
    who: Admitted<ReadAudit>,
    query: Query,
    paging: Paging,
) -> Answer {
    credential_events(who, None, &query, &paging).await
}

/// The same for one credential: a secret, by its id.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/credentialAuditEvents/{credential}", tag = "audit",
    security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Page<CredentialAuditEvent>)))]
pub(crate) async fn credential_audit_events_get(
    who: Admitted<ReadAudit>,
    Ids((_, credential)): Ids<(String, String)>,
    query: Query,
    paging: Paging,
) -> Answer {
    let credential: EventId = parse_id(&credential)?;
    credential_events(who, Some(*credential.as_bytes()), &query, &paging).await
}

async fn credential_events(
    who: Admitted<ReadAudit>,
    resource_id: Option<[u8; 16]>,
    query: &Query,
    paging: &Paging,
) -> Answer {
    let operations = "must be UNSPECIFIED, DECRYPT, SIGN or ENCRYPT";
    let decrypts = query.chosen("operation", operations, |text| match text {
        "UNSPECIFIED" | "DECRYPT" => Some(true),
        "SIGN" | "ENCRYPT" => Some(false),
        _ => None,
    })?;
    if decrypts == Some(false) {
        // Nothing here signs, and sealing is in the audit log proper.
        let none: Page<CredentialAuditEvent> =
            Page { items: Vec::new(), next_page_token: None, total_count: Some(0) };
        return answer::json(&none);
    }
    let tiers = "must be UNSPECIFIED, STANDARD, PII, PHI, FINANCIAL or REGULATED";
    let tier = query.chosen("sensitivity", tiers, |text| match text {
        "UNSPECIFIED" => Some(None),
        text => {
            subrosa_domain::Sensitivity::ALL.into_iter().find(|tier| tier.name() == text).map(Some)
        }
    })?;
    let success = query.parsed::<bool>("successOnly", "must be true or false")?;
    let filter = Filter {
        actions: vec![AuditAction::SecretReveal, AuditAction::SecretUse],
        resource_ids: resource_id.into_iter().collect(),
        tier: tier.flatten(),
        allowed: success,
        ..Filter::default()
    };
    let page = paging.part(event_cursor)?;
    let found = who.app.list_events(&who.op, &who.permit, &filter, page).await;
    let events = found.map_err(who.refusal())?;
    let items = events.items.iter().map(|(_, event)| CredentialAuditEvent::new(event));
    answer::json(&page_of(items.collect(), &events))
}

/// What of the log is asked for.
pub(in crate::http) fn filter(query: &Query) -> Result<Filter, Refusal> {
    let moment = |text: &str| text.parse().ok().map(|ms| EpochMillis(ms).into());
    let millis = "must be milliseconds since the Unix epoch";
    Ok(Filter {
        from: query.chosen("from", millis, moment)?,
        to: query.chosen("to", millis, moment)?,
        actions: query
            .chosen("action", "must be an action of the log", AuditAction::parse)?
            .into_iter()
            .collect(),
        actor_id: query.text("actorId")?.map(str::to_owned),
        resource_ids: query
            .parsed::<EventId>("resourceId", "must be a UUID with hyphens")?
            .map(|id| *id.as_bytes())
            .into_iter()
            .collect(),
        decision: query.chosen("decision", "must be ALLOWED, DENIED or FAILED", Decision::parse)?,
        surface: query.chosen("surface", "must be a surface of the log", Surface::parse)?,
        ..Filter::default()
    })
}

/// A page of whatever a page of events was turned into.
pub(super) fn page_of<W>(items: Vec<W>, events: &Events) -> Page<W> {
    let token = |at: &Cursor| {
        answer::page_token(&[&at.lane.to_be_bytes()[..], &at.seq.to_be_bytes()].concat())
    };
    Page { items, next_page_token: events.next.as_ref().map(token), total_count: events.total }
}

/// Where in the log a page begins.
pub(in crate::http) fn event_cursor(bytes: &[u8]) -> Option<Cursor> {
    let (lane, seq) = bytes.split_first_chunk::<4>()?;
    let seq = u64::from_be_bytes(seq.try_into().ok()?);
    Some(Cursor { lane: u32::from_be_bytes(*lane), seq })
}
