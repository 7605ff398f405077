//! Rows to test with: whole, valid, and told apart by a number. A higher number is a later id.

use super::{LANE, Place, toys::ToySealer};
use crate::port::{Deployment, Store};
use std::{sync::Arc, time::Duration};
use subrosa_domain::{
    Activity, BindingId, Change, Commit, DeploymentId, Disclosure, EventId, Grant, GrantId, Group,
    GroupId, KeyId, KeyState, LastUse, Principal, PrincipalId, PrincipalKind, PrincipalState,
    RequestId, Revision, RevisionId, RoleBinding, RowSeal, Scope, ScopeSet, Sealed, SealedRow,
    Secret, SecretId, Sensitivity, ServiceKey, SigningKey, SigningKeyId, Tenant, TenantId,
    TenantKey, TenantState, Timestamp, Token, TokenHash, TokenId, TokenKind, Unverified, Validity,
    Wrap,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, ChainSealer, Decision, GENESIS, Resource,
        ResourceKind, Surface,
    },
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A store that was opened, initialised once, and whose run has begun.
pub(crate) async fn started(place: &dyn Place) -> Arc<dyn Store> {
    let store = place.open().await;
    if store.deployment().await.unwrap().is_none() {
        store.initialise(&deployment(), &service_key()).await.unwrap();
    }
    store.seal_with(Arc::new(ToySealer)).await.unwrap();
    store
}

/// A living tenant with an active key, in the store.
pub(crate) async fn settled(store: &dyn Store, n: u32) -> Tenant {
    let tenant = tenant(n);
    let changes = vec![
        Change::TenantInsert(tenant.clone()),
        Change::TenantKeyInsert(key(tenant.id, 1, KeyState::Active)),
    ];
    store.commit(commit(tenant.id, changes)).await.unwrap();
    tenant
}

/// A secret with one published revision, in the store.
pub(crate) async fn kept(store: &dyn Store, tenant: TenantId, n: u32, name: &str) -> Secret {
    let mut secret = secret(tenant, n, name);
    let mut changes = vec![Change::SecretInsert(secret.clone())];
    changes.extend(publish(&mut secret, 1));
    store.commit(commit(tenant, changes)).await.unwrap();
    secret
}

/// What publishing the next revision of `secret` changes.
pub(crate) fn publish(secret: &mut Secret, key_version: u32) -> [Change; 3] {
    let revision = revision(secret, secret.next_version(), key_version);
    secret.touch(NOW);
    let publication = secret.point_at(&revision, "ana", NOW);
    secret.seal = RowSeal([u8::try_from(secret.row_version % 251).unwrap(); 32]);
    [
        Change::SecretUpdate(secret.clone()),
        Change::RevisionInsert(revision),
        Change::PublicationInsert(publication),
    ]
}

pub(crate) const fn commit(tenant_id: TenantId, changes: Vec<Change>) -> Commit {
    Commit { tenant_id, changes, events: Vec::new() }
}

pub(crate) const fn record(tenant_id: TenantId, events: Vec<AuditEvent>) -> Commit {
    Commit { tenant_id, changes: Vec::new(), events }
}

/// The row, believed.
pub(crate) fn row<R: SealedRow>(unverified: Unverified<R>) -> R {
    unverified.verify(|_, _, _| true).unwrap()
}

pub(crate) fn rows<R: SealedRow>(unverified: Vec<Unverified<R>>) -> Vec<R> {
    unverified.into_iter().map(row).collect()
}

