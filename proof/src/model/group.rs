//! Groups of secrets, and who may do what in one.

use super::{
    Answer, Caller, Done, Event, Listed, Manifest, Role, Scopes, Secret, Value as Datum, World,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long a request that is sent again is answered as the first was.
const AGAIN: i64 = 10 * 60 * 1_000;

/// A group: its secrets name it.
#[derive(Clone)]
pub(crate) struct Group {
    /// The step that made it.
    pub(crate) number: u32,
    /// Whose it is, as its list names them.
    by: String,
    made: i64,
    /// Whether its list or its set of secrets was ever replaced.
    changed: bool,
    /// Who may do what: principals as `$p:` names them.
    pub(crate) roles: BTreeMap<String, Role>,
}

impl Group {
    pub(crate) fn new(number: u32, by: &str, made: i64) -> Self {
        Self { number, by: by.to_owned(), made, changed: false, roles: BTreeMap::new() }
    }

    /// What the server's id of it is called.
    pub(crate) fn id(&self) -> String {
        format!("$g{}", self.number)
    }
}

/// What people know a principal by.
fn subject(principal: &str) -> &str {
    principal.split_once('/').map_or(principal, |(subject, _)| subject)
}

impl World {
    /// What a caller may do in a group, as a role; none is not to see it. In `default` scopes decide, which were asked
    /// for before, and an administrator of the tenant needs no role.
    pub(crate) fn role_in(&self, by: &Caller, group: &str) -> Option<Role> {
        if group == "default" {
            return (!by.roles_alone).then_some(Role::Admin);
        }
        if by.may(Scopes::ADMIN) {
            return Some(Role::Admin);
        }
        self.groups.get(group)?.roles.get(by.id.strip_prefix("$p:")?).copied()
    }

    /// A group by its name, if the caller may see it and do in it what takes this role.
    fn reach_group(&mut self, by: &Caller, name: &str, role: Role) -> Result<(), Answer> {
        Answer::refuse_if(!self.groups.contains_key(name), "not-found")?;
        match self.role_in(by, name) {
            None => Err(Answer::absent()),
            Some(has) if has < role => Err(Answer::refusal("missing-role")),
            Some(_) => Ok(()),
        }
    }

    /// What is in a group, by key.
    pub(crate) fn inside(&self, name: &str) -> Vec<&Secret> {
        let mut inside: Vec<&Secret> =
            self.secrets.iter().filter(|one| one.group == name).collect();
        inside.sort_by(|one, other| one.key.cmp(&other.key));
        inside
    }

    fn shown_group(&self, name: &str) -> Value {
        let group = &self.groups[name];
        let secret =
            |secret: &Secret| json!({ "id": secret.name(), "name": secret.key, "value": null });
        let inside: Vec<Value> = self.inside(name).into_iter().map(secret).collect();
        let role = |(who, role): (&String, &Role)| json!({ "subject": subject(who), "role_id": role.name() });
        let roles: Vec<Value> = group.roles.iter().map(role).collect();
        json!({
            "id": group.id(),
            "fqn": format!("{}:{name}", self.slug),
            "name": name,
            "tenantName": self.slug,
            "accountId": "~tenant",
            "integrationId": "~integration",
            "manifest": { "type": "secret-group", "name": name, "collaborators": { "#set": roles } },
            "associatedSecrets": inside,
            "createdAt": format!("~g{}", group.number),
        })
    }

    fn log_group(&mut self, by: &Caller, action: &'static str, name: &str) {
        let id = self.groups[name].id();
        self.log.push(Event::new(by, action, "group").of(id, name));
    }

    pub(crate) fn list_groups(&self, by: &Caller) -> Answer {
        let seen = |name: &&String| {
            let holds = *name != "default" || self.secrets.iter().any(|one| one.group == "default");
            holds && self.role_in(by, name).is_some()
        };
        let mut seen: Vec<&String> = self.groups.keys().filter(seen).collect();
        seen.sort_by_key(|name| self.groups[*name].number);
        let shown: Vec<Value> = seen.into_iter().map(|name| self.shown_group(name)).collect();
        Answer::page(shown)
    }

    pub(crate) fn show_group(&mut self, by: &Caller, name: &str) -> Done {
        self.reach_group(by, name, Role::Viewer)?;
        Ok(Answer::of(200, json!({ "data": self.shown_group(name) })))
    }

    fn same_again(&self, by: &Caller, name: &str, secrets: &[(String, Datum)]) -> bool {
        let group = &self.groups[name];
        let inside = self.inside(name);
        let mut sent: Vec<(&str, Datum)> = secrets.iter().map(|(key, v)| (&**key, *v)).collect();
        sent.sort_unstable();
        format!("$p:{}", group.by) == by.id
            && !group.changed
            && self.now - group.made < AGAIN
            && inside.iter().all(|secret| secret.revisions.len() == 1)
            && inside.iter().map(|secret| (&*secret.key, secret.value())).eq(sent)
    }

    pub(crate) fn make_group(
        &mut self,
        by: &Caller,
        name: &str,
        secrets: &[(String, Datum)],
    ) -> Done {
        if self.groups.contains_key(name) {
            Answer::refuse_if(!self.same_again(by, name, secrets), "already-exists")?;
            return Ok(Answer::of(200, json!({ "data": self.shown_group(name) })));
        }
        self.found(by, name);
        self.log_group(by, "group.create", name);
        for (place, (key, value)) in (0..).zip(secrets) {
            self.add(by, by.serial * 10 + place, name, (key, *value));
        }
        Ok(Answer::of(200, json!({ "data": self.shown_group(name) })))
    }

    fn found(&mut self, by: &Caller, name: &str) {
        let maker = by.id.strip_prefix("$p:").unwrap_or_default();
        let mut group = Group::new(by.serial, maker, self.now);
        group.roles.insert(maker.to_owned(), Role::Admin);
        self.groups.insert(name.to_owned(), group);
    }

    fn add(&mut self, by: &Caller, number: u32, group: &str, (key, value): (&str, Datum)) {
        let secret = Secret::new(number, group, key, value, by);
        self.log.push(Event::about(by, "secret.create", &secret));
        self.secrets.push(secret);
    }

    pub(crate) fn apply(&mut self, by: &Caller, name: &str, manifest: Option<&Manifest>) -> Done {
        Answer::refuse_if(name == "default", "unprocessable")?;
        let is_new = !self.groups.contains_key(name);
        // Of what they have no role in they are told no more than of what is not there.
        if by.roles_alone && (is_new || self.role_in(by, name).is_none()) {
            by.needs(Scopes::WRITE)?;
        }
        if !is_new {
            self.reach_group(by, name, Role::Admin)?;
        }
        let mut roles = BTreeMap::new();
        for (subject, role) in manifest.into_iter().flatten() {
            let who = self.principal(subject).ok_or_else(|| Answer::refusal("unprocessable"))?;
            roles.insert(who, *role);
        }
        for (subject, _) in manifest.into_iter().flatten() {
            let address = subject.strip_prefix("user:").unwrap_or_default();
            if address.contains('@') && self.users.insert(address.to_owned()) {
                let made = Event::new(by, "user.create", "principal");
                self.log.push(made.of(format!("$p:{subject}"), address));
            }
        }
        if is_new {
            self.found(by, name);
        }
        let group = self.groups.get_mut(name).expect("it is there");
        if manifest.is_some() {
            if !roles.values().any(|role| *role == Role::Admin) {
                roles.insert(group.by.clone(), Role::Admin);
            }
            let changed = group.roles != roles;
            group.changed |= changed && !is_new;
            group.roles = roles;
            if changed && !is_new {
                self.log_group(by, "group.roles", name);
            }
        }
        if is_new {
            self.log_group(by, "group.create", name);
        }
        Ok(Answer::of(200, json!({ "data": self.shown_group(name) })))
    }

    /// Whom a manifest's subject means; an address that nobody has yet becomes a user.
    fn principal(&self, subject: &str) -> Option<String> {
        match subject.split_once(':')? {
            ("user", _) => Some(subject.to_owned()),
            (_, name) => Some(self.accounts.iter().find(|one| one.name == name)?.principal()),
        }
    }

    pub(crate) fn replace_group(&mut self, by: &Caller, name: &str, secrets: &Listed) -> Done {
        self.reach_group(by, name, Role::Editor)?;
        let mut kept = secrets.iter().filter(|(_, value)| value.is_none());
        let unknown = kept.any(|(key, _)| self.keyed(name, key).is_none());
        Answer::refuse_if(secrets.is_empty() || unknown, "unprocessable")?;
        let before = self.log.len();
        for (place, (key, value)) in (0..).zip(secrets) {
            match (self.keyed(name, key), value) {
                (None, Some(value)) => self.add(by, by.serial * 10 + place, name, (key, *value)),
                (Some(at), Some(value)) if self.secrets[at].value() != *value => {
                    let secret = &mut self.secrets[at];
                    secret.publish(*value, None, by);
                    self.log.push(Event::about(by, "secret.publish", secret));
                }
                _ => {}
            }
        }
        self.empty(by, name, |key| secrets.iter().any(|(listed, _)| listed == key));
        // The group `default` has nothing of its own that could change.
        if self.log.len() > before && name != "default" {
            self.log_group(by, "group.replace", name);
            self.groups.get_mut(name).expect("it is there").changed = true;
        }
        Ok(Answer::of(200, json!({ "data": self.shown_group(name) })))
    }

    /// Takes secrets out of a group, by key, but those to be kept.
    fn empty(&mut self, by: &Caller, name: &str, kept: impl Fn(&str) -> bool) {
        let gone = self.inside(name).into_iter().map(|secret| secret.key.clone());
        for key in gone.filter(|key| !kept(key)).collect::<Vec<String>>() {
            let at = self.keyed(name, &key).expect("it is there");
            self.take_away(by, at);
        }
    }

    pub(crate) fn end_group(&mut self, by: &Caller, name: &str) -> Done {
        self.reach_group(by, name, Role::Admin)?;
        Answer::refuse_if(name == "default", "unprocessable")?;
        self.empty(by, name, |_| false);
        self.log_group(by, "group.delete", name);
        self.groups.remove(name);
        Ok(Answer::of(200, json!({})))
    }
}
