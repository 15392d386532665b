//! Sets of people, spread over rows that a hash of the id chooses. A row with 1,600 of them, of a set
//! with 100,000, has sixty kilobytes; it could have six times as many.

use std::collections::BTreeSet;

use domain::CustomerId;
use domain::ports::{Listed, StoreError};
use sha2::{Digest, Sha256};

use crate::answer::broken;
use crate::item::subscribers::decode;
use crate::key::Key;
use crate::table::Table;

/// Rows of a set.
const ROWS: u8 = 64;

/// The row of a person: always the same one.
pub(crate) fn row_of(customer: &CustomerId) -> u8 {
    let digest = Sha256::digest(customer.as_str());
    digest.first().map_or(0, |byte| byte % ROWS)
}

impl<S> Table<S> {
    /// Who is in a row of this entity.
    pub(crate) async fn people_in(
        &self,
        key: &Key,
        entity: &'static str,
    ) -> Result<BTreeSet<CustomerId>, StoreError> {
        let image = self.get(key).await?;
        let row = image.map(|image| decode(image, entity)).transpose();
        Ok(row.map_err(|error| broken(&error))?.unwrap_or_default())
    }

    /// Up to `limit` of all rows, after somebody that an earlier page told. Who comes or goes moves
    /// nobody else to another page.
    pub(crate) async fn page_of_people(
        &self,
        (key, entity): (impl Fn(u8) -> Key, &'static str),
        after: Option<&str>,
        limit: u16,
    ) -> Result<Listed<CustomerId>, StoreError> {
        let last = after.map(CustomerId::parse).transpose();
        let last = last.map_err(|error| broken(&error))?;
        let first_row = last.as_ref().map_or(0, row_of);
        let mut items: Vec<CustomerId> = Vec::new();
        for row in first_row..ROWS {
            let left = usize::from(limit.max(1)) - items.len();
            let all = self.people_in(&key(row), entity).await?;
            let is_next = |it: &CustomerId| {
                last.as_ref()
                    .is_none_or(|last| row_of(last) < row || it > last)
            };
            let mut rest = all.into_iter().filter(is_next);
            items.extend(rest.by_ref().take(left));
            if items.len() >= usize::from(limit.max(1)) && (rest.next().is_some() || row + 1 < ROWS)
            {
                let next = items.last().map(ToString::to_string);
                return Ok(Listed { items, next });
            }
        }
        Ok(Listed { items, next: None })
    }
}
