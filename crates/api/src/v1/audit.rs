//! The audit log, and the view of it that shows reveals and uses.

use super::words::Sensitivity;
use crate::EpochMillis;
use serde::{Deserialize, Serialize};
use subrosa_domain::{
    EventId, RequestId, Scope, ToolName,
    audit::{self, Detail},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// One event of a tenant's log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// The event's id.
    pub id: Uuid,
    /// The lane of the node that wrote it.
    pub lane: u32,
    /// Its place in the lane, from 1, without gaps.
    pub seq: u64,
    /// When it happened; when `count` is above 1, the last of them.
    pub time: EpochMillis,
    /// By which door: `v1`, `walletcrew`, `truefoundry`, `console` or `system`.
    pub surface: String,
    /// Who.
    pub actor: AuditActor,
    /// What, as `secret.reveal`.
    pub action: String,
    /// With what.
    pub resource: AuditResource,
    /// The revision's number, where there is one.
    pub revision: Option<u64>,
    /// The secret's sensitivity, where there is one.
    pub tier: Option<Sensitivity>,
    /// ALLOWED, DENIED or FAILED.
    pub decision: String,
    /// The caller's reason, or the code of a refusal.
    pub reason: Option<String>,
    /// How many; above 1 only for STANDARD reveals gathered in a second.
    pub count: u64,
    /// When the first of them happened, if `count` is above 1.
    pub first_time: Option<EpochMillis>,
    /// The request, where one caused it.
    pub request_id: Option<Uuid>,
    /// What some actions add.
    pub details: Option<AuditDetails>,
}

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// What kind: `user`, `operator`, `serviceAccount`, …
    pub kind: String,
    /// Which one.
    pub id: String,
    /// By which token.
    pub token: Option<Uuid>,
    /// With which tool, as the caller said; a claim.
    pub tool: Option<String>,
}

/// What it was done to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditResource {
    /// What kind: `secret`, `token`, …
    pub kind: String,
    /// Which one.
    pub id: Option<Uuid>,
    /// A secret's key, or another name for people.
    pub key: Option<String>,
}

/// What some actions add. At most one member is present.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditDetails {
    /// The scopes that were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The first characters of the token's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// The scope that was missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// The stretch of time in which counts may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<AuditGap>,
    /// Where a store stood that was set back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_back: Option<AuditSetBack>,
}

/// The positions of a store that was set back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditSetBack {
    /// Where the store stood.
    pub store: u64,
    /// Where it stood when its last checkpoint was made; absent where none could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<u64>,
}

/// A stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditGap {
    /// Its first moment.
    pub from: EpochMillis,
    /// Its last.
    pub to: EpochMillis,
}

impl AuditEvent {
    /// An event and its place.
    #[must_use]
    pub fn at(lane: u32, seq: u64, event: &audit::AuditEvent) -> Self {
        Self {
            id: EventId::uuid(event.id),
            lane,
            seq,
            time: event.time.into(),
            surface: event.surface.word().to_owned(),
            actor: (&event.actor).into(),
            action: event.action.word().to_owned(),
            resource: (&event.resource).into(),
            revision: event.revision,
            tier: event.tier.map(Into::into),
            decision: event.decision.word().to_owned(),
            reason: event.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            count: event.count,
            first_time: event.first_time.map(Into::into),
            request_id: event.request_id.map(RequestId::uuid),
            details: event.detail.as_ref().map(Into::into),
        }
    }
}

impl From<&audit::Actor> for AuditActor {
    fn from(actor: &audit::Actor) -> Self {
        Self {
            kind: actor.kind.word().to_owned(),
            id: actor.id.to_string(),
            token: actor.token.map(subrosa_domain::TokenId::uuid),
            tool: actor.tool.as_ref().map(ToolName::to_string),
        }
    }
}

impl From<&audit::Resource> for AuditResource {
    fn from(resource: &audit::Resource) -> Self {
        Self {
            kind: resource.kind.word().to_owned(),
            id: resource.id.map(Uuid::from_bytes),
            key: resource.key.as_deref().map(str::to_owned),
        }
    }
}

impl From<&Detail> for AuditDetails {
    fn from(detail: &Detail) -> Self {
        let mut details = Self::default();
        match detail {
            Detail::Scopes(scopes) => details.scopes = Some(super::tokens::names(*scopes)),
            Detail::Prefix(prefix) => details.key_prefix = Some(prefix.to_string()),
            Detail::Required(scope) => details.required = Some(Scope::name(*scope).to_owned()),
            Detail::Gap { from, to } => {
                details.gap = Some(AuditGap { from: (*from).into(), to: (*to).into() });
            }
            Detail::SetBack { store, checkpoint } => {
                let (store, checkpoint) = (*store, *checkpoint);
                details.set_back = Some(AuditSetBack { store, checkpoint });
            }
        }
        details
    }
}

