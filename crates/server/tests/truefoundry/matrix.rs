//! Who may do what with a group and what is in it: every kind of caller with every role and every set of scopes, at
//! every operation, against the rules as the tables below have them. What is too much is found as well as what is too
//! little.

use crate::{
    GROUPS, SECRETS,
    cast::{
        account, authorize_at, group_at, makes, manifest, outsider, people, secret_at, secret_id,
        shares, v1_at,
    },
};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use subrosa_testkit::{Actor, Reply, TestServer, id_of};

/// The roles, the least first.
const ROLES: [&str; 4] = ["none", "viewer", "editor", "admin"];

/// The scopes that decide about what is in a group.
const SCOPES: [&str; 4] = ["secrets:read", "secrets:write", "secrets:reveal", "grants:write"];

/// What an operation takes.
struct Rule {
    /// What it does.
    name: &'static str,
    /// The scope that is the ceiling.
    scope: &'static str,
    /// The least role.
    role: &'static str,
    /// What it comes to.
    kind: Kind,
}

/// What an operation comes to, as far as tests tell it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It changes nothing.
    Looks,
    /// It changes the group.
    Changes,
    /// It would make the group if it were not there, which takes the scope.
    Makes,
}

const fn rule(name: &'static str, scope: usize, role: usize, kind: Kind) -> Rule {
    Rule { name, scope: SCOPES[scope], role: ROLES[role], kind }
}

/// The rules: admin: read, write, reveal, collaborators, delete; editor: read, write, reveal; viewer: read.
const RULES: [Rule; 25] = [
    rule("show the group", 0, 1, Kind::Looks),
    rule("list its secrets", 0, 1, Kind::Looks),
    rule("show a secret", 0, 1, Kind::Looks),
    rule("list its versions", 0, 1, Kind::Looks),
    rule("see who may do what", 0, 1, Kind::Looks),
    rule("replace the set", 1, 2, Kind::Changes),
    rule("delete a secret", 1, 2, Kind::Changes),
    rule("give a role", 1, 3, Kind::Changes),
    rule("replace the roles", 1, 3, Kind::Changes),
    rule("take a role", 1, 3, Kind::Changes),
    rule("put its manifest", 1, 3, Kind::Makes),
    rule("apply its manifest", 1, 3, Kind::Makes),
    rule("delete the group", 1, 3, Kind::Changes),
    rule("delete by its manifest", 1, 3, Kind::Changes),
    rule("v1: show", 0, 1, Kind::Looks),
    rule("v1: list revisions", 0, 1, Kind::Looks),
    rule("v1: list grants", 0, 1, Kind::Looks),
    rule("v1: list publications", 0, 1, Kind::Looks),
    rule("v1: reveal", 2, 2, Kind::Looks),
    rule("v1: patch", 1, 2, Kind::Changes),
    rule("v1: publish", 1, 2, Kind::Changes),
    rule("v1: roll back", 1, 2, Kind::Changes),
    rule("v1: delete", 1, 2, Kind::Changes),
    rule("v1: grant", 3, 3, Kind::Changes),
    rule("v1: take a grant", 3, 3, Kind::Changes),
];

/// A caller, and what the rules have to know of it.
struct Caller {
    who: Actor,
    name: String,
    role: &'static str,
    /// `None` for a caller that has roles and no scopes.
    scopes: Option<Vec<&'static str>>,
}

/// What the rules say an operation comes to: a status, and the code of a refusal.
fn judged(caller: &Caller, rule: &Rule) -> (u16, &'static str) {
    let rank = |role| ROLES.iter().position(|one| *one == role).unwrap();
    let enough = rank(caller.role) >= rank(rule.role);
    match &caller.scopes {
        Some(scopes) if !scopes.contains(&rule.scope) => (403, "missing-scope"),
        Some(scopes) if scopes.contains(&"tenant:admin") => (200, ""),
        None if rule.name.starts_with("v1: ") => (403, "missing-scope"),
        None if caller.role == "none" && rule.kind == Kind::Makes => (403, "missing-scope"),
        _ if caller.role == "none" => (404, "not-found"),
        _ if !enough => (403, "missing-role"),
        _ => (200, ""),
    }
}

/// A group with a secret of two revisions, and an agent that has been granted it.
struct Stage {
    name: String,
    group: String,
    secret: String,
    first: Value,
}

