//! What has left a list: shown and marked from the full history, and said to be missing where that is
//! not to be had.

use domain::ports::KeepHistory;

use super::*;

/// Seven were told, and are in the history; so many of the oldest have left the list.
async fn after_a_while(left: u64) -> (World, FakeHistory) {
    let history = FakeHistory::default();
    let world = World::beside(Some(history.clone()), 0);
    world.tell_up_to(7).await;
    let reader = (&world.alice.0, &world.alice.1);
    for told in world.lists.told_to(reader.0, reader.1) {
        history.remember(reader, &told).await.unwrap();
    }
    for number in 1..=left {
        world.lists.expire(reader, number);
    }
    (world, history)
}

fn numbers(page: &Value) -> Vec<u64> {
    let all = all(page, "number");
    all.iter().filter_map(Value::as_u64).collect()
}

#[tokio::test]
async fn the_history_goes_on_where_the_list_ends() {
    let (world, _) = after_a_while(4).await;
    let (mut pages, mut more) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("limit=3{more}")).await;
        assert_eq!(page.get("missing"), None);
        pages.push(numbers(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
    let whole = world.get("").await;
    assert_eq!(numbers(&whole), [7, 6, 5, 4, 3, 2, 1]);
    let oldest = &whole["notifications"][6];
    assert_eq!(oldest["title"], a_notice(1).title);
    assert_eq!(oldest["deliveries"][0]["outcome"], "pending");
}

/// What DynamoDB has not removed yet is newer than anything that the stream has brought.
#[tokio::test]
async fn what_has_ended_and_is_still_there_is_shown_from_the_list() {
    let history = FakeHistory::default();
    let world = World::beside(Some(history.clone()), 31);
    world.tell_up_to(2).await;
    assert_eq!(world.mark(json!({"numbers": [1]})).await, 204);
    let page = world.get("").await;
    assert_eq!(all(&page, "read"), [false, true]);
    assert_eq!(history.asked(), 0);
}

#[tokio::test]
async fn who_was_away_for_longer_than_the_list_reaches_misses_nothing() {
    let (world, _) = after_a_while(4).await;
    let start = cursors().make(&["notifications", "main", "alice"], "1");
    let page = world.get(&format!("limit=5&after={start}")).await;
    assert_eq!(numbers(&page), [2, 3, 4, 5, 6]);
    assert_eq!((page.get("missing"), &page["behind"]), (None, &json!(true)));
}

#[tokio::test]
async fn a_database_that_is_away_takes_nothing_from_what_the_list_has() {
    let (world, history) = after_a_while(4).await;
    history.set_away(true);
    let page = world.get("limit=5").await;
    assert_eq!(numbers(&page), [7, 6, 5]);
    assert_eq!(page["missing"], json!("unavailable"));
    let asked = history.asked();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    let older = world.get(&format!("limit=1&cursor={cursor}")).await;
    assert_eq!(
        (numbers(&older), &older["missing"]),
        (vec![], &json!("unavailable"))
    );
    assert_eq!(history.asked() - asked, 1, "once for all windows");
    // The same again, later.
    history.set_away(false);
    let page = world.get("limit=5").await;
    assert_eq!(numbers(&page), [7, 6, 5, 4, 3]);
    assert_eq!(page.get("missing"), None);
    let older = world.get(&format!("limit=5&cursor={cursor}")).await;
    assert_eq!(numbers(&older), [2, 1]);
}

/// Nobody waits for longer than a moment, and who needs nothing of it does not wait at all.
#[tokio::test]
async fn a_database_that_says_nothing_is_not_waited_for() {
    let (world, history) = after_a_while(4).await;
    history.fall_silent();
    let page = world.get("limit=3").await;
    assert_eq!((numbers(&page), page.get("missing")), (vec![7, 6, 5], None));
    let began = std::time::Instant::now();
    let page = world.get("limit=4").await;
    assert_eq!(numbers(&page), [7, 6, 5]);
    assert_eq!(page["missing"], json!("unavailable"));
    assert_eq!(world.mark(json!({"numbers": [1, 7]})).await, 503);
    assert!(began.elapsed() < std::time::Duration::from_secs(3));
    assert_eq!(all(&world.get("limit=1").await, "read"), [true]);
}

#[tokio::test]
async fn what_no_history_has_is_said_to_be_gone() {
    let world = World::new();
    world.tell_up_to(3).await;
    world.lists.expire((&world.alice.0, &world.alice.1), 1);
    for (limit, missing) in [(2, None), (3, Some(&json!("gone")))] {
        let page = world.get(&format!("limit={limit}")).await;
        assert_eq!(page.get("missing"), missing, "{limit}");
    }
}

#[tokio::test]
async fn what_has_left_the_list_is_marked_in_the_history() {
    let (world, history) = after_a_while(4).await;
    for _ in 0..2 {
        assert_eq!(world.mark(json!({"numbers": [7, 2, 9]})).await, 204);
    }
    let read = all(&world.get("").await, "read");
    assert_eq!(read, [true, false, false, false, false, true, false]);
    // All up to one needs no history; nor has a single one among them anything to wait for.
    history.set_away(true);
    assert_eq!(world.mark(json!({"up_to": 3})).await, 204);
    assert_eq!(world.mark(json!({"numbers": [1, 2, 6]})).await, 204);
    assert_eq!(world.mark(json!({"numbers": [4]})).await, 503);
    history.set_away(false);
    let read = all(&world.get("").await, "read");
    assert_eq!(read, [true, true, false, false, true, true, true]);
}

/// A mark of what was never told would make it read when it comes.
#[tokio::test]
async fn what_was_not_told_is_not_marked_in_the_history() {
    let (world, history) = after_a_while(0).await;
    assert_eq!(world.mark(json!({"numbers": [8]})).await, 204);
    assert_eq!(history.asked(), 7, "for what was told");
    world.tell(a_notice(8)).await;
    let reader = (&world.alice.0, &world.alice.1);
    let told = world.lists.told_to(reader.0, reader.1).pop().unwrap();
    history.remember(reader, &told).await.unwrap();
    world.lists.expire(reader, 8);
    assert_eq!(all(&world.get("limit=1").await, "read"), [false]);
}

/// The stream may not have brought the end yet.
#[tokio::test]
async fn nothing_of_a_closed_list_is_shown_or_marked() {
    let (world, history) = after_a_while(4).await;
    let reader = (&world.alice.0, &world.alice.1);
    let forget = domain::ports::ForgetNotifications::forget_notifications(&world.lists, reader);
    forget.await.unwrap();
    let asked = history.asked();
    assert_eq!(numbers(&world.get("").await), Vec::<u64>::new());
    assert_eq!(world.mark(json!({"numbers": [1]})).await, 204);
    assert_eq!(history.asked(), asked);
}
