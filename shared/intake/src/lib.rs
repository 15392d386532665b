//! Takes in what others bring, by whatever door: an order to place, news of a parcel. There is one way
//! to do either, for HTTP and for the queue of commands.

mod order;
mod parcel;

pub use order::{Orders, PlaceError, Placed, Request, place};
pub use parcel::{Shipments, hear, remember};
