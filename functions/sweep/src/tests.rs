//! Tests of the handler.
