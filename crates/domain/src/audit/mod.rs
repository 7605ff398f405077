//! The audit log's words: what an event may say, how it is encoded, and how events are chained.
//!
//! An event is an allow-list. It is built field by field from typed facts, never by taking a request and removing what
//! must not be kept, so there is no place in it where a value, a token or a body could end up.

mod canonical;
mod chain;
mod event;
mod state;

pub use canonical::{decode, encode};
pub use chain::{ChainHead, ChainSealer, GENESIS};
pub use event::{
    Actor, ActorKind, AuditAction, AuditEvent, Decision, Detail, InvalidReason, Reason, Resource,
    ResourceKind, Surface,
};
pub use state::{Anchor, Covered, Note, StateSealer, Weight};
