//! What all processes know of third parties.

use std::future::Future;
use std::time::Duration;

use breaker::{PutError as Refused, Row, Share, ShareError};
use domain::ports::{Cause, StoreError};
use tokio::time::timeout;

use crate::answer::broken;
use crate::item::Image;
use crate::item::breaker::{decode, encode};
use crate::key::Key;
use crate::table::{Operations, PutError, Table};

/// A call of a third party waits for its row no longer: it goes by what its process knows.
const LIMIT: Duration = Duration::from_secs(1);

async fn soon<T>(call: impl Future<Output = T>) -> Result<T, ShareError> {
    let late = |_| {
        away(StoreError::Unavailable(Cause(format!(
            "no answer in {LIMIT:?}"
        ))))
    };
    timeout(LIMIT, call).await.map_err(late)
}

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
        let key = Key::Breaker(name.to_owned());
        let image = soon(self.get(&key)).await?;
        row_in(image.map_err(away)?)
    }

    async fn put_breaker(&self, name: &str, row: &Row) -> Result<(), Refused> {
        let image = encode(name, row).map_err(|error| Refused::Share(away(broken(&error))))?;
        let put = soon(self.put(image, row.version)).await;
        match put.map_err(Refused::Share)? {
            Ok(()) => Ok(()),
            Err(PutError::Refused(stored)) => {
                Err(row_in(stored).map_or_else(Refused::Share, Refused::Taken))
            }
            Err(PutError::Store(error)) => Err(Refused::Share(away(error))),
        }
    }
}
