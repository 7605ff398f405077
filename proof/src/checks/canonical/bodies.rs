//! Names in bodies and queries: what is stored is what was said, a reference means one thing, and nothing is said
//! twice.

use super::{World, spellings::others};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use subrosa_testkit::{
    DEFAULT, Reply, Surface,
    document::{Operation, example, operations},
};

/// A kind of name that callers choose: how one is made and where all are listed.
struct Kind {
    name: &'static str,
    make: fn(&str) -> (String, Value),
    list: &'static str,
    /// Where a listed thing's name is.
    at: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "key",
        make: |name| (format!("{DEFAULT}/secrets"), json!({ "key": name, "value": "v" })),
        list: "/v1/tenants/default/secrets?pageSize=1000",
        at: "key",
    },
    Kind {
        name: "tenant",
        make: |name| ("/v1/tenants".to_owned(), json!({ "slug": name })),
        list: "/v1/tenants?pageSize=1000",
        at: "slug",
    },
    Kind {
        name: "apiKey",
        make: |name| ("/api/default/admin/apiKeys".to_owned(), json!({ "name": name })),
        list: "/api/default/admin/apiKeys",
        at: "name",
    },
    Kind {
        name: "virtual account",
        make: |name| {
            let manifest = json!({ "type": "virtual-account", "name": name, "permissions": [] });
            ("/api/svc/v1/virtual-accounts".to_owned(), json!({ "manifest": manifest }))
        },
        list: "/api/svc/v1/virtual-accounts?limit=1000",
        at: "name",
    },
];

/// Names to be stored: of each that was accepted exactly this name is there afterwards, and of others nothing.
pub(super) async fn names(world: &World) -> Result<u64, String> {
    let mut sent = 0;
    for kind in KINDS {
        let name = if kind.name == "key" { "Made-Key_1" } else { "made-1-here" };
        let before = listed(world, &kind).await;
        let mut said = BTreeSet::new();
        for spelled in std::iter::once(name.to_owned()).chain(others(name)) {
            let (path, body) = (kind.make)(&spelled);
            let who = if path.starts_with("/v1") { &world.operator } else { &world.admin };
            let reply = if path.ends_with("virtual-accounts") {
                who.puts(&path, body).await
            } else {
                who.post(&path, body).await
            };
            sent += 1;
            if reply.status.is_success() {
                said.insert(spelled);
            } else if ![400, 409, 422].contains(&reply.status.as_u16()) {
                return Err(format!("a {} {spelled:?} was answered {}", kind.name, reply.status));
            } else if reply.status == 409 && !said.contains(&spelled) {
                return Err(format!("a {} {spelled:?} was taken for one that is there", kind.name));
            }
        }
        let there: BTreeSet<String> =
            listed(world, &kind).await.difference(&before).cloned().collect();
        if there != said {
            let odd: Vec<_> = there.symmetric_difference(&said).collect();
            return Err(format!("what was said and what is stored differ: {} {odd:?}", kind.name));
        }
        named_on_record(world, &said, kind.name).await?;
    }
    Ok(sent)
}

/// That the log calls what was made by the names that were said.
async fn named_on_record(world: &World, said: &BTreeSet<String>, kind: &str) -> Result<(), String> {
    if kind != "key" {
        return Ok(());
    }
    let events = world.operator.events("action=secret.create").await;
    let named: BTreeSet<&str> =
        events.iter().filter_map(|event| event["resource"]["key"].as_str()).collect();
    match said.iter().find(|name| !named.contains(name.as_str())) {
        Some(name) => Err(format!("{name:?} was stored and the log calls it something else")),
        None => Ok(()),
    }
}

async fn listed(world: &World, kind: &Kind) -> BTreeSet<String> {
    let who = if kind.list.starts_with("/v1") { &world.operator } else { &world.admin };
    let list = who.get(kind.list).await.expect(200);
    let items = [&list, &list["items"], &list["data"]].into_iter().find_map(Value::as_array);
    let name = |one: &Value| one[kind.at].as_str().expect("a name").to_owned();
    items.expect("a list").iter().map(name).collect()
}

