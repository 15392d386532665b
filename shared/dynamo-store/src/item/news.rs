//! The item of news that were taken in: `NEWS#<id>`. DynamoDB removes it some time after its end.

use domain::NewsId;
use jiff::Timestamp;
use serde::Serialize;

use super::{Image, ItemError, write};
use crate::key::Key;

#[derive(Debug, Serialize)]
struct NewsItem {
    pk: String,
    entity: &'static str,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

pub(crate) fn encode(id: &NewsId, until: Timestamp) -> Result<Image, ItemError> {
    write(NewsItem {
        pk: Key::News(id.clone()).pk(),
        entity: "news",
        expires: until.as_second(),
    })
}
