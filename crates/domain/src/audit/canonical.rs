//! The one encoding of an event: what is stored, chained, exported and verified. See docs/reference/audit-format.md.

use super::event::{
    Actor, ActorKind, AuditAction, AuditEvent, Decision, Detail, Reason, Resource, ResourceKind,
    Surface,
};
use crate::{
    ids::{EventId, RequestId, TenantId, TokenId},
    scope::{Scope, ScopeSet},
    sensitivity::Sensitivity,
    time::Timestamp,
    tlv::{Fields, NotCanonical, Tlv},
};

const LABEL: &str = "subrosa/1/event";

/// The canonical bytes of `event`.
#[must_use]
pub fn encode(event: &AuditEvent) -> Vec<u8> {
    let tlv = Tlv::new(LABEL)
        .bytes(1, event.id.as_bytes())
        .bytes(2, event.tenant_id.as_bytes())
        .int(3, event.time.as_micros())
        .bytes(4, &[event.surface.code()])
        .bytes(5, &[event.actor.kind.code()])
        .text(6, &event.actor.id)
        .maybe(7, event.actor.token, |tlv, tag, id| tlv.bytes(tag, id.as_bytes()))
        .maybe(8, event.actor.tool.as_ref(), |tlv, tag, tool| tlv.text(tag, tool.as_str()))
        .bytes(9, &[event.action.code()])
        .bytes(10, &[event.resource.kind.code()])
        .maybe(11, event.resource.id.as_ref(), |tlv, tag, id| tlv.bytes(tag, id))
        .maybe(12, event.resource.key.as_deref(), Tlv::text)
        .maybe(13, event.revision, Tlv::uint)
        .maybe(14, event.tier, |tlv, tag, tier| tlv.bytes(tag, &[tier.code()]))
        .bytes(15, &[event.decision.code()])
        .maybe(16, event.reason.as_ref(), |tlv, tag, reason| tlv.text(tag, reason.as_str()))
        .uint(17, event.count)
        .maybe(18, event.first_time.map(Timestamp::as_micros), Tlv::int)
        .maybe(19, event.request_id, |tlv, tag, id| tlv.bytes(tag, id.as_bytes()));
    match &event.detail {
        None => tlv,
        Some(Detail::Scopes(scopes)) => tlv.text(20, &scopes.to_text()),
        Some(Detail::Prefix(prefix)) => tlv.text(21, prefix),
        Some(Detail::Required(scope)) => tlv.text(22, scope.name()),
        Some(Detail::Gap { from, to }) => tlv.int(23, from.as_micros()).int(24, to.as_micros()),
        Some(Detail::SetBack { store, checkpoint }) => {
            tlv.uint(25, *store).maybe(26, *checkpoint, Tlv::uint)
        }
    }
    .finish()
}

/// Reads an event back.
///
/// # Errors
/// When the bytes are not what [`encode`] of this or an earlier build would have written.
pub fn decode(bytes: &[u8]) -> Result<AuditEvent, NotCanonical> {
    let mut fields = Fields::new(bytes, LABEL)?;
    let event = AuditEvent {
        id: EventId::from_bytes(fields.id(1)?),
        tenant_id: TenantId::from_bytes(fields.id(2)?),
        time: Timestamp::from_micros(fields.int(3)?),
        surface: word(fields.bytes(4)?, Surface::from_code)?,
        actor: Actor {
            kind: word(fields.bytes(5)?, ActorKind::from_code)?,
            id: fields.text(6)?.into(),
            token: fields.maybe_id(7)?.map(TokenId::from_bytes),
            tool: parsed(fields.maybe_text(8)?)?,
        },
        action: word(fields.bytes(9)?, AuditAction::from_code)?,
        resource: Resource {
            kind: word(fields.bytes(10)?, ResourceKind::from_code)?,
            id: fields.maybe_id(11)?,
            key: fields.maybe_text(12)?.map(Into::into),
        },
        revision: fields
            .maybe_int(13)?
            .map(|n| n.try_into())
            .transpose()
            .map_err(|_| NotCanonical)?,
        tier: fields.maybe(14)?.map(|b| word(b, tier)).transpose()?,
        decision: word(fields.bytes(15)?, Decision::from_code)?,
        reason: parsed::<Reason>(fields.maybe_text(16)?)?,
        count: fields.uint(17)?,
        first_time: fields.maybe_int(18)?.map(Timestamp::from_micros),
        request_id: fields.maybe_id(19)?.map(RequestId::from_bytes),
        detail: detail(&mut fields)?,
    };
    fields.finish()?;
    Ok(event)
}

