//! Everything that crosses a boundary: the commands of the saga steps, the names of errors, the
//! events and the bodies of the HTTP API. The only crate that knows both the domain and its wire
//! forms; entities themselves have none.

pub mod commands;
pub mod edge;
pub mod errors;
pub mod events;
pub mod http;
pub mod jobs;
pub mod profiles;
pub mod saga;
#[cfg(test)]
mod samples;
pub mod sockets;
mod wire;

pub use wire::{AddressBody, AmountBody, InvalidBody, MAX_TEXT, ParsedAddress};
