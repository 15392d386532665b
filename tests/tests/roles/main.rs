//! Every action that a role allows is needed: with any one of them taken away, the function's job
//! fails; given back, it works again. What nobody needs would be found here.
//!
//! A binary of its own, because it breaks functions for everybody while it runs; each test of it
//! runs alone.

#![expect(
    clippy::indexing_slicing,
    reason = "test code: a place that is not there must stop the test"
)]

mod jobs;
mod policy;
