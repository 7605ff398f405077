//! Who asks: strangers, another tenant's people, and people of the tenant with every kind of too little.

use crate::check::Context;
use serde_json::json;
use std::collections::BTreeSet;
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

/// The tenant of those who may look at nothing of `default`.
pub(super) const OTHER: &str = "acme";

/// Somebody.
#[derive(Clone)]
pub(super) struct Person {
    /// Asks.
    pub(super) actor: Actor,
    /// What a message calls them.
    pub(super) name: String,
    /// What their token may do.
    pub(super) scopes: BTreeSet<String>,
    /// Their token's id; nobody's who has none that works.
    pub(super) token: Option<String>,
}

/// Everybody.
pub(super) struct People {
    /// Without a credential, and with none that is one.
    pub(super) strangers: Vec<Person>,
    /// Of another tenant: an administrator, and a key with every scope but that one.
    pub(super) foreigners: Vec<Person>,
    /// Of the tenant, each with some scopes.
    pub(super) limited: Vec<Person>,
    /// Of the tenant, with every scope but the administrator's and a role in no group.
    pub(super) outsider: Person,
}

impl Person {
    async fn known(actor: Actor, tenant: &str, name: String, scopes: &[&str]) -> Self {
        let current = format!("/v1/tenants/{tenant}/tokens/current");
        let token = Some(id_of(&actor.get(&current).await.expect(200)));
        Self { actor, name, scopes: scopes.iter().map(|one| (*one).to_owned()).collect(), token }
    }

    fn stranger(actor: Actor, name: &str) -> Self {
        Self { actor, name: name.to_owned(), scopes: BTreeSet::new(), token: None }
    }
}

impl People {
    pub(super) async fn of(server: &TestServer, context: &Context) -> Self {
        let catalogue = server.operator().get(&format!("{DEFAULT}/tokens/scopes")).await;
        let all = catalogue.expect(200)["scopes"].clone();
        let all: Vec<String> = all.as_array().unwrap().iter().map(id_of).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let members = but(&all, "tenant:admin");
        let strangers = vec![
            Person::stranger(server.stranger(), "nobody"),
            Person::stranger(server.with_token("sr_pat_wrong"), "one with a wrong token"),
        ];
        let (admin, key) = (server.admin(OTHER).await, server.token(OTHER, &members).await);
        let foreigners = vec![
            Person::known(admin, OTHER, "another tenant's admin".to_owned(), &all).await,
            Person::known(key, OTHER, "another tenant's key".to_owned(), &members).await,
        ];
        let mut limited = Vec::new();
        for scopes in few_scopes(context, &all) {
            let actor = server.token("default", &scopes).await;
            let name = match scopes.len() {
                0..=2 => format!("one with {scopes:?}"),
                _ => format!("one without {:?}", all.iter().find(|one| !scopes.contains(one))),
            };
            limited.push(Person::known(actor, "default", name, &scopes).await);
        }
        let body = json!({ "name": "outsider", "scopes": members });
        let made = server.operator().post(&format!("{DEFAULT}/serviceAccounts"), body).await;
        let token = made.expect(201)["key"]["token"].as_str().unwrap().to_owned();
        let actor = server.with_token(&token);
        let name = "one without a role".to_owned();
        let outsider = Person::known(actor, "default", name, &members).await;
        Self { strangers, foreigners, limited, outsider }
    }
}

/// All of these but one.
fn but<'a>(all: &[&'a str], one: &str) -> Vec<&'a str> {
    all.iter().filter(|scope| **scope != one).copied().collect()
}

/// None, each alone, all but each; and in the long form each two.
fn few_scopes<'a>(context: &Context, all: &[&'a str]) -> Vec<Vec<&'a str>> {
    let most = usize::try_from(context.many(2, 1_000, 1_000)).unwrap();
    let mut sets = vec![vec![]];
    for scope in all.iter().take(most) {
        sets.push(vec![*scope]);
        sets.push(but(all, scope));
    }
    let pairs = all
        .iter()
        .enumerate()
        .flat_map(|(at, one)| all.iter().skip(at + 1).map(move |other| vec![*one, *other]));
    sets.extend(pairs.take(usize::try_from(context.many(0, 0, 10_000)).unwrap()));
    sets
}
