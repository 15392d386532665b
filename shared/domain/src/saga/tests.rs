//! Tests of `saga`.
