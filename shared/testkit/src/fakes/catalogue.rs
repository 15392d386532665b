//! Products.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::ports::{ReadCatalogue, StoreError, WriteCatalogue};
use domain::{Product, ProductId};

use super::unavailable;
use crate::lock;

/// The catalogue table.
#[derive(Clone, Debug, Default)]
pub struct FakeCatalogue(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    products: BTreeMap<ProductId, Product>,
    reads: usize,
    failing_reads: u32,
}

impl FakeCatalogue {
    /// Adds, or replaces, a product.
    #[must_use]
    pub fn with(self, product: Product) -> Self {
        lock(&self.0).products.insert(product.id.clone(), product);
        self
    }

    /// How often products were read.
    pub fn reads(&self) -> usize {
        lock(&self.0).reads
    }

    /// Lets the next read find the store unavailable.
    pub fn fail_next_read(&self) {
        lock(&self.0).failing_reads += 1;
    }
}

impl ReadCatalogue for FakeCatalogue {
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let mut inner = lock(&self.0);
        inner.reads += 1;
        if inner.failing_reads > 0 {
            inner.failing_reads -= 1;
            return Err(unavailable());
        }
        let known = ids.iter().filter_map(|id| inner.products.get(id));
        Ok(known
            .map(|product| (product.id.clone(), product.clone()))
            .collect())
    }
}

impl WriteCatalogue for FakeCatalogue {
    async fn put(&self, product: &Product) -> Result<(), StoreError> {
        lock(&self.0)
            .products
            .insert(product.id.clone(), product.clone());
        Ok(())
    }
}
