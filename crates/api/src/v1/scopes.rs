//! The catalogue of scopes, as clients show it. The one list is `domain::scope`; this file gives it its wire shape.

use super::tokens::names;
use serde::{Deserialize, Serialize};
use subrosa_domain::{Scope, scope::PRESETS};
use utoipa::ToSchema;

/// The answer of `tokens/scopes`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeCatalogue {
    /// Every scope.
    pub scopes: Vec<ScopeInfo>,
    /// What they are on.
    pub resources: Vec<ResourceInfo>,
    /// Named sets of them.
    pub presets: Vec<PresetInfo>,
}

/// One scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeInfo {
    /// `resource:action`.
    pub id: String,
    /// The part before the colon.
    pub resource: String,
    /// The part after it.
    pub action: String,
    /// `read`, `write` or `execute`: how much harm it can do.
    pub intent: String,
    /// For people, a few words.
    pub label: String,
    /// For people, a sentence; empty for scopes that open nothing here.
    pub helper: String,
}

/// One resource.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceInfo {
    /// As scopes spell it.
    pub id: String,
    /// For people, a few words.
    pub label: String,
    /// For people, a sentence.
    pub description: String,
    /// How to sum up the actions chosen on it; `{actions}` stands for them.
    pub summary_template: String,
}

/// One preset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PresetInfo {
    /// As requests spell it.
    pub id: String,
    /// For people, a few words.
    pub label: String,
    /// For people, a line.
    pub tagline: String,
    /// For people, a sentence.
    pub description: String,
    /// The strongest of its scopes' intents.
    pub intent: String,
    /// What it expands to.
    pub scopes: Vec<String>,
}

impl ScopeCatalogue {
    /// The catalogue of this build.
    #[must_use]
    pub fn of_this_build() -> Self {
        let mut resources: Vec<ResourceInfo> = Vec::new();
        for scope in Scope::all() {
            if resources.iter().all(|known| known.id != scope.resource()) {
                resources.push(ResourceInfo::named(scope.resource()));
            }
        }
        Self { scopes: Scope::all().map(Into::into).collect(), resources, presets: presets() }
    }
}

fn presets() -> Vec<PresetInfo> {
    PRESETS
        .iter()
        .map(|preset| PresetInfo {
            id: preset.name.to_owned(),
            label: preset.label.to_owned(),
            tagline: preset.description.to_owned(),
            description: preset.description.to_owned(),
            intent: preset
                .scopes()
                .iter()
                .map(Intent::of)
                .max()
                .map_or("read", Intent::word)
                .into(),
            scopes: names(preset.scopes()),
        })
        .collect()
}

impl From<Scope> for ScopeInfo {
    fn from(scope: Scope) -> Self {
        Self {
            id: scope.name().to_owned(),
            resource: scope.resource().to_owned(),
            action: scope.action().to_owned(),
            intent: Intent::of(scope).word().to_owned(),
            label: scope.entry().label.to_owned(),
            helper: scope.entry().helper.to_owned(),
        }
    }
}

impl ResourceInfo {
    fn named(id: &str) -> Self {
        let label = id.replace('_', " ");
        Self {
            id: id.to_owned(),
            description: format!("What may be done with {label}."),
            summary_template: format!("{{actions}} {label}"),
            label,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Intent {
    Read,
    Write,
    Execute,
}

impl Intent {
    fn of(scope: Scope) -> Self {
        match scope.action() {
            "read" => Self::Read,
            "write" => Self::Write,
            _ => Self::Execute,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Execute => "execute",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_resource_in_the_list_once() {
        let catalogue = ScopeCatalogue::of_this_build();
        for scope in &catalogue.scopes {
            let homes = catalogue.resources.iter().filter(|one| one.id == scope.resource);
            assert_eq!(homes.count(), 1, "{}", scope.id);
        }
    }

    #[test]
    fn a_preset_is_as_strong_as_its_strongest_scope() {
        let catalogue = ScopeCatalogue::of_this_build();
        let intent = |id: &str| {
            catalogue.presets.iter().find(|one| one.id == id).map(|one| one.intent.as_str())
        };
        assert_eq!(intent("read-only"), Some("read"));
        assert_eq!(intent("builder"), Some("write"));
        assert_eq!(intent("reader"), Some("execute"));
    }
}
