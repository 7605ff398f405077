//! Scopes: what a token may do in the whole tenant.

use serde_json::{Value, json};

/// Names in the catalogue's order; beside those that open something here, all the rest as one.
const NAMES: [&str; 9] = [
    "secrets:read",
    "secrets:write",
    "secrets:reveal",
    "secrets:use",
    "grants:write",
    "keys:read",
    "keys:write",
    "audit:read",
    "tenant:admin",
];

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Scopes(pub(crate) u16);

/// A named set, as requests spell it.
pub(crate) type Preset = Option<&'static str>;

impl Scopes {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const READ: Self = Self(1);
    pub(crate) const WRITE: Self = Self(1 << 1);
    pub(crate) const REVEAL: Self = Self(1 << 2);
    pub(crate) const GRANTS: Self = Self(1 << 4);
    pub(crate) const KEYS_READ: Self = Self(1 << 5);
    pub(crate) const KEYS_WRITE: Self = Self(1 << 6);
    pub(crate) const AUDIT: Self = Self(1 << 7);
    pub(crate) const ADMIN: Self = Self(1 << 8);
    /// The whole catalogue.
    pub(crate) const ALL: Self = Self((1 << 10) - 1);

    pub(crate) const fn has(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
        let each = NAMES.into_iter().enumerate();
        each.filter(|(at, _)| self.0 >> at & 1 == 1).map(|(_, name)| name).collect()
    }

    /// As answers show it; the whole catalogue only by those of its names that are known here.
    pub(crate) fn shown(self) -> Value {
        if self.0 >> 9 == 1 { json!({ "#has": self.names() }) } else { json!(self.names()) }
    }

    /// The preset that asks for it, where names alone would not do.
    pub(crate) const fn preset(self) -> Preset {
        if self.0 >> 9 == 1 { Some("admin") } else { None }
    }

    /// As permissions of an API key.
    pub(crate) fn permissions(self) -> Vec<&'static str> {
        if self == Self::ALL {
            return vec!["*"];
        }
        let mut names = vec![];
        let mut rest = self;
        for (name, scopes) in [
            ("Secret.Read", Self(Self::READ.0 | Self::REVEAL.0)),
            ("Secret.Write", Self::WRITE),
            ("tenant.apiKey:read", Self::KEYS_READ),
            ("tenant.apiKey:write", Self::KEYS_WRITE),
        ] {
            if rest.has(scopes) {
                names.push(name);
                rest = rest.without(scopes);
            }
        }
        names.extend(rest.names());
        names
    }
}
