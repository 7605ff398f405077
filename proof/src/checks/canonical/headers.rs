//! Credentials in headers: the one that was given, or none.

use super::World;
use hyper::Method;
use subrosa_testkit::{Actor, DEFAULT};

/// A header's name and its bytes.
type Header = (&'static str, Vec<u8>);

pub(super) async fn attack(world: &World) -> Result<u64, String> {
    let server = &world.server;
    server.tenant("headers").await;
    let token = world.admin.token().unwrap().to_owned();
    let another = server.admin("headers").await.token().unwrap().to_owned();
    let stranger = server.stranger();
    let mut sent = 0;
    for (path, by_key) in
        [(format!("{DEFAULT}/secrets"), false), ("/api/default/secrets".into(), true)]
    {
        let plain = [("authorization", format!("Bearer {token}").into_bytes())];
        let expected = asks(&stranger, &path, &plain).await.expect("an answer");
        assert_eq!(expected.0, 200, "the token works");
        for headers in dead(&token, &another).into_iter().chain(odd_tokens(&token)) {
            let Some((status, _)) = asks(&stranger, &path, &headers).await else { continue };
            sent += 1;
            if ![400, 401].contains(&status) {
                return Err(format!("{path} with {} was answered {status}", shown(&headers)));
            }
        }
        for headers in live(&token) {
            let Some(answer) = asks(&stranger, &path, &headers).await else { continue };
            sent += 1;
            if ![400, 401].contains(&answer.0) && answer != expected {
                return Err(format!("{path} with {} is another's answer", shown(&headers)));
            }
        }
        let key = [("x-api-key", token.clone().into_bytes())];
        let (status, _) = asks(&stranger, &path, &key).await.expect("an answer");
        if (status == 200) != by_key {
            return Err(format!("{path} with X-API-KEY was answered {status}"));
        }
        sent += 1;
    }
    Ok(sent)
}

async fn asks(who: &Actor, path: &str, headers: &[Header]) -> Option<(u16, Vec<u8>)> {
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, text)| (*name, &text[..])).collect();
    let reply = who.sends(&Method::GET, path, &headers, Vec::new()).await?;
    Some((reply.status.as_u16(), reply.bytes))
}

/// Headers that hold the token and are no credential.
fn dead(token: &str, another: &str) -> Vec<Vec<Header>> {
    let bearer = |text: &str| ("authorization", format!("Bearer {text}").into_bytes());
    let one = |name, text: String| vec![(name, text.into_bytes())];
    let half = token.len() / 2;
    let escaped: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mut all = vec![
        vec![bearer(token), bearer(another)],
        vec![bearer(another), bearer(token)],
        vec![bearer(token), bearer(token)],
        vec![bearer(token), bearer("")],
        vec![bearer(&escaped)],
        vec![bearer(&format!("\"{token}\""))],
        vec![bearer(&format!("{token},{another}"))],
        vec![bearer(&format!("{token}, Bearer {another}"))],
        vec![bearer(&format!("{token}\u{0}"))],
        vec![bearer(&format!("{token}."))],
        vec![bearer(&format!("{} {}", &token[..half], &token[half..]))],
        vec![bearer(&token[..token.len() - 1])],
        one("authorization", token.to_owned()),
        one("authorization", format!("Basic {token}")),
        one("authorization", format!("Bearer{token}")),
        one("authorization", format!("Bearer:{token}")),
        one("authorization", format!("\u{ff22}earer {token}")),
        one("x_authorization", format!("Bearer {token}")),
        one("proxy-authorization", format!("Bearer {token}")),
        one("x-forwarded-authorization", format!("Bearer {token}")),
        one("cookie", format!("authorization=Bearer {token}; token={token}; session={token}")),
        one("x_api_key", token.to_owned()),
        one("xapikey", token.to_owned()),
        one("api-key", token.to_owned()),
        one("x-api-key", format!("Bearer {token}")),
        one("x-api-key", format!("{token},{another}")),
    ];
    let key = |text: &str| ("x-api-key", text.as_bytes().to_vec());
    all.push(vec![key(token), key(token)]);
    all.push(vec![key(token), key(another)]);
    all.push(vec![key(another), key(token)]);
    all
}

/// The token with each letter's case turned, and with a letter that looks the same.
fn odd_tokens(token: &str) -> Vec<Vec<Header>> {
    let letters = token.char_indices().filter(|(_, letter)| letter.is_ascii_alphabetic());
    let turned = letters.map(|(at, letter)| {
        let other = if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    });
    let whole = [token.to_uppercase(), token.to_lowercase(), token.replace('_', "-")];
    let all = turned.chain(whole).filter(|text| text != token);
    all.map(|text| vec![("authorization", format!("Bearer {text}").into_bytes())]).collect()
}

/// Headers that may be taken for the token, and then must be it.
fn live(token: &str) -> Vec<Vec<Header>> {
    let texts = ["bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer \t", " Bearer "];
    let mut all: Vec<Vec<Header>> = texts
        .iter()
        .map(|start| vec![("authorization", format!("{start}{token}").into())])
        .collect();
    all.push(vec![("authorization", format!("Bearer {token} ").into())]);
    all.push(vec![("AUTHORIZATION", format!("Bearer {token}").into())]);
    all
}

fn shown(headers: &[Header]) -> String {
    let one = |(name, text): &Header| format!("{name}: {}", String::from_utf8_lossy(text));
    headers.iter().map(one).collect::<Vec<_>>().join("; ")
}
