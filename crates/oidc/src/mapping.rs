//! From claims to our own terms, by the rules of the configuration. A rule only ever adds: what no rule names, a token
//! does not get.

use crate::{
    config::{ClaimValue, IssuerConfig, RoleRule, ScopeRule},
    fault::ConfigFault,
    json::{Json, Object},
};
use std::collections::BTreeMap;
use subrosa_domain::{Email, Group, GroupName, Role, Scope, ScopeSet, scope::Preset};

/// Claims whose text is a list, words separated by spaces: OAuth's, and what two large issuers call it.
const LISTS: [&str; 2] = ["scope", "scp"];

/// What an issuer's claims mean.
#[derive(Debug)]
pub(crate) struct Mapping {
    required: Vec<(Claim, ClaimValue)>,
    scopes: Vec<(When, ScopeSet)>,
    roles: Vec<(When, GroupName, Role)>,
    email_domains: Vec<Box<str>>,
}

/// Where a claim is: names from the outermost object inwards.
#[derive(Debug)]
struct Claim(Vec<Box<str>>);

#[derive(Debug)]
enum When {
    Always,
    Holds(Claim, Box<str>),
}

impl Mapping {
    /// The rules of a configuration, each understood.
    pub(crate) fn of(config: &IssuerConfig) -> Result<Self, ConfigFault> {
        let invalid = |key, expected| ConfigFault::invalid(&config.name, key, expected);
        let bad_claim = |key| invalid(key, "names a claim that is empty or no JSON pointer");
        let required = config
            .required_claims
            .iter()
            .map(|(claim, value)| Some((Claim::parse(claim)?, value.clone())))
            .collect::<Option<_>>()
            .ok_or_else(|| bad_claim("required_claims"))?;
        let scopes = config
            .scopes
            .iter()
            .map(|ScopeRule { claim, value, grant }| {
                let when = When::parse(claim, value).ok_or_else(|| bad_when("scopes", config))?;
                let granted = grant.iter().map(|name| granted(name)).collect::<Option<Vec<_>>>();
                let granted = granted.filter(|all| !all.is_empty()).ok_or_else(|| {
                    invalid(
                        "scopes",
                        "has a `grant` that is empty, or names no scope and no preset",
                    )
                })?;
                Ok((when, granted.into_iter().fold(ScopeSet::NONE, ScopeSet::union)))
            })
            .collect::<Result<_, ConfigFault>>()?;
        let roles = config
            .roles
            .iter()
            .map(|RoleRule { claim, value, group, role }| {
                let when = When::parse(claim, value).ok_or_else(|| bad_when("roles", config))?;
                if group.as_str() == Group::DEFAULT {
                    let why = "names the group `default`, which has no roles: grant scopes instead";
                    return Err(invalid("roles", why));
                }
                Ok((when, group.clone(), *role))
            })
            .collect::<Result<_, ConfigFault>>()?;
        let email_domains = config
            .email_domains
            .iter()
            .map(|domain| is_domain(domain).then(|| domain.as_str().into()))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                invalid("email_domains", "must be names like acme.dev, in lower case")
            })?;
        Ok(Self { required, scopes, roles, email_domains })
    }

    /// Whether every required claim has its value.
    pub(crate) fn has_required(&self, claims: &Object) -> bool {
        self.required.iter().all(|(claim, wanted)| match (claim.of(claims), wanted) {
            (Some(Json::Bool(given)), ClaimValue::Flag(wanted)) => given == wanted,
            (Some(Json::Integer(given)), ClaimValue::Integer(wanted)) => given == wanted,
            (Some(Json::Text(given)), ClaimValue::Text(wanted)) => given == wanted,
            _ => false,
        })
    }

    /// What the token may do.
    pub(crate) fn scopes(&self, claims: &Object) -> ScopeSet {
        let hold = self.scopes.iter().filter(|(when, _)| when.holds(claims));
        hold.fold(ScopeSet::NONE, |all, (_, scopes)| all.union(*scopes))
    }

    /// Its subject's role in each group, the highest of those that the rules give.
    pub(crate) fn roles(&self, claims: &Object) -> Vec<(GroupName, Role)> {
        let mut highest: BTreeMap<&GroupName, Role> = BTreeMap::new();
        for (_, group, role) in self.roles.iter().filter(|(when, ..)| when.holds(claims)) {
            let kept = highest.entry(group).or_insert(*role);
            *kept = (*kept).max(*role);
        }
        highest.into_iter().map(|(group, role)| (group.clone(), role)).collect()
    }

    /// Its subject's address, if the issuer says in so many words that it is theirs, and may speak for its domain.
    pub(crate) fn email(&self, claims: &Object) -> Option<Email> {
        let verified = matches!(claims.get("email_verified"), Some(Json::Bool(true)));
        let text = claims.get("email").and_then(Json::text).filter(|_| verified)?;
        let email: Email = text.to_ascii_lowercase().parse().ok()?;
        let (_, domain) = email.as_str().split_once('@')?;
        self.email_domains.iter().any(|one| **one == *domain).then_some(email)
    }
}

