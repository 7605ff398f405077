//! The disk as the kernel asks for it. No more is answered than a server with a database needs; what is not here is
//! refused by the kernel in the usual way.
//!
//! Everything that changes the disk comes through one kernel, so names and attributes are never stale and the kernel
//! may keep them. Its page cache is used: without it there is no shared memory map, and SQLite's log has an index in
//! one.

use super::{
    attributes::{attributes, file_type},
    content::Content,
    folder::Folder,
    image::{Image, Kind, Node},
    power::Power,
};
use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, Filesystem, FopenFlags, Generation, INodeNo,
    LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use std::{
    ffi::OsStr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

/// How long the kernel may believe what it was told.
const BELIEVED: Duration = Duration::from_secs(3_600);

/// What of a mode says what kind of node it is of, and two of the kinds.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const SOCKET: u32 = 0o140_000;

/// Blocks that the disk says it has, free ones too.
const BLOCKS: u64 = 1 << 22;

/// The disk as FUSE has it.
pub(super) struct Lossy(Arc<Mutex<Power>>);

impl Lossy {
    pub(super) const fn new(power: Arc<Mutex<Power>>) -> Self {
        Self(power)
    }

    fn look<T>(&self, act: impl FnOnce(&mut Image) -> Result<T, Errno>) -> Result<T, Errno> {
        self.0.lock().map_err(|_| Errno::EIO)?.look(act)
    }

    fn step<T>(&self, act: impl FnOnce(&mut Image) -> Result<T, Errno>) -> Result<T, Errno> {
        self.0.lock().map_err(|_| Errno::EIO)?.step(act)
    }

    fn empty(reply: ReplyEmpty, done: Result<(), Errno>) {
        match done {
            Ok(()) => reply.ok(),
            Err(errno) => reply.error(errno),
        }
    }

    fn entry(&self, reply: ReplyEntry, found: Result<u64, Errno>) {
        match found.and_then(|number| self.attributes(number)) {
            Ok(found) => reply.entry(&BELIEVED, &found, Generation(0)),
            Err(errno) => reply.error(errno),
        }
    }

    fn attributes(&self, number: u64) -> Result<FileAttr, Errno> {
        self.look(|image| image.node(number).map(|node| attributes(number, node)))
    }
}

fn owner(request: &Request) -> (u32, u32) {
    (request.uid(), request.gid())
}

impl Filesystem for Lossy {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.entry(reply, self.look(|image| image.find(parent.0, name)));
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(ino.0) {
            Ok(found) => reply.attr(&BELIEVED, &found),
            Err(errno) => reply.error(errno),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let done = self.step(|image| {
            if let Some(size) = size {
                image.content(ino.0)?.resize(size as usize);
            }
            let node = image.node(ino.0)?;
            node.mode = mode.map_or(node.mode, |mode| (mode & 0o7777) as u16);
            node.owner = (uid.unwrap_or(node.owner.0), gid.unwrap_or(node.owner.1));
            Ok(attributes(ino.0, node))
        });
        match done {
            Ok(now) => reply.attr(&BELIEVED, &now),
            Err(errno) => reply.error(errno),
        }
    }

    fn mknod(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        let kind = match mode & TYPE {
            REGULAR => Kind::File(Content::default()),
            SOCKET => Kind::Socket,
            _ => return reply.error(Errno::EPERM),
        };
        let node = Node::new(kind, mode & !umask, owner(request));
        self.entry(reply, self.step(|image| image.make(parent.0, name, node)));
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let node = Node::new(Kind::Folder(Folder::default()), mode & !umask, owner(request));
        self.entry(reply, self.step(|image| image.make(parent.0, name, node)));
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let node = Node::new(Kind::File(Content::default()), mode & !umask, owner(request));
        let made = self.step(|image| image.make(parent.0, name, node));
        match made.and_then(|number| self.attributes(number)) {
            Ok(made) => reply.created(
                &BELIEVED,
                &made,
                Generation(0),
                FileHandle(0),
                FopenFlags::FOPEN_KEEP_CACHE,
            ),
            Err(errno) => reply.error(errno),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        Self::empty(reply, self.step(|image| image.unlink(parent.0, name, false)));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        Self::empty(reply, self.step(|image| image.unlink(parent.0, name, true)));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        to: INodeNo,
        new: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if parent != to {
            return reply.error(Errno::EXDEV);
        }
        if !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        Self::empty(reply, self.step(|image| image.rename(parent.0, name, new)));
    }

    fn link(&self, _: &Request, ino: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.entry(reply, self.step(|image| image.link(ino.0, parent.0, name)));
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let read = |image: &mut Image| {
            let content = image.content(ino.0)?;
            Ok(content.read(offset as usize, size as usize).to_vec())
        };
        match self.look(read) {
            Ok(bytes) => reply.data(&bytes),
            Err(errno) => reply.error(errno),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let write = |image: &mut Image| {
            image.content(ino.0)?.write(offset as usize, data);
            Ok(())
        };
        match self.step(write) {
            Ok(()) => reply.written(data.len() as u32),
            Err(errno) => reply.error(errno),
        }
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        Self::empty(reply, self.step(|image| image.sync(ino.0)));
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        Self::empty(reply, self.step(|image| image.sync(ino.0)));
    }

    fn readdir(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let listed = self.look(|image| {
            let names = image.folder(ino.0)?.names().clone();
            let listed = names
                .into_iter()
                .map(|(name, number)| Ok((number, file_type(&image.node(number)?.kind), name)));
            listed.collect::<Result<Vec<_>, Errno>>()
        });
        match listed {
            Ok(listed) => {
                for (at, (number, kind, name)) in (1..).zip(listed).skip(offset as usize) {
                    if reply.add(INodeNo(number), at, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(errno) => reply.error(errno),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(BLOCKS, BLOCKS, BLOCKS, BLOCKS, BLOCKS, 4_096, 255, 4_096);
    }
}
