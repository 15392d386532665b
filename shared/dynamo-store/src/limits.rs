//! Rows of limits: what is held of each, by the end of its being held. There is no version: a change
//! is conditional on what it rests on only, so that any number of processes can take at once.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ports::StoreError;
use limits::{CounterError, Counters, End, Refused, Row, Update};

use crate::answer::broken;
use crate::item::Image;
use crate::item::limit::{ENTITY as LIMIT, attribute, decode};
use crate::key::Key;
use crate::schema::{ENTITY, EXPIRES, PK};
use crate::table::{CAPACITY, Operations, Table, number, refusal, text};

fn unavailable(error: StoreError) -> CounterError {
    CounterError(Box::new(error))
}

fn read(image: Option<Image>) -> Result<Row, CounterError> {
    let row = image.map(decode).transpose();
    let row = row.map_err(|error| unavailable(broken(&error)))?;
    Ok(row.unwrap_or_default())
}

impl Counters for Table<Operations> {
    async fn row(&self, key: &str) -> Result<Row, CounterError> {
        let image = self.get(&Key::Limit(key.to_owned())).await;
        read(image.map_err(unavailable)?)
    }

    /// A change whose answer was lost, and which is sent again, takes twice: what is held for nobody
    /// is counted until its end.
    async fn change(&self, key: &str, update: &Update) -> Result<Row, Refused> {
        let change = self
            .client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Limit(key.to_owned()).pk()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match expressed(change, update).send().await {
            Ok(answer) => read(answer.attributes.map(Image::from)).map_err(Refused::Error),
            Err(error) => match refusal(error) {
                Ok(image) => Err(read(image).map_or_else(Refused::Error, Refused::Row)),
                Err(error) => Err(Refused::Error(unavailable(error))),
            },
        }
    }
}

/// The change in DynamoDB's words.
fn expressed(change: UpdateItemFluentBuilder, update: &Update) -> UpdateItemFluentBuilder {
    let mut sets = vec![
        "#entity = :entity".to_owned(),
        "#expires = :expires".to_owned(),
        "#held = if_not_exists(#held, :zero) + :more".to_owned(),
        "#end = if_not_exists(#end, :zero) + :added".to_owned(),
    ];
    let mut removes = Vec::new();
    let mut conditions = vec!["(attribute_not_exists(#held) OR #held <= :most)".to_owned()];
    let more = i64::from(update.take) - i64::from(update.given_up());
    let mut change = change
        .expression_attribute_names("#entity", ENTITY)
        .expression_attribute_names("#expires", EXPIRES)
        .expression_attribute_names("#held", "held")
        .expression_attribute_names("#end", attribute(update.end))
        .expression_attribute_values(":entity", text(LIMIT))
        .expression_attribute_values(":expires", number(update.expires()))
        .expression_attribute_values(":zero", number(0))
        .expression_attribute_values(":more", number(more))
        .expression_attribute_values(":most", number(update.at_most));
    let mut added = i64::from(update.take);
    match update.moved {
        Some((end, moved)) if end == update.end => {
            added -= i64::from(moved);
            conditions.push("#end >= :moved".to_owned());
            change = change.expression_attribute_values(":moved", number(moved));
        }
        Some((end, moved)) => {
            sets.push("#from = #from - :moved".to_owned());
            conditions.push("#from >= :moved".to_owned());
            change = change
                .expression_attribute_names("#from", attribute(end))
                .expression_attribute_values(":moved", number(moved));
        }
        None => {}
    }
    for (place, (end, held)) in update.forget.iter().enumerate() {
        removes.push(format!("#over{place}"));
        conditions.push(format!("#over{place} = :over{place}"));
        change = forget(change, place, (*end, *held));
    }
    let mut expression = format!("SET {}", sets.join(", "));
    if !removes.is_empty() {
        expression = format!("{expression} REMOVE {}", removes.join(", "));
    }
    change
        .expression_attribute_values(":added", number(added))
        .update_expression(expression)
        .condition_expression(conditions.join(" AND "))
}

fn forget(
    change: UpdateItemFluentBuilder,
    place: usize,
    (end, held): (End, u32),
) -> UpdateItemFluentBuilder {
    change
        .expression_attribute_names(format!("#over{place}"), attribute(end))
        .expression_attribute_values(format!(":over{place}"), number(held))
}
