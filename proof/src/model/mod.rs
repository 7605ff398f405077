//! The reference model: what a tenant is, as the documents tell it, small enough to be read in one sitting.
//!
//! Written from the API reference, the errors' pages, the decisions and the concepts, and never from the code: where
//! the two differ, one of them is wrong. It does no input or output, keeps no ids or times of the server and knows
//! nothing of tables: it answers each step, in the words of `steps`, with what must be seen, where `$name` stands for
//! an id the server chooses and `~name` for a time or a name that it chooses, the same wherever it appears.

mod account;
mod answer;
mod audit;
mod caller;
mod grant;
mod group;
mod key;
mod personal;
mod reveal;
mod scope;
mod secret;
mod token;

pub(crate) use crate::steps::{
    Act, Days, GROUPS, Kind, Listed, Manifest, Patch, Pick, Role, Step, Tier, Value, Who, Window,
    base64, text,
};
use account::Account;
pub(crate) use answer::{Answer, Done};
pub(crate) use audit::Event;
use caller::Caller;
use group::Group;
pub(crate) use scope::Scopes;
use secret::Secret;
pub(crate) use token::Token;
use token::owner_of;

use std::collections::{BTreeMap, BTreeSet};

/// One tenant and everything in it.
#[derive(Clone, Default)]
pub(crate) struct World {
    /// The time, in milliseconds since 1970; a little later with each step.
    pub(crate) now: i64,
    /// Its name in paths.
    pub(crate) slug: String,
    /// Its secrets, the oldest first.
    pub(crate) secrets: Vec<Secret>,
    /// Its groups by name; the one called `default` is always there.
    pub(crate) groups: BTreeMap<String, Group>,
    /// Its tokens, the oldest first, for ever.
    pub(crate) tokens: Vec<Token>,
    /// Its service accounts that live.
    pub(crate) accounts: Vec<Account>,
    /// Addresses that are users.
    pub(crate) users: BTreeSet<String>,
    /// What is on record, the oldest first.
    pub(crate) log: Vec<Event>,
}

impl World {
    /// A new tenant, made by the operator.
    pub(crate) fn new(slug: String, now: i64) -> Self {
        let mut world = Self { now, slug, ..Self::default() };
        world.groups.insert("default".to_owned(), Group::new(0, "operator", now));
        let made = Event::new(&Caller::operator(0), "tenant.create", "tenant");
        world.log.push(made.of("~tenant".to_owned(), &world.slug));
        world
    }

    /// What a step comes to: what is answered and what is so from then on.
    pub(crate) fn take(&mut self, step: &Step) -> Answer {
        self.now += 1 + step.wait;
        let by = match self.caller(step) {
            Ok(by) => by,
            Err(refusal) => return refusal,
        };
        let before = self.log.len();
        self.answer(&by, &step.act).unwrap_or_else(|refusal| {
            if self.log.len() == before {
                self.refused(&by, &step.act, &refusal);
            }
            refusal
        })
    }

    fn answer(&mut self, by: &Caller, act: &Act) -> Done {
        Self::admit(by, act)?;
        match act {
            // Another tenant's: whether there is one is nobody's business.
            Act::Stranger => Err(Answer::absent()),
            Act::Create { .. } => self.create(by, act),
            Act::Secrets { key } => Ok(self.list(key.as_deref())),
            Act::Secret { secret } => self.show(by, *secret),
            Act::Patch { secret, patch } => self.patch(by, *secret, patch),
            Act::Publish { secret, value, note } => {
                self.publish(by, *secret, *value, note.as_deref())
            }
            Act::Rollback { secret, of, number } => self.rollback(by, *secret, *of, *number),
            Act::Delete { secret } => self.delete(by, *secret),
            Act::Revisions { secret } => self.revisions(by, *secret),
            Act::Revision { secret, of, number } => self.revision(by, *secret, *of, *number),
            Act::Publications { secret } => self.publications(by, *secret),
            Act::Reveal { secret, reason } => self.reveal(by, *secret, reason.as_deref()),
            Act::RevealBatch { items } => Ok(self.reveal_batch(by, items)),
            Act::Grants { secret } => self.grants(by, *secret),
            Act::Grant { secret, agent } => self.grant(by, *secret, agent),
            Act::Ungrant { secret, agent } => self.ungrant(by, *secret, agent),
            Act::Mint { .. } => self.mint(by, act),
            Act::Tokens => Ok(self.list_tokens()),
            Act::Token { token } => self.show_token(*token),
            Act::Rotate { .. } => self.rotate(by, act),
            Act::Revoke { token } => self.revoke(by, *token),
            Act::TokenEvents { token } => self.token_events(*token),
            Act::Current => self.current(by),
            Act::RevokeCurrent => self.revoke_current(by),
            Act::Health => Ok(self.health(by)),
            Act::Account { name, scopes } => self.make_account(by, name, *scopes),
            Act::EndAccount { account } => self.end_account(by, *account),
            Act::RotateKeys => Ok(self.rotate_keys(by)),
            // The log is compared as a whole.
            Act::Audit => Ok(Answer::of(200, serde_json::Value::Null)),
            Act::WalletKeys => Ok(self.wallet_keys()),
            Act::WalletGet { key } => self.wallet_get(by, key),
            Act::WalletPut { key, value, window } => self.wallet_put(by, key, *value, *window),
            Act::WalletDelete { key } => self.wallet_delete(by, key),
            Act::ApiKeys => Ok(self.api_keys()),
            Act::ApiKey { name } => self.api_key(name),
            Act::MakeApiKey { name, enabled, permissions } => {
                self.make_api_key(by, name, *enabled, *permissions)
            }
            Act::ChangeApiKey { .. } => self.change_api_key(by, act),
            Act::EndApiKey { name } => self.end_api_key(by, name),
            Act::MakeGroup { name, secrets } => self.make_group(by, name, secrets),
            Act::Manifest { name, manifest } => self.apply(by, name, manifest.as_ref()),
            Act::Groups => Ok(self.list_groups(by)),
            Act::Group { group } => self.show_group(by, group),
            Act::ReplaceGroup { group, secrets } => self.replace_group(by, group, secrets),
            Act::EndGroup { group } => self.end_group(by, group),
            Act::GroupSecrets { with_value } => Ok(self.group_secrets(by, *with_value)),
            Act::GroupSecret { secret } => self.group_secret(by, *secret),
            Act::EndGroupSecret { secret } => {
                self.delete(by, *secret)?;
                Ok(Answer::of(200, serde_json::json!(1)))
            }
            Act::Versions { secret } => self.versions(by, *secret),
            Act::Personal { name } => self.make_personal(by, name),
            Act::PersonalFor { name, user } => self.make_personal_for(by, name, user),
            Act::Personals => Ok(self.list_personal(by)),
            Act::EndPersonal { token } => self.end_personal(by, *token),
        }
    }
}
