//! The sockets that API Gateway holds: what is posted to them, one by one or to many at once.

mod gateway;
mod many;
mod rounds;

pub use aws_calls::ConnectError;
pub use gateway::Gateway;
pub use https::Roots;
pub use many::{Posted, post_all};
pub use rounds::{POSTS_AT_ONCE, Rounds};

#[cfg(test)]
mod tests;
