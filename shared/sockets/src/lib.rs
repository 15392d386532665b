//! The sockets that API Gateway holds: what is posted to them, one by one or to many at once;
//! and the rows that say which are told about what.

mod gateway;
mod many;
mod rounds;
mod rows;

pub use aws_calls::ConnectError;
pub use gateway::Gateway;
pub use https::Roots;
pub use many::{Posted, post, post_all};
pub use rounds::{POSTS_AT_ONCE, Rounds};
pub use rows::enter;

#[cfg(test)]
mod tests;
