//! Bodies of groups, and of what those who run a shop say to them or to some people.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CustomerId, Group, Notification, NotificationKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::InvalidBody;
use crate::wire::line_of_text;

/// Body of `POST /api/v1/admin/groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// What people call it: a line of 1 to 100 characters.
    pub name: String,
}

impl NewGroup {
    /// The name.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse(&self) -> Result<String, InvalidBody> {
        let name = line_of_text("/name", &self.name)?;
        match name.chars().count() <= Group::LONGEST_NAME {
            true => Ok(name),
            false => Err(InvalidBody::at("/name", "at most 100 characters")),
        }
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupBody {
    /// Its id.
    pub group_id: String,
    /// Its list, as sockets and `GET /api/v1/notifications` name it: `group:<id>`.
    pub list: String,
    /// What people call it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl From<&Group> for GroupBody {
    fn from(group: &Group) -> Self {
        Self {
            group_id: group.id.to_string(),
            list: group.id.list(),
            name: group.name.clone(),
            created_at: group.created_at,
        }
    }
}

/// Groups, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupListBody {
    /// Those of this page.
    pub groups: Vec<GroupBody>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Members of a group, in no order that means anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberListBody {
    /// Their ids.
    pub members: Vec<String>,
    /// Give it as `cursor` for the next page; absent on the last one. The last page may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Longest message, in characters.
const MAX_MESSAGE: usize = 2_000;
/// Longest message as JSON, in bytes: API Gateway posts 32 KB into a socket, and closes it for more
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>).
const MAX_BYTES: usize = 24 * 1024;
/// Most entries of `data`.
const MAX_DATA: usize = 20;
/// Longest name of an entry, in characters.
const MAX_NAME: usize = 64;
/// Longest value of an entry, in characters.
const MAX_VALUE: usize = 500;
/// Most people of one request.
pub const MAX_USERS: usize = 100;

/// Body of `POST /api/v1/admin/groups/{id}/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// `message`, which is what it is without one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A line of 1 to 120 characters.
    pub title: String,
    /// Plain words: 1 to 2,000 characters.
    pub message: String,
    /// What a program may want of it: 20 entries at most, with names of 1 to 64 characters and values of
    /// at most 500.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
}

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedMessage {
    /// One line.
    pub title: String,
    /// Plain words.
    pub message: String,
    /// For programs.
    pub data: BTreeMap<String, String>,
}

impl NewMessage {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(self) -> Result<ParsedMessage, InvalidBody> {
        if serde_json::to_string(&self).map_or(0, |text| text.len()) > MAX_BYTES {
            return Err(InvalidBody::at("", "at most 24 KB as JSON"));
        }
        let kind = self
            .kind
            .as_deref()
            .unwrap_or(NotificationKind::Message.name());
        if kind != NotificationKind::Message.name() {
            return Err(InvalidBody::at("/type", "message"));
        }
        let title = line_of_text("/title", &self.title)?;
        let is_word = |it: char| it == '\n' || !it.is_control();
        let length = self.message.trim().chars().count();
        if !(1..=MAX_MESSAGE).contains(&length) || !self.message.chars().all(is_word) {
            return Err(InvalidBody::at("/message", "1 to 2000 characters"));
        }
        let fits = |(name, value): (&String, &String)| {
            (1..=MAX_NAME).contains(&name.chars().count()) && value.chars().count() <= MAX_VALUE
        };
        if self.data.len() > MAX_DATA || !self.data.iter().all(fits) {
            return Err(InvalidBody::at("/data", "20 short entries at most"));
        }
        Ok(ParsedMessage {
            title,
            message: self.message.trim().to_owned(),
            data: self.data,
        })
    }
}

/// Body of `POST /api/v1/admin/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessageToUsers {
    /// Whom, by their ids: 1 to 100, each once.
    pub users: Vec<String>,
    /// What.
    pub notification: NewMessage,
}

impl NewMessageToUsers {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(self) -> Result<(Vec<CustomerId>, ParsedMessage), InvalidBody> {
        if !(1..=MAX_USERS).contains(&self.users.len()) {
            return Err(InvalidBody::at("/users", "1 to 100 ids of users"));
        }
        let mut users = BTreeSet::new();
        for (place, id) in self.users.iter().enumerate() {
            let wrong = |what: &str| InvalidBody::at(format!("/users/{place}"), what);
            let id = CustomerId::parse(id).map_err(|_| wrong("the id of a user"))?;
            if !users.insert(id) {
                return Err(wrong("each user once"));
            }
        }
        let message = self.notification.parse().map_err(|error| InvalidBody {
            pointer: format!("/notification{}", error.pointer),
            ..error
        })?;
        Ok((users.into_iter().collect(), message))
    }
}

