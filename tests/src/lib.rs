//! What the test binaries of this crate share: an interpreter for our state machines, the
//! whole shop in virtual time, and what is needed to test the real one on the local stack.

#![expect(
    clippy::indexing_slicing,
    reason = "test code: a place that is not there must stop the test"
)]

pub mod asl;
pub mod asyncapi;
pub mod emulator;
pub mod front_door;
pub mod openapi;
pub mod world;
