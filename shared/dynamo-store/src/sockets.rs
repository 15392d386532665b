//! Tickets, and which sockets are told about what. A socket comes into a set and out of it without a
//! read and without a condition on others: writes of two sockets never meet, and each may be repeated.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ports::{KeepSockets, KeepTickets, MOST_SOCKETS, ReadSlices, StoreError, TakeTickets};
use domain::{SecretHash, Socket, Ticket, Topic};

use crate::answer::{broken, classify};
use crate::batch::KeyMap;
use crate::item::socket::{SOCKETS, decode_sockets, decode_ticket, encode_socket, encode_ticket};
use crate::key::Key;
use crate::schema::{EXPIRES, PK};
use crate::table::{CAPACITY, Realtime, Table, number, refusal, text};

impl KeepTickets for Table<Realtime> {
    async fn put_ticket(&self, secret: SecretHash, ticket: &Ticket) -> Result<(), StoreError> {
        let image = encode_ticket(secret.0, ticket).map_err(|error| broken(&error))?;
        // Unconditional: nobody else has these 256 random bits.
        self.client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}

impl TakeTickets for Table<Realtime> {
    /// Of two who delete at once, one is told what was there.
    async fn take_ticket(&self, secret: SecretHash) -> Result<Option<Ticket>, StoreError> {
        let taken = self
            .client
            .delete_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Ticket(secret.0).pk()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(classify)?;
        let there = taken.attributes.filter(|item| !item.is_empty());
        let ticket = there.map(|item| decode_ticket(item.into())).transpose();
        ticket.map_err(|error| broken(&error))
    }
}

impl KeepSockets for Table<Realtime> {
    async fn join(&self, topic: &Topic, socket: &Socket) -> Result<bool, StoreError> {
        let slice = topic.slice_of(&socket.id);
        let joined = self
            .update(&Key::Sockets(topic.clone(), slice), SOCKETS)
            .update_expression("SET #entity = :entity, #expires = :expires ADD sockets :sockets")
            .condition_expression("attribute_not_exists(sockets) OR size(sockets) < :most")
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":expires", number(socket.all_end_by().as_second()))
            .expression_attribute_values(":sockets", set([socket]))
            .expression_attribute_values(":most", number(MOST_SOCKETS))
            .send()
            .await;
        match joined {
            Ok(_) => Ok(true),
            Err(error) => refusal(error).map(|_| false),
        }
    }

    async fn leave(&self, topic: &Topic, sockets: &[Socket]) -> Result<(), StoreError> {
        let mut slices: BTreeMap<u8, Vec<&Socket>> = BTreeMap::new();
        for socket in sockets {
            let slice = slices.entry(topic.slice_of(&socket.id));
            slice.or_default().push(socket);
        }
        for (slice, sockets) in slices {
            let left = self
                .update(&Key::Sockets(topic.clone(), slice), SOCKETS)
                .update_expression("SET #entity = :entity DELETE sockets :sockets")
                .condition_expression("attribute_exists(sockets)")
                .expression_attribute_values(":sockets", set(sockets))
                .send()
                .await;
            if let Err(error) = left {
                refusal(error)?;
            }
        }
        Ok(())
    }

    async fn sockets_of(&self, topic: &Topic) -> Result<Vec<Socket>, StoreError> {
        let key =
            |slice| KeyMap::from([(PK.to_owned(), text(Key::Sockets(topic.clone(), slice).pk()))]);
        let keys: Vec<KeyMap> = (0..topic.slices()).map(key).collect();
        let rows = self.batch_now(&keys).await?.into_iter();
        let sockets: Result<Vec<_>, _> = rows.map(decode_sockets).collect();
        let mut sockets: Vec<Socket> = sockets
            .map_err(|error| broken(&error))?
            .into_iter()
            .flatten()
            .collect();
        sockets.sort();
        Ok(sockets)
    }
}

impl ReadSlices for Table<Realtime> {
    async fn sockets_in(&self, topic: &Topic, slice: u8) -> Result<Vec<Socket>, StoreError> {
        let row = self.get(&Key::Sockets(topic.clone(), slice)).await?;
        let sockets = row.map(decode_sockets).transpose();
        let mut sockets = sockets.map_err(|error| broken(&error))?.unwrap_or_default();
        sockets.sort();
        Ok(sockets)
    }
}

fn set<'a>(sockets: impl IntoIterator<Item = &'a Socket>) -> AttributeValue {
    AttributeValue::Ss(sockets.into_iter().map(encode_socket).collect())
}
