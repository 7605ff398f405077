//! What a token may do: the catalogue of scopes and the presets over it.
//!
//! The catalogue is the one list: `tokens/scopes` answers it, presets expand over it, and a scope outside it cannot be
//! named in code. Names are Fruxon's where Fruxon has one; most of those open nothing here, and stand in the list so
//! that its presets expand as documented.

use std::fmt;

/// One scope of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(u8);

/// A catalogue entry, as `tokens/scopes` answers it.
#[derive(Clone, Copy, Debug)]
pub struct ScopeEntry {
    /// `resource:action`.
    pub name: &'static str,
    /// A few words for a form.
    pub label: &'static str,
    /// What it does in a sentence; empty for scopes that open nothing here.
    pub helper: &'static str,
}

macro_rules! catalogue {
    ($($name:literal $label:literal $helper:literal $($constant:ident)?;)+) => {
        /// Every scope, in catalogue order. Order matters to answers ("the first missing"), never to storage.
        pub const CATALOGUE: &[ScopeEntry] =
            &[$(ScopeEntry { name: $name, label: $label, helper: $helper }),+];

        impl Scope {
            $($(
                #[doc = concat!("`", $name, "`: ", $helper)]
                pub const $constant: Self = Self::named($name);
            )?)+
        }
    };
}

catalogue! {
    "secrets:read" "Read secrets"
        "List and show secrets, their revisions and grants; never a value." SECRETS_READ;
    "secrets:write" "Write secrets"
        "Create, change, publish, roll back and delete secrets." SECRETS_WRITE;
    "secrets:reveal" "Reveal secrets" "Read the value of a READABLE secret." SECRETS_REVEAL;
    "secrets:use" "Use secrets"
        "Have a secret resolved into an outgoing call without seeing it." SECRETS_USE;
    "grants:write" "Write grants" "Grant a secret to an agent, and take it back." GRANTS_WRITE;
    "keys:read" "Read API keys"
        "List tokens and service accounts, their events and activity." KEYS_READ;
    "keys:write" "Write API keys" "Mint, rotate and revoke tokens and service accounts." KEYS_WRITE;
    "audit:read" "Read the audit log" "Read and verify the audit log." AUDIT_READ;
    "tenant:admin" "Administer the tenant"
        "Rotate the tenant's keys; act on every group and for every user." TENANT_ADMIN;
    "agents:read" "Read agents" "";
    "agents:write" "Write agents" "";
    "agents:execute" "Execute agents" "";
    "agents:test" "Test agents" "";
    "revisions:read" "Read agent revisions" "";
    "revisions:write" "Write agent revisions" "";
    "revisions:deploy" "Deploy agent revisions" "";
    "drafts:read" "Read drafts" "";
    "drafts:write" "Write drafts" "";
    "integrations:read" "Read integrations" "";
    "integrations:write" "Write integrations" "";
    "skills:read" "Read skills" "";
    "skills:write" "Write skills" "";
    "tools:read" "Read tools" "";
    "tools:write" "Write tools" "";
    "tools:test" "Test tools" "";
    "tools:run" "Run tools" "";
    "datasets:read" "Read datasets" "";
    "datasets:write" "Write datasets" "";
    "assets:read" "Read assets" "";
    "assets:write" "Write assets" "";
    "executions:read" "Read executions" "";
    "traces:read" "Read traces" "";
    "traces:write" "Write traces" "";
    "triggers:read" "Read triggers" "";
    "triggers:write" "Write triggers" "";
    "pipelines:read" "Read pipelines" "";
    "chat_users:read" "Read chat users" "";
    "chat_users:write" "Write chat users" "";
    "participants:read" "Read participants" "";
    "participants:write" "Write participants" "";
    "llm_providers:read" "Read LLM providers" "";
    "llm_providers:write" "Write LLM providers" "";
    "llm_providers:test" "Test LLM providers" "";
    "connectors:read" "Read connectors" "";
    "connectors:write" "Write connectors" "";
    "connectors:test" "Test connectors" "";
    "inbound:deliver" "Deliver inbound messages" "";
    "mcp:invoke" "Invoke MCP" "";
    "workspace:read" "Read the workspace" "";
    "organization:read" "Read the organization" "";
    "organization:write" "Write the organization" "";
    "billing:read" "Read billing" "";
}

impl Scope {
    /// The scope with this name, if the catalogue has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let index = CATALOGUE.iter().position(|entry| entry.name == name)?;
        u8::try_from(index).ok().map(Self)
    }

    /// Every scope, in catalogue order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0u8..).take(CATALOGUE.len()).map(Self)
    }

    /// The scope's entry.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a scope is made of an index of the catalogue, here alone"
    )]
    pub const fn entry(self) -> &'static ScopeEntry {
        &CATALOGUE[self.0 as usize]
    }

    /// `resource:action`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The part before the colon.
    #[must_use]
    pub fn resource(self) -> &'static str {
        self.name().split_once(':').map_or("", |(resource, _)| resource)
    }

    /// The part after the colon.
    #[must_use]
    pub fn action(self) -> &'static str {
        self.name().split_once(':').map_or("", |(_, action)| action)
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::panic,
        reason = "runs in the compiler, which then refuses to build"
    )]
    const fn named(name: &str) -> Self {
        let mut index = 0;
        while index < CATALOGUE.len() {
            if same(CATALOGUE[index].name.as_bytes(), name.as_bytes()) {
                return Self(index as u8);
            }
            index += 1;
        }
        panic!("not in the catalogue");
    }
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler")]
const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of scopes, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u64);

