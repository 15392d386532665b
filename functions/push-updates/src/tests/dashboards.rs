//! Figures that change: what goes to the queue of dashboards, and how often.

use contracts::sockets::FiguresChanged;

use super::*;

/// A row of the figures of a shop, or of its newest courses.
fn counted(key: &str, entity: &str) -> ItemChange {
    let image = json!({
        "pk": {"S": key}, "entity": {"S": entity}, "standing_open": {"N": "1"},
    });
    ItemChange::modified(image.clone(), image)
}

fn of(shop: &str, part: u8) -> ItemChange {
    counted(&format!("FIGURES#{shop}#now#{part}"), "figures")
}

/// The shops that the queue has, one for each message.
fn shops(world: &World) -> Vec<String> {
    let letters = world.dashboards.letters().into_iter();
    let shop = |body: String| serde_json::from_str::<FiguresChanged>(&body).unwrap().shop;
    letters.map(|letter| shop(letter.body)).collect()
}

#[tokio::test]
async fn a_shop_whose_figures_change_goes_to_the_queue_once_in_four_seconds() {
    let mut world = World::new();
    let mut minute = Vec::new();
    for second in 100..160 {
        world.second = second;
        let changes = [of("main", 1), of("main", 7), of("main", 3)];
        assert_eq!(world.run(&changes).await, nothing_failed());
        minute.push(shops(&world).len());
    }
    assert_eq!(minute[..9], [1, 1, 1, 1, 2, 2, 2, 2, 3]);
    assert_eq!(minute.last(), Some(&15));
}

#[tokio::test]
async fn shops_do_not_wait_for_each_other() {
    let world = World::new();
    let changes = [of("main", 1), of("other", 1), of("main", 2)];
    assert_eq!(world.run(&changes).await, nothing_failed());
    assert_eq!(shops(&world), ["main", "other"]);
}

#[tokio::test]
async fn a_new_course_is_a_change_too() {
    let world = World::new();
    let course = counted("NEWEST#main", "newest");
    assert_eq!(world.run(&[course]).await, nothing_failed());
    assert_eq!(shops(&world), ["main"]);
}

/// `STOCK#sku-tea` of five pieces and fewer is low.
fn stocked(before: u32, after: u32) -> ItemChange {
    let image = |available: u32| {
        json!({
            "pk": {"S": "STOCK#sku-tea"}, "entity": {"S": "stock"}, "version": {"N": "3"},
            "available": {"N": available.to_string()}, "low_at": {"N": "5"}, "changed_at": {"N": "0"},
        })
    };
    ItemChange::modified(image(before), image(after))
}

/// The others are in the next frame that something else makes.
#[tokio::test]
async fn stock_that_becomes_low_is_a_change_of_the_shop_that_it_is_of() {
    let world = World::new();
    let listens = world.open(&tea(), 1).await;
    assert_eq!(world.run(&[stocked(9, 8)]).await, nothing_failed());
    assert_eq!(shops(&world), Vec::<String>::new());
    let changes = [stocked(6, 5), of("other", 1)];
    assert_eq!(world.run(&changes).await, nothing_failed());
    assert_eq!(shops(&world), ["main", "other"]);
    assert_eq!(world.heard(&listens, "available"), [8, 5]);
}

/// Else the last change would not be seen.
#[tokio::test]
async fn what_does_not_get_into_the_queue_comes_again() {
    let world = World::new();
    world.dashboards.set_down(true);
    assert_eq!(world.run(&[of("main", 1)]).await, failed_from(1));
    world.dashboards.set_down(false);
    assert_eq!(world.run(&[of("main", 1)]).await, nothing_failed());
    assert_eq!(shops(&world), ["main"]);
}

/// A message that failed is hidden for a minute, and hides all of its group.
#[tokio::test]
async fn no_message_waits_behind_another() {
    let mut world = World::new();
    for second in [100, 104] {
        world.second = second;
        world.run(&[of("main", 1)]).await.unwrap();
    }
    let letters = world.dashboards.letters();
    assert_ne!(letters[0].group, letters[1].group);
}
