//! Service accounts: principals that are machines. And the tenant's own keys.

use super::{Answer, Caller, Done, Event, Scopes, Token, World};
use serde_json::json;

/// A service account that lives.
#[derive(Clone)]
pub(crate) struct Account {
    /// The step that made it.
    pub(crate) number: u32,
    pub(crate) name: String,
}

impl Account {
    /// What the server knows it by.
    pub(crate) fn principal(&self) -> String {
        format!("serviceaccount:{}/{}", self.name, self.number)
    }
}

fn event(by: &Caller, action: &'static str, account: &Account) -> Event {
    let id = format!("$p:{}", account.principal());
    Event::new(by, action, "serviceAccount").of(id, &account.name)
}

impl World {
    pub(crate) fn make_account(&mut self, by: &Caller, name: &str, scopes: Scopes) -> Done {
        by.needs(scopes)?;
        Answer::refuse_if(
            self.accounts.iter().any(|account| account.name == name),
            "already-exists",
        )?;
        let account = Account { number: by.serial, name: name.to_owned() };
        let mut made = event(by, "serviceAccount.create", &account);
        made.scopes = Some(scopes);
        self.log.push(made);
        let key = format!("{name}-key");
        let token = Token::new(by.serial, &key, scopes, &account.principal(), by).of_account();
        let key = self.minted(by, token);
        let shown = json!({
            "id": format!("$p:{}", account.principal()),
            "name": name,
            "scopes": scopes.shown(),
            "isActive": true,
            "createdBy": by.name,
        });
        self.accounts.push(account);
        Ok(Answer::of(201, json!({ "serviceAccount": shown, "key": key })))
    }

    /// Ends an account with every token that speaks for it, the newest first.
    pub(crate) fn end_account(&mut self, by: &Caller, number: u32) -> Done {
        let at = self.accounts.iter().position(|account| account.number == number);
        if at.is_none() && self.tokens.iter().any(|token| token.number == number) {
            return Ok(Answer::done());
        }
        let account = self.accounts.remove(at.ok_or_else(Answer::absent)?);
        self.log.push(event(by, "serviceAccount.revoke", &account));
        for at in (0..self.tokens.len()).rev() {
            if self.tokens[at].owner == account.principal() {
                self.end_token(by, at);
            }
        }
        Ok(Answer::done())
    }

    pub(crate) fn rotate_keys(&mut self, by: &Caller) -> Answer {
        let turns = self.log.iter().filter(|event| event.action == "key.rotate").count();
        let event = Event::new(by, "key.rotate", "key");
        self.log.push(event.of(format!("~key{turns}"), &format!("v{}", turns + 2)));
        Answer::of(200, json!({ "version": turns + 2 }))
    }
}
