//! Links and heads of the audit chain.

use super::{Case, Read, hold};
use crate::{
    link,
    tests::support::{Home, NOW, TENANT, fixed},
};
use subrosa_domain::{
    EventId, RequestId, RowSeal, ScopeSet, Sensitivity, TenantId, Timestamp, TokenId,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, ChainHead, ChainSealer, Covered, Decision,
        Detail, GENESIS, Resource, ResourceKind, Surface, decode, encode,
    },
};

#[test]
fn links_hold() {
    let mut cases = Vec::new();
    let mut previous = GENESIS;
    for (seq, event) in (1..).zip(events()) {
        let canonical = encode(&event);
        let case = linked(&format!("event {seq}"), seq, &previous, &canonical);
        previous = link(LANE, seq, &previous, &canonical);
        cases.push(case);
    }
    let base = cases[1].clone();
    for field in ["previous", "event", "link"] {
        cases.push(base.but(&format!("{field} changed"), field, base.flipped(field, 20), "broken"));
    }
    cases.push(base.but("another lane", "lane", LANE + 1, "broken"));
    cases.push(base.but("another seq", "seq", 3, "broken"));
    let about = "Links of the audit chain, three events of one lane in order and then refusals of the second.\n\
                 `event` is in the canonical encoding.";
    hold("chain-link.txt", about, &cases, link_outcome);
}

#[test]
fn heads_hold() {
    let head = |seq, hash| ChainHead {
        tenant_id: TENANT,
        lane: LANE,
        seq,
        hash,
        time: NOW,
        state: Covered::NONE,
        seal: RowSeal::UNSEALED,
    };
    let base = headed("after events", head(3, fixed("link")));
    let mut cases = vec![base.clone(), headed("before the first", head(0, GENESIS))];
    for field in ["service key", "tenant", "hash", "seal"] {
        cases.push(base.but(&format!("{field} changed"), field, base.flipped(field, 15), "broken"));
    }
    for field in ["lane", "seq", "time"] {
        cases.push(base.but(&format!("{field} changed"), field, 2, "broken"));
    }
    hold(
        "chain-head.txt",
        "Head seals of the audit chain. Times are microseconds.",
        &cases,
        head_outcome,
    );
}

const LANE: u32 = 1;

/// Three events that have every field between them.
fn events() -> [AuditEvent; 3] {
    let mint = AuditEvent {
        id: EventId::from_bytes(fixed("event 1")),
        tenant_id: TENANT,
        time: NOW,
        surface: Surface::System,
        actor: Actor {
            kind: ActorKind::Operator,
            id: "operator:0".into(),
            token: None,
            tool: None,
        },
        action: AuditAction::TokenMint,
        resource: Resource { kind: ResourceKind::Token, id: Some(fixed("token")), key: None },
        revision: None,
        tier: None,
        decision: Decision::Allowed,
        reason: None,
        count: 1,
        first_time: None,
        request_id: None,
        detail: Some(Detail::Scopes(ScopeSet::from_text("secrets:read secrets:reveal").unwrap())),
    };
    let reveals = AuditEvent {
        id: EventId::from_bytes(fixed("event 2")),
        surface: Surface::V1,
        actor: Actor {
            kind: ActorKind::ServiceAccount,
            id: "0190a1b2-0000-7000-8000-000000000001".into(),
            token: Some(TokenId::from_bytes(fixed("token"))),
            tool: Some("cli".parse().unwrap()),
        },
        action: AuditAction::SecretReveal,
        resource: Resource {
            kind: ResourceKind::Secret,
            id: Some(fixed("secret")),
            key: Some("STRIPE_API_KEY".into()),
        },
        revision: Some(3),
        tier: Some(Sensitivity::Standard),
        reason: Some("on call".parse().unwrap()),
        count: 41,
        first_time: Some(NOW),
        time: Timestamp::from_millis(1_700_000_000_900),
        request_id: Some(RequestId::from_bytes(fixed("request"))),
        detail: None,
        ..mint.clone()
    };
    let gap = AuditEvent {
        id: EventId::from_bytes(fixed("event 3")),
        action: AuditAction::AuditGap,
        resource: Resource { kind: ResourceKind::Audit, id: None, key: None },
        detail: Some(Detail::Gap { from: NOW, to: Timestamp::from_millis(1_700_000_001_000) }),
        ..mint.clone()
    };
    [mint, reveals, gap]
}

fn linked(name: &str, seq: u64, previous: &[u8; 32], canonical: &[u8]) -> Case {
    Case::new(name)
        .with("lane", LANE)
        .with("seq", seq)
        .hex("previous", previous)
        .hex("event", canonical)
        .hex("link", &link(LANE, seq, previous, canonical))
        .expect("holds")
}

fn link_outcome(case: &Read) -> &'static str {
    let event = case.bytes("event");
    let link = link(case.number("lane"), case.number("seq"), &case.array("previous"), &event);
    if link != case.array("link") {
        return "broken";
    }
    assert_eq!(decode(&event).map(|read| encode(&read)), Ok(event));
    "holds"
}

fn headed(name: &str, mut head: ChainHead) -> Case {
    let service = fixed("service");
    head.seal = Home::new(&fixed("root")).keyring(&service).seal_head(&head);
    Case::new(name)
        .hex("service key", &service)
        .hex("tenant", head.tenant_id.as_bytes())
        .with("lane", head.lane)
        .with("seq", head.seq)
        .hex("hash", &head.hash)
        .with("time", head.time.as_micros())
        .hex("seal", &head.seal.0)
        .expect("holds")
}

fn head_outcome(case: &Read) -> &'static str {
    let head = ChainHead {
        tenant_id: TenantId::from_bytes(case.array("tenant")),
        lane: case.number("lane"),
        seq: case.number("seq"),
        hash: case.array("hash"),
        time: Timestamp::from_micros(case.number("time")),
        state: Covered::NONE,
        seal: RowSeal(case.array("seal")),
    };
    let keyring = Home::new(&fixed("root")).keyring(&case.array("service key"));
    if keyring.head_holds(&head) { "holds" } else { "broken" }
}
