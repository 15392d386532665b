//! What the test binaries of this crate share: an interpreter for our state machines, the
//! whole shop in virtual time, and what is needed to test the real one on the local stack.

pub mod asl;
pub mod emulator;
pub mod world;
