//! Groups: what they are told goes to the queue of slices, and who left is taken out.

use contracts::sockets::SliceBody;
use testkit::build::group_id;

use super::*;

fn ours() -> Topic {
    Topic::Group(tenant(), group_id(1))
}

fn told_to_group(number: u64) -> ItemChange {
    let (tenant, reader) = (tenant(), group_id(1).reader());
    let notification = Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::NoAddress,
        texted: false,
        read: false,
    };
    ItemChange::inserted(notification_image((&tenant, &reader), &notification))
}

/// Alice belonged to the first of two groups.
fn left() -> ItemChange {
    let belongs = |version: u32, groups: &[u64]| {
        let group = |number: &u64| json!({"S": group_id(*number).to_string()});
        let groups: Vec<Value> = groups.iter().map(group).collect();
        json!({
            "pk": {"S": "MEMBERSHIPS#main#alice"}, "entity": {"S": "memberships"},
            "version": {"N": version.to_string()}, "tenant": {"S": "main"},
            "groups": {"L": groups}, "news": {"BOOL": true},
        })
    };
    ItemChange::modified(belongs(2, &[1, 2]), belongs(3, &[2]))
}

#[tokio::test]
async fn what_a_group_is_told_goes_to_the_queue_once_for_each_slice() {
    let world = World::new();
    let socket = world.open(&ours(), 1).await;
    assert_eq!(world.run(&[told_to_group(7)]).await, nothing_failed());
    let letters = world.slices.letters();
    let bodies: Vec<SliceBody> = letters
        .iter()
        .map(|letter| serde_json::from_str(&letter.body).unwrap())
        .collect();
    let mut slices: Vec<u8> = bodies.iter().map(|body| body.slice).collect();
    slices.sort_unstable();
    assert_eq!(slices, (0..ours().slices()).collect::<Vec<_>>());
    for body in &bodies {
        assert_eq!(body.topic().unwrap(), ours());
        let frame: Value = serde_json::from_str(&body.frame).unwrap();
        assert_eq!(frame["list"], json!(group_id(1).list()));
        assert_eq!(frame["number"], json!(7));
    }
    assert_eq!(world.gateway.received(&socket.id), Vec::<String>::new());
}

#[tokio::test]
async fn what_does_not_get_into_the_queue_comes_again() {
    let world = World::new();
    world.slices.set_down(true);
    assert_eq!(world.run(&[told_to_group(7)]).await, failed_from(1));
    world.slices.set_down(false);
    assert_eq!(world.run(&[told_to_group(7)]).await, nothing_failed());
}

#[tokio::test]
async fn who_left_a_group_is_out_of_its_rows_and_others_are_not() {
    let world = World::new();
    let hers_in_group = world.open(&hers(), 1).await;
    let second = Topic::Group(tenant(), group_id(2));
    for topic in [&ours(), &second] {
        world.sockets.join(topic, &hers_in_group).await.unwrap();
    }
    let bobs = world.open(&ours(), 2).await;
    assert_eq!(world.run(&[left()]).await, nothing_failed());
    assert_eq!(world.in_row(&ours()).await, [bobs.id]);
    let still = [hers_in_group.id.clone()];
    assert_eq!(world.in_row(&second).await, still);
    assert_eq!(world.in_row(&hers()).await, still);
    assert!(world.gateway.is_open(&hers_in_group.id));
    let said = world.gateway.received(&hers_in_group.id);
    let wanted = json!({"type": "unsubscribed", "to": [group_id(1).list()]});
    let said: Vec<Value> = said
        .iter()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(said, [wanted]);
}
