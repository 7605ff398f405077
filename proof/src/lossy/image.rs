//! What is on the disk: a tree of files, folders and sockets, without FUSE.

use super::{Spared, content::Content, folder::Folder};
use fuser::Errno;
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
};

/// The folder that everything is in.
pub(super) const ROOT: u64 = 1;

type Done<T> = Result<T, Errno>;

/// A disk's content.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    nodes: BTreeMap<u64, Node>,
    /// The next node's number; none is used twice.
    next: u64,
}

/// A file, a folder or a socket. It stays when its last name is gone: who has it open still has it, and the removal of
/// the name may be lost.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Its permissions.
    pub(super) mode: u16,
    /// Its user and group.
    pub(super) owner: (u32, u32),
    /// How many names lead to it.
    pub(super) names: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    File(Content),
    Folder(Folder),
    Socket,
}

impl Node {
    pub(super) const fn new(kind: Kind, mode: u32, owner: (u32, u32)) -> Self {
        Self { kind, mode: (mode & 0o7777) as u16, owner, names: 0 }
    }
}

impl Image {
    /// An empty disk, whose root only this user can read.
    pub(crate) fn empty() -> Self {
        let owner = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        let root = Node { names: 1, ..Node::new(Kind::Folder(Folder::default()), 0o700, owner) };
        Self { nodes: BTreeMap::from([(ROOT, root)]), next: ROOT + 1 }
    }

    pub(super) fn node(&mut self, number: u64) -> Done<&mut Node> {
        self.nodes.get_mut(&number).ok_or(Errno::ENOENT)
    }

    pub(super) fn content(&mut self, number: u64) -> Done<&mut Content> {
        match &mut self.node(number)?.kind {
            Kind::File(content) => Ok(content),
            Kind::Folder(_) => Err(Errno::EISDIR),
            Kind::Socket => Err(Errno::EINVAL),
        }
    }

    pub(super) fn folder(&mut self, number: u64) -> Done<&mut Folder> {
        match &mut self.node(number)?.kind {
            Kind::Folder(folder) => Ok(folder),
            Kind::File(_) | Kind::Socket => Err(Errno::ENOTDIR),
        }
    }

    pub(super) fn find(&mut self, folder: u64, name: &OsStr) -> Done<u64> {
        self.folder(folder)?.get(name).ok_or(Errno::ENOENT)
    }

    /// Makes a new node of this name.
    pub(super) fn make(&mut self, folder: u64, name: &OsStr, node: Node) -> Done<u64> {
        let number = self.next;
        self.nodes.insert(number, node);
        self.next += 1;
        self.link(number, folder, name)
    }

    /// Gives a node one more name.
    pub(super) fn link(&mut self, number: u64, folder: u64, name: &OsStr) -> Done<u64> {
        if self.find(folder, name).is_ok() {
            return Err(Errno::EEXIST);
        }
        self.folder(folder)?.put(name, number);
        self.node(number)?.names += 1;
        Ok(number)
    }

    /// Takes a name away: of an empty folder, or of what is none.
    pub(super) fn unlink(&mut self, folder: u64, name: &OsStr, is_folder: bool) -> Done<()> {
        let number = self.find(folder, name)?;
        match (&self.node(number)?.kind, is_folder) {
            (Kind::Folder(held), true) if !held.names().is_empty() => return Err(Errno::ENOTEMPTY),
            (Kind::Folder(_), false) => return Err(Errno::EISDIR),
            (Kind::File(_) | Kind::Socket, true) => return Err(Errno::ENOTDIR),
            _ => {}
        }
        self.folder(folder)?.remove(name);
        self.node(number)?.names -= 1;
        Ok(())
    }

    /// Moves a name within its folder, over what has the new one.
    pub(super) fn rename(&mut self, folder: u64, from: &OsStr, to: &OsStr) -> Done<()> {
        let number = self.find(folder, from)?;
        if let Ok(covered) = self.find(folder, to) {
            self.node(covered)?.names -= 1;
        }
        self.folder(folder)?.rename(from, to, number);
        Ok(())
    }

    /// Makes a node durable as it is: a file's bytes, a folder's names.
    pub(super) fn sync(&mut self, number: u64) -> Done<()> {
        match &mut self.node(number)?.kind {
            Kind::File(content) => content.sync(),
            Kind::Folder(folder) => folder.sync(),
            Kind::Socket => {}
        }
        Ok(())
    }

    /// What is left of it when the power goes now. What no name leads to any more is gone.
    pub(super) fn after_cut(&self, spared: &mut Spared) -> Self {
        let mut nodes: BTreeMap<u64, Node> = BTreeMap::new();
        for (number, node) in &self.nodes {
            let kind = match &node.kind {
                Kind::File(content) => Kind::File(content.after_cut(spared)),
                Kind::Folder(folder) => Kind::Folder(folder.after_cut(spared)),
                Kind::Socket => Kind::Socket,
            };
            nodes.insert(*number, Node { kind, names: 0, ..*node });
        }
        let mut left = Self { nodes, next: self.next };
        left.count_names();
        left
    }

    fn count_names(&mut self) {
        let mut found = BTreeSet::new();
        let mut ahead = vec![ROOT];
        while let Some(number) = ahead.pop() {
            let Ok(node) = self.node(number) else { continue };
            node.names += 1;
            if let (true, Kind::Folder(folder)) = (found.insert(number), &node.kind) {
                ahead.extend(folder.names().values());
            }
        }
        self.nodes.retain(|number, _| found.contains(number));
    }
}
