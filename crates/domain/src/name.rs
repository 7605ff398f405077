//! Names as people type them, parsed once at the edge: a value of these types is valid wherever it is held.

use std::{borrow::Borrow, fmt, str::FromStr};
use subrosa_plant::planted;

/// Why a name was refused. It never holds the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// A secret's key.
    #[error("must be 1 to 127 letters, digits, '-' or '_'")]
    Key,
    /// A tenant's slug.
    #[error("must be 1 to 63 lower-case letters, digits or '-', not starting with '-'")]
    Slug,
    /// A slug that a path of ours needs.
    #[error("is reserved")]
    Reserved,
    /// An agent's id.
    #[error("must be 1 to 128 letters, digits, '.', '_', '-', ':' or '@'")]
    Agent,
    /// A group's name.
    #[error("must be 1 to 128 lower-case letters, digits or '-', in segments separated by '/'")]
    Group,
    /// An e-mail address.
    #[error("must be an e-mail address")]
    Email,
    /// A tool's name.
    #[error("must be 1 to 32 lower-case letters or '-', starting with a letter")]
    Tool,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $check:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let text = if planted!("key-trimmed") { text.trim() } else { text };
                $check(text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// The key a secret is known by in its group: `^[A-Za-z0-9_-]{1,127}$`, case-sensitive, never renamed.
    KeyName = check_key,
    /// A tenant's name in paths: `^[a-z0-9][a-z0-9-]{0,62}$`, some words reserved.
    TenantSlug = check_slug,
    /// An agent as its platform names it: opaque, `^[A-Za-z0-9._:@-]{1,128}$`.
    AgentId = check_agent,
    /// A group's name: segments of `[a-z0-9-]` that begin and end with a letter or digit, separated by `/`, at most 128
    /// characters. `default` is the one every tenant has.
    GroupName = check_group,
    /// An e-mail address as a user's name: one `@`, printable ASCII without `:`, quotes or spaces, at most 254
    /// characters, lower case. Compared whole, never by its parts.
    Email = check_email,
    /// The tool a caller says it is (`cli`, `claude-code`, …): `^[a-z][a-z-]{0,31}$`. A claim, never an identity.
    ToolName = check_tool,
}

/// Slugs that a path of some surface uses for itself, so that no tenant can shadow it.
const RESERVED_SLUGS: [&str; 12] = [
    "admin", "api", "auth", "console", "health", "metrics", "openapi", "operator", "svc", "system",
    "tenants", "v1",
];

fn check_key(text: &str) -> Result<(), InvalidName> {
    let ok = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    fits(text, 127, ok).then_some(()).ok_or(InvalidName::Key)
}

fn check_slug(text: &str) -> Result<(), InvalidName> {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !fits(text, 63, ok) || text.starts_with('-') {
        return Err(InvalidName::Slug);
    }
    if RESERVED_SLUGS.contains(&text) { Err(InvalidName::Reserved) } else { Ok(()) }
}

fn check_agent(text: &str) -> Result<(), InvalidName> {
    let ok = |b: u8| b.is_ascii_alphanumeric() || b"._-:@".contains(&b);
    fits(text, 128, ok).then_some(()).ok_or(InvalidName::Agent)
}

fn check_group(text: &str) -> Result<(), InvalidName> {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let segment =
        |text: &str| fits(text, 128, ok) && !text.starts_with('-') && !text.ends_with('-');
    let fits = text.len() <= 128 && text.split('/').all(segment);
    fits.then_some(()).ok_or(InvalidName::Group)
}

fn check_email(text: &str) -> Result<(), InvalidName> {
    let ok =
        |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase() && !b"\"'`<>(),:;\\[]".contains(&b);
    let halves = text.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.'));
    let one = halves.is_some_and(|(_, host)| !host.contains('@') && !host.starts_with('.'));
    (one && fits(text, 254, ok)).then_some(()).ok_or(InvalidName::Email)
}

fn check_tool(text: &str) -> Result<(), InvalidName> {
    let ok = |b: u8| b.is_ascii_lowercase() || b == b'-';
    (fits(text, 32, ok) && !text.starts_with('-')).then_some(()).ok_or(InvalidName::Tool)
}

fn fits(text: &str, max: usize, ok: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.len() <= max && text.bytes().all(ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_case_and_refuse_everything_else() {
        for good in ["A", "a-b_C9", &"k".repeat(127)] {
            assert_eq!(good.parse::<KeyName>().unwrap().as_str(), good);
        }
        for bad in ["", "a.b", "a b", "a/b", "ä", "a\0", "a\n", "../a", &"k".repeat(128)] {
            assert_eq!(bad.parse::<KeyName>(), Err(InvalidName::Key), "{bad:?}");
        }
    }

    #[test]
    fn slugs_are_lower_case_and_never_a_word_of_ours() {
        for good in ["acme", "a", "0", "a-b-", &"s".repeat(63)] {
            assert!(good.parse::<TenantSlug>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "Acme", "a_b", "a.b", &"s".repeat(64)] {
            assert_eq!(bad.parse::<TenantSlug>(), Err(InvalidName::Slug), "{bad:?}");
        }
        for word in RESERVED_SLUGS {
            assert_eq!(word.parse::<TenantSlug>(), Err(InvalidName::Reserved), "{word}");
        }
    }

    #[test]
    fn groups_are_paths_of_lower_case_words() {
        for good in ["default", "prod", "a", "payments/eu-1", &"g".repeat(128)] {
            assert!(good.parse::<GroupName>().is_ok(), "{good}");
        }
        for bad in ["", "/", "a//b", "a/", "-a", "a-", "A", "a b", "a:b", "a.b", &"g".repeat(129)] {
            assert_eq!(bad.parse::<GroupName>(), Err(InvalidName::Group), "{bad:?}");
        }
    }

    #[test]
    fn an_address_has_one_reading() {
        for good in ["ana@acme.dev", "a.b+c@x.y.z"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        let long = format!("{}@acme.dev", "a".repeat(250));
        for bad in [
            "",
            "ana",
            "@acme.dev",
            "ana@",
            "ana@acme",
            "a@b@c.d",
            "Ana@acme.dev",
            "a:b@c.d",
            "a b@c.d",
            &long,
        ] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidName::Email), "{bad:?}");
        }
    }

    #[test]
    fn agents_and_tools_are_plain_words() {
        assert!("agent-7@acme.dev".parse::<AgentId>().is_ok());
        assert!("a/b".parse::<AgentId>().is_err());
        assert!("claude-code".parse::<ToolName>().is_ok());
        assert!("-x".parse::<ToolName>().is_err());
        assert!("sk_live_1".parse::<ToolName>().is_err());
    }
}
