//! What all processes know of third parties.

use breaker::{PutError as Refused, Row, Share, ShareError};
use domain::ports::StoreError;

use crate::answer::broken;
use crate::item::Image;
use crate::item::breaker::{decode, encode};
use crate::key::Key;
use crate::table::{Operations, PutError, Table};

fn away(error: StoreError) -> ShareError {
    ShareError(Box::new(error))
}

fn row_in(image: Option<Image>) -> Result<Row, ShareError> {
    let row = image.map(decode).transpose();
    let row = row.map_err(|error| away(broken(&error)))?;
    Ok(row.unwrap_or_default())
}

impl Share for Table<Operations> {
    async fn breaker(&self, name: &str) -> Result<Row, ShareError> {
        let image = self.get(&Key::Breaker(name.to_owned())).await;
        row_in(image.map_err(away)?)
    }

    async fn put_breaker(&self, name: &str, row: &Row) -> Result<(), Refused> {
        let image = encode(name, row).map_err(|error| Refused::Share(away(broken(&error))))?;
        match self.put(image, row.version).await {
            Ok(()) => Ok(()),
            Err(PutError::Refused(stored)) => {
                Err(row_in(stored).map_or_else(Refused::Share, Refused::Taken))
            }
            Err(PutError::Store(error)) => Err(Refused::Share(away(error))),
        }
    }
}
