//! What rows are recognised by, in whatever sequence they come: sums of the hashes of their values, column
//! for column, and of the rows as wholes, so that no value can have changed its row either.

use domain::{Checksums, EventsByTenant};
use wyhash::wyhash;

/// One for each column: the same value is another in another one.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
const ROW: u64 = 6;
/// In place of the payload of an event that has none; no JSON begins so.
const NOTHING: &[u8] = b"\0";

/// The checksums of rows.
pub fn checksums(rows: &EventsByTenant) -> Checksums {
    let mut all = Checksums::default();
    for (tenant, events) in rows {
        for event in events {
            let (at, micros) = (event.at.as_microsecond(), event.took.micros());
            let payload = event.payload.as_deref().map_or(NOTHING, str::as_bytes);
            let values: [&[u8]; 5] = [
                tenant.as_str().as_bytes(),
                event.event_type.as_str().as_bytes(),
                &at.to_le_bytes(),
                &micros.to_le_bytes(),
                payload,
            ];
            add(&mut all, values);
        }
    }
    all
}

/// What two piles of rows have together.
#[must_use]
pub fn together(one: Checksums, other: Checksums) -> Checksums {
    let mut sums = one.sums;
    for (sum, more) in sums.iter_mut().zip(other.sums) {
        *sum = sum.wrapping_add(more);
    }
    Checksums {
        rows: one.rows.saturating_add(other.rows),
        sums,
    }
}

fn add(all: &mut Checksums, values: [&[u8]; 5]) {
    let mut row = [0_u8; 40];
    let hashes = values
        .into_iter()
        .zip(SEEDS)
        .map(|(value, seed)| wyhash(value, seed));
    for ((sum, hash), place) in all.sums.iter_mut().zip(hashes).zip(row.chunks_exact_mut(8)) {
        *sum = sum.wrapping_add(hash);
        place.copy_from_slice(&hash.to_le_bytes());
    }
    let [.., whole] = &mut all.sums;
    *whole = whole.wrapping_add(wyhash(&row, ROW));
    all.rows = all.rows.saturating_add(1);
}
