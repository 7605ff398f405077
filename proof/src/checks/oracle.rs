//! What is not to be had answers as what does not exist: absent, deleted, another tenant's, expired, not yet valid, in
//! a group out of sight. To the byte but for the request's id, and by as many keyed checks of rows, with nothing in
//! memory; where one thing is asked for, by as many looks into the store, with everything in memory.
//!
//! A USE_ONLY value inside its window is told apart on purpose (docs/reference/errors/use-only.md); outside of it, it
//! is as absent as any other. Times are never asserted: the bench reports them.

use crate::{
    check::{Check, Context, Outcome},
    holds,
};
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_plant::counters::{LOOKS, SEALS};
use subrosa_testkit::{
    Actor, DEFAULT, Surface, TestServer,
    belongings::{NOBODY, belongings},
    id_of,
};

pub(crate) const CHECK: Check = Check {
    name: "oracle",
    holds: "what is not to be had answers as what does not exist, to the byte and by the same work",
    plants: &[
        "expired-says-so",
        "no-dummy-mac",
        "revoked-says-so",
        "hidden-says-so",
        "secret-refused-from-memory",
        "key-refused-from-memory",
        "tenant-refused-from-memory",
        "token-refused-from-memory",
    ],
    run,
};

fn run(context: &Context) -> Outcome {
    context.block_on(attack(context))
}

/// A way to ask, and what is asked for in it; all of these must be one.
struct Way {
    name: &'static str,
    status: u16,
    probes: Vec<Probe>,
}

/// One thing that is not to be had.
struct Probe {
    name: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    /// With which token; with the asker's if none is said.
    token: Option<String>,
    /// What of the question is repeated in the answer.
    named: String,
}

/// A secret that is not to be had.
struct Unseen {
    name: &'static str,
    id: String,
    key: String,
}

async fn attack(context: &Context) -> Outcome {
    let mut server = TestServer::start_guarded(0, &[]).await;
    let asker = asker(&server).await;
    let ways = ways(&server).await;
    let (mut probed, mut cold) = (0, 0);
    for way in &ways {
        let mut first: Option<(Vec<u8>, u64)> = None;
        for probe in &way.probes {
            let mut least = u64::MAX;
            // What the server does of its own accord may check rows meanwhile, and never fewer.
            for _ in 0..context.many(2, 3, 10) {
                server = server.restart().await;
                let (bytes, checks) = asks(&server, &asker, way, probe).await;
                least = least.min(checks);
                let (expected, _) = first.get_or_insert_with(|| (bytes.clone(), u64::MAX));
                holds!(
                    *expected == bytes,
                    "{}: {} answers {} and not {}",
                    way.name,
                    probe.name,
                    String::from_utf8_lossy(&bytes),
                    String::from_utf8_lossy(expected)
                );
                cold += 1;
            }
            let (_, checks) = first.as_mut().expect("an answer");
            if *checks == u64::MAX {
                *checks = least;
            }
            let expected = *checks;
            holds!(
                expected == least && least > 0,
                "{}: {} takes {least} checks of seals, the first in the list {expected}",
                way.name,
                probe.name
            );
            probed += 1;
        }
    }
    if let Err(how) = warm(&server, &asker, &ways, context.many(1, 30, 300)).await {
        return Outcome::Violated(how);
    }
    use_only_is_told_apart(&server, &asker).await;
    Outcome::Held(vec![(ways.len() as u64, "ways"), (probed, "probes"), (cold, "cold answers")])
}

/// Ways that ask for one thing: those take as many looks into the store for what is in memory as for what is not there.
const SINGLE: [&str; 4] = ["reveal by id", "walletcrew value", "tenant", "token"];

/// The same answers again with everything in memory, in turns.
async fn warm(server: &TestServer, asker: &str, ways: &[Way], turns: u64) -> Result<(), String> {
    for way in ways {
        let mut first: Option<Vec<u8>> = None;
        let mut looks = vec![u64::MAX; way.probes.len()];
        for _ in 0..turns {
            for (probe, least) in way.probes.iter().zip(&mut looks) {
                asks(server, asker, way, probe).await;
                let before = LOOKS.noted();
                let (bytes, _) = asks(server, asker, way, probe).await;
                *least = (LOOKS.noted() - before).min(*least);
                if *first.get_or_insert_with(|| bytes.clone()) != bytes {
                    return Err(format!("{}: {} answers otherwise", way.name, probe.name));
                }
            }
        }
        let odd = way.probes.iter().zip(&looks).find(|(_, found)| **found != looks[0]);
        if let Some((probe, found)) = odd.filter(|_| SINGLE.contains(&way.name)) {
            let (way, expected) = (way.name, looks[0]);
            return Err(format!("{way}: {} takes {found} looks, not {expected}", probe.name));
        }
    }
    Ok(())
}

