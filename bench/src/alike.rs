//! What must be answered alike: secrets that are not there for a caller, for every reason there is, and credentials
//! that open nothing. The requests are written once, so that nothing but their answers takes time.

use crate::{
    audited,
    failure::Result,
    process::Server,
    random::Random,
    stock::{Stock, slug, text},
    wire::{self, Ask},
};
use serde_json::{Value, json};
use std::{iter::repeat_with, ops::Range, time::Duration};

/// How many secrets, or tokens, take turns in a class.
pub(crate) const POOL: usize = 64;

/// Requests that must be answered alike with others, and how long each answer took.
pub(crate) struct Class {
    /// What it is to be like, in words.
    pub(crate) like: &'static str,
    pub(crate) status: u16,
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) micros: Vec<f64>,
}

/// Makes what is asked for, and the requests.
pub(crate) fn classes(server: &Server, stock: &Stock) -> Result<Vec<Class>> {
    let own = format!("/v1/tenants/{}", slug(0));
    let admin = stock.admins.first().map_or("", String::as_str);
    let mut line = wire::tcp(server.address)?;
    let mut ask = |method, path: &str, token: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        line.ask(&Ask { method, path, token, body: &body })
    };
    let scopes = json!({ "scopes": ["secrets:read", "secrets:reveal"] });
    let account = ask("POST", &format!("{own}/serviceAccounts"), admin, scopes)?;
    let caller = text(account.get("key").unwrap_or(&Value::Null), "token")?;

    let there = stock.secrets(server, 2 * POOL, "STANDARD")?;
    let of = |tenant| there.iter().filter(move |secret| secret.tenant == tenant);
    let foreign: Vec<String> = of(1).map(|secret| secret.id.clone()).collect();
    let gone: Vec<String> = of(0).map(|secret| secret.id.clone()).collect();
    for id in &gone {
        ask("DELETE", &format!("{own}/secrets/{id}"), admin, Value::Null)?;
    }
    let soon = u64::try_from(audited::now()?)? + 10_000;
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for n in 0..POOL {
        let secrets = format!("{own}/secrets");
        let body = json!({ "key": format!("early-{n}"), "value": "v", "disclosure": "READABLE",
            "notBefore": soon + 86_400_000 });
        early.push(text(&ask("POST", &secrets, admin, body)?, "id")?);
        let body = json!({ "key": format!("late-{n}"), "value": "v", "disclosure": "READABLE",
            "expiresOn": soon });
        late.push(text(&ask("POST", &secrets, admin, body)?, "id")?);
    }
    let group = "/api/svc/v1/secret-groups";
    let stores = ask("GET", "/api/svc/v1/provider-integrations", admin, Value::Null)?;
    let pairs: Vec<Value> =
        (0..POOL).map(|n| json!({ "key": format!("walled-{n}"), "value": "v" })).collect();
    let store = stores.pointer("/data/0/id").cloned();
    let body = json!({ "name": "walled", "integrationId": store, "secrets": pairs });
    let walled = ask("POST", group, admin, body)?;
    let walled = walled.pointer("/data/associatedSecrets").and_then(Value::as_array);
    let walled: Vec<String> =
        walled.into_iter().flatten().map(|secret| text(secret, "id")).collect::<Result<_>>()?;

    let mut random = Random::new(1);
    let absent: Vec<String> =
        foreign.iter().map(|id| redrawn(id, 24..36, 10, &mut random)).collect();
    let tokens = stock.tokens.first().map_or(&[][..], Vec::as_slice);
    let (live, revoked) = tokens.split_at(tokens.len() / 2);
    for token in revoked {
        ask("DELETE", &format!("{own}/tokens/current"), token, Value::Null)?;
    }
    // After the prefix there are twelve characters of the key's id, and the secret ends six before the end.
    let forged = |token: &String, at, random: &mut Random| sealed(&redrawn(token, at, 62, random));
    let unknown: Vec<String> = live.iter().map(|token| forged(token, 7..19, &mut random)).collect();
    let wrong: Vec<String> = live.iter().map(|token| forged(token, 40..60, &mut random)).collect();
    let spoilt: Vec<String> =
        live.iter().map(|token| redrawn(token, 63..69, 62, &mut random)).collect();
    while u64::try_from(audited::now()?)? <= soon {
        std::thread::sleep(Duration::from_millis(100));
    }

    let reveal = |tenant: &str, id: &str, token: &str| {
        let path = format!("/v1/tenants/{tenant}/secrets/{id}:reveal");
        let mut request = Vec::new();
        Ask { method: "POST", path: &path, token, body: "" }.write(&mut request);
        request
    };
    let secrets = |name, tenant: &str, ids: &[String]| Class {
        like: if tenant == "t0" { "404, in one's tenant" } else { "404, in another" },
        status: 404,
        name,
        requests: ids.iter().map(|id| reveal(tenant, id, &caller)).collect(),
        micros: Vec::new(),
    };
    let credentials = |name, tokens: &[String]| Class {
        like: "401",
        status: 401,
        name,
        requests: tokens.iter().zip(&early).map(|(token, id)| reveal("t0", id, token)).collect(),
        micros: Vec::new(),
    };
    Ok(vec![
        secrets("a secret that is not there", "t0", &absent),
        secrets("one that was deleted", "t0", &gone),
        secrets("another tenant's", "t0", &foreign),
        secrets("one that is not yet valid", "t0", &early),
        secrets("one that is no longer valid", "t0", &late),
        secrets("one in a group without a role in it", "t0", &walled),
        secrets("one in a tenant that is not there", "t9", &foreign),
        secrets("another tenant's, where it is", "t1", &foreign),
        credentials("with a token that nobody has", &unknown),
        credentials("with another secret of a token that there is", &wrong),
        credentials("with a token that was revoked", revoked),
        credentials("with what is no token, by its checksum", &spoilt),
    ])
}

/// A text with other characters at these places: digits, or digits and letters.
fn redrawn(text: &str, at: Range<usize>, kinds: usize, random: &mut Random) -> String {
    const KINDS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let drawn = repeat_with(|| KINDS.get(random.below(kinds)).map_or('0', |byte| (*byte).into()));
    let (before, after) = (text.get(..at.start), text.get(at.end..));
    let drawn = drawn.take(at.len());
    before
        .unwrap_or_default()
        .chars()
        .chain(drawn)
        .chain(after.unwrap_or_default().chars())
        .collect()
}

/// A token with the checksum that belongs to it.
fn sealed(token: &str) -> String {
    let body = token.get(..token.len().saturating_sub(6)).unwrap_or_default();
    let mut rest = u64::from(crc32fast::hash(body.as_bytes()));
    let digit = |rest: u64| match u8::try_from(rest % 62).unwrap_or(0) {
        low @ 0..=9 => b'0' + low,
        middle @ 10..=35 => b'A' + middle - 10,
        high => b'a' + high - 36,
    };
    let mut sum = [b'0'; 6];
    for place in sum.iter_mut().rev() {
        *place = digit(rest);
        rest /= 62;
    }
    body.chars().chain(sum.map(char::from)).collect()
}
