//! Who asks, and whether they may at all: credential, tenant, scope, in this order, before anything is looked up.

use super::{Act, Answer, Event, Scopes, Step, Who, World};

/// Whoever asks, once they are known, and by which door.
#[derive(Clone, Default, Debug)]
pub(crate) struct Caller {
    /// By which door.
    pub(crate) surface: &'static str,
    /// In which step: what it makes is known by that.
    pub(crate) serial: u32,
    /// What kind of principal they are.
    pub(crate) kind: &'static str,
    /// What the server knows them by.
    pub(crate) id: String,
    /// What people know them by.
    pub(crate) name: String,
    /// With which token.
    pub(crate) token: Option<u32>,
    /// What they may do.
    pub(crate) scopes: Scopes,
    /// Whether they act by roles alone.
    pub(crate) roles_alone: bool,
    /// When what they came with ends, and the name of that moment.
    pub(crate) ends: Option<(i64, String)>,
}

impl Caller {
    /// The operator, over the socket.
    pub(crate) fn operator(serial: u32) -> Self {
        Self {
            surface: "v1",
            serial,
            kind: "operator",
            id: "~uid".to_owned(),
            name: "~uid".to_owned(),
            scopes: Scopes::ALL,
            ..Self::default()
        }
    }

    pub(crate) const fn may(&self, scope: Scopes) -> bool {
        self.scopes.has(scope)
    }

    /// That they have these scopes; else the refusal, which names the first that they lack.
    pub(crate) fn needs(&self, scopes: Scopes) -> Result<(), Answer> {
        let missing = scopes.without(self.scopes);
        if missing == Scopes::NONE {
            return Ok(());
        }
        let mut refusal = Answer::refusal("missing-scope");
        refusal.body["required"] = missing.names().first().map_or("~rest".into(), |n| (*n).into());
        Err(refusal)
    }
}

/// The scope that an act takes, if any: reading takes reading, the rest writing, of secrets or of keys.
fn scope(act: &Act) -> Option<Scopes> {
    let (method, path) = act.route();
    let of_keys = ["/tokens", "/apiKeys", "/serviceAccounts", "/personal"];
    let of_keys = of_keys.iter().any(|part| path.contains(part));
    Some(match act {
        Act::Stranger | Act::Current | Act::RevokeCurrent | Act::Health => return None,
        // Of one's own.
        Act::Personals | Act::EndPersonal { .. } => return None,
        Act::Reveal { .. } | Act::RevealBatch { .. } | Act::WalletGet { .. } => Scopes::REVEAL,
        Act::Grant { .. } | Act::Ungrant { .. } => Scopes::GRANTS,
        Act::Audit => Scopes::AUDIT,
        Act::RotateKeys | Act::PersonalFor { .. } => Scopes::ADMIN,
        Act::GroupSecrets { .. } => Scopes::READ,
        _ if of_keys && method == "GET" => Scopes::KEYS_READ,
        _ if of_keys => Scopes::KEYS_WRITE,
        _ if method == "GET" => Scopes::READ,
        _ => Scopes::WRITE,
    })
}

/// Whether those who have roles alone may come in, to be asked for their role in a group later: to groups and what is
/// in them, and not to make one that has no roles yet.
fn by_role(act: &Act) -> bool {
    act.route().1.starts_with("/api/svc/v1/secret") && !matches!(act, Act::MakeGroup { .. })
}

/// What people know a principal by, of its `<kind>:<name>/<step>`.
fn named(principal: &str) -> &str {
    principal.split(['/', ':']).nth(1).unwrap_or_default()
}

impl World {
    /// Whoever a step's credential says; what does not work is one refusal, and on record where it once did.
    pub(crate) fn caller(&mut self, step: &Step) -> Result<Caller, Answer> {
        let refusal = Answer::refusal("unauthenticated");
        let (number, generation) = match step.by {
            Who::Operator => return Ok(Caller::operator(step.serial)),
            Who::Nobody => return Err(refusal),
            Who::Holder(token, generation) => (token, generation),
        };
        let token = self.tokens.iter().find(|token| token.number == number).ok_or(&refusal);
        let token = token.map_err(Clone::clone)?;
        if token.generation != generation {
            return Err(refusal);
        }
        let is_account = token.owner.starts_with("serviceaccount:");
        let by = Caller {
            surface: step.act.surface(),
            serial: step.serial,
            kind: if is_account { "serviceAccount" } else { "user" },
            id: format!("$p:{}", token.owner),
            name: named(&token.owner).to_owned(),
            token: Some(number),
            scopes: token.scopes,
            roles_alone: token.roles_alone,
            ends: token.ends.clone(),
        };
        let ended = token.ends.as_ref().is_some_and(|(end, _)| *end <= self.now);
        let (action, reason) = match (token.revoked, ended, token.enabled) {
            (false, false, true) => return Ok(by),
            (true, ..) => ("token.use_revoked", "revoked"),
            (false, true, _) => ("request.refuse", "expired"),
            (false, false, false) => ("request.refuse", "disabled"),
        };
        let used = Event::new(&by, action, "token");
        let used = used.of(format!("$t{number}"), &token.name).denied(reason);
        self.log.push(used);
        Err(refusal)
    }

    /// Whether a caller has the scope that an act takes.
    pub(crate) fn admit(by: &Caller, act: &Act) -> Result<(), Answer> {
        match scope(act) {
            Some(scope) if !(by.roles_alone && by_role(act)) => by.needs(scope),
            _ => Ok(()),
        }
    }

    /// Puts a refusal on record: of what is not there for the caller, or takes a role or scope they lack.
    pub(crate) fn refused(&mut self, by: &Caller, act: &Act, refusal: &Answer) {
        let code = refusal.body["code"].as_str().unwrap_or_default();
        // Whoever has no token and asks for it is refused nothing.
        if !(by.token.is_none() && matches!(act, Act::Current))
            && matches!(code, "not-found" | "missing-role" | "missing-scope")
        {
            let (method, route) = act.route();
            let event = Event::new(by, "request.refuse", "operation");
            let mut event = event.denied(code);
            event.name = Some(format!("{method} {route}"));
            event.required = refusal.body["required"].as_str().map(str::to_owned);
            self.log.push(event);
        }
    }
}
