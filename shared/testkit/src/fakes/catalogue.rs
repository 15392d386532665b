//! Products and courses.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    KeepCourses, KeepProducts, Listed, NoteAuthor, ReadCatalogue, SaveError, StoreError,
};
use domain::{
    Author, CatalogueQuery, CatalogueSort, Course, CourseId, Product, ProductId, SaleStatus,
    TenantId,
};
use jiff::Timestamp;

use super::unavailable;
use crate::lock;

/// The catalogue table.
#[derive(Clone, Debug, Default)]
pub struct FakeCatalogue(Arc<Mutex<Inner>>, Option<Author>);

#[derive(Debug, Default)]
struct Inner {
    products: BTreeMap<ProductId, Product>,
    courses: BTreeMap<CourseId, Course>,
    authors: Vec<Option<Author>>,
    reads: usize,
    failing_reads: u32,
}

impl FakeCatalogue {
    /// Adds, or replaces, a product.
    #[must_use]
    pub fn with(self, mut product: Product) -> Self {
        product.version = product.version.max(1);
        self.inner().products.insert(product.id.clone(), product);
        self
    }

    /// Who made each write, oldest first.
    pub fn authors(&self) -> Vec<Option<Author>> {
        self.inner().authors.clone()
    }

    /// How often products were read for placement.
    pub fn reads(&self) -> usize {
        self.inner().reads
    }

    /// Lets the next read find the store unavailable.
    pub fn fail_next_read(&self) {
        self.inner().failing_reads += 1;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn called(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = self.inner();
        if inner.failing_reads > 0 {
            inner.failing_reads -= 1;
            return Err(unavailable());
        }
        Ok(inner)
    }
}

impl NoteAuthor for FakeCatalogue {
    fn by(&self, author: &Author) -> Self {
        Self(self.0.clone(), Some(author.clone()))
    }
}

impl ReadCatalogue for FakeCatalogue {
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        self.inner().reads += 1;
        let inner = self.called()?;
        let known = ids.iter().filter_map(|id| inner.products.get(id));
        Ok(known
            .map(|product| (product.id.clone(), product.clone()))
            .collect())
    }
}

/// What is the same for products and courses.
trait Entry: Clone + Debug + PartialEq {
    fn version_mut(&mut self) -> &mut u64;
    fn list(&self) -> (&TenantId, SaleStatus);
    fn place(&self, sort: CatalogueSort) -> (Timestamp, String, &str);
}

impl Entry for Product {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
    fn list(&self) -> (&TenantId, SaleStatus) {
        (&self.tenant, self.status)
    }
    fn place(&self, sort: CatalogueSort) -> (Timestamp, String, &str) {
        placed(sort, self.created_at, &self.name, self.id.as_str())
    }
}

impl Entry for Course {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
    fn list(&self) -> (&TenantId, SaleStatus) {
        (&self.tenant, self.details.status)
    }
    fn place(&self, sort: CatalogueSort) -> (Timestamp, String, &str) {
        placed(sort, self.created_at, &self.details.title, self.id.as_str())
    }
}

fn placed<'a>(
    sort: CatalogueSort,
    at: Timestamp,
    name: &str,
    id: &'a str,
) -> (Timestamp, String, &'a str) {
    match sort {
        CatalogueSort::Newest => (at, String::new(), id),
        CatalogueSort::Name => (Timestamp::MIN, name.to_lowercase(), id),
    }
}

fn save<K: Ord, E: Entry>(
    entries: &mut BTreeMap<K, E>,
    id: K,
    mut entry: E,
) -> Result<E, SaveError<E>> {
    let mut stored = entries.get(&id).cloned();
    let known = stored.as_mut().map_or(0, |stored| *stored.version_mut());
    let expected = *entry.version_mut();
    *entry.version_mut() = expected + 1;
    if stored.as_ref() == Some(&entry) {
        return Ok(entry);
    }
    if known != expected {
        return Err(SaveError::Conflict(stored.map(Box::new)));
    }
    entries.insert(id, entry.clone());
    Ok(entry)
}

/// A place is the id of the last entry of the page before.
fn list<K, E: Entry>(entries: &BTreeMap<K, E>, query: &CatalogueQuery) -> Listed<E> {
    let wanted = |entry: &&E| entry.list() == (&query.tenant, query.status);
    let mut found: Vec<&E> = entries.values().filter(wanted).collect();
    found.sort_by(|one, other| one.place(query.sort).cmp(&other.place(query.sort)));
    if query.sort == CatalogueSort::Newest {
        found.reverse();
    }
    let id = |entry: &E| entry.place(query.sort).2.to_owned();
    if let Some(last) = &query.after {
        let at = found.iter().position(|entry| id(entry) == *last);
        found.drain(..at.map_or(found.len(), |at| at + 1));
    }
    let more = found.len() > usize::from(query.limit);
    found.truncate(query.limit.into());
    let last = found.last().filter(|_| more);
    Listed {
        next: last.map(|entry| id(entry)),
        items: found.into_iter().cloned().collect(),
    }
}

impl KeepProducts for FakeCatalogue {
    async fn product(&self, id: &ProductId) -> Result<Option<Product>, StoreError> {
        Ok(self.called()?.products.get(id).cloned())
    }

    async fn save_product(&self, product: Product) -> Result<Product, SaveError<Product>> {
        let mut inner = self.called()?;
        inner.authors.push(self.1.clone());
        save(&mut inner.products, product.id.clone(), product)
    }

    async fn list_products(&self, query: &CatalogueQuery) -> Result<Listed<Product>, StoreError> {
        Ok(list(&self.called()?.products, query))
    }
}

impl KeepCourses for FakeCatalogue {
    async fn course(&self, id: &CourseId) -> Result<Option<Course>, StoreError> {
        Ok(self.called()?.courses.get(id).cloned())
    }

    async fn save_course(&self, course: Course) -> Result<Course, SaveError<Course>> {
        let mut inner = self.called()?;
        inner.authors.push(self.1.clone());
        save(&mut inner.courses, course.id.clone(), course)
    }

    async fn list_courses(&self, query: &CatalogueQuery) -> Result<Listed<Course>, StoreError> {
        Ok(list(&self.called()?.courses, query))
    }
}
