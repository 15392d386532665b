//! The inboxes of consumers, each in the table of its service.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::Sequence;
use domain::ports::{Inbox, SaveError, StoreError};

use crate::answer::{broken, classify};
use crate::item::Image;
use crate::item::realtime::{INBOX, read_applied};
use crate::key::{Consumer, Key};
use crate::schema::{ENTITY, PK};
use crate::table::{CAPACITY, Orders, Realtime, Table, number, text};

impl<S> Table<S> {
    async fn applied_by(
        &self,
        consumer: Consumer,
        aggregate: &str,
    ) -> Result<Sequence, StoreError> {
        let key = Key::Inbox(consumer, aggregate.to_owned());
        applied_in(self.get(&key).await?)
    }

    async fn advance_of(
        &self,
        consumer: Consumer,
        aggregate: &str,
        to: Sequence,
    ) -> Result<(), SaveError<Sequence>> {
        let update = self
            .update(&Key::Inbox(consumer, aggregate.to_owned()), INBOX)
            .update_expression("SET #entity = :entity, applied = :to")
            .expression_attribute_values(":to", number(to))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = match to.0 {
            0 | 1 => update.condition_expression("attribute_not_exists(applied)"),
            to => update
                .condition_expression("applied = :before")
                .expression_attribute_values(":before", number(to - 1)),
        };
        let Err(error) = update.send().await else {
            return Ok(());
        };
        let stored = refusal(error)?;
        Err(SaveError::Conflict(Some(Box::new(applied_in(stored)?))))
    }

    pub(crate) fn update(&self, key: &Key, entity: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(key.pk()))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(entity))
    }
}

fn applied_in(image: Option<Image>) -> Result<Sequence, StoreError> {
    let applied = image.map(read_applied).transpose();
    let applied = applied.map_err(|error| broken(&error))?;
    Ok(applied.unwrap_or(Sequence::NONE))
}

/// What a failed condition told of the stored item; any other error as it is.
pub(crate) fn refusal(error: SdkError<UpdateItemError>) -> Result<Option<Image>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            Ok(refusal.item.clone().map(Image::from))
        }
        _ => Err(classify(error)),
    }
}

macro_rules! inboxes {
    ($($service:ident of $consumer:ident),*) => {
        $(impl Inbox for Table<$service> {
            async fn applied(&self, aggregate: &str) -> Result<Sequence, StoreError> {
                self.applied_by(Consumer::$consumer, aggregate).await
            }

            async fn advance(
                &self,
                aggregate: &str,
                to: Sequence,
            ) -> Result<(), SaveError<Sequence>> {
                self.advance_of(Consumer::$consumer, aggregate, to).await
            }
        })*
    };
}

inboxes!(Realtime of Notify, Orders of TrackShipments);
