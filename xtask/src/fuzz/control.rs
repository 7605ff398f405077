//! Faults on purpose: each has to be found by the target that exists to find it, in seconds.

use super::engine::{Engine, Run};
use crate::say;

/// How long a target may look for a planted fault that no kept input shows.
const SECONDS: u32 = 20;

/// Planted faults, and the target that has to find each.
const PLANTS: &[(&str, &str)] = &[
    ("fuzz-tail-passed-over", "tlv"),
    ("fuzz-tail-passed-over", "audit_event"),
    ("fuzz-checksum-unread", "token"),
    ("fuzz-claims-any-spelling", "jwt"),
    ("fuzz-dot-escaped", "path"),
    ("fuzz-unreadable-hop-skipped", "forwarded"),
    ("fuzz-scheme-sliced", "reference"),
    ("fuzz-quote-unescaped", "device_form"),
    ("duplicate-key-wins-last", "bodies_v1"),
    ("body-any-depth", "bodies_truefoundry"),
];

/// Whether each is found.
pub(super) fn run(engine: &Engine) -> Result<bool, String> {
    let all = super::each(PLANTS, |(plant, target)| {
        let run = Run::new(engine, target, Some(plant))?;
        let found = match run.replay()?.finding {
            Some(finding) => Some(finding),
            None => run.explore(SECONDS)?.finding,
        };
        match &found {
            Some(finding) => say(format!("found     {plant} by {target}: {}", finding.why)),
            None => say(format!("NOT FOUND {plant} by {target}")),
        }
        Ok(found.is_some())
    })?;
    say(format!(
        "fuzz: {} planted faults, {}",
        PLANTS.len(),
        if all { "all found" } else { "NOT ALL FOUND" }
    ));
    Ok(all)
}
