//! The cells of the matrix, operation by operation.

use super::{
    people::{OTHER, People, Person},
    record::Refusals,
};
use crate::check::Context;
use subrosa_testkit::{
    Reply, Surface, TestServer,
    belongings::{Ids, NOBODY, absent, belongings},
    document::{Opens, Operation, operations},
};

/// A server with two tenants that have one of everything, and people who may not.
pub(super) struct Matrix {
    server: TestServer,
    people: People,
    theirs: Ids,
    own: Ids,
    refusals: Refusals,
    requests: u64,
    operations: u64,
}

/// The answers that must all be alike, and what was answered first.
#[derive(Default)]
struct Alike(Option<Vec<u8>>);

impl Alike {
    fn and(&mut self, reply: &Reply) -> bool {
        let bytes = reply.as_bytes();
        *self.0.get_or_insert_with(|| bytes.clone()) == bytes
    }
}

impl Matrix {
    pub(super) async fn new(context: &Context) -> Self {
        // Wrong credentials are not to be slowed down here: it is the refusal that is looked at.
        let server = TestServer::start_guarded(0, &[]).await;
        server.tenant(OTHER).await;
        let theirs = belongings(&server, "default").await;
        let own = belongings(&server, OTHER).await;
        let people = People::of(&server, context).await;
        let refusals = Refusals::default();
        Self { server, people, theirs, own, refusals, requests: 0, operations: 0 }
    }

    pub(super) fn counts(&self) -> Vec<(u64, &'static str)> {
        let people = self.people.limited.len() as u64;
        vec![
            (self.operations, "operations"),
            (self.requests, "requests"),
            (self.refusals.count(), "refusals"),
            (people, "sets of scopes"),
        ]
    }

    /// Goes through all of it.
    pub(super) async fn walk(&mut self) -> Result<(), String> {
        let guarded = operations().into_iter().filter(|one| one.opens != Opens::Everyone);
        for operation in guarded {
            let rows = self.rows().await;
            self.strangers(&operation).await?;
            self.foreigners(&operation).await?;
            self.foreign_ids(&operation).await?;
            self.limited(&operation).await?;
            self.outsider(&operation).await?;
            if self.rows().await != rows {
                return Err(format!("a refusal of {} changed what is stored", operation.name()));
            }
            self.operations += 1;
        }
        self.refusals.are_on_record(&self.server).await
    }

    /// Everything that is stored, once what waits to be written is.
    async fn rows(&self) -> Vec<String> {
        self.server.app().flush().await.expect("a flush");
        self.server.rows()
    }

    async fn strangers(&mut self, operation: &Operation) -> Result<(), String> {
        let mut alike = Alike::default();
        let mut ids = variants(operation, &self.theirs, &absent("default"));
        ids.push(absent("nobody"));
        for at in 0..self.people.strangers.len() {
            for ids in &ids {
                let person = |people: &People| people.strangers[at].clone();
                self.refused(person, operation, ids, &[401], &mut alike).await?;
            }
        }
        Ok(())
    }

    /// Another tenant's people, at the tenant's own address.
    async fn foreigners(&mut self, operation: &Operation) -> Result<(), String> {
        if !operation.path.contains("{tenant}") {
            return Ok(());
        }
        let mut ids = variants(operation, &self.theirs, &absent("default"));
        ids.extend([absent("nobody"), absent("not%24a%24slug")]);
        for at in 0..self.people.foreigners.len() {
            let mut alike = Alike::default();
            for ids in &ids {
                let person = |people: &People| people.foreigners[at].clone();
                self.refused(person, operation, ids, &[404], &mut alike).await?;
            }
        }
        Ok(())
    }

