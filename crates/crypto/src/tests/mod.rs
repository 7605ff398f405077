//! What the room promises, tried from inside it: the deterministic paths that vectors need are not public.

mod chain;
mod checkpoint;
mod checkpoint_keys;
mod commitment;
mod envelope;
mod holds;
mod jwt;
mod keys;
mod rows;
mod signing;
mod support;
mod tokens;
mod vectors;
