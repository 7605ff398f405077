//! Who holds which token, and what is done with tokens, in a word each.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer};

/// Where personal access tokens are.
pub(crate) const PATS: &str = "/api/svc/v1/personal-access-tokens";

/// A member of an answer that is text.
#[track_caller]
pub(crate) fn text(answer: &Value, member: &str) -> String {
    assert!(answer[member].is_string(), "no {member} in {answer}");
    answer[member].as_str().unwrap().to_owned()
}

/// Asks for a personal access token of one's own.
pub(crate) async fn asks_for_token(who: &Actor, body: Value) -> Reply {
    who.post(PATS, body).await
}

/// Whoever has a new personal access token of this caller's.
pub(crate) async fn personal(server: &TestServer, who: &Actor, name: &str) -> Actor {
    let minted = asks_for_token(who, json!({ "name": name })).await.expect(200);
    server.with_token(&text(&minted, "token"))
}

/// The caller's own personal access tokens.
pub(crate) async fn tokens_of(who: &Actor, query: &str) -> Vec<Value> {
    who.get(&format!("{PATS}?{query}")).await.expect(200)["data"].as_array().unwrap().clone()
}

/// What is known of the token a caller came with.
pub(crate) async fn current(who: &Actor) -> Value {
    who.get(&format!("{DEFAULT}/tokens/current")).await.expect(200)
}

/// What each surface answers to a caller who lists secrets there: v1, walletcrew, truefoundry.
pub(crate) async fn lists_everywhere(who: &Actor) -> [u16; 3] {
    let mut statuses = [0; 3];
    let paths = ["/v1/tenants/default/secrets", "/api/default/secrets", crate::GROUPS];
    for (status, path) in statuses.iter_mut().zip(paths) {
        *status = who.get(path).await.status.as_u16();
    }
    statuses
}

/// The actions on record that a query finds, oldest first.
pub(crate) async fn on_record(server: &TestServer, query: &str) -> Vec<String> {
    let events = server.operator().events(query).await;
    events.iter().rev().map(|event| text(event, "action")).collect()
}

/// Where a virtual account is.
pub(crate) fn account_at(id: &str) -> String {
    format!("{}/{id}", crate::ACCOUNTS)
}

/// Asks for a virtual account to be as a manifest says.
pub(crate) async fn puts_account(who: &Actor, manifest: &Value) -> Reply {
    who.puts(crate::ACCOUNTS, json!({ "manifest": manifest })).await
}

/// Makes a virtual account; its id, and its token.
pub(crate) async fn makes_account(who: &Actor, manifest: &Value) -> (String, String) {
    let made = puts_account(who, manifest).await.expect(200);
    (text(&made["data"], "id"), text(&made, "token"))
}

/// Shows a virtual account.
pub(crate) async fn account_of(who: &Actor, id: &str) -> Value {
    who.get(&account_at(id)).await.expect(200)["data"].clone()
}

/// Asks for a virtual account's token again.
pub(crate) async fn token_again(who: &Actor, id: &str) -> Reply {
    who.get(&format!("{}/token", account_at(id))).await
}

/// Asks for a new token of a virtual account, the old one to go on for so many minutes.
pub(crate) async fn regenerates(who: &Actor, id: &str, grace: impl Into<Value>) -> Reply {
    let body = json!({ "gracePeriodInMinutes": grace.into() });
    who.post(&format!("{}/regenerate-token", account_at(id)), body).await
}

/// The header and the claims of a JWT as they are written.
pub(crate) fn parts(jwt: &str) -> (String, String) {
    let part = |at: usize| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(at).unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    (part(0), part(1))
}

/// The claims of a JWT.
pub(crate) fn claims(jwt: &str) -> Value {
    serde_json::from_str(&parts(jwt).1).unwrap()
}
