//! One writer and its book.

use super::{
    Compared,
    seen::Look,
    sent::Ids,
    state::{Event, Seen, State},
    step::Step,
    tenant::{Tenant, Token},
};
use crate::{dice::Dice, served::Served};
use std::sync::atomic::{AtomicU64, Ordering};

/// How a writer's work ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// Nobody answered any more.
    Gone,
    /// The server said that it failed: whether the change happened is not known.
    Failed(String),
    /// The server refused what it must not refuse, and went on.
    Refused(String),
}

/// Someone who writes.
pub(super) struct Writer {
    name: String,
    tenant: &'static str,
    store: String,
    token: Token,
    dice: Dice,
    serial: u64,
    /// What was acknowledged.
    state: State,
    /// The events of that, oldest first.
    events: Vec<Event>,
    /// What was sent last, and not answered.
    pending: Option<Step>,
    ids: Ids,
}

impl Writer {
    pub(super) fn new(
        tenant: &Tenant,
        token: Token,
        store: String,
        name: String,
        dice: Dice,
    ) -> Self {
        let (state, events, ids) = (State::default(), Vec::new(), Ids::new());
        let (tenant, serial, pending) = (tenant.slug, 0, None);
        Self { name, tenant, store, token, dice, serial, state, events, pending, ids }
    }

    pub(super) fn is_in(&self, tenant: &Tenant) -> bool {
        self.tenant == tenant.slug
    }

    pub(super) fn token_id(&self) -> &str {
        &self.token.id
    }

    /// Writes until nobody answers.
    pub(super) async fn write(&mut self, served: &Served, acknowledged: &AtomicU64) -> Ended {
        let wire = served.with_token(&self.token.plain);
        let mut refused = None;
        loop {
            self.serial += 1;
            let step = Step::draw(&mut self.dice, &self.state, &self.name, self.serial);
            let sent = step.sent(self.tenant, &self.store, &self.ids);
            self.pending = Some(step.clone());
            let Ok(reply) = wire.send(sent.method, &sent.path, sent.body.as_ref()).await else {
                return refused.unwrap_or(Ended::Gone);
            };
            let said = || format!("{step:?} was answered {} {}", reply.status, reply.code());
            if reply.status >= 500 {
                return Ended::Failed(said());
            }
            self.pending = None;
            if reply.status == sent.status {
                self.events.append(&mut step.apply(&mut self.state));
                step.learn(&reply.json(), &mut self.ids);
                acknowledged.fetch_add(1, Ordering::AcqRel);
            } else {
                // It did not happen, and what was lost before may be why: the books will tell.
                refused.get_or_insert(Ended::Refused(said()));
                tokio::task::yield_now().await;
            }
        }
    }

    /// Compares the book with what the server shows and has in its log. What was not answered has happened whole or not
    /// at all; from here on the book says which.
    ///
    /// # Errors
    /// Where they differ.
    pub(super) async fn settle(
        &mut self,
        served: &Served,
        log: Vec<Event>,
        compared: &mut Compared,
    ) -> Result<(), String> {
        let wire = served.with_token(&self.token.plain);
        let look = Look::at(&wire, self.tenant, &self.name).await?;
        let mut with = (self.state.clone(), self.events.clone());
        if let Some(step) = &self.pending {
            with.1.extend(step.apply(&mut with.0));
        }
        if look.seen == self.state.seen() && log == self.events {
            compared.lost += u64::from(self.pending.is_some());
        } else if self.pending.is_some() && look.seen == with.0.seen() && log == with.1 {
            compared.late += 1;
            (self.state, self.events) = with;
        } else {
            return Err(self.complaint(&look.seen, &log, &with));
        }
        compared.changes += self.events.len() as u64;
        self.pending = None;
        let plains = self.ids.iter().filter(|(name, _)| name.starts_with("plain "));
        let plains: Ids = plains.map(|(name, plain)| (name.clone(), plain.clone())).collect();
        self.ids = look.ids;
        self.ids.extend(plains);
        self.tokens_hold(served).await
    }

    /// Tokens that were shown are good for as long as they are not revoked.
    async fn tokens_hold(&self, served: &Served) -> Result<(), String> {
        for (name, revoked) in &self.state.tokens {
            let Some(plain) = self.ids.get(&format!("plain {name}")) else { continue };
            let path = format!("/v1/tenants/{}/tokens/current", self.tenant);
            let reply = served.with_token(plain).send("GET", &path, None).await;
            let status = reply.map_err(|error| error.to_string())?.status;
            if (status == 200) == *revoked {
                return Err(format!("token {name}, revoked: {revoked}, was answered {status}"));
            }
        }
        Ok(())
    }

    fn complaint(&self, seen: &Seen, log: &[Event], with: &(State, Vec<Event>)) -> String {
        let book = self.state.seen();
        let mut lines = vec![format!("{}'s book and the server differ", self.name)];
        let names = book.keys().chain(seen.keys().filter(|name| !book.contains_key(*name)));
        for name in names.filter(|name| book.get(*name) != seen.get(*name)) {
            let short = |from: &Seen| from.get(name).map(|line| start(line).to_owned());
            lines.push(format!("{name}: book {:?}, server {:?}", short(&book), short(seen)));
        }
        let same = self.events.iter().zip(log).take_while(|(ours, theirs)| ours == theirs).count();
        let rest = |from: &[Event]| from.iter().skip(same).take(8).cloned().collect::<Vec<_>>();
        let (ours, theirs) = (rest(&self.events), rest(log));
        lines.push(format!("after {same} events the book has {ours:?}, the log {theirs:?}"));
        if let Some(step) = &self.pending {
            let step = format!("{step:?}");
            let events: Vec<_> = with.1.iter().skip(self.events.len()).collect();
            lines.push(format!("not answered: {}, which is {events:?}", start(&step)));
        }
        lines.join("\n  ")
    }
}

/// As much of a line as people read.
fn start(line: &str) -> &str {
    line.char_indices().nth(160).map_or(line, |(end, _)| &line[..end])
}
