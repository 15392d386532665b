//! Products and courses.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use domain::ports::{KeepCourses, KeepProducts, Listed, ReadCatalogue, SaveError, StoreError};
use domain::{
    CatalogueQuery, CatalogueSort, Course, CourseId, Product, ProductId, SaleStatus, TenantId,
};

use crate::answer::broken;
use crate::batch::KeyMap;
use crate::item::{Image, ItemError, course, product};
use crate::key::{Key, courses_key, products_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{BY_AGE, BY_NAME, PK};
use crate::table::{CAPACITY, Catalog, PutError, Table, text};

impl ReadCatalogue for Table<Catalog> {
    /// Reads are eventually consistent: a price that changed within the last second may be
    /// either, and it costs half.
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let ids: BTreeSet<&ProductId> = ids.iter().collect();
        let keys: Vec<KeyMap> = ids
            .into_iter()
            .map(|id| key_map(Key::Product(id.clone()).pk()))
            .collect();
        let mut images = Vec::with_capacity(keys.len());
        match keys.as_slice() {
            [only] => images.extend(self.one(only).await?),
            many => images.extend(self.all_of(many).await?),
        }
        let found = images.into_iter().map(|image| {
            let product = product::decode(image).map_err(|error| broken(&error))?;
            Ok((product.id.clone(), product))
        });
        found.collect()
    }
}

fn key_map(pk: String) -> KeyMap {
    KeyMap::from([(PK.to_owned(), text(pk))])
}

impl Table<Catalog> {
    async fn one(&self, key: &KeyMap) -> Result<Option<Image>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_key(Some(key.clone()))
            .send()
            .await
            .map_err(crate::answer::classify)?;
        Ok(answer.item.map(Image::from))
    }
}

/// An entry of the catalogue as this table keeps it.
trait Kept: Sized + Clone + Debug + PartialEq + Send {
    fn key(&self) -> Key;
    fn encode(&self) -> Result<Image, ItemError>;
    fn decode(image: Image) -> Result<Self, ItemError>;
    fn version_mut(&mut self) -> &mut u64;
    fn status(&self) -> SaleStatus;
    fn list_key(tenant: &TenantId, status: SaleStatus) -> String;
}

impl Kept for Product {
    fn key(&self) -> Key {
        Key::Product(self.id.clone())
    }
    fn encode(&self) -> Result<Image, ItemError> {
        product::encode(self)
    }
    fn decode(image: Image) -> Result<Self, ItemError> {
        product::decode(image)
    }
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
    fn status(&self) -> SaleStatus {
        self.status
    }
    fn list_key(tenant: &TenantId, status: SaleStatus) -> String {
        products_key(tenant, status)
    }
}

impl Kept for Course {
    fn key(&self) -> Key {
        Key::Course(self.id.clone())
    }
    fn encode(&self) -> Result<Image, ItemError> {
        course::encode(self)
    }
    fn decode(image: Image) -> Result<Self, ItemError> {
        course::decode(image)
    }
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
    fn status(&self) -> SaleStatus {
        self.details.status
    }
    fn list_key(tenant: &TenantId, status: SaleStatus) -> String {
        courses_key(tenant, status)
    }
}

impl Table<Catalog> {
    async fn entry<E: Kept>(&self, key: &Key) -> Result<Option<E>, StoreError> {
        let image = self.get(key).await?;
        let entry = image.map(E::decode).transpose();
        entry.map_err(|error| broken(&error))
    }

    /// Where the put was refused because it is there already, its answer was lost and it was sent
    /// again.
    async fn save_entry<E: Kept>(&self, mut entry: E) -> Result<E, SaveError<E>> {
        let version = entry.version_mut();
        let stored_version = *version;
        *version = stored_version.saturating_add(1);
        let image = entry.encode().map_err(|error| broken(&error))?;
        match self.put(image, stored_version).await {
            Ok(()) => Ok(entry),
            Err(PutError::Refused(stored)) => {
                let stored = stored.map(E::decode).transpose();
                match stored.map_err(|error| broken(&error))? {
                    Some(stored) if stored == entry => Ok(entry),
                    stored => Err(SaveError::Conflict(stored.map(Box::new))),
                }
            }
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }

    /// The index tells which and in what order, a batch tells what they are.
    async fn list_entries<E: Kept>(&self, query: &CatalogueQuery) -> Result<Listed<E>, StoreError> {
        let index = match query.sort {
            CatalogueSort::Newest => BY_AGE,
            CatalogueSort::Name => BY_NAME,
        };
        let asked = Query {
            index,
            partition: E::list_key(&query.tenant, query.status),
            part: Part::Whole,
            newest_first: query.sort == CatalogueSort::Newest,
            limit: i32::from(query.limit.max(1)),
            after: query.after.as_deref().map(entry_at).transpose()?,
        };
        let page = self.page(&asked).await?;
        let keys: Vec<KeyMap> = page
            .entries
            .iter()
            .map(|entry| key_map(entry.pk.clone()))
            .collect();
        let mut known = HashMap::new();
        for image in self.all_of(&keys).await? {
            let entry = E::decode(image).map_err(|error| broken(&error))?;
            known.insert(entry.key().pk(), entry);
        }
        let fits = |entry: &Entry| {
            let entry = known.remove(&entry.pk)?;
            (entry.status() == query.status).then_some(entry)
        };
        let last = page.entries.last().filter(|_| page.more);
        Ok(Listed {
            next: last.map(place_of),
            items: page.entries.iter().filter_map(fits).collect(),
        })
    }
}

/// Between the parts of a place: in no key and in no name.
const SEPARATOR: char = '\n';

fn place_of(entry: &Entry) -> String {
    format!("{}{SEPARATOR}{}", entry.pk, entry.sort)
}

fn entry_at(place: &str) -> Result<Entry, StoreError> {
    let nowhere = || broken(&crate::key::InvalidKey(place.to_owned()));
    let (pk, sort) = place.split_once(SEPARATOR).ok_or_else(nowhere)?;
    Ok(Entry {
        pk: pk.to_owned(),
        sort: sort.to_owned(),
    })
}

impl KeepProducts for Table<Catalog> {
    async fn product(&self, id: &ProductId) -> Result<Option<Product>, StoreError> {
        self.entry(&Key::Product(id.clone())).await
    }

    async fn save_product(&self, product: Product) -> Result<Product, SaveError<Product>> {
        self.save_entry(product).await
    }

    async fn list_products(&self, query: &CatalogueQuery) -> Result<Listed<Product>, StoreError> {
        self.list_entries(query).await
    }
}

impl KeepCourses for Table<Catalog> {
    async fn course(&self, id: &CourseId) -> Result<Option<Course>, StoreError> {
        self.entry(&Key::Course(id.clone())).await
    }

    async fn save_course(&self, course: Course) -> Result<Course, SaveError<Course>> {
        self.save_entry(course).await
    }

    async fn list_courses(&self, query: &CatalogueQuery) -> Result<Listed<Course>, StoreError> {
        self.list_entries(query).await
    }
}
