//! Tokens: minted, rotated in place, revoked for good, and never with more than their minter has.

use super::{Act, Answer, Caller, Days, Done, Event, Kind, Role, Scopes, World};
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// When something ends, if it does, and what the server's word for that is called.
pub(crate) type End = Option<(i64, String)>;

/// A token.
#[derive(Clone, Default)]
pub(crate) struct Token {
    /// The step that made it.
    pub(crate) number: u32,
    /// How often it was rotated.
    pub(crate) generation: u32,
    pub(crate) name: String,
    kind: Kind,
    pub(crate) scopes: Scopes,
    /// Whom it speaks for: `user:<name>` or `serviceaccount:<name>/<step>`.
    pub(crate) owner: String,
    by: String,
    /// When it ends.
    pub(crate) ends: End,
    /// How long its secret works, if it ends.
    length: Option<i64>,
    pub(crate) revoked: bool,
    /// Whether an API key is switched on; others always are.
    pub(crate) enabled: bool,
    /// Whether it is an API key, known by its name.
    pub(crate) api_key: bool,
    /// Whether it is a personal access token.
    pub(crate) personal: bool,
    /// Whether it acts by its owner's roles alone.
    pub(crate) roles_alone: bool,
    changes: u32,
}

impl Token {
    pub(crate) fn new(number: u32, name: &str, scopes: Scopes, owner: &str, by: &Caller) -> Self {
        Self {
            number,
            name: name.to_owned(),
            scopes,
            owner: owner.to_owned(),
            by: by.name.clone(),
            ends: by.ends.clone(),
            enabled: true,
            ..Self::default()
        }
    }

    /// The key of a service account.
    pub(crate) const fn of_account(mut self) -> Self {
        self.kind = Kind::ServiceAccount;
        self
    }

    /// Whether it is the key a service account was made with.
    pub(crate) fn is_account_key(&self) -> bool {
        self.kind == Kind::ServiceAccount
    }

    pub(crate) fn changed(&mut self) {
        self.changes += 1;
    }

    fn shown(&self) -> Value {
        let number = self.number;
        json!({
            "id": format!("$t{number}"),
            "name": self.name,
            "keyPrefix": format!("~k{number}.{}", self.generation),
            "type": self.kind.name(),
            "scopes": self.scopes.shown(),
            "createdBy": self.by,
            "createdAt": format!("~t{number}"),
            "modifiedAt": format!("~tm{number}.{}", self.changes),
            "expiresAt": self.ends.as_ref().map(|(_, name)| name),
            "revokedAt": self.revoked.then(|| format!("~tr{number}")),
        })
    }

    /// As the one answer has it that shows the token.
    pub(crate) fn generated(&self) -> Value {
        let mut shown = self.shown();
        shown["token"] = json!(format!("$v{}.{}", self.number, self.generation));
        shown.as_object_mut().map(|shown| shown.remove("modifiedAt"));
        shown
    }
}

/// The scopes that a role in a group stands for.
const fn worth(role: Role) -> Scopes {
    let edits = Scopes::READ.0 | Scopes::WRITE.0 | Scopes::REVEAL.0;
    match role {
        Role::Viewer => Scopes::READ,
        Role::Editor => Scopes(edits),
        Role::Admin => Scopes(edits | Scopes::GRANTS.0),
    }
}

/// Whom a caller's tokens speak for: the operator's for the tenant's own user of that name.
pub(crate) fn owner_of(by: &Caller) -> &str {
    by.id.strip_prefix("$p:").unwrap_or("user:operator")
}

impl World {
    pub(crate) fn log_token(&mut self, by: &Caller, at: usize, what: &'static str) {
        let token = &self.tokens[at];
        let mut event = Event::new(by, what, "token");
        event = event.of(format!("$t{}", token.number), &token.name);
        event.scopes = matches!(what, "token.mint" | "token.update").then_some(token.scopes);
        self.log.push(event);
    }

    /// A new token is there.
    pub(crate) fn minted(&mut self, by: &Caller, mut token: Token) -> Value {
        token.length = token.ends.as_ref().map(|(end, _)| end - self.now);
        let shown = token.generated();
        self.tokens.push(token);
        self.log_token(by, self.tokens.len() - 1, "token.mint");
        shown
    }

    /// When something ends that is asked for so many days; never after whoever asks.
    fn end(
        &self,
        by: &Caller,
        days: Days,
        name: String,
        else_in: Option<i64>,
    ) -> Result<End, Answer> {
        Answer::refuse_if(matches!(days, Some(Some(days)) if days < 1), "invalid-request")?;
        let asked = match days {
            None => else_in,
            Some(days) => days.map(|days| days * DAY),
        };
        let end = asked.map(|length| (self.now + length, name));
        match (&by.ends, end) {
            (None, end) => Ok(end),
            (Some((limit, _)), Some(end)) if end.0 <= *limit => Ok(Some(end)),
            (Some(limit), _) if days.is_none() => Ok(Some(limit.clone())),
            (Some(_), _) => Err(Answer::refusal("beyond-minter")),
        }
    }

    pub(crate) fn mint(&mut self, by: &Caller, act: &Act) -> Done {
        let Act::Mint { name, days, kind, scopes } = act else { unreachable!("it mints") };
        let (days, kind, scopes) = (*days, *kind, *scopes);
        if kind == Kind::System {
            by.needs(Scopes::ADMIN)?;
        }
        by.needs(scopes)?;
        let ends = self.end(by, days, format!("~e{}.0", by.serial), None)?;
        let made_up = format!("~name{}", by.serial);
        let mut token =
            Token::new(by.serial, name.as_ref().unwrap_or(&made_up), scopes, owner_of(by), by);
        token.kind = kind;
        token.ends = ends;
        let shown = self.minted(by, token);
        Ok(Answer::of(201, shown))
    }

