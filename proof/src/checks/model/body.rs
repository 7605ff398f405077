//! A step as HTTP has it: method, path and body.

use super::names::Names;
use crate::model::{Act, Days, Kind, Patch, Pick, Scopes, Tier, Value as Datum, World};
use serde_json::{Map, Value, json};

/// The path of an act, if the server's words for all it names are known.
pub(super) fn path(act: &Act, world: &World, names: &Names) -> Option<String> {
    let mut path = act.route().1.to_owned();
    let mut put = |place: &str, word: Option<&str>| {
        path = path.replace(place, word?);
        Some(())
    };
    put("{tenant}", Some(if matches!(act, Act::Stranger) { "default" } else { &world.slug }))?;
    match act {
        Act::Secret { secret }
        | Act::Patch { secret, .. }
        | Act::Publish { secret, .. }
        | Act::Rollback { secret, .. }
        | Act::Delete { secret }
        | Act::Revisions { secret }
        | Act::Publications { secret }
        | Act::Reveal { secret, .. }
        | Act::Grants { secret }
        | Act::GroupSecret { secret }
        | Act::EndGroupSecret { secret }
        | Act::Versions { secret } => put("{secret}", names.word(&format!("$s{secret}")))?,
        Act::Grant { secret, agent } | Act::Ungrant { secret, agent } => {
            put("{secret}", names.word(&format!("$s{secret}")))?;
            put("{agent}", Some(agent))?;
        }
        Act::Revision { secret, of, number } => {
            put("{secret}", names.word(&format!("$s{secret}")))?;
            put("{revision}", names.word(&format!("$r{of}.{number}")))?;
        }
        Act::Token { token }
        | Act::Rotate { token, .. }
        | Act::Revoke { token }
        | Act::TokenEvents { token }
        | Act::EndPersonal { token } => put("{token}", names.word(&format!("$t{token}")))?,
        Act::EndAccount { account } => {
            let key = world.tokens.iter().find(|token| token.number == *account)?;
            put("{account}", names.word(&format!("$p:{}", key.owner)))?;
        }
        Act::WalletGet { key } | Act::WalletPut { key, .. } | Act::WalletDelete { key } => {
            put("{key}", Some(key))?;
        }
        Act::ApiKey { name } | Act::ChangeApiKey { name, .. } | Act::EndApiKey { name } => {
            put("{keyName}", Some(name))?;
        }
        Act::Group { group } | Act::ReplaceGroup { group, .. } | Act::EndGroup { group } => {
            let id = world.groups.get(group).map(|group| group.id());
            put("{group}", names.word(&id.unwrap_or_else(|| "$s0".to_owned())))?;
        }
        Act::RevealBatch { items } => {
            for item in items {
                if let Pick::Secret(secret) = item {
                    names.word(&format!("$s{secret}"))?;
                }
            }
        }
        Act::MakeGroup { .. } => {
            names.word("~integration")?;
        }
        _ => {}
    }
    if let Act::Rollback { of, number, .. } = act {
        names.word(&format!("$r{of}.{number}"))?;
    }
    Some(match act {
        Act::Secrets { key: Some(key) } => format!("{path}?key={key}"),
        Act::Audit => format!("{path}?pageSize=1000"),
        Act::TokenEvents { .. } => format!("{path}?pageSize=100"),
        _ => path,
    })
}

fn window(body: &mut Value, (start, end): (Option<i64>, Option<i64>), iso: bool) {
    for (name, time) in [("notBefore", start), ("expiresOn", end)] {
        if let Some(time) = time {
            body[name] = if iso { json!(moment(time)) } else { json!(time) };
        }
    }
}

