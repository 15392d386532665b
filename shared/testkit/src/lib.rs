//! What tests need: builders, fakes for every port, the checks that fakes and adapters must both
//! pass, and the invariants of the shop.

pub mod build;
pub mod bus;
mod clock;
pub mod fakes;
pub mod hostile;
pub mod http;
pub mod invariants;
pub mod keys;
pub mod log;
pub mod port_checks;
pub mod stream;
pub mod webhook;

pub use clock::FakeClock;

/// Takes the value of a result that a test counts on.
///
/// # Panics
/// With the error, when there is one.
#[track_caller]
pub fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a test counts on this: {error:?}"),
    }
}

/// Takes the error of a result that a test counts on.
///
/// # Panics
/// With the value, when there is no error.
#[track_caller]
pub fn must_fail<T: std::fmt::Debug, E>(result: Result<T, E>) -> E {
    match result {
        Ok(value) => panic!("a test counts on an error, not on {value:?}"),
        Err(error) => error,
    }
}

/// Takes the value of an option that a test counts on.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn must_have<T>(option: Option<T>) -> T {
    match option {
        Some(value) => value,
        None => panic!("a test counts on a value that is not there"),
    }
}

thread_local! {
    static TOUCHED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How often this thread came to any fake so far, for anything: no call of a port is missed.
pub fn touched() -> u64 {
    TOUCHED.get()
}

/// The lock, also after a test panicked while it held it.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    TOUCHED.set(TOUCHED.get() + 1);
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
