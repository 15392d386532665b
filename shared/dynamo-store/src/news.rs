//! Which news of third parties were taken in, beside what they are about.

use domain::NewsId;
use domain::ports::{RememberNews, StoreError};
use jiff::Timestamp;

use crate::answer::broken;
use crate::item::news::encode;
use crate::key::Key;
use crate::table::{Payments, PutError, Shipping, Table};

impl<S> Table<S> {
    async fn knows(&self, id: &NewsId) -> Result<bool, StoreError> {
        let known = self.get(&Key::News(id.clone())).await?;
        Ok(known.is_some())
    }

    async fn note_news(&self, id: &NewsId, until: Timestamp) -> Result<(), StoreError> {
        let image = encode(id, until).map_err(|error| broken(&error))?;
        match self.put(image, 0).await {
            Ok(()) | Err(PutError::Refused(_)) => Ok(()),
            Err(PutError::Store(error)) => Err(error),
        }
    }
}

macro_rules! remembers_news {
    ($($service:ident),*) => {
        $(impl RememberNews for Table<$service> {
            async fn is_known(&self, id: &NewsId) -> Result<bool, StoreError> {
                self.knows(id).await
            }

            async fn note(&self, id: &NewsId, until: Timestamp) -> Result<(), StoreError> {
                self.note_news(id, until).await
            }
        })*
    };
}

remembers_news!(Payments, Shipping);