/// A time as ISO 8601, which every millisecond of these years has.
fn moment(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Howard Hinnant's days_from_civil, the other way round.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + carry;
    let (seconds, millis) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

fn value(body: &mut Value, value: Datum) {
    if value < 8 {
        body["value"] = json!(crate::model::text(value));
    } else {
        body["valueBase64"] = json!(crate::model::base64(value));
    }
}

fn days(body: &mut Value, days: Days) {
    if let Some(days) = days {
        body["expirationDays"] = json!(days);
    }
}

fn scopes(body: &mut Value, scopes: Scopes) {
    match scopes.preset() {
        Some(preset) => body["preset"] = json!(preset),
        None => body["scopes"] = json!(scopes.names()),
    }
}

fn patch(patch: &Patch) -> Value {
    let mut body = json!({});
    if let Some(text) = patch.description {
        body["description"] = json!(text);
    }
    if let Some(tier) = patch.tier {
        body["sensitivity"] = json!(tier.name());
    }
    if let Some(readable) = patch.readable {
        body["disclosure"] = disclosure(readable);
    }
    if let Some(time) = patch.not_before {
        body["notBefore"] = json!(time);
    }
    if let Some(time) = patch.expires_on {
        body["expiresOn"] = json!(time);
    }
    if let Some(new) = patch.value {
        value(&mut body, new);
    }
    body
}

fn disclosure(readable: bool) -> Value {
    json!(if readable { "READABLE" } else { "USE_ONLY" })
}

fn text_value(new: Datum) -> Value {
    json!(crate::model::text(new))
}

/// The body of an act, if it has one.
pub(super) fn body(act: &Act, world: &World, names: &Names) -> Option<Value> {
    let mut body = json!({});
    match act {
        Act::Create { key, value: new, tier, readable, window: open } => {
            body["key"] = json!(key);
            value(&mut body, *new);
            window(&mut body, *open, false);
            if let Some(tier) = tier {
                body["sensitivity"] = json!(Tier::name(*tier));
            }
            if let Some(readable) = readable {
                body["disclosure"] = disclosure(*readable);
            }
        }
        Act::Patch { patch: changed, .. } => body = patch(changed),
        Act::Publish { value: new, note, .. } => {
            value(&mut body, *new);
            body["note"] = json!(note);
        }
        Act::Rollback { of, number, .. } => {
            body["revisionId"] = json!(names.word(&format!("$r{of}.{number}"))?);
        }
        Act::Reveal { reason, .. } => body["reason"] = json!(reason.as_ref()?),
        Act::RevealBatch { items } => {
            let item = |item: &Pick| match item {
                Pick::Secret(secret) => json!({ "id": names.word(&format!("$s{secret}")) }),
                Pick::Key(key) => json!({ "key": key }),
            };
            body["items"] = items.iter().map(item).collect();
        }
        Act::Mint { name, days: length, kind, scopes: asked } => {
            scopes(&mut body, *asked);
            days(&mut body, *length);
            if let Some(name) = name {
                body["name"] = json!(name);
            }
            match kind {
                Kind::Cli => body["type"] = json!("CLI"),
                Kind::System => body["type"] = json!("SYSTEM"),
                Kind::User | Kind::ServiceAccount => {}
            }
        }
        Act::Rotate { name, days: length, scopes: asked, .. } => {
            days(&mut body, *length);
            if let Some(asked) = asked {
                scopes(&mut body, *asked);
            }
            if let Some(name) = name {
                body["name"] = json!(name);
            }
        }
        Act::Account { name, scopes: asked } => {
            body["name"] = json!(name);
            scopes(&mut body, *asked);
        }
        Act::WalletPut { value: new, window: open, .. } => {
            body["value"] = text_value(*new);
            window(&mut body, *open, true);
        }
        Act::MakeApiKey { name, enabled, permissions } => {
            body = json!({ "name": name, "enabled": enabled });
            body["permissions"] = json!(permissions.permissions());
        }
        Act::ChangeApiKey { enabled, permissions, .. } => {
            let members = [
                ("enabled", enabled.map(Value::from)),
                ("permissions", permissions.map(|scopes| json!(scopes.permissions()))),
            ];
            let said = members.into_iter().filter_map(|(name, said)| Some((name.into(), said?)));
            body = Value::Object(said.collect::<Map<String, Value>>());
        }
        Act::MakeGroup { name, secrets } => {
            let secret =
                |(key, new): &(String, Datum)| json!({ "key": key, "value": text_value(*new) });
            body = json!({ "name": name, "integrationId": names.word("~integration")? });
            body["secrets"] = secrets.iter().map(secret).collect();
        }
        Act::Manifest { name, manifest } => {
            let store = format!("{}:truefoundry:subrosa:secret-store:built-in", world.slug);
            let mut said =
                json!({ "type": "secret-group", "name": name, "integration_fqn": store });
            if let Some(manifest) = manifest {
                said["collaborators"] = manifest
                    .iter()
                    .map(|(who, role)| json!({ "subject": who, "role_id": role.name() }))
                    .collect();
            }
            body = json!({ "manifest": said, "dryRun": false });
        }
        Act::ReplaceGroup { secrets, .. } => {
            let secret = |(key, new): &(String, Option<Datum>)| match new {
                Some(new) => json!({ "key": key, "value": text_value(*new) }),
                None => json!({ "key": key }),
            };
            body["secrets"] = secrets.iter().map(secret).collect();
        }
        Act::GroupSecrets { with_value } => body["withValue"] = json!(with_value),
        Act::Personal { name } => body["name"] = json!(name),
        Act::PersonalFor { name, user } => {
            body = json!({ "name": name, "userEmail": user });
        }
        _ => return None,
    }
    Some(body)
}