fn id(kind: u8, n: u32) -> [u8; 16] {
    let mut id = [kind; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    id
}

pub(crate) fn deployment() -> Deployment {
    Deployment { id: DeploymentId::from_bytes([9; 16]), root_fingerprint: [8; 32], created_at: NOW }
}

pub(crate) fn service_key() -> ServiceKey {
    ServiceKey { version: 1, state: KeyState::Active, wrapped: [7; 60].into(), created_at: NOW }
}

pub(crate) fn tenant(n: u32) -> Tenant {
    Tenant {
        id: TenantId::from_bytes(id(1, n)),
        slug: format!("tenant-{n}").parse().unwrap(),
        name: format!("Tenant {n}").into(),
        state: TenantState::Active,
        created_by: "operator:0".into(),
        created_at: NOW,
        modified_at: NOW,
        row_version: 1,
        seal: RowSeal([1; 32]),
    }
}

/// The tenant's row as it is deleted.
pub(crate) fn deleted(tenant: &Tenant) -> Tenant {
    Tenant { state: TenantState::Deleted, row_version: tenant.row_version + 1, ..tenant.clone() }
}

pub(crate) fn key(tenant_id: TenantId, version: u32, state: KeyState) -> TenantKey {
    let retired_at = (state != KeyState::Active).then_some(NOW);
    let wrapped = [u8::try_from(version).unwrap(); 76].into();
    TenantKey { tenant_id, version, state, wrapped, created_at: NOW, retired_at }
}

pub(crate) fn secret(tenant_id: TenantId, n: u32, name: &str) -> Secret {
    Secret {
        id: SecretId::from_bytes(id(2, n)),
        tenant_id,
        group_id: GroupId::default_of(tenant_id),
        key: name.parse().unwrap(),
        description: None,
        sensitivity: Sensitivity::Standard,
        disclosure: Disclosure::Readable,
        validity: Validity::ALWAYS,
        published: None,
        latest_version: 0,
        readable_from: 1,
        created_by: "ana".into(),
        created_at: NOW,
        modified_at: NOW,
        last_used_at: None,
        row_version: 1,
        seal: RowSeal([2; 32]),
    }
}

pub(crate) fn revision(secret: &Secret, version: u64, key_version: u32) -> Revision {
    let mut bytes = *secret.id.as_bytes();
    bytes[8..].copy_from_slice(&version.to_be_bytes());
    Revision {
        id: RevisionId::from_bytes(bytes),
        tenant_id: secret.tenant_id,
        secret_id: secret.id,
        version,
        sensitivity: secret.sensitivity,
        note: Some(format!("number {version}").into()),
        created_by: "ana".into(),
        created_at: NOW,
        sealed: Some(Sealed {
            value: format!("sealed {version}").into_bytes().into(),
            wrap: Wrap { key_version, block: bytes.into() },
        }),
    }
}

/// The revision as it reads when its value is not asked for.
pub(crate) fn bare(mut revision: Revision) -> Revision {
    revision.sealed = None;
    revision
}

/// The secret as it is in a group other than `default`.
pub(crate) fn grouped(group: &Group, n: u32, name: &str) -> Secret {
    Secret { group_id: group.id, ..secret(group.tenant_id, n, name) }
}

/// A group without members, made by principal 1.
pub(crate) fn group(tenant_id: TenantId, n: u32, name: &str) -> Group {
    let creator = principal(tenant_id, 1, PrincipalKind::User, "ana").id;
    let id = GroupId::from_bytes(id(8, n));
    let mut group = Group::new(id, tenant_id, name.parse().unwrap(), (creator, "ana"), NOW);
    group.seal = RowSeal([8; 32]);
    group
}

pub(crate) fn binding(tenant_id: TenantId, n: u32, name: &str) -> RoleBinding {
    RoleBinding {
        id: BindingId::from_bytes(id(10, n)),
        tenant_id,
        name: name.into(),
        manifest: format!("manifest {n}").into(),
        created_by: "ana".into(),
        created_at: NOW,
        modified_at: NOW,
        row_version: 1,
        seal: RowSeal([10; 32]),
    }
}

pub(crate) fn signing_key(tenant_id: TenantId, n: u32, key_version: u32) -> SigningKey {
    SigningKey {
        id: SigningKeyId::from_bytes(id(11, n)),
        tenant_id,
        public: [11; 32],
        seed: Sealed {
            value: format!("seed {n}").into_bytes().into(),
            wrap: Wrap { key_version, block: id(12, n).into() },
        },
        created_at: NOW,
        seal: RowSeal([11; 32]),
    }
}

/// That `actor` used a secret, `seconds` after [`NOW`].
pub(crate) fn reader(secret: &Secret, actor: &str, seconds: u64) -> LastUse {
    let at = NOW.plus(Duration::from_secs(seconds));
    LastUse::Reader(secret.tenant_id, secret.id, actor.into(), at)
}

pub(crate) fn grant(secret: &Secret, agent: &str) -> Grant {
    Grant {
        id: GrantId::from_bytes(id(3, 1)),
        tenant_id: secret.tenant_id,
        secret_id: secret.id,
        agent_id: agent.parse().unwrap(),
        created_by: "ana".into(),
        created_at: NOW,
        seal: RowSeal([3; 32]),
    }
}

pub(crate) fn principal(tenant_id: TenantId, n: u32, kind: PrincipalKind, name: &str) -> Principal {
    Principal {
        id: PrincipalId::from_bytes(id(4, n)),
        tenant_id,
        kind,
        name: name.into(),
        description: "".into(),
        scopes: ScopeSet::all(),
        identity: None,
        manifest: None,
        state: PrincipalState::Active,
        created_by: "operator:0".into(),
        created_at: NOW,
        modified_at: NOW,
        revoked_at: None,
        row_version: 1,
        seal: RowSeal([4; 32]),
    }
}

/// The principal's row as it is revoked.
pub(crate) fn revoked(principal: &Principal) -> Principal {
    Principal {
        state: PrincipalState::Revoked,
        revoked_at: Some(NOW),
        row_version: principal.row_version + 1,
        ..principal.clone()
    }
}

pub(crate) fn token(principal: &Principal, n: u32, kind: TokenKind) -> Token {
    Token {
        id: TokenId::from_bytes(id(5, n)),
        tenant_id: principal.tenant_id,
        key_id: key_id(n),
        hash: TokenHash { digest: [5; 32], pepper_version: 1 },
        key_prefix: "sr_pat_0000".into(),
        name: format!("token {n}").into(),
        kind,
        scopes: [Scope::SECRETS_READ].into_iter().collect(),
        principal_id: principal.id,
        created_by: "operator:0".into(),
        created_at: NOW,
        modified_at: NOW,
        expires_at: None,
        disabled_at: None,
        revoked_at: None,
        last_used_at: None,
        row_version: 1,
        seal: RowSeal([5; 32]),
    }
}

pub(crate) fn key_id(n: u32) -> KeyId {
    KeyId::parse(format!("{n:012}").as_bytes()).unwrap()
}

pub(crate) fn activity(token: &Token, n: u32) -> Activity {
    Activity {
        id: RequestId::from_bytes(id(6, n)),
        tenant_id: token.tenant_id,
        token_id: token.id,
        time: Timestamp::from_micros(NOW.as_micros() + i64::from(n)),
        method: "GET".into(),
        path: "/v1/tenants/acme/secrets".into(),
        status: 200,
        latency_ms: n,
        remote_ip: Some("127.0.0.1".into()),
        tool: Some("cli".parse().unwrap()),
    }
}

pub(crate) fn event(tenant_id: TenantId, n: u32) -> AuditEvent {
    AuditEvent {
        id: EventId::from_bytes(id(7, n)),
        tenant_id,
        time: Timestamp::from_micros(NOW.as_micros() + i64::from(n)),
        surface: Surface::V1,
        actor: Actor { kind: ActorKind::User, id: "ana".into(), token: None, tool: None },
        action: AuditAction::SecretReveal,
        resource: Resource { kind: ResourceKind::Secret, id: Some(id(2, n)), key: None },
        revision: Some(1),
        tier: Some(Sensitivity::Phi),
        decision: Decision::Allowed,
        reason: None,
        count: 1,
        first_time: None,
        request_id: None,
        detail: None,
    }
}

/// The tenant's events in order, after checking that they are one whole chain: no gap, every link right, and a sealed
/// head at the end.
pub(crate) async fn chain(store: &dyn Store, tenant: TenantId) -> Vec<AuditEvent> {
    let view = store.tenant(tenant);
    let stored = view.events_from(LANE, 1, 10_000).await.unwrap();
    let mut link = GENESIS;
    for (place, event) in (1..).zip(&stored) {
        assert_eq!((event.lane, event.seq), (LANE, place), "places count up by one");
        link = ToySealer.link(LANE, place, &link, &event.canonical);
        assert_eq!(event.hash, link, "event {place} is linked to the one before");
    }
    let heads = view.heads().await.unwrap();
    assert!(heads.len() <= 1 && (stored.is_empty() || !heads.is_empty()), "one lane, one head");
    for head in heads {
        assert_eq!((head.tenant_id, head.lane), (tenant, LANE));
        assert_eq!((head.seq, head.hash), (stored.len() as u64, link), "the head is the end");
        assert!(ToySealer.head_holds(&head), "the head is sealed");
    }
    stored.iter().map(|event| event.event().unwrap()).collect()
}
