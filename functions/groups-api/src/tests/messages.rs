//! What is said to groups and to people.

use super::*;

fn hello() -> Value {
    json!({"title": "Hello", "message": "All of you.", "data": {"page": "sale"}})
}

#[tokio::test]
async fn a_broadcast_is_once_in_the_list_of_the_group() {
    let world = World::new().await;
    let group = world.group("tea").await;
    let path = format!("{GROUPS}/{group}/notifications");
    let reader = CustomerId::parse(&format!("group:{group}")).unwrap();
    let said = world.post(&path, "k1", &hello()).await;
    assert_eq!(said.status, 201, "{}", said.body);
    assert_eq!(said.json()["number"], json!(1));
    for _ in 0..2 {
        let again = world.post(&path, "k1", &hello()).await;
        assert_eq!(again.json(), said.json());
    }
    assert_eq!(world.last_of(&reader).await, 1);
    let told = world
        .lists
        .notifications((&tenant(), &reader), 1, 10)
        .await
        .unwrap();
    let notice = &told[0].notice;
    assert_eq!(
        (notice.title.as_str(), notice.kind.name()),
        ("Hello", "message")
    );
    assert_eq!(notice.data["page"], "sale");
    assert!(!told[0].is_mailed() && !told[0].texted);
    assert_eq!(world.post(&path, "k2", &hello()).await.json()["number"], 2);
    let noted = world.accounts.announcements();
    let groups: Vec<_> = noted
        .iter()
        .map(|it| it.group.unwrap().to_string())
        .collect();
    assert_eq!(groups, [group.clone(), group]);
    let by = world.accounts.authors().into_iter().flatten().last();
    assert_eq!(by.unwrap().subject, Some(customer("dora")));
}

#[tokio::test]
async fn a_message_is_once_in_the_list_of_each_user() {
    let world = World::new().await;
    let path = "/api/v1/admin/notifications";
    let body = json!({"users": ["bob", "alice", "nobody"], "notification": hello()});
    let sent = world.post(path, "k1", &body).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let answer = sent.json();
    assert_eq!(answer["unknown"], json!(["nobody"]));
    let told = answer["told"].as_array().unwrap();
    let users: Vec<_> = told.iter().map(|it| it["user_id"].clone()).collect();
    assert_eq!(users, ["alice", "bob"]);
    assert_ne!(told[0]["id"], told[1]["id"]);
    let again = world.post(path, "k1", &body).await;
    assert_eq!(again.json(), answer);
    for (name, last) in [("alice", 1), ("bob", 1), ("nobody", 0)] {
        assert_eq!(world.last_of(&customer(name)).await, last, "{name}");
    }
}

/// F4: it dies between two people, or after all of them; whoever asks again is told the same.
#[tokio::test]
async fn who_asks_again_after_a_failure_tells_each_once() {
    let path = "/api/v1/admin/notifications";
    let body = json!({"users": ["alice", "bob"], "notification": hello()});
    for good in 0..2 {
        for fault in [Fault::FailBefore, Fault::AppliedButError] {
            let world = World::new().await;
            world.lists.fail_write_after(good, fault);
            let failed = world.post(path, "k1", &body).await;
            assert_eq!(failed.status, 503, "{}", failed.body);
            let sent = world.post(path, "k1", &body).await;
            assert_eq!(sent.status, 201, "{}", sent.body);
            for name in ["alice", "bob"] {
                assert_eq!(world.last_of(&customer(name)).await, 1, "{name}");
            }
            assert_eq!(world.accounts.announcements().len(), 1);
        }
    }
}

/// What was said is known for longer than the key is.
#[tokio::test]
async fn a_key_that_was_forgotten_says_the_same_once_and_something_else_anew() {
    let mut world = World::new().await;
    let groups = [world.group("tea").await, world.group("cups").await];
    let other = json!({"title": "Hello", "message": "Something else."});
    let mut numbers = Vec::new();
    for (group, words) in [(0, hello()), (0, hello()), (0, other), (1, hello())] {
        let path = format!("{GROUPS}/{}/notifications", groups[group]);
        let said = world.post(&path, "weekly", &words).await;
        assert_eq!(said.status, 201, "{}", said.body);
        numbers.push((group, said.json()["number"].as_u64().unwrap()));
        world = world.without_keys();
    }
    assert_eq!(numbers, [(0, 1), (0, 1), (0, 2), (1, 1)]);
}

#[tokio::test]
async fn what_is_no_message_is_told_nobody() {
    let world = World::new().await;
    let group = world.group("tea").await;
    let path = format!("{GROUPS}/{group}/notifications");
    for wrong in [
        json!({"title": "", "message": "m"}),
        json!({"title": "t", "message": " "}),
        json!({"title": "t", "message": "m", "type": "order-placed"}),
    ] {
        let answer = world.post(&path, "k1", &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
    assert_eq!(world.accounts.announcements(), []);
}

#[tokio::test]
async fn a_group_that_ended_is_told_nothing() {
    let world = World::new().await;
    let group = world.group("tea").await;
    let path = format!("{GROUPS}/{group}/notifications");
    world.post(&path, "k1", &hello()).await;
    let ended = Ask::delete(&format!("{GROUPS}/{group}"));
    assert_eq!(world.admin(ended).await.status, 204);
    assert_eq!(world.post(&path, "k2", &hello()).await.status, 404);
    let reader = CustomerId::parse(&format!("group:{group}")).unwrap();
    let left = world.lists.told_to(&tenant(), &reader);
    assert!(left.is_empty());
}
