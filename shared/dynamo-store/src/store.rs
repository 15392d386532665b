//! Loading and saving any aggregate: one consistent read, one conditional put.

use domain::ports::{Load, Save, SaveError, StoreError};

use crate::answer::broken;
use crate::item::{Image, Stored};
use crate::table::{PutError, Table};

impl<S, A: Stored<Service = S>> Load<A> for Table<S> {
    async fn load(&self, id: &A::Id) -> Result<Option<A>, StoreError> {
        self.get(&A::key(id)).await?.map(decoded).transpose()
    }
}

impl<S, A: Stored<Service = S>> Save<A> for Table<S> {
    async fn save(&self, mut aggregate: A) -> Result<A, SaveError<A>> {
        let image = encoded(&aggregate)?;
        let stored_version = aggregate.changes().stored_version();
        match self.put(image, stored_version).await {
            Ok(()) => {
                aggregate.changes_mut().saved();
                Ok(aggregate)
            }
            Err(PutError::Refused(stored)) => Err(SaveError::Conflict(in_a_box(stored)?)),
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }
}

/// The aggregate as its next version.
pub(crate) fn encoded<A: Stored>(aggregate: &A) -> Result<Image, StoreError> {
    aggregate.encode().map_err(|error| broken(&error))
}

/// The aggregate in an image.
pub(crate) fn decoded<A: Stored>(image: Image) -> Result<A, StoreError> {
    A::decode(image).map_err(|error| broken(&error))
}

/// What a refusal told of the stored aggregate.
pub(crate) fn in_a_box<A: Stored>(image: Option<Image>) -> Result<Option<Box<A>>, StoreError> {
    Ok(image.map(decoded).transpose()?.map(Box::new))
}
