//! Tests of `money`.
