//! Idempotency keys: each write names what must still be there.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::ports::StoreError;
use idempotency::{Answer, Claim, ClaimError, KeepClaims, Key as Idempotency};
use jiff::Timestamp;
use uuid::Uuid;

use crate::answer::{broken, classify};
use crate::item::{Image, claim};
use crate::key::Key;
use crate::schema::{EXPIRES, PK};
use crate::table::{CAPACITY, Operations, Table, number, text};

/// The claim that is named holds and has no answer.
const HOLDS: &str = "#claim = :claim AND attribute_not_exists(#status)";

type Written = Result<(), ClaimError<StoreError>>;

impl KeepClaims for Table<Operations> {
    type Error = StoreError;

    async fn claim(&self, claim: &Claim, over: Option<Uuid>, now: Timestamp) -> Written {
        let put = self.put_claim(claim, None).map_err(ClaimError::Store)?;
        let put = match over {
            None => put
                .condition_expression("attribute_not_exists(#key) OR #expires < :now")
                .expression_attribute_names("#key", PK)
                .expression_attribute_names("#expires", EXPIRES)
                .expression_attribute_values(":now", number(now.as_second())),
            Some(over) => held_by(put, over),
        };
        put.send().await.map(drop).map_err(refusal)
    }

    async fn complete(&self, claim: &Claim, answer: &Answer) -> Written {
        let put = self
            .put_claim(claim, Some(answer))
            .map_err(ClaimError::Store)?;
        let put = held_by(put, claim.id);
        put.send().await.map(drop).map_err(refusal)
    }

    async fn release(&self, key: Idempotency, id: Uuid) -> Result<(), StoreError> {
        let released = self
            .client
            .delete_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Idempotency(key.0).pk()))
            .condition_expression(HOLDS)
            .expression_attribute_names("#claim", "claim")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":claim", text(id.to_string()))
            .send()
            .await;
        match released {
            Err(error) if !was_refused(&error) => Err(classify(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl Table<Operations> {
    fn put_claim(
        &self,
        claim: &Claim,
        answer: Option<&Answer>,
    ) -> Result<PutItemFluentBuilder, StoreError> {
        let image = claim::encode(claim, answer).map_err(|error| broken(&error))?;
        Ok(self
            .client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld))
    }
}

fn held_by(put: PutItemFluentBuilder, id: Uuid) -> PutItemFluentBuilder {
    put.condition_expression(HOLDS)
        .expression_attribute_names("#claim", "claim")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":claim", text(id.to_string()))
}

fn was_refused(error: &SdkError<DeleteItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(DeleteItemError::is_conditional_check_failed_exception)
}

fn refusal(error: SdkError<PutItemError>) -> ClaimError<StoreError> {
    let Some(PutItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error()
    else {
        return ClaimError::Store(classify(error));
    };
    let stored = refusal.item.clone().map(Image::from).map(claim::decode);
    match stored.transpose() {
        Ok(stored) => ClaimError::Taken(stored.map(Box::new)),
        Err(error) => ClaimError::Store(broken(&error)),
    }
}
