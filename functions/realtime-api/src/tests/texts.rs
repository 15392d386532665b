//! What somebody is told of their texts, and of mails that wait.

use domain::ports::KeepSendings;
use domain::{Channel, Reach, Sending};

use super::*;

const STATUS: &str = "/api/v1/notifications/status?number=";

#[tokio::test]
async fn a_text_that_waits_is_told_of_with_its_next_try_and_shown_by_its_number() {
    let world = World::new();
    let reader = (&world.alice.0, &world.alice.1);
    let reach = Reach {
        takes_mail: true,
        texts_to: Some("+441632960001".to_owned()),
    };
    world.lists.note_reach(reader, &reach, 2).await.unwrap();
    let wish = json!({"kinds": [{"type": "order-shipped", "email": true, "sms": true}]});
    let chosen = world.ask(Ask::put(CHOICES, wish)).await;
    let shipped = &chosen.json()["kinds"][3];
    assert_eq!(
        shipped,
        &json!({"type": "order-shipped", "email": true, "sms": true})
    );
    world.tell(a_notice(3)).await;
    let one = async || {
        let answer = world.ask(Ask::get(&format!("{STATUS}1"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["deliveries"][1].clone()
    };
    let mut waits =
        json!({"channel": "sms", "outcome": "pending", "note": "We will text you later."});
    assert_eq!(one().await, waits);
    let kept = world.lists.told_to(reader.0, reader.1).remove(0);
    let mut sending = Sending::of(Channel::Sms, reader, &kept);
    sending.later(at(60));
    let next = sending.next_try().unwrap();
    sending = world.lists.save_sending(sending).await.unwrap();
    waits["next_try"] = json!(next);
    assert_eq!(one().await, waits);
    assert_eq!(all(&world.get("").await, "deliveries")[0][1], waits);
    sending.sent();
    world.lists.save_sending(sending).await.unwrap();
    assert_eq!(one().await, json!({"channel": "sms", "outcome": "sent"}));
}

#[tokio::test]
async fn a_mail_that_waits_is_told_of_with_its_next_try() {
    let world = World::new();
    let reader = (&world.alice.0, &world.alice.1);
    world.tell(a_notice(3)).await;
    let mail = async || all(&world.get("").await, "deliveries")[0][0].clone();
    let pending = json!({"channel": "email", "outcome": "pending"});
    assert_eq!(mail().await, pending);
    let kept = world.lists.told_to(reader.0, reader.1).remove(0);
    let mut sending = Sending::begun(Channel::Email, reader, &kept, at(3));
    sending.not_sent(at(3));
    let next = sending.next_try().unwrap();
    sending = world.lists.save_sending(sending).await.unwrap();
    let note = "We will mail you later.";
    let waits = json!({"channel": "email", "outcome": "pending", "note": note, "next_try": next});
    assert_eq!(mail().await, waits);
    sending.sent();
    world.lists.save_sending(sending).await.unwrap();
    assert_eq!(mail().await, json!({"channel": "email", "outcome": "sent"}));
}

#[tokio::test]
async fn what_is_not_in_the_list_has_no_number() {
    let world = World::on_day(31);
    world.tell(a_notice(1)).await;
    for (number, status) in [
        ("0", 404),
        ("1", 404),
        ("2", 404),
        ("18446744073709551615", 404),
        ("-1", 400),
        ("one", 400),
        ("1&number=2", 400),
    ] {
        let answer = world.ask(Ask::get(&format!("{STATUS}{number}"))).await;
        assert_eq!(answer.status, status, "{number}: {}", answer.body);
    }
    let bob = Ask::get(&format!("{STATUS}1")).with_token(&token("bob", Role::Customer));
    assert_eq!(bob.to(&world.routes).await.status, 404);
}
