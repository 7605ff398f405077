//! Who asks, what for, and in which ways.

use crate::checks::canaries::needle::Needles;
use serde_json::{Value, json};
use std::sync::LazyLock;
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer, blob, id_of};
use tokio::task::JoinSet;

/// Tiers that take a record first.
pub(super) const TIERS: [&str; 4] = ["PII", "PHI", "FINANCIAL", "REGULATED"];

/// The strict values, all of them, and the one of STANDARD.
const CANARY: &str = "the-canary-that-must-not-sing";
pub(super) const PLAIN: &str = "what-anyone-may-hear";

/// Ways in which a value leaves.
pub(super) const WAYS: [Way; 8] = [
    Way::Reveal,
    Way::BatchById,
    Way::BatchByKey,
    Way::WalletcrewJson,
    Way::WalletcrewText,
    Way::TruefoundryOne,
    Way::TruefoundryGroup,
    Way::TruefoundryNamed,
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Reveal,
    BatchById,
    BatchByKey,
    WalletcrewJson,
    WalletcrewText,
    TruefoundryOne,
    TruefoundryGroup,
    TruefoundryNamed,
}

/// A server with a secret of each tier, one more of each whose ciphertext is damaged, and one of STANDARD; each of them
/// once in the group `default` and once in a group of its own.
pub(super) struct Cast {
    pub(super) server: TestServer,
    admin: Actor,
    secrets: Vec<Kept>,
}

/// A secret under one name in two groups.
#[derive(Clone)]
struct Kept {
    name: String,
    tier: Option<&'static str>,
    damaged: bool,
    id: String,
    group: String,
    in_group: String,
}

/// What came of a request.
pub(super) struct Asked {
    pub(super) what: String,
    pub(super) reply: Reply,
    pub(super) strict: bool,
}

/// What the log says so far.
pub(super) struct OnRecord {
    pub(super) integrity: u64,
    pub(super) strict: u64,
    pub(super) standard: u64,
}

impl Cast {
    pub(super) async fn new() -> Self {
        let server = TestServer::start().await;
        let admin = server.admin("default").await;
        let mut secrets = vec![kept(&admin, "PLAIN", None, false).await];
        for tier in TIERS {
            secrets.push(kept(&admin, &format!("{tier}-GOOD"), Some(tier), false).await);
            secrets.push(kept(&admin, &format!("{tier}-WIRE"), Some(tier), true).await);
        }
        let damaged = secrets.iter().filter(|secret| secret.damaged);
        let ids: Vec<String> =
            damaged.flat_map(|secret| [blob(&secret.id), blob(&secret.in_group)]).collect();
        let sql = "UPDATE revisions SET value = zeroblob(length(value)) WHERE secret_id IN";
        let cast = Self { server, admin, secrets };
        let sql = format!("{sql} ({})", ids.join(", "));
        let cast = cast.restarted(async |server| server.tampered(&sql).await).await;
        // Everything is in memory from here on, as it is on a server that has run for a while.
        cast.is_as_before().await.expect("it is as it was made");
        cast
    }

    pub(super) async fn restarted(
        self,
        restart: impl AsyncFnOnce(TestServer) -> TestServer,
    ) -> Self {
        let Self { server, admin, secrets } = self;
        let server = restart(server).await;
        let admin = server.with_token(admin.token().expect("it has one"));
        Self { server, admin, secrets }
    }

    /// Asks for everything in every way, all at once, and for what is STANDARD so many times.
    pub(super) async fn asks_all(&self, times: u64) -> Vec<Asked> {
        let mut asked = JoinSet::new();
        for secret in &self.secrets {
            for way in WAYS {
                for _ in 0..if secret.tier.is_some() { 1 } else { times } {
                    let (admin, secret) = (self.admin.clone(), secret.clone());
                    asked.spawn(async move {
                        let what = format!("{way:?} of {}", secret.name);
                        let reply = way.asks(&admin, &secret).await;
                        Asked { what, reply, strict: secret.tier.is_some() }
                    });
                }
            }
        }
        asked.join_all().await
    }

    /// A strict reveal that is as good as any other.
    pub(super) fn one_strict(&self) -> impl Future<Output = Reply> + Send + use<> {
        let secret = self.secrets.iter().find(|secret| secret.tier.is_some()).cloned();
        let (admin, secret) = (self.admin.clone(), secret.expect("there are some"));
        async move { Way::Reveal.asks(&admin, &secret).await }
    }

