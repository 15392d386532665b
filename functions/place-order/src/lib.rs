//! place-order
