//! What must be on record: of each refusal who asked, for what, and that it was denied.

use super::people::{OTHER, Person};
use serde_json::Value;
use std::collections::HashMap;
use subrosa_testkit::{Reply, TestServer, document::Operation};

/// The refusals that were seen.
#[derive(Default)]
pub(super) struct Refusals(Vec<Refusal>);

struct Refusal {
    request: String,
    who: String,
    token: Option<String>,
    operation: String,
    status: u16,
}

impl Refusals {
    /// Notes a refusal.
    pub(super) fn note(&mut self, person: &Person, operation: &Operation, reply: &Reply) {
        self.0.push(Refusal {
            request: reply.request_id().to_owned(),
            who: person.name.clone(),
            token: person.token.clone(),
            operation: operation.name(),
            status: reply.status.as_u16(),
        });
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Compares them with the logs of both tenants and the deployment's own.
    pub(super) async fn are_on_record(&self, server: &TestServer) -> Result<(), String> {
        let mut events: HashMap<String, Vec<Value>> = HashMap::new();
        let tenants = ["default", OTHER].map(|slug| format!("/v1/tenants/{slug}/auditEvents"));
        for log in tenants.iter().map(String::as_str).chain(["/v1/auditEvents"]) {
            for event in server.operator().all_events(log, "").await {
                let request = event["requestId"].as_str().unwrap_or_default().to_owned();
                events.entry(request).or_default().push(event);
            }
        }
        let unrecorded = self.0.iter().find(|one| !one.is_in(&events));
        match unrecorded {
            None => Ok(()),
            Some(one) => Err(format!(
                "{} asked for {} and was refused with {}, and of that there is on record: {:?}",
                one.who,
                one.operation,
                one.status,
                events.get(&one.request)
            )),
        }
    }
}

impl Refusal {
    fn is_in(&self, events: &HashMap<String, Vec<Value>>) -> bool {
        events.get(&self.request).is_some_and(|events| events.iter().any(|event| self.is_of(event)))
    }

    fn is_of(&self, event: &Value) -> bool {
        let who = match &self.token {
            Some(token) => event["actor"]["token"] == token.as_str(),
            None => event["actor"]["kind"] == "anonymous",
        };
        let what = match event["action"].as_str() {
            Some("request.refuse") => event["resource"]["key"] == self.operation.as_str(),
            Some("secret.reveal") => event["resource"]["kind"] == "secret",
            _ => false,
        };
        who && what && event["decision"] == "DENIED" && event["reason"].is_string()
    }
}
