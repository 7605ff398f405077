//! A node as the kernel wants it described.

use super::image::{Kind, Node};
use fuser::{FileAttr, FileType, INodeNo};
use std::time::UNIX_EPOCH;

/// What kind of node it is.
pub(super) const fn file_type(kind: &Kind) -> FileType {
    match kind {
        Kind::File(_) => FileType::RegularFile,
        Kind::Folder(_) => FileType::Directory,
        Kind::Socket => FileType::Socket,
    }
}

/// All there is to know of one: it has no times.
pub(super) fn attributes(number: u64, node: &Node) -> FileAttr {
    let size = if let Kind::File(content) = &node.kind { content.len() as u64 } else { 0 };
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: file_type(&node.kind),
        perm: node.mode,
        nlink: node.names,
        uid: node.owner.0,
        gid: node.owner.1,
        rdev: 0,
        blksize: 4_096,
        flags: 0,
    }
}
