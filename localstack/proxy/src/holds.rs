//! Which items are being written at this moment, and by what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::item::{Item, Write};

#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<HashMap<Item, Writers>>);

/// How many calls in flight write an item. Of transactions there is one at most, unless it
/// names an item twice.
#[derive(Debug, Default)]
struct Writers {
    single: usize,
    transactions: usize,
}

/// Holds the items of a call until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    holds: Arc<Holds>,
    write: Write,
}

impl Holds {
    /// Takes all items of the call, or none and says of each whether it was in the way.
    pub(crate) fn take(self: &Arc<Self>, write: &Write) -> Result<Hold, Vec<bool>> {
        let mut table = self.table();
        let single = matches!(write, Write::Single(_));
        let touched = write.marked(|item| {
            let held = table.get(item);
            held.is_some_and(|held| !single || held.transactions > 0)
        });
        if touched.contains(&true) {
            return Err(touched);
        }
        for item in write.items() {
            *table.entry(item.clone()).or_default().of(write) += 1;
        }
        Ok(Hold {
            holds: Arc::clone(self),
            write: write.clone(),
        })
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Item, Writers>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut table = self.holds.table();
        for item in self.write.items() {
            if let Some(writers) = table.get_mut(item) {
                *writers.of(&self.write) -= 1;
                if writers.single + writers.transactions == 0 {
                    table.remove(item);
                }
            }
        }
    }
}

impl Writers {
    fn of(&mut self, write: &Write) -> &mut usize {
        match write {
            Write::Single(_) => &mut self.single,
            Write::Transaction(_) => &mut self.transactions,
        }
    }
}
