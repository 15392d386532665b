//! Stream events as Lambda sends them, from images in DynamoDB's JSON.

use domain::ports::Reader;
use domain::{ByMail, Notification};
use serde_json::{Map, Value, json};

/// The item of a notification that is not mailed, in DynamoDB's JSON.
pub fn notification_image((tenant, reader): Reader<'_>, notification: &Notification) -> Value {
    assert_eq!(notification.by_mail, ByMail::NoAddress);
    let notice = &notification.notice;
    let number = notification.number;
    let texts = notice.data.iter();
    let data: Map<String, Value> = texts
        .map(|(name, value)| (name.clone(), json!({"S": value})))
        .collect();
    json!({
        "pk": {"S": format!("NOTIFICATION#{tenant}#{reader}#{number:020}")},
        "entity": {"S": "notification"},
        "id": {"S": notice.id},
        "kind": {"S": notice.kind.name()},
        "title": {"S": notice.title},
        "message": {"S": notice.message},
        "data": {"M": data},
        "at": {"N": notice.at.as_nanosecond().to_string()},
        "unmailed": {"S": "no-address"},
        "expires": {"N": notification.expires_at().as_second().to_string()},
    })
}

/// One change of one item; an insert where there is no old image, a removal where there is no
/// new one.
#[derive(Clone, Debug)]
pub struct ItemChange {
    old: Option<Value>,
    new: Option<Value>,
}

impl ItemChange {
    /// An item came into being.
    pub fn inserted(new: Value) -> Self {
        Self {
            old: None,
            new: Some(new),
        }
    }

    /// An item changed.
    pub fn modified(old: Value, new: Value) -> Self {
        Self {
            old: Some(old),
            new: Some(new),
        }
    }

    /// An item is gone.
    pub fn removed(old: Value) -> Self {
        Self {
            old: Some(old),
            new: None,
        }
    }

    fn record(&self, number: usize) -> Value {
        let name = match (&self.old, &self.new) {
            (None, _) => "INSERT",
            (Some(_), Some(_)) => "MODIFY",
            (Some(_), None) => "REMOVE",
        };
        let image = self.new.as_ref().or(self.old.as_ref());
        let pk = image.and_then(|image| image.get("pk"));
        let mut change = Map::new();
        change.insert(
            "ApproximateCreationDateTime".to_owned(),
            1_784_548_800.into(),
        );
        change.insert("Keys".to_owned(), json!({"pk": pk}));
        change.extend(self.new.clone().map(|new| ("NewImage".to_owned(), new)));
        change.extend(self.old.clone().map(|old| ("OldImage".to_owned(), old)));
        change.insert("SequenceNumber".to_owned(), number.to_string().into());
        change.insert("SizeBytes".to_owned(), 1_024.into());
        change.insert("StreamViewType".to_owned(), "NEW_AND_OLD_IMAGES".into());
        json!({
            "eventID": format!("{number:032x}"),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": change,
            "eventSourceARN":
                "arn:aws:dynamodb:us-east-1:000000000000:table/a-table/stream/2026-07-20T12:00:00.000",
        })
    }
}

/// An event with these changes, whose sequence numbers are 1, 2, 3 …
pub fn stream_event(changes: &[ItemChange]) -> Value {
    let numbered = changes.iter().zip(1..);
    let records: Vec<Value> = numbered
        .map(|(change, number)| change.record(number))
        .collect();
    json!({"Records": records})
}
