//! API keys of the walletcrew surface: tokens that are known by their names and can be switched off.

use super::{Act, Answer, Caller, Done, Scopes, Token, World, owner_of};
use serde_json::{Value, json};

fn shown(token: &Token) -> Value {
    json!({
        "name": token.name,
        "enabled": token.enabled,
        "permissions": { "#set": token.scopes.permissions() },
    })
}

impl World {
    fn key_at(&self, name: &str) -> Option<usize> {
        let known = |token: &Token| token.api_key && !token.revoked && token.name == name;
        self.tokens.iter().position(known)
    }

    pub(crate) fn api_keys(&self) -> Answer {
        let keys = self.tokens.iter().filter(|token| token.api_key && !token.revoked);
        let mut keys: Vec<&Token> = keys.collect();
        keys.sort_by(|one, other| one.name.cmp(&other.name));
        Answer::of(200, json!(keys.into_iter().map(shown).collect::<Vec<Value>>()))
    }

    pub(crate) fn api_key(&self, name: &str) -> Done {
        let at = self.key_at(name).ok_or_else(Answer::absent)?;
        Ok(Answer::of(200, shown(&self.tokens[at])))
    }

    pub(crate) fn make_api_key(&mut self, by: &Caller, name: &str, on: bool, has: Scopes) -> Done {
        by.needs(has)?;
        Answer::refuse_if(self.key_at(name).is_some(), "already-exists")?;
        let mut token = Token::new(by.serial, name, has, owner_of(by), by);
        token.api_key = true;
        token.enabled = on;
        let mut body = shown(&token);
        body["token"] = self.minted(by, token)["token"].take();
        Ok(Answer::of(201, body))
    }

    pub(crate) fn change_api_key(&mut self, by: &Caller, act: &Act) -> Done {
        let Act::ChangeApiKey { name, enabled, permissions: scopes } = act else {
            unreachable!("it changes a key")
        };
        let at = self.key_at(name).ok_or_else(Answer::absent)?;
        let token = &self.tokens[at];
        let after = (enabled.unwrap_or(token.enabled), scopes.unwrap_or(token.scopes));
        let gives = scopes.is_some() || after.0 && !token.enabled;
        if gives {
            by.needs(after.1)?;
        }
        if after != (token.enabled, token.scopes) {
            let token = &mut self.tokens[at];
            (token.enabled, token.scopes) = after;
            token.changed();
            self.log_token(by, at, "token.update");
        }
        Ok(Answer::of(200, shown(&self.tokens[at])))
    }

    pub(crate) fn end_api_key(&mut self, by: &Caller, name: &str) -> Done {
        let at = self.key_at(name).ok_or_else(Answer::absent)?;
        self.end_token(by, at);
        Ok(Answer::done())
    }
}
