//! The rows of figures: `COUNTED#<order>`, what was counted of an order; `FIGURES#…`, the figures of a
//! period, one attribute each, far below a kilobyte; `NEWEST#<tenant>`, the newest courses.

use std::collections::BTreeMap;

use domain::{
    CountedOrder, CourseId, Currency, FailureCode, Figure, NewCourse, NewestCourses, OrderId,
    Period, RefundId, Standing, Tally, TenantId,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_dynamo::AttributeValue;

use super::parts::{Nanos, read_currency, read_money};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

/// Entity of the figures of a period.
pub(crate) const FIGURES: &str = "figures";
const COUNTED: &str = "counted";
/// Entity of the newest courses.
pub(crate) const NEWEST: &str = "newest";

/// How long after it began the figures of a day, or of an hour, are kept: as long as anybody's today.
const KEPT: SignedDuration = SignedDuration::from_hours(72);

#[derive(Debug, Serialize, Deserialize)]
struct CountedItem {
    pk: String,
    entity: String,
    version: u64,
    passed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cur: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    /// By id, in minor units of `refund_cur`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refunds: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund_cur: Option<String>,
}

/// The item of its next version.
pub(crate) fn encode_counted(order: OrderId, counted: &CountedOrder) -> Result<Image, ItemError> {
    let refunds = counted.refunds.iter();
    let code = |currency: Currency| currency.code().to_owned();
    write(CountedItem {
        pk: Key::Counted(order).pk(),
        entity: COUNTED.to_owned(),
        version: counted.version.saturating_add(1),
        passed: counted
            .passed
            .iter()
            .map(|it| it.name().to_owned())
            .collect(),
        cur: counted.total.map(|total| code(total.currency())),
        total: counted.total.map(|total| total.minor()),
        refund_cur: counted
            .refunds
            .values()
            .next()
            .map(|it| code(it.currency())),
        refunds: refunds
            .map(|(id, it)| (id.to_string(), it.minor()))
            .collect(),
    })
}

pub(crate) fn decode_counted(image: Image) -> Result<CountedOrder, ItemError> {
    let item: CountedItem = read(image)?;
    expect_entity(&item.entity, COUNTED)?;
    let standing = |name: &String| {
        Standing::from_name(name).ok_or_else(|| ItemError::of("passed")("no standing"))
    };
    let total = item.cur.zip(item.total);
    let total = total.map(|(code, minor)| read_money(minor, read_currency(&code)?));
    let refund = |(id, minor): (&String, &i64)| {
        let code = item.refund_cur.as_deref().unwrap_or_default();
        let id = RefundId::parse(id).map_err(ItemError::of("refunds"))?;
        Ok((id, read_money(*minor, read_currency(code)?)?))
    };
    Ok(CountedOrder {
        passed: item.passed.iter().map(standing).collect::<Result<_, _>>()?,
        total: total.transpose()?,
        refunds: item
            .refunds
            .iter()
            .map(refund)
            .collect::<Result<_, ItemError>>()?,
        version: item.version,
    })
}

/// The attribute of a figure.
pub(crate) fn attribute(figure: Figure) -> String {
    match figure {
        Figure::Standing(standing) => format!("standing_{}", standing.name()),
        Figure::Placed(minute) => format!("placed_{minute:02}"),
        Figure::Revenue(currency) => format!("revenue_{}", currency.code()),
        Figure::Refunds(currency) => format!("refunds_{}", currency.code()),
        Figure::Failures(code) => format!("failures_{}", code.name()),
    }
}

fn figure_of(attribute: &str) -> Option<Figure> {
    let (kind, rest) = attribute.split_once('_')?;
    match kind {
        "standing" => Standing::from_name(rest).map(Figure::Standing),
        "placed" => rest.parse().ok().map(Figure::Placed),
        "revenue" => Currency::parse(rest).ok().map(Figure::Revenue),
        "refunds" => Currency::parse(rest).ok().map(Figure::Refunds),
        "failures" => FailureCode::from_name(rest).map(Figure::Failures),
        _ => None,
    }
}

/// When the figures of a period may be removed, in seconds since 1970; those of now stay.
pub(crate) fn expires(period: Period) -> Result<Option<i64>, ItemError> {
    let (day, hour) = match period {
        Period::Now => return Ok(None),
        Period::Day(day) => (day, 0),
        Period::Hour(day, hour) => (day, hour),
    };
    let begins = day.at(hour, 0, 0, 0).to_zoned(TimeZone::UTC);
    let ends = begins.and_then(|begins| begins.timestamp().checked_add(KEPT));
    Ok(Some(ends.map_err(ItemError::of("expires"))?.as_second()))
}

/// The figures in a row. What a later version counts is passed by.
pub(crate) fn decode_figures(image: Image) -> Result<Vec<Tally>, ItemError> {
    let (mut tallies, mut entity, mut key) = (Vec::new(), String::new(), String::new());
    for (name, value) in image.into_inner() {
        match value {
            AttributeValue::S(text) if name == crate::schema::PK => key = text,
            AttributeValue::S(text) if name == crate::schema::ENTITY => entity = text,
            AttributeValue::N(number) => {
                if let Some(figure) = figure_of(&name) {
                    let by = number.parse().map_err(ItemError::of("figure"))?;
                    tallies.push((figure, by));
                }
            }
            _ => {}
        }
    }
    expect_entity(&entity, FIGURES)?;
    let Key::Figures(_, period, _) = Key::parse(&key).map_err(ItemError::of("pk"))? else {
        return Err(ItemError::of("pk")("the key is of no figures"));
    };
    let tally = |(figure, by)| Tally { period, figure, by };
    Ok(tallies.into_iter().map(tally).collect())
}

#[derive(Debug, Serialize, Deserialize)]
struct NewestItem {
    pk: String,
    entity: String,
    version: u64,
    courses: Vec<CourseItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CourseItem {
    id: String,
    title: String,
    at: Nanos,
}

/// The item of its next version.
pub(crate) fn encode_newest(shop: &TenantId, newest: &NewestCourses) -> Result<Image, ItemError> {
    let course = |course: &NewCourse| CourseItem {
        id: course.id.to_string(),
        title: course.title.clone(),
        at: Nanos(course.created_at),
    };
    write(NewestItem {
        pk: Key::Newest(shop.clone()).pk(),
        entity: NEWEST.to_owned(),
        version: newest.version.saturating_add(1),
        courses: newest.courses.iter().map(course).collect(),
    })
}

pub(crate) fn decode_newest(image: Image) -> Result<NewestCourses, ItemError> {
    let item: NewestItem = read(image)?;
    expect_entity(&item.entity, NEWEST)?;
    let course = |course: CourseItem| {
        let Nanos(created_at): Nanos = course.at;
        Ok(NewCourse {
            id: CourseId::parse(&course.id).map_err(ItemError::of("courses"))?,
            title: course.title,
            created_at,
        })
    };
    let courses = item.courses.into_iter().map(course);
    Ok(NewestCourses {
        courses: courses.collect::<Result<_, ItemError>>()?,
        version: item.version,
    })
}
