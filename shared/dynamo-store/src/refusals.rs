//! Refusals, one a minute of whom at what, in the table of operations: its stream tells the audit log.

use domain::Refusal;
use domain::ports::{NoteRefusals, StoreError};

use crate::answer::broken;
use crate::item::refusal::encode;
use crate::schema::PK;
use crate::table::{CAPACITY, Operations, Table, refusal, text};

impl NoteRefusals for Table<Operations> {
    /// By an update, because those who are counted here are changed by updates too: no function needs
    /// another permission.
    async fn note_refusal(&self, noted: &Refusal) -> Result<(), StoreError> {
        let (key, image) = encode(noted).map_err(|error| broken(&error))?;
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(key.pk()))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", PK);
        let mut sets = Vec::new();
        for (place, (name, value)) in image.into_inner().into_iter().enumerate() {
            sets.push(format!("#n{place} = :v{place}"));
            update = update
                .expression_attribute_names(format!("#n{place}"), name)
                .expression_attribute_values(format!(":v{place}"), value.into());
        }
        let update = update.update_expression(format!("SET {}", sets.join(", ")));
        match update.send().await {
            Ok(_) => Ok(()),
            // Another process was first this minute.
            Err(error) => refusal(error).map(drop),
        }
    }
}
