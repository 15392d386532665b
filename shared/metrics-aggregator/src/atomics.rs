//! The operations that threads meet by. A test puts a model of them in their place.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
pub(crate) use std::thread::yield_now;

pub(crate) use crossbeam_utils::atomic::AtomicCell;