/// Asks, once the asker and the tenant are known; what was answered, and how many seals were checked for it.
async fn asks(server: &TestServer, asker: &str, way: &Way, probe: &Probe) -> (Vec<u8>, u64) {
    let known = server.with_token(asker);
    known.get(&format!("{DEFAULT}/auth/health")).await.expect(200);
    let who = probe.token.as_deref().map_or(known, |token| server.with_token(token));
    let body = probe.body.as_ref().map(|body| body.to_string().into_bytes());
    let before = SEALS.noted();
    let reply = who.send(probe.method.clone(), &probe.path, body).await;
    let checks = SEALS.noted() - before;
    let status = reply.status.as_u16();
    let mut bytes = reply.as_bytes();
    // The status is part of the bytes; what it must be is said here so that all cannot be wrong together.
    if status != way.status {
        bytes.splice(0..0, *b"(an unexpected status) ");
    }
    let text = String::from_utf8(bytes).expect("text");
    (text.replace(&probe.named, "NAMED").into_bytes(), checks)
}

/// Somebody who may everything by scope and has a role nowhere.
async fn asker(server: &TestServer) -> String {
    let catalogue = server.operator().get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let all: Vec<String> = catalogue["scopes"].as_array().unwrap().iter().map(id_of).collect();
    let scopes: Vec<&String> = all.iter().filter(|scope| *scope != "tenant:admin").collect();
    let body = json!({ "name": "asker", "scopes": scopes });
    let made = server.operator().post(&format!("{DEFAULT}/serviceAccounts"), body).await;
    text(&made.expect(201)["key"]["token"])
}

async fn ways(server: &TestServer) -> Vec<Way> {
    server.tenant("acme").await;
    let ours = belongings(server, "default").await;
    let theirs = belongings(server, "acme").await;
    let dead = dead_tokens(server).await;
    let operator = server.operator();
    let now = server.clock.millis();
    let timed = async |key: &str, disclosure: &str, window: (&str, i64)| {
        let body =
            json!({ "key": key, "value": "v", "disclosure": disclosure, window.0: window.1 });
        id_of(&operator.creates(body).await)
    };
    let expired = timed("EXPIRED-KEY", "READABLE", ("expiresOn", now + 1_000)).await;
    let hushed = timed("HUSHED-KEYS", "USE_ONLY", ("expiresOn", now + 1_000)).await;
    let early = timed("EARLIER-KEY", "READABLE", ("notBefore", now + 1_000_000_000)).await;
    let deleted = operator.keeps("DELETED-KEY", "v").await;
    operator.delete(&format!("{DEFAULT}/secrets/{deleted}")).await.expect(204);
    let foreign = theirs.get(Surface::V1, "secret").to_owned();
    let hidden = ours.get(Surface::Truefoundry, "secret").to_owned();
    server.clock.advance(Duration::from_secs(10));
    // Keys of one length: an answer that repeats one is as long as it.
    let unseen = |name, id: &str, key: &str| Unseen { name, id: id.into(), key: key.into() };
    let gone = [
        unseen("absent", NOBODY, "ABSENT-KEYS"),
        unseen("deleted", &deleted, "DELETED-KEY"),
        unseen("another tenant's", &foreign, "KEY-OF-acme"),
    ];
    let hidden = unseen("hidden", &hidden, "HIDDEN");
    let timed = [
        unseen("expired", &expired, "EXPIRED-KEY"),
        unseen("expired and USE_ONLY", &hushed, "HUSHED-KEYS"),
        unseen("not yet valid", &early, "EARLIER-KEY"),
    ];
    let by_id = || gone.iter().chain([&hidden]);
    let mut ways = vec![
        reveals("reveal by id", by_id().chain(&timed)),
        reveals_in_batch("batch by id", by_id().chain(&timed), |one| json!({ "id": one.id })),
        reveals_in_batch(
            "batch by key",
            gone.iter().chain(&timed),
            |one| json!({ "key": one.key }),
        ),
        reads("walletcrew value", gone.iter().chain(&timed), |one| {
            format!("/api/default/secrets/{}", one.key)
        }),
        reads("secret", by_id(), |one| format!("{DEFAULT}/secrets/{}", one.id)),
        reads("revisions", by_id(), |one| format!("{DEFAULT}/secrets/{}/revisions", one.id)),
        reads("group's secret", by_id(), |one| format!("/api/svc/v1/secrets/{}", one.id)),
        reads("versions", by_id(), |one| format!("/api/svc/v1/secrets/{}/versions", one.id)),
    ];
    let group =
        |ids: &subrosa_testkit::belongings::Ids| ids.get(Surface::Truefoundry, "group").to_owned();
    let groups = [
        unseen("absent", NOBODY, ""),
        unseen("another tenant's", &group(&theirs), ""),
        unseen("hidden", &group(&ours), ""),
    ];
    let path = |one: &Unseen| format!("/api/svc/v1/secret-groups/{}", one.id);
    ways.push(reads("group", groups.iter(), path));
    // Slugs of one length, for the answer may repeat one.
    let tenants = [unseen("absent", "emca", ""), unseen("another's", "acme", "")];
    ways.push(reads("tenant", tenants.iter(), |one| format!("/v1/tenants/{}/secrets", one.id)));
    ways.push(dead);
    ways
}

