//! Scopes and presets: a set is exactly what its text names.
#![cfg_attr(fuzzing, no_main)]

use std::collections::BTreeSet;
use subrosa_domain::{Scope, ScopeSet, scope::Preset};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Some(set) = ScopeSet::from_text(text) {
        let named: BTreeSet<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let held: BTreeSet<&str> = set.iter().map(Scope::name).collect();
        assert_eq!(held, named, "a set that is not what was named");
        assert_eq!(ScopeSet::from_text(&set.to_text()), Some(set));
    }
    for word in text.split(' ') {
        assert!(Scope::parse(word).is_none_or(|scope| scope.name() == word));
        let preset = Preset::parse(word);
        assert!(preset.is_none_or(|preset| preset.name == word && !preset.scopes().is_empty()));
    }
}
