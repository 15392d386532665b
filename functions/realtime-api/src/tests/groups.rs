//! Lists of groups: for those who belong to them, and for those who run the shop.

use domain::ports::{KeepGroups, KeepMembers, ReadNotifications};
use testkit::build::{a_group, group_id};

use super::*;

#[tokio::test]
async fn a_group_is_read_by_its_members_and_by_who_runs_the_shop() {
    let world = World::new();
    let (shop, reader) = (tenant(), group_id(1).reader());
    world.groups.create_group(&a_group(1)).await.unwrap();
    for number in 1..=3 {
        let list = world.lists.list_of((&shop, &reader)).await.unwrap();
        let next = list.next(a_notice(number), false).unwrap();
        world.lists.keep((&shop, &reader), next).await.unwrap();
    }
    let ask = || Ask::get(&format!("{PATH}?list={}&limit=2", group_id(1).list()));
    assert_eq!(world.ask(ask()).await.status, 404);
    let joined = world
        .groups
        .add_member((&shop, &world.alice.1), group_id(1), at(1));
    assert_eq!(joined.await, Ok(true));
    let page = world.ask(ask()).await.json();
    let numbers = |page: &Value| -> Vec<u64> {
        let all = page["notifications"].as_array().unwrap().iter();
        all.map(|it| it["number"].as_u64().unwrap()).collect()
    };
    assert_eq!((numbers(&page), &page["last"]), (vec![3, 2], &json!(3)));
    let next = page["next_cursor"].as_str().unwrap();
    let next = format!("list={}&cursor={next}", group_id(1).list());
    assert_eq!(numbers(&world.get(&next).await), [1]);
    let own = world.get("").await;
    assert_eq!(own["notifications"], json!([]), "their own list is another");
    let admin = ask().with_token(&token("dora", Role::Admin));
    assert_eq!(admin.to(&world.routes).await.status, 200);
    let elsewhere = token_of_shop("other", "eve", Role::Admin);
    let elsewhere = ask().with_token(&elsewhere).to(&world.routes).await;
    assert_eq!(elsewhere.status, 404);
}

#[tokio::test]
async fn a_list_that_is_none_is_not_there() {
    let world = World::new();
    for list in ["bob", "group:1", "group:", ""] {
        let answer = world.ask(Ask::get(&format!("{PATH}?list={list}"))).await;
        assert_eq!(answer.status, 404, "{list}");
    }
}