fn reads<'a>(
    name: &'static str,
    unseen: impl Iterator<Item = &'a Unseen>,
    path: impl Fn(&Unseen) -> String,
) -> Way {
    let probe = |one: &Unseen| Probe::of(one.name, Method::GET, path(one), None, &one.id);
    Way { name, status: 404, probes: unseen.map(probe).collect() }
}

fn reveals<'a>(name: &'static str, unseen: impl Iterator<Item = &'a Unseen>) -> Way {
    let path = |one: &Unseen| format!("{DEFAULT}/secrets/{}:reveal", one.id);
    let probe =
        |one: &Unseen| Probe::of(one.name, Method::POST, path(one), Some(json!({})), &one.id);
    Way { name, status: 404, probes: unseen.map(probe).collect() }
}

fn reveals_in_batch<'a>(
    name: &'static str,
    unseen: impl Iterator<Item = &'a Unseen>,
    item: impl Fn(&Unseen) -> Value,
) -> Way {
    let path = format!("{DEFAULT}/secrets:reveal");
    let probe = |one: &Unseen| {
        let item = item(one);
        let named = text(item.get("id").or(item.get("key")).unwrap());
        let body = Some(json!({ "items": [item] }));
        Probe::of(one.name, Method::POST, path.clone(), body, &named)
    };
    Way { name, status: 200, probes: unseen.map(probe).collect() }
}

impl Probe {
    fn of(
        name: &'static str,
        method: Method,
        path: String,
        body: Option<Value>,
        named: &str,
    ) -> Self {
        Self { name, method, path, body, token: None, named: named.to_owned() }
    }
}

/// Tokens that do not work: of which none says why.
async fn dead_tokens(server: &TestServer) -> Way {
    let operator = server.operator();
    let mint = async |body: Value| text(&operator.mints(body).await["token"]);
    let elsewhere = TestServer::start().await;
    let unknown = elsewhere.admin("default").await.token().unwrap().to_owned();
    let revoked = mint(json!({ "preset": "admin" })).await;
    server.with_token(&revoked).delete(&format!("{DEFAULT}/tokens/current")).await.expect(204);
    let ended = operator.post(&format!("{DEFAULT}/serviceAccounts"), json!({})).await.expect(201);
    let account = id_of(&ended["serviceAccount"]);
    operator.delete(&format!("{DEFAULT}/serviceAccounts/{account}")).await.expect(204);
    let expired = mint(json!({ "preset": "admin", "expirationDays": 1 })).await;
    let admin: Actor = server.admin("default").await;
    let made = admin.post("/api/default/admin/apiKeys", json!({ "name": "off" })).await.expect(201);
    let off = text(&made["token"]);
    let body = json!({ "enabled": false });
    let turned = admin.patch("/api/default/admin/apiKeys/off", body).await;
    assert!(turned.status.is_success(), "{}", String::from_utf8_lossy(&turned.bytes));
    server.clock.advance(Duration::from_secs(2 * 86_400));
    let probe = |(name, token): (&'static str, String)| {
        let path = format!("{DEFAULT}/secrets");
        let probe = Probe::of(name, Method::GET, path, None, NOBODY);
        Probe { token: Some(token), ..probe }
    };
    let tokens = [
        ("unknown", unknown),
        ("revoked", revoked),
        ("of an account that was ended", text(&ended["key"]["token"])),
        ("expired", expired),
        ("switched off", off),
    ];
    Way { name: "token", status: 401, probes: tokens.into_iter().map(probe).collect() }
}

async fn use_only_is_told_apart(server: &TestServer, asker: &str) {
    let secret = json!({ "key": "SILENT", "value": "v" });
    let id = id_of(&server.operator().creates(secret).await);
    let refused = server.with_token(asker).reveals(&id).await;
    assert_eq!(refused.refused(403), "use-only", "it is told apart");
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
