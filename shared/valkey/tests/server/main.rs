//! The adapter on a real server, whose address is in `VALKEY_URL`: `make test` starts one and sets it.

#[cfg(test)]
mod away;

use std::sync::atomic::{AtomicU32, Ordering};

use testkit::must;
use valkey::Valkey;

/// A place of its own on the server.
async fn fresh() -> Valkey {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let space = format!("test-{}-{number}", std::process::id());
    must(Valkey::connect(&address(), &space))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the server is comes from whoever started it"
)]
fn address() -> String {
    let url = std::env::var("VALKEY_URL");
    url.unwrap_or_else(|_| panic!("VALKEY_URL is not set: `make test` sets it"))
}

testkit::check_answers!(crate::fresh());