    /// The same people at home, with an id of the tenant's in each place of the path.
    async fn foreign_ids(&mut self, operation: &Operation) -> Result<(), String> {
        let places = operation.parameters();
        for place in places.into_iter().filter(|place| operation.names_a_thing(place)) {
            let with = |id: &str| self.own.with(operation.surface(), place, id);
            let ids = [with(self.theirs.get(operation.surface(), place)), with(NOBODY)];
            for at in 0..self.people.foreigners.len() {
                let mut alike = Alike::default();
                for ids in &ids {
                    let person = |people: &People| people.foreigners[at].clone();
                    if operation.is_filter(place) {
                        let person = person(&self.people);
                        let reply = self.asks(&person, operation, ids, None).await;
                        require(alike.and(&reply), &person, operation, &reply)?;
                    } else {
                        self.refused(person, operation, ids, &[404, 403], &mut alike).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// People of the tenant with too few scopes; those who have enough must get past them.
    async fn limited(&mut self, operation: &Operation) -> Result<(), String> {
        if operation.opens == Opens::Any {
            return Ok(());
        }
        let nothing = absent("default");
        let ids = variants(operation, &self.theirs, &nothing);
        for at in 0..self.people.limited.len() {
            let person = |people: &People| people.limited[at].clone();
            let passes = match &operation.opens {
                Opens::Scope(scope) => self.people.limited[at].scopes.contains(scope),
                _ => false,
            };
            if !passes {
                let mut alike = Alike::default();
                for ids in &ids {
                    self.refused(person, operation, ids, &[403], &mut alike).await?;
                }
            } else if is_harmless(operation) {
                let person = person(&self.people);
                // Nothing of it is there, and no body is one: past the scope it is refused for that.
                let body = operation.body.is_some().then(|| b"[]".to_vec());
                let reply = self.asks(&person, operation, &nothing, Some(body)).await;
                require(reply.status != 403, &person, operation, &reply)?;
            }
        }
        Ok(())
    }

    /// Somebody of the tenant with every scope, at what is in a group they have no role in.
    async fn outsider(&mut self, operation: &Operation) -> Result<(), String> {
        let hidden = |place: &&str| ["group", "secret"].contains(place);
        let surface = operation.surface();
        for place in operation.parameters().into_iter().filter(hidden) {
            let seen = self.theirs.get(Surface::Truefoundry, place).to_owned();
            let mut alike = Alike::default();
            for id in [seen.as_str(), NOBODY] {
                let ids = self.theirs.with(surface, place, id);
                let person = |people: &People| people.outsider.clone();
                self.refused(person, operation, &ids, &[404], &mut alike).await?;
            }
        }
        Ok(())
    }

    /// Asks, and is refused: with one of these, as alike as can be, and noted for the record.
    async fn refused(
        &mut self,
        person: impl Fn(&People) -> Person,
        operation: &Operation,
        ids: &Ids,
        statuses: &[u16],
        alike: &mut Alike,
    ) -> Result<(), String> {
        let person = person(&self.people);
        let reply = self.asks(&person, operation, ids, None).await;
        let refused = statuses.contains(&reply.status.as_u16());
        require(refused && alike.and(&reply), &person, operation, &reply)?;
        self.refusals.note(&person, operation, &reply);
        Ok(())
    }

    async fn asks(
        &mut self,
        person: &Person,
        operation: &Operation,
        ids: &Ids,
        body: Option<Option<Vec<u8>>>,
    ) -> Reply {
        self.requests += 1;
        let example = || operation.example().map(|body| body.to_string().into_bytes());
        let body = body.unwrap_or_else(example);
        person.actor.send(operation.method.clone(), &operation.at(ids), body).await
    }
}

fn require(so: bool, who: &Person, operation: &Operation, reply: &Reply) -> Result<(), String> {
    if so {
        return Ok(());
    }
    let (who, what, said) = (&who.name, operation.name(), String::from_utf8_lossy(&reply.bytes));
    Err(format!("{who} asked for {what} and was answered {}: {said}", reply.status))
}

/// These ids, and these with each place of the path in turn taken by what nothing has.
fn variants(operation: &Operation, ids: &Ids, nothing: &Ids) -> Vec<Ids> {
    let surface = operation.surface();
    let with = |place: &str| ids.with(surface, place, nothing.get(surface, place));
    let places = operation.parameters();
    std::iter::once(ids.clone()).chain(places.into_iter().map(with)).collect()
}

/// Whether asking for it, with nothing there and a body that is none, cannot change anything.
fn is_harmless(operation: &Operation) -> bool {
    let names = operation.parameters().iter().any(|place| operation.names_a_thing(place));
    operation.method == hyper::Method::GET || operation.body.is_some() || names
}
