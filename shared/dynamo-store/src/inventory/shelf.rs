//! One change of the stock of one SKU, in place and without reading it first.
//!
//! That it is low is an entry in an index, which costs a write. So a change leaves the entry as it
//! is, on the condition that this is right; only where it is refused because stock becomes low, or
//! is so no longer, it is sent again with the entry set or removed. Conditions know no arithmetic,
//! so the item has `spare`, which is `available - low_at`.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::ports::StoreError;
use domain::{Sku, Stock};
use jiff::Timestamp;

use crate::answer::broken;
use crate::item::stock::{ENTITY, Shelf};
use crate::key::{Key, LOW};
use crate::schema::{NEWS, PK, VERSION};
use crate::table::{number, text};

/// `spare` of an item of before, which has none: never low.
const FAR: i64 = 1_000_000_000_000;

/// What a change does to the entry in the index of what is low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It stays as it is, there or not.
    Kept,
    /// Stock becomes low.
    Set,
    /// Stock is low no longer.
    Removed,
}

impl Mark {
    /// What a change by so many pieces does.
    pub(super) fn of(shelf: &Shelf, by: i64) -> Self {
        let after = shelf.spare.map(|spare| spare.saturating_add(by));
        let low_after = after.is_some_and(|spare| spare <= 0);
        match (shelf.is_listed, low_after) {
            (false, true) => Self::Set,
            (true, false) => Self::Removed,
            _ => Self::Kept,
        }
    }

    /// Tells changes apart.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Kept => 'k',
            Self::Set => 's',
            Self::Removed => 'r',
        }
    }
}

/// Whose change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// A lease takes pieces, or gives them back.
    Lease,
    /// Pieces come in, or a count is put right.
    Movement,
    /// Pieces come in for the first time.
    First,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    sku: Sku,
    by: i64,
    mark: Mark,
    cause: Cause,
}

impl Change {
    pub(super) fn of_lease(sku: Sku, by: i64, mark: Mark) -> Self {
        let cause = Cause::Lease;
        Self {
            sku,
            by,
            mark,
            cause,
        }
    }

    pub(super) fn of_movement(sku: Sku, by: i64, mark: Mark) -> Self {
        let cause = Cause::Movement;
        Self {
            sku,
            by,
            mark,
            cause,
        }
    }

    /// Of a SKU that is not known yet.
    pub(super) fn first(sku: Sku, by: i64) -> Self {
        let (mark, cause) = (Mark::Kept, Cause::First);
        Self {
            sku,
            by,
            mark,
            cause,
        }
    }

    pub(super) fn write(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(table)
            .key(PK, text(Key::Stock(self.sku.clone()).pk()))
            .update_expression(self.expression())
            .condition_expression(self.condition())
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#news", NEWS)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (name, value) in self.values(now) {
            update = update.expression_attribute_values(name, value);
        }
        if self.cause == Cause::First {
            update = update
                .expression_attribute_names("#entity", crate::schema::ENTITY)
                .expression_attribute_names("#key", PK);
        }
        let update = update.build().map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn expression(&self) -> String {
        let pieces = match self.cause {
            Cause::First => {
                "#entity = :entity, available = :by, put_in = :by, spare = :by, low_at = :zero"
            }
            Cause::Lease => "available = available + :by, spare = if_not_exists(spare, :far) + :by",
            Cause::Movement => {
                "available = available + :by, spare = if_not_exists(spare, :far) + :by, \
                 put_in = if_not_exists(put_in, available) + :by"
            }
        };
        let (set, remove) = match self.mark {
            Mark::Kept => ("", ""),
            Mark::Set => (", low_shard = :low, low_sku = :sku", ""),
            Mark::Removed => ("", " REMOVE low_shard, low_sku"),
        };
        format!("SET {pieces}, changed_at = :now, #news = :true{set}{remove} ADD #version :one")
    }

    /// What is taken is there; what is put in is not too much; and the entry is right.
    fn condition(&self) -> String {
        if self.cause == Cause::First {
            return "attribute_not_exists(#key)".to_owned();
        }
        let takes = self.by < 0;
        let pieces = match (takes, self.cause) {
            (true, _) => "available >= :quantity",
            (false, Cause::Movement) => {
                "attribute_exists(available) AND (attribute_not_exists(put_in) OR put_in <= :room)"
            }
            (false, _) => "attribute_exists(available)",
        };
        let entry = match self.mark {
            Mark::Kept if takes => {
                "(attribute_exists(low_sku) OR attribute_not_exists(spare) OR spare > :quantity)"
            }
            Mark::Kept => "(attribute_not_exists(low_sku) OR spare <= :least)",
            Mark::Set => "attribute_not_exists(low_sku) AND spare <= :quantity",
            Mark::Removed => "attribute_exists(low_sku) AND spare > :least",
        };
        format!("{pieces} AND {entry}")
    }

    /// Those that the expressions name, and no others: DynamoDB refuses what is not used.
    fn values(&self, now: Timestamp) -> Vec<(&'static str, AttributeValue)> {
        let mut values = vec![
            (":true", AttributeValue::Bool(true)),
            (":by", number(self.by)),
            (":now", number(now.as_nanosecond())),
            (":one", number(1)),
        ];
        match self.cause {
            Cause::First => {
                values.extend([(":entity", text(ENTITY)), (":zero", number(0))]);
                return values;
            }
            Cause::Lease | Cause::Movement => values.push((":far", number(FAR))),
        }
        let other_way = number(self.by.saturating_neg());
        match self.by < 0 {
            true => values.push((":quantity", other_way)),
            false => values.push((":least", other_way)),
        }
        if self.by > 0 && self.cause == Cause::Movement {
            let room = i64::from(Stock::MAX).saturating_sub(self.by);
            values.push((":room", number(room)));
        }
        if self.mark == Mark::Set {
            values.extend([(":low", text(LOW)), (":sku", text(self.sku.as_str()))]);
        }
        values
    }
}