fn detail(fields: &mut Fields<'_>) -> Result<Option<Detail>, NotCanonical> {
    if let Some(scopes) = fields.maybe_text(20)? {
        let set = ScopeSet::from_text(scopes).filter(|set| set.to_text() == scopes);
        return set.map(|s| Some(Detail::Scopes(s))).ok_or(NotCanonical);
    }
    if let Some(prefix) = fields.maybe_text(21)? {
        return Ok(Some(Detail::Prefix(prefix.into())));
    }
    if let Some(scope) = fields.maybe_text(22)? {
        return Scope::parse(scope).map(|s| Some(Detail::Required(s))).ok_or(NotCanonical);
    }
    if let Some(from) = fields.maybe_int(23)? {
        let to = Timestamp::from_micros(fields.int(24)?);
        return Ok(Some(Detail::Gap { from: Timestamp::from_micros(from), to }));
    }
    let Some(store) = fields.maybe_int(25)? else { return Ok(None) };
    let store = store.try_into().map_err(|_| NotCanonical)?;
    let checkpoint =
        fields.maybe_int(26)?.map(u64::try_from).transpose().map_err(|_| NotCanonical)?;
    Ok(Some(Detail::SetBack { store, checkpoint }))
}

/// A code that this build does not know is the strictest tier to a row, and nothing to the log: it would be written
/// another way than it was read.
fn tier(code: u8) -> Option<Sensitivity> {
    Some(Sensitivity::from_code(code.into())).filter(|tier| tier.code() == code)
}

fn word<T>(bytes: &[u8], from_code: impl Fn(u8) -> Option<T>) -> Result<T, NotCanonical> {
    match bytes {
        [code] => from_code(*code).ok_or(NotCanonical),
        _ => Err(NotCanonical),
    }
}

fn parsed<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, NotCanonical> {
    text.map(|t| t.parse().map_err(|_| NotCanonical)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> AuditEvent {
        AuditEvent {
            id: EventId::from_bytes([1; 16]),
            tenant_id: TenantId::from_bytes([2; 16]),
            time: Timestamp::from_micros(1_700_000_000_000_001),
            surface: Surface::V1,
            actor: Actor {
                kind: ActorKind::User,
                id: "0190".into(),
                token: Some(TokenId::from_bytes([3; 16])),
                tool: Some("cli".parse().unwrap()),
            },
            action: AuditAction::SecretReveal,
            resource: Resource {
                kind: ResourceKind::Secret,
                id: Some([4; 16]),
                key: Some("STRIPE_API_KEY".into()),
            },
            revision: Some(3),
            tier: Some(Sensitivity::Phi),
            decision: Decision::Allowed,
            reason: Some("on call".parse().unwrap()),
            count: 1,
            first_time: None,
            request_id: Some(RequestId::from_bytes([5; 16])),
            detail: None,
        }
    }

    #[test]
    fn events_read_back_whole() {
        let at = Timestamp::from_micros;
        for detail in [
            None,
            Some(Detail::Scopes(ScopeSet::all())),
            Some(Detail::Prefix("sr_pat_aB3z".into())),
            Some(Detail::Required(Scope::SECRETS_REVEAL)),
            Some(Detail::Gap { from: at(1), to: at(2) }),
            Some(Detail::SetBack { store: 3, checkpoint: Some(5) }),
            Some(Detail::SetBack { store: 3, checkpoint: None }),
        ] {
            let event = AuditEvent { detail, ..event() };
            assert_eq!(decode(&encode(&event)), Ok(event));
        }
    }

    #[test]
    fn every_truncation_is_refused_and_no_flip_reads_as_the_same_event() {
        let bytes = encode(&event());
        for end in 0..bytes.len() {
            let whole = decode(&bytes[..end]).map(|e| encode(&e));
            assert_ne!(whole.as_deref(), Ok(&bytes[..]), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_ne!(decode(&flipped), Ok(event()), "flipped at {at}");
        }
    }

    #[test]
    fn one_event_has_one_encoding() {
        let detail =
            Some(Detail::Scopes([Scope::SECRETS_READ, Scope::SECRETS_USE].into_iter().collect()));
        let bytes = encode(&AuditEvent { detail, ..event() });
        let with = |from: &[u8], to: &[u8]| {
            let at = bytes.windows(from.len()).position(|found| found == from).unwrap();
            [&bytes[..at], to, &bytes[at + from.len()..]].concat()
        };
        let other = with(b"secrets:read secrets:use", b"secrets:use secrets:read");
        assert_eq!(decode(&other), Err(NotCanonical), "the same scopes in another order");
        let other = with(&[14, 0, 0, 0, 1, 3], &[14, 0, 0, 0, 1, 9]);
        assert_eq!(decode(&other), Err(NotCanonical), "a tier that is not known");
    }

    #[test]
    fn reasons_hold_no_control_characters() {
        assert!("why\nnot".parse::<Reason>().is_err());
        assert!("".parse::<Reason>().is_err());
        assert!("é".repeat(256).parse::<Reason>().is_ok());
        assert!("é".repeat(257).parse::<Reason>().is_err());
    }
}
