//! The proxy as callers see it: over HTTP, on a real port, in one process with what is behind it.

mod counting;
mod far;
mod faults;
mod forwarding;
mod front;
mod physics;
