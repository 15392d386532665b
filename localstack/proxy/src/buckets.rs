//! How many units each item may still take: a token bucket that holds one second's worth.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::item::Item;

#[cfg(test)]
mod tests;

/// From this many on, full buckets are forgotten; a bucket that is not there is full.
const MANY: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    buckets: HashMap<Item, Bucket>,
    /// How many are too many: twice those that were not full at the last look.
    limit: usize,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    balance: f64,
    at: Duration,
}

impl Buckets {
    /// Whether more was taken than there was.
    pub(crate) fn overdrawn(&self, item: &Item, rate: f64, now: Duration) -> bool {
        let book = self.book();
        book.buckets
            .get(item)
            .is_some_and(|bucket| bucket.balance(rate, now) < 0.0)
    }

    pub(crate) fn charge(&self, item: &Item, units: f64, rate: f64, now: Duration) {
        let mut book = self.book();
        if book.buckets.len() >= book.limit.max(MANY) {
            book.buckets
                .retain(|_, bucket| bucket.balance(rate, now) < rate);
            book.limit = book.buckets.len() * 2;
        }
        let full = Bucket {
            balance: rate,
            at: now,
        };
        let bucket = book.buckets.entry(item.clone()).or_insert(full);
        bucket.balance = bucket.balance(rate, now) - units;
        bucket.at = now;
    }

    pub(crate) fn fill_all(&self) {
        *self.book() = Book::default();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn balance(&self, rate: f64, now: Duration) -> f64 {
        let since = now.saturating_sub(self.at).as_secs_f64();
        rate.min(self.balance + rate * since)
    }
}