    pub(crate) fn list_tokens(&self) -> Answer {
        let shown: Vec<Value> = self.tokens.iter().rev().map(Token::shown).collect();
        Answer::of(200, json!(shown))
    }

    fn token_at(&self, number: u32) -> Result<usize, Answer> {
        let at = self.tokens.iter().position(|token| token.number == number);
        at.ok_or_else(Answer::absent)
    }

    pub(crate) fn show_token(&self, number: u32) -> Done {
        let at = self.token_at(number)?;
        Ok(Answer::of(200, self.tokens[at].shown()))
    }

    /// Whether a caller may have a token made anew: one that speaks for somebody else takes administering every group
    /// in which they have a role, and the scopes that this role is worth.
    fn may_speak_for(&self, by: &Caller, owner: &str) -> Result<(), Answer> {
        if owner_of(by) == owner || by.may(Scopes::ADMIN) {
            return Ok(());
        }
        let held = self.groups.iter();
        let held = held.filter_map(|(name, one)| Some((one.number, name, *one.roles.get(owner)?)));
        let mut held: Vec<(u32, &String, Role)> = held.collect();
        held.sort_unstable();
        for (_, name, role) in held {
            by.needs(Scopes::WRITE)?;
            Answer::refuse_if(self.role_in(by, name) != Some(Role::Admin), "missing-role")?;
            by.needs(worth(role))?;
        }
        Ok(())
    }

    pub(crate) fn rotate(&mut self, by: &Caller, act: &Act) -> Done {
        let Act::Rotate { token, name, days, scopes } = act else { unreachable!("it rotates") };
        let (number, days, scopes) = (*token, *days, *scopes);
        let at = self.token_at(number)?;
        let token = &self.tokens[at];
        Answer::refuse_if(token.revoked || token.roles_alone && scopes.is_some(), "conflict")?;
        let scopes = scopes.unwrap_or(token.scopes);
        self.may_speak_for(by, &token.owner)?;
        by.needs(scopes)?;
        let end = format!("~e{number}.{}", token.generation + 1);
        let ends = self.end(by, days, end, token.length)?;
        Answer::refuse_if(
            name.as_ref().is_some_and(|name| self.is_taken_from(token, name)),
            "already-exists",
        )?;
        let now = self.now;
        let token = &mut self.tokens[at];
        token.length = ends.as_ref().map(|(end, _)| end - now);
        token.ends = ends;
        token.scopes = scopes;
        token.generation += 1;
        token.changed();
        if let Some(name) = name {
            token.name.clone_from(name);
        }
        let shown = token.generated();
        self.log_token(by, at, "token.rotate");
        Ok(Answer::of(200, shown))
    }

    /// Whether another token has a name that this one can then not have: API keys of a tenant have one each, and so do
    /// the personal tokens of one owner.
    fn is_taken_from(&self, token: &Token, name: &str) -> bool {
        self.tokens.iter().filter(|other| other.number != token.number && !other.revoked).any(
            |other| {
                let personal = token.personal && other.personal && token.owner == other.owner;
                other.name == name && (personal || token.api_key && other.api_key)
            },
        )
    }

    /// A token is dead for good; of one that was already, nothing more is said.
    pub(crate) fn end_token(&mut self, by: &Caller, at: usize) {
        if !self.tokens[at].revoked {
            self.tokens[at].revoked = true;
            self.tokens[at].changed();
            self.log_token(by, at, "token.revoke");
        }
    }

    pub(crate) fn revoke(&mut self, by: &Caller, number: u32) -> Done {
        let at = self.token_at(number)?;
        self.end_token(by, at);
        Ok(Answer::done())
    }

    pub(crate) fn revoke_current(&mut self, by: &Caller) -> Done {
        self.revoke(by, by.token.ok_or_else(Answer::absent)?)
    }

    pub(crate) fn current(&self, by: &Caller) -> Done {
        let at = self.token_at(by.token.ok_or_else(Answer::absent)?)?;
        let mut shown = self.tokens[at].shown();
        shown["ownerId"] = json!(by.id);
        shown["ownerType"] = json!(if by.kind == "user" { "USER" } else { "SERVICE_ACCOUNT" });
        shown["tenantId"] = json!("~tenant");
        Ok(Answer::of(200, shown))
    }

    pub(crate) fn health(&self, by: &Caller) -> Answer {
        let at = by.token.and_then(|number| self.token_at(number).ok());
        let name = at.map(|at| self.tokens[at].name.clone());
        Answer::of(
            200,
            json!({
                "authenticationSource": if at.is_some() { "API_KEY" } else { "OPERATOR" },
                "tenantId": "~tenant",
                "userId": by.id,
                "tokenName": name,
                "scopes": by.scopes.shown(),
                "tokenExpiresAt": by.ends.as_ref().map(|(_, name)| name),
            }),
        )
    }

    /// What happened to a token, the newest first. Uses after its end are written when there is time.
    pub(crate) fn token_events(&self, number: u32) -> Done {
        self.token_at(number)?;
        let id = Some(format!("$t{number}"));
        let about = self.log.iter().rev().filter(|event| event.kind == "token" && event.id == id);
        let shown: Vec<Value> = about
            .filter_map(|event| match event.action {
                "token.mint" => Some("MINTED"),
                "token.rotate" => Some("ROTATED"),
                "token.revoke" => Some("REVOKED"),
                "token.use_revoked" => Some("USED_WHILE_REVOKED"),
                _ => None,
            })
            .map(|kind| json!({ "eventType": kind, "tokenId": id }))
            .collect();
        Ok(Answer::of(200, json!({ "items": { "#set": shown } })))
    }
}
