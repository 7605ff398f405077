//! Personal access tokens of the truefoundry surface.

use super::{Answer, Caller, Done, Scopes, Token, World, owner_of};
use serde_json::{Value, json};

impl World {
    fn personal_of(&self, owner: &str) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(move |t| t.personal && !t.revoked && t.owner == owner)
    }

    fn make(&mut self, by: &Caller, name: &str, owner: &str, scopes: Option<Scopes>) -> Done {
        let own = |token: &Token| Some(token.number) == by.token && token.personal;
        Answer::refuse_if(self.tokens.iter().any(own), "by-personal-token")?;
        Answer::refuse_if(
            self.personal_of(owner).any(|token| token.name == name),
            "already-exists",
        )?;
        let mut token = Token::new(by.serial, name, scopes.unwrap_or(Scopes::NONE), owner, by);
        token.personal = true;
        token.roles_alone = scopes.is_none();
        let made = self.minted(by, token);
        Ok(Answer::of(200, json!({ "token": made["token"] })))
    }

    /// For oneself: with what one may do.
    pub(crate) fn make_personal(&mut self, by: &Caller, name: &str) -> Done {
        self.make(by, name, owner_of(by), Some(by.scopes))
    }

    /// For somebody else: it acts by their roles alone.
    pub(crate) fn make_personal_for(&mut self, by: &Caller, name: &str, user: &str) -> Done {
        if !self.users.contains(user) {
            return Err(Answer::absent());
        }
        self.make(by, name, &format!("user:{user}"), None)
    }

    pub(crate) fn list_personal(&self, by: &Caller) -> Answer {
        let shown: Vec<Value> = self
            .personal_of(owner_of(by))
            .map(|token| json!({ "id": format!("$t{}", token.number), "name": token.name }))
            .collect();
        Answer::page(shown)
    }

    pub(crate) fn end_personal(&mut self, by: &Caller, number: u32) -> Done {
        let own = |token: &Token| token.owner == owner_of(by) || by.may(Scopes::ADMIN);
        let known = |t: &Token| t.number == number && t.personal && !t.revoked && own(t);
        let at = self.tokens.iter().position(known).ok_or_else(Answer::absent)?;
        self.end_token(by, at);
        Ok(Answer::of(200, json!({})))
    }
}
