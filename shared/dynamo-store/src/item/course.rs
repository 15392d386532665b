//! The item of a course: `COURSE#<id>`. Its version is the sequence of its event.

use domain::{Course, CourseDetails, SaleStatus};
use serde::{Deserialize, Serialize};

use super::parts::{Nanos, read_currency, read_money, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Key, courses_key, created_key, name_key};

/// Entity of a course item.
pub(crate) const ENTITY: &str = "course";

#[derive(Debug, Serialize, Deserialize)]
struct CourseItem {
    pk: String,
    entity: String,
    version: u64,
    news: bool,
    tenant: String,
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    price: i64,
    currency: String,
    active: bool,
    created_at: Nanos,
    list_key: String,
    created_key: String,
    name_key: String,
}

/// The item of this version.
pub(crate) fn encode(course: &Course) -> Result<Image, ItemError> {
    let details = &course.details;
    write(CourseItem {
        pk: Key::Course(course.id.clone()).pk(),
        entity: ENTITY.to_owned(),
        version: course.version,
        news: true,
        tenant: course.tenant.to_string(),
        title: details.title.clone(),
        description: details.description.clone(),
        price: details.price.minor(),
        currency: details.price.currency().code().to_owned(),
        active: details.status == SaleStatus::Active,
        created_at: Nanos(course.created_at),
        list_key: courses_key(&course.tenant, details.status),
        created_key: created_key(course.created_at, course.id.as_str()),
        name_key: name_key(&details.title),
    })
}

/// The course in an item.
pub(crate) fn decode(image: Image) -> Result<Course, ItemError> {
    let item: CourseItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    let Key::Course(id) = Key::parse(&item.pk).map_err(ItemError::of("pk"))? else {
        return Err(ItemError::of("pk")("the key names no course"));
    };
    Ok(Course {
        id,
        tenant: read_tenant(&item.tenant)?,
        details: CourseDetails {
            title: item.title,
            description: item.description,
            price: read_money(item.price, read_currency(&item.currency)?)?,
            status: match item.active {
                true => SaleStatus::Active,
                false => SaleStatus::Withdrawn,
            },
        },
        created_at: item.created_at.0,
        version: item.version,
    })
}
