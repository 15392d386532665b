//! What transactions of all tables are made of.

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::ports::StoreError;

use crate::answer::broken;
use crate::item::Image;
use crate::schema::{PK, VERSION};
use crate::table::number;

/// The put of an item as a part of a transaction, if the stored one still has this version; 0 for none
/// stored. A refusal tells what is stored.
pub(crate) fn writing(
    table: &str,
    image: Image,
    stored_version: u64,
) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(image.into()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let put = match stored_version {
        0 => put
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", PK),
        version => put
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":version", number(version)),
    };
    let put = put.build().map_err(|error| broken(&error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}
