//! What the room promises, tried from inside it: the deterministic paths that vectors need are not public.

mod chain;
mod commitment;
mod envelope;
mod keys;
mod rows;
mod support;
mod tokens;
mod vectors;