/// The answer of `auditEvents:verify`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// Whether every event is as it was written, in its place, with none missing; and, where it was asked for, whether
    /// the rows are the latest.
    pub intact: bool,
    /// How many were checked.
    pub events: u64,
    /// Each lane's end.
    pub lanes: Vec<AuditLane>,
    /// The first bad place; null when every event is intact.
    pub fault: Option<AuditFault>,
    /// What `deep=true` looked at besides; null without it.
    pub states: Option<AuditStates>,
}

/// Whether rows and heads are those that were written last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditStates {
    /// The tenant's rows are. When not, one was put back, taken away or put in.
    pub rows: bool,
    /// The ends of all tenants' chains are. When not, a tenant was put back as a whole.
    pub heads: bool,
    /// Rows that are not as they were written, 100 at most: their columns were edited. One whose id cannot be read has
    /// none here.
    pub edited: Vec<AuditResource>,
}

/// The end of a lane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLane {
    /// Which lane.
    pub lane: u32,
    /// How many events it has.
    pub events: u64,
    /// The last event's link, in hex.
    pub head: String,
}

/// The first bad place of a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFault {
    /// In which lane.
    pub lane: u32,
    /// At which place.
    pub seq: u64,
    /// What is wrong there, in a few words.
    pub what: String,
}

/// What was done with a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CredentialOperation {
    /// In a filter alone: any.
    Unspecified,
    /// It was revealed or used.
    Decrypt,
    /// It signed something; nothing here does.
    Sign,
    /// It was sealed; not shown in this view.
    Encrypt,
}

/// A reveal or use, as `credentialAuditEvents` shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialAuditEvent {
    /// The event's id.
    pub id: Uuid,
    /// In which tenant.
    pub tenant_id: Uuid,
    /// Always null: the value was a secret's, not an integration's.
    pub integration_auth_id: Option<Uuid>,
    /// Always null, for the same reason.
    pub integration_kind: Option<String>,
    /// Which secret.
    pub secret_id: Option<Uuid>,
    /// What was done.
    pub operation: CredentialOperation,
    /// The secret's sensitivity.
    pub sensitivity: Option<Sensitivity>,
    /// Who, when it was no agent.
    pub user_id: Option<String>,
    /// Which agent, when it was one.
    pub agent_id: Option<String>,
    /// Always null: tools are not known here.
    pub tool_id: Option<String>,
    /// The tool the caller said it was.
    pub actor: Option<String>,
    /// The request.
    pub request_id: Option<Uuid>,
    /// Whether it was done.
    pub success: bool,
    /// The code of the refusal, when it was not.
    pub failure_reason: Option<String>,
    /// When.
    pub created_at: EpochMillis,
}

impl CredentialAuditEvent {
    /// The view of one event of a reveal or use.
    #[must_use]
    pub fn new(event: &audit::AuditEvent) -> Self {
        let is_agent = event.actor.kind == audit::ActorKind::Agent;
        let id = event.actor.id.to_string();
        let (user_id, agent_id) = if is_agent { (None, Some(id)) } else { (Some(id), None) };
        let success = event.decision == audit::Decision::Allowed;
        let reason = event.reason.as_ref().map(|reason| reason.as_str().to_owned());
        Self {
            id: event.id.uuid(),
            tenant_id: event.tenant_id.uuid(),
            integration_auth_id: None,
            integration_kind: None,
            secret_id: event.resource.id.map(Uuid::from_bytes),
            operation: CredentialOperation::Decrypt,
            sensitivity: event.tier.map(Into::into),
            user_id,
            agent_id,
            tool_id: None,
            actor: event.actor.tool.as_ref().map(ToolName::to_string),
            request_id: event.request_id.map(RequestId::uuid),
            success,
            failure_reason: reason.filter(|_| !success),
            created_at: event.time.into(),
        }
    }
}

/// The answer of `auditEvents:export`: what an export is to hold, and with `lane` a part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditExport {
    /// Whose log.
    pub tenant: Uuid,
    /// The public key that checkpoints are checked with: a C2SP verifier key, or two with a space between.
    pub key: String,
    /// Where each lane ends now.
    pub lanes: Vec<AuditLane>,
    /// The same, signed: the last line of an export.
    pub end: String,
}

/// The answer of `auditEvents:part`: events of a lane as they are stored, and the checkpoints made among them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPart {
    /// The events, in order; none when there are no more.
    pub events: Vec<AuditStored>,
    /// The checkpoints, in order.
    pub checkpoints: Vec<AuditCheckpoint>,
}

/// An event as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditStored {
    /// Its place in its lane.
    pub seq: u64,
    /// Its link, in hex.
    pub hash: String,
    /// Its canonical bytes, in base64.
    pub event: String,
}

/// A signed statement of where a chain stood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditCheckpoint {
    /// The place it is of.
    pub seq: u64,
    /// The signed note.
    pub note: String,
}
