//! `bench sockets`: one message to thousands of sockets, beside Node's `ws`; and what one post takes.

mod broadcast;
mod counted;
mod function;
mod slices;
mod talker;

use std::fmt;

use serde::Serialize;

use crate::BenchError;
use crate::place::Place;
use crate::table::{Column, Table, count, milliseconds};
pub use broadcast::Row;
pub use counted::{Counted, one_of_many};

/// How many sockets there are.
const SOCKETS: usize = 5_000;
/// How many messages go to all of them.
const BROADCASTS: u64 = 5;

/// What it takes to reach sockets.
#[derive(Debug, Serialize)]
pub struct Sockets {
    /// What ran it.
    pub machine: String,
    /// How many there were.
    pub sockets: usize,
    /// How many messages each of them got, once.
    pub broadcasts: u64,
    /// One for each program.
    pub rows: Vec<Row>,
    /// What a post takes; nothing where instructions are not counted.
    pub posts: Option<[Counted; 3]>,
}

/// Counts posts, then broadcasts with ours and with the peer, one after the other.
///
/// # Errors
/// When a socket misses a message, or gets one twice.
pub async fn run(place: &Place) -> Result<Sockets, BenchError> {
    place.progress("instructions of a post");
    let posts = match &place.callgrind {
        Some(counter) => Some([
            counted::one_of_many(place, counter).await?,
            counted::each_its_own(place, counter).await?,
            counted::by_function(place, counter).await?,
        ]),
        None => None,
    };
    let mut rows = Vec::new();
    place.progress(format!("{SOCKETS} sockets behind the gateway"));
    rows.push(broadcast::posts(place, SOCKETS, BROADCASTS).await?);
    place.progress(format!(
        "{SOCKETS} sockets behind the gateway, told as one group"
    ));
    rows.extend(broadcast::function(place, SOCKETS, BROADCASTS).await?);
    if let Some(command) = place.peers.get("node sockets") {
        place.progress(format!("{SOCKETS} sockets at Node"));
        rows.push(broadcast::peer(place, command, SOCKETS, BROADCASTS).await?);
    }
    Ok(Sockets {
        machine: place.machine.clone(),
        sockets: SOCKETS,
        broadcasts: BROADCASTS,
        rows,
        posts,
    })
}

impl fmt::Display for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("program"),
            Column::right("median, ms"),
            Column::right("99th percentile, ms"),
            Column::right("longest, ms"),
        ]);
        for row in &self.rows {
            table.row([
                row.name.clone(),
                milliseconds(Some(row.p50_ms)),
                milliseconds(Some(row.p99_ms)),
                milliseconds(Some(row.max_ms)),
            ]);
        }
        let (sockets, broadcasts) = (self.sockets, self.broadcasts);
        writeln!(
            f,
            "{sockets} sockets, medians of {broadcasts} broadcasts\n{table}"
        )?;
        let mut table = Table::new([
            Column::left("a post"),
            Column::right("instructions"),
            Column::right("ours"),
        ]);
        for post in self.posts.iter().flatten() {
            let own = Some(post.own_instructions);
            table.row([
                post.name.to_owned(),
                count(Some(post.instructions)),
                count(own),
            ]);
        }
        write!(f, "{table}")
    }
}
