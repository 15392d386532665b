//! Tests of `ports`.
