//! A secret's value as everyone but `crypto` sees it: opaque bytes.

/// A revision's value, encrypted. Opaque outside `crypto`; its layout is docs/reference/key-format.md.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The value block: written once, never rewritten.
    pub value: Box<[u8]>,
    /// The wrapped revision key: the only part a tenant-key rotation rewrites.
    pub wrap: Wrap,
}

/// A revision's data key, wrapped under one version of its tenant's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrap {
    /// The tenant-key version the block is wrapped under, repeated from the block so that a store can check it.
    pub key_version: u32,
    /// The wrap block.
    pub block: Box<[u8]>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.value.len())
    }
}

impl std::fmt::Debug for Wrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wrap(key version {})", self.key_version)
    }
}
