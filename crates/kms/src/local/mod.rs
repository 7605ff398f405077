//! Custody in files on this machine: the root key in one, the shred salts in a folder beside it.
//!
//! What a key file may look like is decided in one place, `secret_file`. Nothing here may weaken a refusal into a
//! warning, and nothing here may write inside the data folder.

mod device;
mod folder;
mod place;
mod root_key;
mod secret_file;
#[cfg(test)]
mod tests;
mod wrap;

pub use device::{SameDevice, same_device};
pub use folder::FolderKeystore;
pub use root_key::RootKey;
