//! `cartwright seed`: products and stock to try the shop with, the same ones every time.

mod sample;

use std::fmt;
use std::io::Write;

use clap::{Args, ValueEnum};
use domain::ports::{StockShelves, StoreError, WriteCatalogue};
use domain::{Product, StockLine};
use dynamo_store::{CatalogTable, InventoryTable};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

pub(crate) use sample::SampleError;

#[cfg(test)]
mod tests;

/// How many products are written at a time.
const AT_ONCE: usize = 16;

/// Set up products and stock. Repeating it adds nothing.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// How many products.
    #[arg(long, value_enum, default_value_t = Size::Small)]
    size: Size,
    /// How many pieces of each product to put on the shelf.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    stock: u32,
    /// Add the pieces even where there is stock.
    #[arg(long)]
    restock: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Size {
    /// 10 products.
    Small,
    /// 100 products.
    Medium,
    /// 1,000 products.
    Large,
}

impl Size {
    const fn products(self) -> u16 {
        match self {
            Self::Small => 10,
            Self::Medium => 100,
            Self::Large => 1_000,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Seeded {
    /// Products written.
    products: usize,
    /// SKUs that got pieces.
    stocked: usize,
    /// Pieces that each of those got.
    pieces_each: u32,
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            products,
            stocked,
            pieces_each,
        } = self;
        write!(f, "{products} products; ")?;
        match stocked {
            0 => f.write_str("stock left as it was"),
            _ => write!(
                f,
                "{pieces_each} pieces of each of {stocked} put on the shelf"
            ),
        }
    }
}

impl Seed {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let [catalogue, inventory] = settings.all(["CATALOG_TABLE", "INVENTORY_TABLE"])?;
        let tenant = settings.optional("HOME_TENANT").unwrap_or("main");
        let aws = sdk_config(settings).await;
        let catalogue = CatalogTable::connect(&aws, catalogue);
        let inventory = InventoryTable::connect(&aws, inventory);
        let seeded = self
            .seed(&catalogue, &inventory, (tenant, crate::now()))
            .await?;
        output.say(&seeded)?;
        Ok(Ending::Done)
    }

    async fn seed(
        &self,
        catalogue: &impl WriteCatalogue,
        shelves: &impl StockShelves,
        (tenant, now): (&str, Timestamp),
    ) -> Result<Seeded, Failure> {
        let products = sample::products(self.size.products(), tenant, now)?;
        let count = products.len();
        let stocked: Vec<bool> = stream::iter(&products)
            .map(|product| self.set_up(catalogue, shelves, product, now))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Seeded {
            products: count,
            stocked: stocked.into_iter().filter(|stocked| *stocked).count(),
            pieces_each: self.stock,
        })
    }

    /// Whether the product got pieces.
    async fn set_up(
        &self,
        catalogue: &impl WriteCatalogue,
        shelves: &impl StockShelves,
        product: &Product,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        catalogue.put(product).await?;
        if !self.restock && shelves.available(&product.sku).await?.is_some() {
            return Ok(false);
        }
        let line = StockLine {
            sku: product.sku.clone(),
            quantity: self.stock,
        };
        shelves.restock(&line, now).await?;
        Ok(true)
    }
}
