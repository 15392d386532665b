//! The same rows into a table of their own, without figures, ids, months or an index.

use std::sync::Arc;
use std::time::Instant;

use event_samples::Samples;
use futures::{StreamExt, stream};
use sqlx::{Connection, PgConnection, PgPool};

use crate::load::{AT_ONCE, Loaded};
use crate::{Result, Wanted};

const TABLE: &str = r"
DROP TABLE IF EXISTS bare_events;
CREATE TABLE bare_events (
    created_at timestamptz NOT NULL, processing_us bigint NOT NULL, tenant_id integer NOT NULL,
    event_type text NOT NULL, payload jsonb
)";
/// What the server counts its microseconds from, 2000-01-01.
const EPOCH: i64 = 946_684_800_000_000;

/// Copies them.
pub(crate) async fn copy(url: &str, wanted: Wanted) -> Result<Loaded> {
    let mut server = PgConnection::connect(url).await?;
    sqlx::raw_sql(TABLE).execute(&mut server).await?;
    let pool = PgPool::connect(url).await?;
    let samples = Arc::new(wanted.samples());
    let start = Instant::now();
    let chunks = samples.chunks().map(|chunk| {
        let (pool, samples) = (pool.clone(), Arc::clone(&samples));
        let work = async move {
            let rows = encoded(&samples, chunk);
            let mut connection = pool.acquire().await?;
            let copy = "COPY bare_events FROM STDIN (FORMAT binary)";
            let mut copy = connection.copy_in_raw(copy).await?;
            copy.send(rows).await?;
            copy.finish().await
        };
        async { tokio::spawn(work).await.map_err(Into::into) }
    });
    let copied: Vec<Result<_>> = stream::iter(chunks)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for copied in copied {
        copied??;
    }
    let loaded = Loaded::since(start, wanted.rows);
    sqlx::raw_sql("DROP TABLE bare_events")
        .execute(&mut server)
        .await?;
    server.close().await?;
    Ok(loaded)
}

fn encoded(samples: &Samples, chunk: u64) -> Vec<u8> {
    let mut out = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for batch in samples.chunk(chunk) {
        let digits: String = batch
            .tenant
            .as_str()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let tenant: i32 = digits.parse().unwrap_or_default();
        for event in &batch.events {
            out.extend_from_slice(&5_i16.to_be_bytes());
            put(&mut out, &(event.at.as_microsecond() - EPOCH).to_be_bytes());
            put(&mut out, &event.took.micros().to_be_bytes());
            put(&mut out, &tenant.to_be_bytes());
            put(&mut out, event.event_type.as_str().as_bytes());
            out.extend_from_slice(&(-1_i32).to_be_bytes());
        }
    }
    out.extend_from_slice(&(-1_i16).to_be_bytes());
    out
}

fn put(out: &mut Vec<u8>, value: &[u8]) {
    let length = i32::try_from(value.len()).unwrap_or(-1);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value);
}
