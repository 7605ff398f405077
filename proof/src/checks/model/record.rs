//! The audit log compared: what was committed in its order, what was gathered by its counts.

use super::names::Names;
use crate::model::Event;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whether a log, the newest first, is what the model has on record.
pub(super) fn compare(names: &mut Names, log: &[Event], page: &Value) -> Result<(), String> {
    let Some(events) = page["items"].as_array() else {
        return Err("/items is no list".to_owned());
    };
    let (gathered, committed): (Vec<&Value>, Vec<&Value>) =
        events.iter().rev().partition(|event| is_gathered(event));
    let expected: Vec<&Event> = log.iter().filter(|event| !event.gathered).collect();
    for (place, (event, actual)) in expected.iter().zip(&committed).enumerate() {
        names
            .fits(&pattern(event), actual)
            .map_err(|how| format!(": committed event {place} ({}): {how}", event.action))?;
    }
    if expected.len() != committed.len() {
        let next = committed.get(expected.len()).map(|event| event.to_string());
        let missing = expected.get(committed.len()).map(|event| format!("{event:?}"));
        return Err(format!(
            ": {} committed events, not {}; next there {next:?}, next expected {missing:?}",
            committed.len(),
            expected.len()
        ));
    }
    counts(names, log, &gathered)
}

fn counts(names: &mut Names, log: &[Event], actual: &[&Value]) -> Result<(), String> {
    for event in log.iter().filter(|event| event.gathered) {
        if names.word(&event.actor).is_some() {
            continue;
        }
        // Somebody of whom nothing else has told the id: their token says which events are theirs.
        let token = event.token.and_then(|token| names.word(&format!("$t{token}")));
        let theirs = actual.iter().find(|event| event["actor"]["token"].as_str() == token);
        if let Some(theirs) = theirs {
            names.fits(&event.actor.as_str().into(), &theirs["actor"]["id"])?;
        }
    }
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for event in log.iter().filter(|event| event.gathered) {
        *counts.entry(expected_key(names, event)).or_default() += 1;
    }
    for event in actual {
        *counts.entry(actual_key(event)).or_default() -= event["count"].as_i64().unwrap_or(1);
    }
    counts.retain(|_, count| *count != 0);
    match counts.pop_first() {
        None => Ok(()),
        Some((key, count)) => Err(format!(": {count} more expected than there are of {key}")),
    }
}

/// Refusals, and reveals of STANDARD secrets, are written when there is time.
fn is_gathered(event: &Value) -> bool {
    let reveal = event["action"] == "secret.reveal";
    matches!(event["action"].as_str(), Some("request.refuse" | "token.use_revoked"))
        || reveal && (event["decision"] != "ALLOWED" || event["tier"] == "STANDARD")
}

fn pattern(event: &Event) -> Value {
    let mut details = json!({});
    if let Some(scopes) = event.scopes {
        details["scopes"] = scopes.shown();
    }
    json!({
        "surface": event.surface,
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor,
            "token": event.token.map(|token| format!("$t{token}")),
        },
        "action": event.action,
        "resource": { "kind": event.kind, "id": event.id, "key": event.name },
        "revision": event.revision,
        "tier": event.tier.map(crate::model::Tier::name),
        "decision": event.decision,
        "reason": event.reason,
        "count": 1,
        "details": details,
    })
}

fn expected_key(names: &Names, event: &Event) -> String {
    let parts = [
        event.surface,
        names.plain(&event.actor),
        event.action,
        event.id.as_deref().map_or("", |id| names.plain(id)),
        event.name.as_deref().map_or("", |name| names.plain(name)),
        event.tier.map_or("", crate::model::Tier::name),
        event.decision,
        event.reason.as_deref().unwrap_or_default(),
        event.required.as_deref().map_or("", |name| names.plain(name)),
    ];
    format!("{} {}", parts.join(" "), event.revision.unwrap_or(0))
}

fn actual_key(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let parts = [
        text("/surface"),
        text("/actor/id"),
        text("/action"),
        text("/resource/id"),
        text("/resource/key"),
        text("/tier"),
        text("/decision"),
        text("/reason"),
        text("/details/required"),
    ];
    format!("{} {}", parts.join(" "), event["revision"].as_u64().unwrap_or(0))
}
