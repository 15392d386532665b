//! The three who keep copies of profiles, without faults.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Outcome, read};

#[tokio::test]
async fn keeps_the_newest_copy_at_each_destination() -> Outcome {
    let desk = Desk::open(None).await?;
    let ann = json!({"name": "Ann", "email": "ann@example.com"});
    for destination in ["crm", "newsletter", "support"] {
        let path = format!("/destinations/{destination}/profiles/u-1");
        assert_eq!(desk.get(&path).await?.status, 404);
        let kept = desk.keep(destination, 1, ann.clone()).await?;
        assert_eq!((kept.status, kept.json()), (200, json!({"version": 1})));
        let found = desk.get(&path).await?;
        assert_eq!(found.json(), json!({"version": 1, "profile": ann}));
    }
    desk.keep("crm", 7, Value::Null).await?;
    let erased = desk.get("/destinations/crm/profiles/u-1").await?;
    assert_eq!(erased.json(), json!({"version": 7, "profile": null}));
    let other = desk.get("/destinations/support/profiles/u-1").await?;
    assert_eq!(other.json()["version"], 1);
    Ok(())
}

#[tokio::test]
async fn versions_never_go_back() -> Outcome {
    let desk = Desk::open(None).await?;
    let steps = [
        (2, json!({"name": "Ann"}), 200, json!({"version": 2})),
        (1, json!({"name": "An"}), 409, json!({"version": 2})),
        (2, json!({"name": "Ann"}), 200, json!({"version": 2})),
        (5, Value::Null, 200, json!({"version": 5})),
        (2, json!({"name": "Ann"}), 409, json!({"version": 5})),
    ];
    for (version, profile, status, told) in steps {
        let reply = desk.keep("crm", version, profile).await?;
        assert_eq!((reply.status, reply.json()), (status, told));
    }
    let reused = desk.keep("crm", 5, json!({})).await?;
    assert_eq!(reused.status, 422);
    assert_eq!(reused.text_at("/error/code"), "version_reused");
    let rows = desk.json("/book/profiles?destination=crm&user=u-1").await?;
    let row = |place: usize| {
        let of = |name: &str| rows[place][name].clone();
        json!([of("destination"), of("user"), of("version"), of("erased")])
    };
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!(row(0), json!(["crm", "u-1", 2, false]));
    assert_eq!(row(1), json!(["crm", "u-1", 5, true]));
    assert!(rows[0]["at"].is_string());
    Ok(())
}

#[tokio::test]
async fn the_book_and_the_calls_are_told_apart_by_destination_and_user() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.keep("crm", 1, json!({})).await?;
    desk.keep("crm", 1, json!({})).await?;
    desk.keep("support", 1, json!({})).await?;
    let other = "/destinations/crm/profiles/u-2";
    let body = json!({"version": 1, "profile": {}});
    read(desk.anonymous(Method::PUT, other).json(&body)).await?;
    desk.get(other).await?;
    for (filter, count) in [
        ("", 3),
        ("?destination=crm", 2),
        ("?user=u-1", 2),
        ("?destination=crm&user=u-2", 1),
        ("?destination=newsletter", 0),
        ("?destination=moon", 0),
    ] {
        assert_eq!(
            desk.rows(&format!("profiles{filter}")).await?,
            count,
            "{filter}"
        );
    }
    let calls = desk.json("/book/calls?match=u-1").await?;
    let of_ann = json!({"destination.crm.put": 2, "destination.support.put": 1});
    assert_eq!(calls, of_ann);
    let calls = desk.json("/book/calls").await?;
    assert_eq!(calls["destination.crm.put"], 3);
    assert_eq!(calls["destination.crm.retrieve"], 1);
    Ok(())
}

#[tokio::test]
async fn refuses_what_is_no_copy_of_a_profile() -> Outcome {
    let desk = Desk::open(None).await?;
    for body in [
        json!({"version": 1}),
        json!({"profile": {}}),
        json!({"version": -1, "profile": {}}),
        json!({"version": 1, "profile": "Ann"}),
        json!({"version": 1, "profile": {}, "colour": "red"}),
    ] {
        let request = desk.anonymous(Method::PUT, "/destinations/crm/profiles/u-1");
        let refused = read(request.json(&body)).await?;
        assert_eq!(refused.status, 400, "{body}");
        assert_eq!(refused.text_at("/error/code"), "invalid_request");
    }
    assert_eq!(desk.keep("moon", 1, json!({})).await?.status, 404);
    assert_eq!(
        desk.get("/destinations/moon/profiles/u-1").await?.status,
        404
    );
    assert_eq!(desk.rows("profiles").await?, 0);
    Ok(())
}