impl Stage {
    /// Makes one in which this caller has its role and `boss` rules.
    async fn set(admin: &Actor, name: &str, subject: &str, role: &str) -> Self {
        let group = makes(admin, name, &[("K", "canary")]).await;
        let secret = secret_id(&group, "K");
        let first = admin.shows(&secret).await["publishedRevisionId"].clone();
        admin.publishes(&secret, "canary").await;
        admin.put(&format!("{}/grants/agent", v1_at(&secret))).await.expect(200);
        let own = (role != "none").then_some((subject, role));
        let named = own.into_iter().chain([("user:boss@acme.dev", "admin")]);
        shares(admin, &id_of(&group), &named.collect::<Vec<_>>()).await;
        Self { name: name.to_owned(), group: id_of(&group), secret, first }
    }

    /// Has a caller do what a rule is about.
    async fn tried(&self, who: &Actor, what: &str) -> Reply {
        let (group, secret) = (group_at(&self.group), secret_at(&self.secret));
        let (roles, v1) = (authorize_at(&self.group), v1_at(&self.secret));
        let one = json!({ "collaborators": people(&[("user:mate@acme.dev", "viewer")]) });
        let boss = [("user:boss@acme.dev", "admin"), ("user:mate@acme.dev", "viewer")];
        let whole = json!({ "manifest": manifest(&self.name, &boss) });
        let set =
            json!({ "secrets": [{ "key": "K", "value": "w" }, { "key": "L", "value": "x" }] });
        let at = |rest: &str| format!("{v1}{rest}");
        let (method, path, body) = match what {
            "show the group" => (Method::GET, group, None),
            "list its secrets" => {
                (Method::POST, SECRETS.to_owned(), Some(json!({ "secretGroupId": self.group })))
            }
            "show a secret" => (Method::GET, secret, None),
            "list its versions" => (Method::GET, format!("{secret}/versions"), None),
            "see who may do what" => (Method::GET, roles, None),
            "replace the set" => (Method::PUT, group, Some(set)),
            "delete a secret" => (Method::DELETE, secret, None),
            "give a role" => (Method::POST, roles, Some(one)),
            "replace the roles" => (Method::PUT, roles, Some(one)),
            "take a role" => {
                (Method::DELETE, roles, Some(json!({ "subjects": ["user:boss@acme.dev"] })))
            }
            "put its manifest" => (Method::PUT, GROUPS.to_owned(), Some(whole)),
            "apply its manifest" => (Method::PUT, "/api/svc/v1/apply".to_owned(), Some(whole)),
            "delete the group" => (Method::DELETE, group, None),
            "delete by its manifest" => {
                (Method::POST, "/api/svc/v1/delete".to_owned(), Some(whole))
            }
            "v1: show" => (Method::GET, v1, None),
            "v1: list revisions" => (Method::GET, at("/revisions"), None),
            "v1: list grants" => (Method::GET, at("/grants"), None),
            "v1: list publications" => (Method::GET, at("/publications"), None),
            "v1: reveal" => (Method::POST, at(":reveal"), Some(json!({}))),
            "v1: patch" => (Method::PATCH, v1, Some(json!({ "description": "d" }))),
            "v1: publish" => (Method::POST, at(":publish"), Some(json!({ "value": "w" }))),
            "v1: roll back" => {
                (Method::POST, at(":rollback"), Some(json!({ "revisionId": self.first })))
            }
            "v1: delete" => (Method::DELETE, v1, None),
            "v1: grant" => (Method::PUT, at("/grants/another"), None),
            "v1: take a grant" => (Method::DELETE, at("/grants/agent"), None),
            odd => unreachable!("{odd} is in the table and not here"),
        };
        who.send(method, &path, body.map(|body| body.to_string().into_bytes())).await
    }
}

/// Every caller there is: each role with each set of scopes, and each role without any.
async fn callers(server: &TestServer, admin: &Actor) -> Vec<(Caller, String)> {
    let mut all = Vec::new();
    for role in ROLES {
        for set in 0..1 << SCOPES.len() {
            let has = SCOPES.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
            let scopes: Vec<&str> = has.map(|(_, scope)| *scope).collect();
            let (who, name) =
                (server.token("default", &scopes).await, format!("{scopes:?} {role}"));
            let caller = Caller { who, name, role, scopes: Some(scopes) };
            all.push((caller, "user:operator".to_owned()));
        }
        let email = format!("{role}@acme.dev");
        let user = Caller {
            who: outsider(server, admin, &email).await,
            name: format!("member {role}"),
            role,
            scopes: None,
        };
        all.push((user, format!("user:{email}")));
        let machine = Caller {
            who: account(server, admin, role, &[]).await,
            name: format!("virtual account {role}"),
            role,
            scopes: None,
        };
        all.push((machine, format!("virtualaccount:{role}")));
    }
    for scopes in
        [&["tenant:admin"][..], &["tenant:admin", SCOPES[0]], &["tenant:admin", SCOPES[1]]]
    {
        let who = server.token("default", scopes).await;
        let name = format!("{scopes:?}");
        let caller = Caller { who, name, role: "none", scopes: Some(scopes.to_vec()) };
        all.push((caller, "user:operator".to_owned()));
    }
    let every = SCOPES.into_iter().chain(["tenant:admin"]).collect();
    let who = server.admin("default").await;
    let caller =
        Caller { who, name: "administrator".to_owned(), role: "none", scopes: Some(every) };
    all.push((caller, "user:operator".to_owned()));
    all
}

