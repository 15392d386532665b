//! The catalogue.

use std::collections::BTreeMap;
use std::future::Future;

use super::{Cause, SaveError, StoreError};
use crate::{CatalogueQuery, Course, CourseId, Product, ProductId};

/// How often a product is written anew that others change meanwhile.
const MAX_TRIES: u32 = 4;

/// Reads products for placement.
pub trait ReadCatalogue {
    /// The products among these ids that exist.
    fn products(
        &self,
        ids: &[ProductId],
    ) -> impl Future<Output = Result<BTreeMap<ProductId, Product>, StoreError>> + Send;
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// The place where the list goes on; nothing on the last page.
    pub next: Option<String>,
}

/// Keeps products.
pub trait KeepProducts {
    /// The product, consistently.
    fn product(
        &self,
        id: &ProductId,
    ) -> impl Future<Output = Result<Option<Product>, StoreError>> + Send;
    /// Stores a product if what is stored is still what it was read from.
    fn save_product(
        &self,
        product: Product,
    ) -> impl Future<Output = Result<Product, SaveError<Product>>> + Send;
    /// One page. Lists may lag by about a second, and what changed its status meanwhile is left
    /// out.
    fn list_products(
        &self,
        query: &CatalogueQuery,
    ) -> impl Future<Output = Result<Listed<Product>, StoreError>> + Send;
}

/// Keeps courses.
pub trait KeepCourses {
    /// The course, consistently.
    fn course(
        &self,
        id: &CourseId,
    ) -> impl Future<Output = Result<Option<Course>, StoreError>> + Send;
    /// Stores a course if what is stored is still what it was read from.
    fn save_course(
        &self,
        course: Course,
    ) -> impl Future<Output = Result<Course, SaveError<Course>>> + Send;
    /// One page, as of products.
    fn list_courses(
        &self,
        query: &CatalogueQuery,
    ) -> impl Future<Output = Result<Listed<Course>, StoreError>> + Send;
}

/// Sets products up.
pub trait WriteCatalogue {
    /// Creates a product, or gives the one that is there the details of this one.
    fn put(&self, product: &Product) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl<S: KeepProducts + Sync> WriteCatalogue for S {
    async fn put(&self, product: &Product) -> Result<(), StoreError> {
        for _ in 0..MAX_TRIES {
            let wanted = match self.product(&product.id).await? {
                None => product.clone(),
                Some(mut stored) => {
                    if !stored.update(product.details(), product.changed_at) {
                        return Ok(());
                    }
                    stored
                }
            };
            match self.save_product(wanted).await {
                Ok(_) => return Ok(()),
                Err(SaveError::Conflict(_)) => {}
                Err(SaveError::Store(error)) => return Err(error),
            }
        }
        let cause = Cause(format!("changed by others {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause))
    }
}
