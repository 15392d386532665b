//! Bodies of the catalogue.

use domain::{
    Course, CourseDetails, CourseId, Money, Product, ProductDetails, ProductId, SaleStatus, Sku,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::wire::{line_of_text, lines_of_text};
use crate::{AmountBody, InvalidBody};

#[cfg(test)]
mod tests;

/// Body of `PUT /api/v1/products/{id}`: the whole product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateProduct {
    /// What leaves the warehouse when it is sold.
    pub sku: String,
    /// What the customer reads first.
    pub name: String,
    /// What the customer reads then; up to 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Price of one.
    pub price: AmountBody,
    /// `active` or `withdrawn`.
    pub status: String,
}

impl UpdateProduct {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<ProductDetails, InvalidBody> {
        Ok(ProductDetails {
            sku: Sku::parse(&self.sku).map_err(|error| InvalidBody::at("/sku", error))?,
            name: line_of_text("/name", &self.name)?,
            description: lines_of_text("/description", &self.description)?,
            price: parse_price(&self.price, 1)?,
            status: parse_status(&self.status)?,
        })
    }
}

/// Body of `POST /api/v1/products`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    /// Its id, which no other has; it gets one where none is given. With an id of one's own, or an
    /// `Idempotency-Key`, a request can be repeated and makes no second product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// What leaves the warehouse when it is sold.
    pub sku: String,
    /// What the customer reads first.
    pub name: String,
    /// What the customer reads then; up to 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Price of one.
    pub price: AmountBody,
    /// `active`, which it is unless said otherwise, or `withdrawn`.
    #[serde(default = "active")]
    pub status: String,
}

fn active() -> String {
    SaleStatus::Active.name().to_owned()
}

impl CreateProduct {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(self) -> Result<(Option<ProductId>, ProductDetails), InvalidBody> {
        let id = self.product_id.as_deref().map(ProductId::parse).transpose();
        let id = id.map_err(|error| InvalidBody::at("/product_id", error))?;
        let details = UpdateProduct {
            sku: self.sku,
            name: self.name,
            description: self.description,
            price: self.price,
            status: self.status,
        };
        Ok((id, details.parse()?))
    }
}

/// Body of `POST /api/v1/courses`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCourse {
    /// Its id, which no other course has; it gets one where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_id: Option<String>,
    /// What the customer reads first.
    pub title: String,
    /// What the customer reads then; up to 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Price; may be nothing.
    pub price: AmountBody,
    /// `active`, which it is unless said otherwise, or `withdrawn`.
    #[serde(default = "active")]
    pub status: String,
}

impl CreateCourse {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<(Option<CourseId>, CourseDetails), InvalidBody> {
        let id = self.course_id.as_deref().map(CourseId::parse).transpose();
        let id = id.map_err(|error| InvalidBody::at("/course_id", error))?;
        let details = CourseDetails {
            title: line_of_text("/title", &self.title)?,
            description: lines_of_text("/description", &self.description)?,
            price: parse_price(&self.price, 0)?,
            status: parse_status(&self.status)?,
        };
        Ok((id, details))
    }
}

fn parse_price(price: &AmountBody, least: i64) -> Result<Money, InvalidBody> {
    let money = Money::try_from(price).map_err(|error| InvalidBody::at("/price", error))?;
    if (least..=Product::MAX_PRICE).contains(&money.minor()) {
        return Ok(money);
    }
    let bounds = format!("{least} to {} minor units", Product::MAX_PRICE);
    Err(InvalidBody::at("/price/minor", bounds))
}

fn parse_status(text: &str) -> Result<SaleStatus, InvalidBody> {
    let status = SaleStatus::from_name(text);
    status.ok_or_else(|| InvalidBody::at("/status", "active or withdrawn"))
}

/// A product as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductBody {
    /// Its id.
    pub product_id: String,
    /// What leaves the warehouse when it is sold.
    pub sku: String,
    /// What the customer reads first.
    pub name: String,
    /// What the customer reads then; may be empty.
    pub description: String,
    /// Price of one.
    pub price: AmountBody,
    /// `active` or `withdrawn`.
    pub status: String,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// Rises with every change; the `ETag` of the answer.
    pub version: u64,
}

impl From<&Product> for ProductBody {
    fn from(product: &Product) -> Self {
        Self {
            product_id: product.id.to_string(),
            sku: product.sku.to_string(),
            name: product.name.clone(),
            description: product.description.clone(),
            price: product.price.into(),
            status: product.status.name().to_owned(),
            created_at: product.created_at,
            changed_at: product.changed_at,
            version: product.version,
        }
    }
}

/// Answer to `GET /api/v1/products`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductListBody {
    /// In the order that was asked for.
    pub products: Vec<ProductBody>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A course as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CourseBody {
    /// Its id.
    pub course_id: String,
    /// What the customer reads first.
    pub title: String,
    /// What the customer reads then; may be empty.
    pub description: String,
    /// Price.
    pub price: AmountBody,
    /// `active` or `withdrawn`.
    pub status: String,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// The `ETag` of the answer.
    pub version: u64,
}

impl From<&Course> for CourseBody {
    fn from(course: &Course) -> Self {
        let details = &course.details;
        Self {
            course_id: course.id.to_string(),
            title: details.title.clone(),
            description: details.description.clone(),
            price: details.price.into(),
            status: details.status.name().to_owned(),
            created_at: course.created_at,
            version: course.version,
        }
    }
}

/// Answer to `GET /api/v1/courses`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CourseListBody {
    /// In the order that was asked for.
    pub courses: Vec<CourseBody>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
