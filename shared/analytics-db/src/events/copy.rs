//! Rows in the binary form of `COPY`, written (<https://www.postgresql.org/docs/current/sql-copy.html>): numbers as
//! they are, most significant byte first, each value behind its length.

use domain::MetricEvent;
use domain::ports::StoreError;

use super::TenantNumber;
use crate::answer::broken;

/// The columns of a row.
pub(crate) const COPY_COLUMNS: &str = "created_at, processing_us, tenant_id, event_type, payload";

/// Eleven bytes that say what follows, no flags, no more of a header.
pub(crate) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In place of a number of columns.
pub(crate) const END: i16 = -1;
const COLUMNS: i16 = 5;
/// In place of a length.
pub(crate) const NULL: i32 = -1;
/// The only form of `jsonb` on the wire: the text behind this byte.
pub(crate) const JSONB: u8 = 1;
/// What the server counts its microseconds from, 2000-01-01, in microseconds of the epoch.
pub(crate) const EPOCH: i64 = 946_684_800_000_000;
/// A row with a type of ten characters and no payload.
const USUAL: usize = 56;

/// Rows on their way.
#[derive(Debug)]
pub(crate) struct Encoded(Vec<u8>);

impl Encoded {
    /// None, and room for so many.
    pub(crate) fn new(rows: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEADER.len() + USUAL * rows + 2);
        bytes.extend_from_slice(HEADER);
        Self(bytes)
    }

    /// A row of each event.
    pub(crate) fn add(
        &mut self,
        tenant: TenantNumber,
        events: &[MetricEvent],
    ) -> Result<(), StoreError> {
        for event in events {
            self.0.extend_from_slice(&COLUMNS.to_be_bytes());
            self.value(&(event.at.as_microsecond() - EPOCH).to_be_bytes())?;
            self.value(&event.took.micros().to_be_bytes())?;
            self.value(&tenant.to_be_bytes())?;
            self.value(event.event_type.as_str().as_bytes())?;
            match &event.payload {
                Some(payload) => {
                    self.length(payload.len() + 1)?;
                    self.0.push(JSONB);
                    self.0.extend_from_slice(payload.as_bytes());
                }
                None => self.0.extend_from_slice(&NULL.to_be_bytes()),
            }
        }
        Ok(())
    }

    /// All of it.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&END.to_be_bytes());
        self.0
    }

    fn value(&mut self, value: &[u8]) -> Result<(), StoreError> {
        self.length(value.len())?;
        self.0.extend_from_slice(value);
        Ok(())
    }

    fn length(&mut self, length: usize) -> Result<(), StoreError> {
        let length = i32::try_from(length).map_err(broken)?;
        self.0.extend_from_slice(&length.to_be_bytes());
        Ok(())
    }
}
