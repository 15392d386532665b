//! What the stream of the realtime table says about lists of notifications.

use std::collections::HashMap;

use domain::ports::{Heard, ListNews, ListsPage, StoreError, WalkLists};

use crate::answer::classify;
use crate::item::notification::{LIST, NOTIFICATION, decode, decode_list};
use crate::item::{Image, ItemError};
use crate::key::Key;
use crate::outbox::{Head, UndecodableImage};
use crate::schema::{ENTITY, PK};
use crate::table::{CAPACITY, Realtime, Table, text};

/// What a new image says; nothing where it is of something else, or of a list that is open.
///
/// # Errors
/// [`UndecodableImage`].
pub fn told_in(image: Image) -> Result<Option<Heard>, UndecodableImage> {
    let head = Head::of(&image)?;
    let told = match head.entity.as_str() {
        NOTIFICATION => decode(image).map(|it| Some(ListNews::Told(it))),
        LIST => decode_list(image).map(|list| list.closed.then_some(ListNews::Closed)),
        _ => return Ok(None),
    };
    let pk = head.pk.clone();
    let reader = || match Key::parse(&pk).map_err(ItemError::of("pk"))? {
        Key::Notification(tenant, reader, _) | Key::Notifications(tenant, reader) => {
            Ok((tenant, reader))
        }
        _ => Err(ItemError::of("pk")("the key names no list")),
    };
    let told = told.and_then(|news| Ok((news, reader()?)));
    let (news, (tenant, reader)) = told.map_err(head.unreadable())?;
    Ok(news.map(|news| Heard {
        tenant,
        reader,
        news,
    }))
}

impl WalkLists for Table<Realtime> {
    async fn all_lists(&self, from: Option<&str>) -> Result<ListsPage, StoreError> {
        let start = from.map(|pk| HashMap::from([(PK.to_owned(), text(pk))]));
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .consistent_read(true)
            .filter_expression("#entity = :notification OR #entity = :list")
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":notification", text(NOTIFICATION))
            .expression_attribute_values(":list", text(LIST))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(classify)?;
        let last = answer.last_evaluated_key.unwrap_or_default();
        let mut page = ListsPage {
            next: last.get(PK).and_then(|pk| pk.as_s().ok()).cloned(),
            ..ListsPage::default()
        };
        for image in answer.items.unwrap_or_default() {
            match told_in(Image::from(image)) {
                Ok(heard) => page.heard.extend(heard),
                Err(_) => page.unreadable += 1,
            }
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use domain::{ByMail, Notification};
    use serde_json::json;
    use testkit::build::{a_notice, an_order, customer, tenant};

    use super::*;
    use crate::item::Stored;
    use crate::item::notification::encode;
    use crate::outbox::from_stream_json;

    fn list(more: serde_json::Value) -> Image {
        let mut image = json!({
            "pk": {"S": "NOTIFICATIONS#main#alice"},
            "entity": {"S": "notifications"},
            "last": {"N": "7"},
        });
        let more = more.as_object().unwrap().clone();
        image.as_object_mut().unwrap().extend(more);
        from_stream_json(image).unwrap()
    }

    #[test]
    fn an_item_of_a_list_says_what_was_told_to_whom() {
        let (tenant, alice) = (tenant(), customer("alice"));
        for read in [false, true] {
            let notification = Notification {
                number: 7,
                notice: a_notice(3),
                by_mail: ByMail::NoAddress,
                texted: false,
                read,
            };
            let image = encode((&tenant, &alice), &notification).unwrap();
            let wanted = Heard {
                tenant: tenant.clone(),
                reader: alice.clone(),
                news: ListNews::Told(notification),
            };
            assert_eq!(told_in(image).unwrap(), Some(wanted));
        }
    }

    #[test]
    fn a_list_says_only_that_it_was_closed() {
        assert_eq!(told_in(list(json!({}))).unwrap(), None);
        let closed = told_in(list(json!({"closed": {"BOOL": true}}))).unwrap();
        let wanted = Heard {
            tenant: tenant(),
            reader: customer("alice"),
            news: ListNews::Closed,
        };
        assert_eq!(closed, Some(wanted));
    }

    #[test]
    fn other_items_say_nothing_and_broken_ones_are_named() {
        let order = an_order().pending().encode().unwrap();
        assert_eq!(told_in(order).unwrap(), None);
        let broken = list(json!({"pk": {"S": "NOTIFICATIONS#main"}, "closed": {"BOOL": true}}));
        assert_eq!(told_in(broken).unwrap_err().key, "NOTIFICATIONS#main");
    }
}
