//! A folder's names: as processes see them, and as the power going would leave them.

use super::Spared;
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

type Names = BTreeMap<OsString, u64>;

/// The names in one folder, and the node that each leads to.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    /// What processes see.
    now: Names,
    /// What the last sync made durable.
    kept: Names,
    /// What was done since, in order.
    since: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Put(OsString, u64),
    Remove(OsString),
    /// From the one name to the other, never both and never neither.
    Move(OsString, OsString, u64),
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Put(name, node) => {
                names.insert(name.clone(), *node);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Move(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}

impl Folder {
    pub(super) fn get(&self, name: &OsStr) -> Option<u64> {
        self.now.get(name).copied()
    }

    pub(super) const fn names(&self) -> &Names {
        &self.now
    }

    pub(super) fn put(&mut self, name: &OsStr, node: u64) {
        self.does(Change::Put(name.into(), node));
    }

    pub(super) fn remove(&mut self, name: &OsStr) {
        self.does(Change::Remove(name.into()));
    }

    pub(super) fn rename(&mut self, from: &OsStr, to: &OsStr, node: u64) {
        self.does(Change::Move(from.into(), to.into(), node));
    }

    /// Everything so far is durable.
    pub(super) fn sync(&mut self) {
        self.since.drain(..).for_each(|change| change.apply(&mut self.kept));
    }

    /// What is left: of what was done since the last sync, each change by itself.
    pub(super) fn after_cut(&self, spared: &mut Spared) -> Self {
        let mut left = self.kept.clone();
        self.since.iter().filter(|_| spared.next()).for_each(|change| change.apply(&mut left));
        Self { now: left.clone(), kept: left, since: Vec::new() }
    }

    fn does(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.since.push(change);
    }
}
