//! What is refused, and what frames look like.

use domain::Ticket;
use domain::ports::Letter;
use serde_json::{Value, json};

use super::*;

fn read(frame: Value) -> Result<SocketRequest, String> {
    SocketRequest::read(&frame.to_string()).map_err(|error| error.pointer)
}

#[test]
fn frames_are_read_as_they_are_written() {
    for frame in [
        json!({"action": "subscribe", "to": ["stock:tea", "dashboard"], "id": "1"}),
        json!({"action": "unsubscribe", "to": ["stock:tea"]}),
        json!({"action": "resume", "list": "own", "cursor": "c", "id": "2"}),
        json!({"action": "ping"}),
    ] {
        let request = read(frame.clone()).unwrap();
        assert_eq!(serde_json::to_value(request).unwrap(), frame);
    }
}

#[test]
fn anything_else_is_refused() {
    for wrong in [
        json!({"action": "shout"}),
        json!({"action": "ping", "also": 1}),
        json!({"action": "resume", "list": "own"}),
        json!({"action": "ping", "id": 7}),
        json!({"id": "1"}),
        json!([]),
        json!({"action": "ping", "id": "a".repeat(MAX_FRAME)}),
    ] {
        assert_eq!(read(wrong.clone()), Err(String::new()), "{wrong}");
    }
    let long = json!({"action": "ping", "id": "a".repeat(MAX_ID + 1)});
    assert_eq!(read(long), Err("/id".to_owned()));
}

#[test]
fn topics_are_skus_groups_and_the_dashboard_of_ones_own_shop() {
    let shop = TenantId::parse("main").unwrap();
    let topics = |to: &[&str]| {
        let to: Vec<String> = to.iter().map(|it| (*it).to_owned()).collect();
        read_topics(&shop, &to).map_err(|error| error.pointer)
    };
    let group = GroupId(Uuid::from_u128(7));
    let both = topics(&["stock:tea", &group.list()]);
    let tea = Topic::Stock(Sku::parse("tea").unwrap());
    assert_eq!(both, Ok(vec![tea, Topic::Group(shop.clone(), group)]));
    assert_eq!(topics(&["stock:tea", "group:1"]), Err("/to/1".to_owned()));
    let own = Ok(vec![Topic::Dashboard(shop.clone())]);
    assert_eq!(topics(&["dashboard"]), own);
    assert_eq!(topics(&["dashboard:other"]), Err("/to/0".to_owned()));
    assert_eq!(topics(&["stock:"]), Err("/to/0".to_owned()));
    assert_eq!(topics(&[]), Err("/to".to_owned()));
    assert_eq!(topics(&["stock:tea"; 21]), Err("/to".to_owned()));
}

#[test]
fn lists_are_called_own_or_by_their_group() {
    let (group, alice) = (
        GroupId(Uuid::from_u128(7)),
        CustomerId::parse("alice").unwrap(),
    );
    for (list, reader) in [
        (ListName::Own, alice.clone()),
        (ListName::Group(group), group.reader()),
    ] {
        assert_eq!(ListName::parse(&list.text()), Some(list));
        assert_eq!(ListName::of(&reader), list);
        assert_eq!(list.reader(&alice), reader);
    }
    for text in ["", "alice", "group:", "group:7"] {
        assert_eq!(ListName::parse(text), None, "{text}");
    }
}

#[test]
fn a_message_of_the_queue_is_for_one_slice_of_its_group() {
    let (shop, group) = (
        TenantId::parse("main").unwrap(),
        GroupId(Uuid::from_u128(7)),
    );
    let topic = Topic::Group(shop.clone(), group);
    let all = SliceBody::all_of((&shop, group), "{}");
    let slices: Vec<u8> = all.iter().map(|it| it.slice).collect();
    assert_eq!(slices, (0..topic.slices()).collect::<Vec<_>>());
    assert!(all.iter().all(|it| it.topic() == Ok(topic.clone())));
    let wrong = SliceBody {
        group: "7".to_owned(),
        ..all[0].clone()
    };
    assert!(wrong.topic().is_err());
}

fn sent_at(second: i64) -> Letter {
    let shop = TenantId::parse("main").unwrap();
    FiguresChanged::letter(&shop, Timestamp::from_second(second).unwrap())
}

/// Whatever is sent first within the seconds that share a message, the queue holds it until they are over.
#[test]
fn changes_of_the_same_seconds_are_one_message_which_is_read_after_the_last() {
    for first in 1_000..1_010 {
        let same = |second: &i64| sent_at(*second).dedupe == sent_at(first).dedupe;
        let together: Vec<i64> = (first..first + 60).filter(same).collect();
        let last = together.last().unwrap();
        assert!((1..=4).contains(&together.len()), "{together:?}");
        assert!(first + FiguresChanged::DELAY > last + 1, "{together:?}");
    }
    let read: FiguresChanged = serde_json::from_str(&sent_at(1_000).body).unwrap();
    assert_eq!(read.shop(), Ok(TenantId::parse("main").unwrap()));
}

#[test]
fn answers_have_a_type_and_the_clients_id() {
    let pong = SocketMessage::Pong {
        number: 3,
        id: Some("7".to_owned()),
    };
    assert_eq!(pong.text(), r#"{"type":"pong","number":3,"id":"7"}"#);
    let problem = ProblemBody::new((404, "not-found", "Not found"), "no such list");
    let error = SocketMessage::Error { id: None, problem };
    let told: Value = serde_json::from_str(&error.text()).unwrap();
    let kind = "https://cartwright.example/problems/not-found";
    let problem =
        json!({"type": kind, "title": "Not found", "status": 404, "detail": "no such list"});
    assert_eq!(told, json!({"type": "error", "problem": problem}));
}

#[test]
fn an_owner_reads_back_with_or_without_a_session() {
    let now = Timestamp::from_second(1_784_548_800).unwrap();
    let whose = (
        TenantId::parse("main").unwrap(),
        CustomerId::parse("alice").unwrap(),
    );
    for session in [None, Some(SessionId(Uuid::from_u128(7)))] {
        let mut ticket = Ticket::new(whose.clone(), session, now);
        assert!(!SocketOwner::of(&ticket, now).runs_the_shop());
        ticket.runs_the_shop = true;
        let owner = SocketOwner::of(&ticket, now);
        assert!(owner.runs_the_shop());
        let (read, socket) = owner.socket("L0SM9cOFvHcCIhw=").unwrap();
        assert_eq!(
            (read, socket.session, socket.since),
            (whose.clone(), session, now)
        );
        assert!(owner.socket("a b").is_err());
        let wrong = SocketOwner {
            since: "soon".to_owned(),
            ..owner
        };
        assert!(wrong.socket("a").is_err());
    }
}
