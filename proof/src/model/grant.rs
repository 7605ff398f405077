//! Grants: which agents may use a secret.

use super::{Answer, Caller, Done, Event, Role, Secret, World};
use serde_json::{Value, json};

fn shown(secret: &Secret, agent: &str) -> Value {
    let (count, by) = &secret.grants[agent];
    json!({
        "id": format!("$n{}.{agent}.{count}", secret.number),
        "agentId": agent,
        "secretId": secret.name(),
        "createdBy": by,
        "createdAt": format!("~n{}.{agent}.{count}", secret.number),
    })
}

fn event(by: &Caller, action: &'static str, secret: &Secret, agent: &str) -> Event {
    let mut event = Event::new(by, action, "grant").of(secret.name(), agent);
    event.tier = Some(secret.tier);
    event
}

impl World {
    pub(crate) fn grants(&mut self, by: &Caller, of: u32) -> Done {
        let at = self.reach(by, of, Role::Viewer)?;
        let secret = &self.secrets[at];
        let all: Vec<Value> = secret.grants.keys().map(|agent| shown(secret, agent)).collect();
        Ok(Answer::of(200, json!(all)))
    }

    pub(crate) fn grant(&mut self, by: &Caller, of: u32, agent: &str) -> Done {
        let at = self.reach(by, of, Role::Admin)?;
        let secret = &mut self.secrets[at];
        if !secret.grants.contains_key(agent) {
            secret.granted += 1;
            secret.grants.insert(agent.to_owned(), (secret.granted, by.name.clone()));
            self.log.push(event(by, "grant.create", secret, agent));
        }
        Ok(Answer::of(200, shown(secret, agent)))
    }

    pub(crate) fn ungrant(&mut self, by: &Caller, of: u32, agent: &str) -> Done {
        let at = self.reach(by, of, Role::Admin)?;
        let secret = &mut self.secrets[at];
        if secret.grants.remove(agent).is_some() {
            self.log.push(event(by, "grant.delete", secret, agent));
        }
        Ok(Answer::done())
    }
}