#[tokio::test]
async fn everybody_may_do_what_role_and_scope_say_and_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let callers = callers(&server, &admin).await;
    let (mut expected, mut found) = (BTreeMap::new(), BTreeMap::new());
    let mut stages = Vec::new();
    for (at, (caller, subject)) in callers.iter().enumerate() {
        stages.push(Stage::set(&admin, &format!("shared-{at}"), subject, caller.role).await);
    }
    let rows = server.rows();
    for ((caller, _), stage) in callers.iter().zip(&stages) {
        for rule in &RULES {
            let cell = (caller.name.clone(), rule.name);
            let judged = judged(caller, rule);
            expected.insert(cell.clone(), (judged.0, judged.1.to_owned()));
            if judged.0 != 200 {
                let refused = stage.tried(&caller.who, rule.name).await;
                let said = String::from_utf8_lossy(&refused.bytes).into_owned();
                assert!(!said.contains("canary"), "{cell:?}");
                found.insert(cell, outcome(&refused));
            }
        }
    }
    assert_eq!(server.rows(), rows, "what is refused changes nothing");
    for (at, ((caller, subject), stage)) in callers.iter().zip(&stages).enumerate() {
        for (n, rule) in RULES.iter().enumerate() {
            if judged(caller, rule).0 != 200 {
                continue;
            }
            let done = if rule.kind == Kind::Looks {
                stage.tried(&caller.who, rule.name).await
            } else {
                let name = format!("fresh-{at}-{n}");
                let fresh = Stage::set(&admin, &name, subject, caller.role).await;
                let rows = server.number("SELECT SUM(seq) FROM audit_heads");
                let done = fresh.tried(&caller.who, rule.name).await;
                let after = server.number("SELECT SUM(seq) FROM audit_heads");
                assert!(after > rows, "{} {}: what is done is on record", caller.name, rule.name);
                done
            };
            found.insert((caller.name.clone(), rule.name), outcome(&done));
        }
    }
    let cells = expected.len();
    let wrong: Vec<_> = expected
        .iter()
        .filter(|(cell, outcome)| found.get(*cell) != Some(outcome))
        .map(|(cell, outcome)| format!("{cell:?}: {:?}, not {outcome:?}", found.get(cell)))
        .collect();
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, callers.len() * RULES.len(), "every cell is one of its own");
    assert!(cells >= 1_900, "{cells} cells");
}

#[tokio::test]
async fn everybody_sees_the_values_that_role_and_scope_say_and_no_other() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (at, (caller, subject)) in callers(&server, &admin).await.iter().enumerate() {
        let stage = Stage::set(&admin, &format!("stage-{at}"), subject, caller.role).await;
        let shown = stage.tried(&caller.who, "show a secret").await;
        let body = json!({ "withValue": true, "secretGroupId": stage.group });
        let listed = caller.who.post(SECRETS, body).await;
        let by_name = json!({ "withValue": true,
            "secretFqns": [format!("tfy-secret://default:{}:K", stage.name)] });
        let named = caller.who.post(SECRETS, by_name).await;
        let scope = |scope| caller.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope));
        let admin = caller.scopes.as_ref().is_some_and(|all| all.contains(&"tenant:admin"));
        let role = ["editor", "admin"].contains(&caller.role) || admin;
        let sees = scope("secrets:read") && scope("secrets:reveal") && role;
        for reply in [shown, listed, named] {
            let said = String::from_utf8_lossy(&reply.bytes).into_owned();
            assert_eq!(said.contains("canary"), sees, "{}: {}", caller.name, reply.status);
        }
    }
}

/// What came of it: a success is one whatever its number.
fn outcome(reply: &Reply) -> (u16, String) {
    match reply.status.as_u16() {
        200..=299 => (200, String::new()),
        status => (status, reply.refused(status)),
    }
}