fn bad_when(key: &'static str, config: &IssuerConfig) -> ConfigFault {
    let expected = "needs both `claim` and `value`, or neither to hold for everyone";
    ConfigFault::invalid(&config.name, key, expected)
}

/// A scope by its name, or the scopes a preset stands for today. No preset has a `:`, and every scope has one.
fn granted(name: &str) -> Option<ScopeSet> {
    let scope = Scope::parse(name).map(|scope| [scope].into_iter().collect());
    scope.or_else(|| Preset::parse(name).map(Preset::scopes))
}

fn is_domain(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
    // Behind an `@` it has to make an address, or no address could ever be compared with it.
    let fits = format!("a@{text}").parse::<Email>().is_ok() && !text.ends_with('.');
    fits && text.bytes().all(ok)
}

impl Claim {
    fn parse(text: &str) -> Option<Self> {
        let Some(pointer) = text.strip_prefix('/') else {
            return (!text.is_empty()).then(|| Self(vec![text.into()]));
        };
        let names = pointer.split('/').map(|name| {
            // RFC 6901: `~1` is a slash, `~0` a tilde, and no other `~` means anything.
            let strange = name.replace("~0", "").replace("~1", "").contains('~');
            let name = name.replace("~1", "/").replace("~0", "~");
            (!name.is_empty() && !strange).then(|| name.into())
        });
        names.collect::<Option<_>>().map(Self)
    }

    fn of<'c>(&self, claims: &'c Object) -> Option<&'c Json> {
        let (last, outer) = self.0.split_last()?;
        let mut object = claims;
        for name in outer {
            match object.get(&**name)? {
                Json::Object(inner) => object = inner,
                _ => return None,
            }
        }
        object.get(&**last)
    }

    fn is_list(&self) -> bool {
        self.0.last().is_some_and(|name| LISTS.contains(&&**name))
    }
}

impl When {
    fn parse(claim: &str, value: &str) -> Option<Self> {
        match (claim, value) {
            ("", "") => Some(Self::Always),
            ("", _) | (_, "") => None,
            _ => Some(Self::Holds(Claim::parse(claim)?, value.into())),
        }
    }

    fn holds(&self, claims: &Object) -> bool {
        let (claim, wanted) = match self {
            Self::Always => return true,
            Self::Holds(claim, wanted) => (claim, &**wanted),
        };
        match claim.of(claims) {
            Some(Json::Text(list)) if claim.is_list() => list.split(' ').any(|one| one == wanted),
            Some(Json::Text(text)) => text == wanted,
            Some(Json::Array(all)) => all.iter().any(|one| one.text() == Some(wanted)),
            _ => false,
        }
    }
}
