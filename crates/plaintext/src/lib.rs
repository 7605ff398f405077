//! The two types that may hold something nobody else should read: a secret's value and a credential.
//!
//! Both own their bytes, wipe them when dropped, and have one way out, `expose`. A room that does not depend on this
//! crate cannot name a value, and every call of `expose` outside `crypto` is marked as an exit and listed.
//!
//! This room must never grow a second way out: no `Debug`, `Display`, `Clone`, `PartialEq` or serialisation, and no
//! constructor that copies. The `compile_fail` examples on each type hold it to that.

mod token;
mod value;

pub use token::PlainToken;
pub use value::Plaintext;