/// References: by full name in a body and in a query, and by key.
pub(super) async fn references(world: &World) -> Result<u64, String> {
    let group = world.ids.get(Surface::Truefoundry, "group");
    let path = format!("/api/svc/v1/secret-groups/{group}");
    let group = world.admin.get(&path).await.expect(200)["data"].clone();
    let fqn = group["fqn"].as_str().unwrap();
    let secret = format!("{fqn}:K");
    let mut sent = 0;
    for text in [secret.clone(), format!("tfy-secret://{secret}")] {
        for spelled in std::iter::once(text.clone()).chain(others(&text)).chain(schemes(&secret)) {
            let plain = spelled.strip_prefix("tfy-secret://").unwrap_or(&spelled);
            let body = json!({ "secretFqns": [spelled] });
            let reply = world.admin.post("/api/svc/v1/secrets", body).await;
            finds(&reply, plain == secret, "secretFqns", &spelled)?;
            sent += 1;
        }
    }
    let name = fqn.split_once(':').unwrap().1;
    for (text, path) in
        [(fqn, "/api/svc/v1/secret-groups?fqn="), ("K", "/v1/tenants/default/secrets?key=")]
    {
        for spelled in std::iter::once(text.to_owned()).chain(others(text)) {
            let escaped: String = spelled.bytes().map(|byte| format!("%{byte:02x}")).collect();
            for (query, once) in [
                (escaped.clone(), spelled.clone()),
                (escaped.replace('%', "%25"), escaped.clone()),
                (format!("{escaped}+"), format!("{spelled} ")),
            ] {
                let reply = world.admin.get(&format!("{path}{query}")).await;
                let is_named = once == text || (text == fqn && once == name);
                finds(&reply, is_named, path, &query)?;
                sent += 1;
            }
        }
    }
    Ok(sent)
}

/// The scheme in spellings that are not it.
fn schemes(secret: &str) -> Vec<String> {
    ["TFY-SECRET://", "tfy-secret:", "tfy-secret:/", "tfy-secret:///", "tfy_secret://", "https://"]
        .into_iter()
        .chain(["tfy-secret://tfy-secret://", " tfy-secret://", "tfy-secret://@", "//"])
        .map(|scheme| format!("{scheme}{secret}"))
        .collect()
}

/// One thing is found if it was named, and none if not; or the question is refused.
fn finds(reply: &Reply, named: bool, place: &str, spelled: &str) -> Result<(), String> {
    let refused = [400, 404, 422].contains(&reply.status.as_u16());
    let list = if refused { json!([]) } else { reply.json() };
    let found = [&list, &list["items"], &list["data"]].into_iter().find_map(Value::as_array);
    let found = found.map_or(0, Vec::len);
    if found == usize::from(named) {
        return Ok(());
    }
    Err(format!("{place} of {spelled:?} found {found}: {}", reply.status))
}

/// Members that are there twice, whichever way the second is spelled and wherever it stands.
pub(super) async fn duplicates(world: &World) -> Result<u64, String> {
    let mut sent = 0;
    let rows = world.server.rows();
    for operation in operations() {
        let Some(schema) = operation.body.clone() else { continue };
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let mut body = example(&schema);
            body.as_object_mut().unwrap().remove(name);
            let rest = body.to_string();
            let rest = rest.trim_start_matches('{').trim_end_matches('}');
            let comma = if rest.is_empty() { "" } else { "," };
            let value = example(member);
            for twin in twins(&operation, name) {
                let plain = format!("\"{name}\":{value}");
                let other = format!("\"{twin}\":{value}");
                for (first, last) in [(&plain, &other), (&other, &plain)] {
                    let body = format!("{{{first}{comma}{rest},{last}}}");
                    let who = operation.master(&world.operator, &world.admin);
                    let path = operation.at(&world.ids);
                    let sent_to = who.send(operation.method.clone(), &path, Some(body.into()));
                    let reply = sent_to.await;
                    sent += 1;
                    if ![400, 422].contains(&reply.status.as_u16()) {
                        let what = operation.name();
                        return Err(format!("{what} with {name} and {twin}: {}", reply.status));
                    }
                }
            }
        }
    }
    world.server.app().flush().await.expect("a flush");
    if world.server.rows() != rows {
        return Err("a body with a member twice changed what is stored".to_owned());
    }
    Ok(sent)
}

/// Spellings of a member's name that are the same name.
fn twins(operation: &Operation, name: &str) -> Vec<String> {
    let escaped: String = name.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let mut all =
        vec![name.to_owned(), escaped, format!("\\u{:04X}{}", name.as_bytes()[0], &name[1..])];
    // This one body has its members in any case.
    if operation.surface() == Surface::Walletcrew && operation.path.ends_with("{key}") {
        all.extend([name.to_uppercase(), name.to_lowercase()]);
    }
    all
}