    /// What is there is read, and what is damaged is found to be.
    pub(super) async fn is_as_before(&self) -> Result<(), String> {
        for Asked { what, reply, .. } in self.asks_all(1).await {
            let text = String::from_utf8_lossy(&reply.bytes).into_owned();
            let right = match what.as_str() {
                what if what.contains("WIRE") => reply.status == 500,
                what if what.contains("PLAIN") => text.contains(PLAIN),
                _ => text.contains(CANARY),
            };
            if !right {
                return Err(format!("without an outage, {what} is {} {text}", reply.status));
            }
        }
        Ok(())
    }

    /// That the log can be read: without it nothing can be compared.
    pub(super) async fn log_is_readable(&self) -> Result<(), String> {
        let reply = self.server.operator().get(&format!("{DEFAULT}/auditEvents")).await;
        if reply.status == 200 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&reply.bytes);
        Err(format!("afterwards the log is answered {} {text}", reply.status))
    }

    /// What the log says of failures and of reveals.
    pub(super) async fn on_record(&self) -> OnRecord {
        let operator = self.server.operator();
        let integrity = operator.events("action=integrity.failure").await.len();
        let reveals = operator.events("action=secret.reveal&decision=ALLOWED").await;
        let (strict, standard): (Vec<&Value>, Vec<&Value>) =
            reveals.iter().partition(|event| event["tier"] != "STANDARD");
        let sum = |events: Vec<&Value>| -> u64 {
            events.iter().map(|event| event["count"].as_u64().expect("a count")).sum()
        };
        let integrity = u64::try_from(integrity).expect("it is a count");
        OnRecord { integrity, strict: sum(strict), standard: sum(standard) }
    }
}

impl Way {
    async fn asks(self, admin: &Actor, secret: &Kept) -> Reply {
        let tfy = "/api/svc/v1/secrets";
        let walletcrew = format!("/api/default/secrets/{}", secret.name);
        match self {
            Self::Reveal => admin.reveals(&secret.id).await,
            Self::BatchById => admin.reveals_all(json!([{ "id": secret.id }])).await,
            Self::BatchByKey if secret.tier.is_some() => {
                admin.reveals_all(json!([{ "key": "PLAIN" }, { "key": secret.name }])).await
            }
            Self::BatchByKey => admin.reveals_all(json!([{ "key": secret.name }])).await,
            Self::WalletcrewJson => admin.get(&walletcrew).await,
            Self::WalletcrewText => admin.gets_as(&walletcrew, "text/plain").await,
            Self::TruefoundryOne => admin.get(&format!("{tfy}/{}", secret.in_group)).await,
            Self::TruefoundryGroup => {
                let body = json!({ "withValue": true, "secretGroupId": secret.group });
                admin.post(tfy, body).await
            }
            Self::TruefoundryNamed => {
                let fqn = format!("default:{}:{}", secret.name.to_lowercase(), secret.name);
                admin.post(tfy, json!({ "withValue": true, "secretFqns": [fqn] })).await
            }
        }
    }
}

/// A value in bytes, in any of the spellings that an answer might have it in.
pub(super) fn plaintext_in(bytes: &[u8]) -> Option<&'static str> {
    static VALUES: LazyLock<Needles> = LazyLock::new(|| {
        // The first bytes: an answer that was cut short is no better.
        let values = [CANARY, PLAIN].map(|value| ("the value", &value.as_bytes()[..12]));
        Needles::of(values)
    });
    VALUES.found_in(bytes)
}

async fn kept(admin: &Actor, name: &str, tier: Option<&'static str>, damaged: bool) -> Kept {
    let value = if tier.is_some() { CANARY } else { PLAIN };
    let id = admin.keeps_as(tier.unwrap_or("STANDARD"), name, value).await;
    let stores = admin.get("/api/svc/v1/provider-integrations").await.expect(200);
    let body = json!({ "name": name.to_lowercase(), "integrationId": stores["data"][0]["id"],
        "secrets": [{ "key": name, "value": value }] });
    let made = admin.post("/api/svc/v1/secret-groups", body).await.expect(200)["data"].clone();
    let in_group = id_of(&made["associatedSecrets"][0]);
    if let Some(tier) = tier {
        let body = json!({ "sensitivity": tier });
        admin.patch(&format!("{DEFAULT}/secrets/{in_group}"), body).await.expect(200);
    }
    Kept { name: name.to_owned(), tier, damaged, id, group: id_of(&made), in_group }
}