const _: () = assert!(CATALOGUE.len() <= 64, "a ScopeSet has 64 bits");

impl ScopeSet {
    /// No scope at all.
    pub const NONE: Self = Self(0);

    /// The whole catalogue.
    #[must_use]
    pub fn all() -> Self {
        Scope::all().collect()
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope.0) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The scopes, in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::all().filter(move |scope| self.contains(*scope))
    }

    /// The names in alphabetical order, space-separated as in OAuth: how rows, seals and events hold a set. It does not
    /// depend on the catalogue's order, and no scope name can hold a space.
    #[must_use]
    pub fn to_text(self) -> String {
        let mut names: Vec<&str> = self.iter().map(Scope::name).collect();
        names.sort_unstable();
        names.join(" ")
    }

    /// Reads [`Self::to_text`] back. `None` when a name is not in the catalogue: such a row is not understood, and
    /// reading it as a narrower set would hide that.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        text.split(' ').filter(|name| !name.is_empty()).map(Scope::parse).collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | 1 << scope.0))
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A named set, expanded when a token is minted and never stored: a later edit here widens no token that exists.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What a caller asks for.
    pub name: &'static str,
    /// A few words for a form.
    pub label: &'static str,
    /// Who it is for, in a sentence.
    pub description: &'static str,
    expand: fn(Scope) -> bool,
}

/// Every preset.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "runner",
        label: "Runner",
        description: "Runs agents and writes their traces.",
        expand: |scope| matches!(scope.name(), "agents:execute" | "traces:write"),
    },
    Preset {
        name: "builder",
        label: "Builder",
        description: "Reads and writes what agents are built from.",
        expand: |scope| {
            matches!(scope.action(), "read" | "write")
                && matches!(
                    scope.resource(),
                    "agents"
                        | "revisions"
                        | "integrations"
                        | "tools"
                        | "traces"
                        | "datasets"
                        | "assets"
                )
        },
    },
    Preset {
        name: "read-only",
        label: "Read only",
        description: "Reads everything but values, audit and billing.",
        expand: |scope| {
            scope.action() == "read" && !matches!(scope.resource(), "audit" | "billing")
        },
    },
    Preset { name: "admin", label: "Admin", description: "The whole catalogue.", expand: |_| true },
    Preset {
        name: "agent",
        label: "Agent",
        description: "Uses secrets in outgoing calls, and never reads one.",
        expand: |scope| scope == Scope::SECRETS_USE,
    },
    Preset {
        name: "reader",
        label: "Reader",
        description: "Lists secrets and reads their values: what `subrosa run` needs.",
        expand: |scope| matches!(scope, Scope::SECRETS_READ | Scope::SECRETS_REVEAL),
    },
];

impl Preset {
    /// The preset with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The scopes it stands for today.
    #[must_use]
    pub fn scopes(&self) -> ScopeSet {
        Scope::all().filter(|scope| (self.expand)(*scope)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        for scope in Scope::all() {
            assert_eq!(Scope::parse(scope.name()), Some(scope));
            assert!(!scope.resource().is_empty() && !scope.action().is_empty());
        }
        assert_eq!(Scope::parse("secrets:*"), None);
        assert_eq!(Scope::SECRETS_REVEAL.name(), "secrets:reveal");
    }

    #[test]
    fn sets_survive_storage_and_refuse_what_they_do_not_know() {
        let all = ScopeSet::all();
        assert_eq!(ScopeSet::from_text(&all.to_text()), Some(all));
        assert_eq!(ScopeSet::from_text(""), Some(ScopeSet::NONE));
        assert_eq!(ScopeSet::from_text("secrets:read nonsense:here"), None);
    }

    #[test]
    fn no_reading_preset_reveals_and_the_agent_preset_never_reads() {
        let named = |name| Preset::parse(name).unwrap().scopes();
        for name in ["runner", "builder", "read-only", "agent"] {
            assert!(!named(name).contains(Scope::SECRETS_REVEAL), "{name}");
        }
        assert_eq!(named("agent").to_text(), "secrets:use");
        assert_eq!(named("reader").to_text(), "secrets:read secrets:reveal");
        assert_eq!(named("runner").to_text(), "agents:execute traces:write");
        assert_eq!(named("admin"), ScopeSet::all());
        assert!(!named("read-only").contains(Scope::AUDIT_READ));
        assert!(named("read-only").contains(Scope::SECRETS_READ));
        assert_eq!(named("builder").iter().count(), 14);
    }
}