/// Answer to `POST /api/v1/admin/groups/{id}/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BroadcastBody {
    /// The id of the notification, the same for all members.
    pub id: String,
    /// Its place in the list of the group.
    pub number: u64,
}

/// Answer to `POST /api/v1/admin/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentBody {
    /// Who has it in their list, in the order of their ids.
    pub told: Vec<ToldBody>,
    /// Of whom the shop has no account, or none any more: they are told nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

impl From<Notification> for BroadcastBody {
    fn from(told: Notification) -> Self {
        Self {
            id: told.notice.id,
            number: told.number,
        }
    }
}

impl SentBody {
    /// What became of it for each of these, in their order: nothing for those whom the shop does not
    /// know.
    pub fn of(users: &[CustomerId], told: Vec<Option<Notification>>) -> Self {
        let (mut body, mut unknown) = (Vec::new(), Vec::new());
        for (user, told) in users.iter().map(ToString::to_string).zip(told) {
            match told {
                None => unknown.push(user),
                Some(told) => body.push(ToldBody {
                    user_id: user,
                    id: told.notice.id,
                    number: told.number,
                }),
            }
        }
        Self {
            told: body,
            unknown,
        }
    }
}

/// Somebody who was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToldBody {
    /// Who.
    pub user_id: String,
    /// The id of the notification.
    pub id: String,
    /// Its place in their list.
    pub number: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(body: Value) -> Result<ParsedMessage, String> {
        let body: NewMessage = serde_json::from_value(body).unwrap();
        body.parse().map_err(|error| error.pointer)
    }

    #[test]
    fn a_message_has_a_title_words_and_perhaps_data() {
        let read = parse(json!({"title": "Hello", "message": "All\nof you.", "data": {"a": "b"}}));
        let wanted = ParsedMessage {
            title: "Hello".to_owned(),
            message: "All\nof you.".to_owned(),
            data: [("a".to_owned(), "b".to_owned())].into(),
        };
        assert_eq!(read, Ok(wanted));
        let title = |title: &str| parse(json!({"title": title, "message": "m"}));
        assert!(title(&"t".repeat(120)).is_ok());
        assert_eq!(title(&"t".repeat(121)), Err("/title".to_owned()));
        let message = |text: &str| parse(json!({"title": "t", "message": text}));
        assert!(message(&"ü".repeat(2_000)).is_ok());
        for wrong in ["", " ", "a\u{7}b", &"m".repeat(2_001)] {
            assert_eq!(message(wrong), Err("/message".to_owned()), "{wrong:?}");
        }
        let long = json!({"title": "t", "message": "m", "data": {"a": "v".repeat(501)}});
        assert_eq!(parse(long), Err("/data".to_owned()));
        let other = json!({"type": "order-placed", "title": "t", "message": "m"});
        // Within all limits by characters, and more than a socket takes.
        let data: BTreeMap<_, _> = (0..20)
            .map(|it| (it.to_string(), "€".repeat(500)))
            .collect();
        let large = json!({"title": "t", "message": "m", "data": data});
        assert_eq!(parse(large), Err(String::new()));
        assert_eq!(parse(other), Err("/type".to_owned()));
    }

    #[test]
    fn a_message_is_for_some_people_each_once() {
        let parse = |users: Value| {
            let notification = json!({"title": "t", "message": "m"});
            let body = json!({"users": users, "notification": notification});
            let body: NewMessageToUsers = serde_json::from_value(body).unwrap();
            let read = body.parse().map_err(|error| error.pointer);
            read.map(|(users, _)| users.len())
        };
        assert_eq!(parse(json!(["a", "b"])), Ok(2));
        assert_eq!(parse(json!([])), Err("/users".to_owned()));
        assert_eq!(parse(json!(["a", "a"])), Err("/users/1".to_owned()));
        assert_eq!(parse(json!(["a b"])), Err("/users/0".to_owned()));
        let many: Vec<String> = (0..=MAX_USERS).map(|it| format!("u{it}")).collect();
        assert_eq!(parse(json!(many)), Err("/users".to_owned()));
    }
}
