//! What the test binaries of this crate share: an interpreter for our state machines.

pub mod asl;
