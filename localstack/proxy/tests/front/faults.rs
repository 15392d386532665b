//! Each kind of fault as a caller meets it, and which calls it strikes.

use std::time::Duration;

use aws_proxy::{Interference, Kind, Options, Proxy, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::front::{Attempt, Front, Outcome, put, transaction};

const PUT_ON_THE_WIRE: &str = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: \
    DynamoDB_20120810.PutItem\r\nContent-Length: 2\r\n\r\n{}";

async fn with(rules: Vec<Rule>) -> Attempt<Front> {
    let front = Front::open().await?;
    front.proxy.set_faults(rules)?;
    Ok(front)
}

fn every(kind: Kind) -> Rule {
    Rule::new("dynamodb", kind)
}

#[tokio::test]
async fn a_throttled_call_is_not_passed_on() -> Outcome {
    let front = with(vec![every(Kind::Throttle)]).await?;
    let reply = front.dynamodb("PutItem", &put("a")).await?;
    assert_eq!(reply.status, 400);
    assert!(
        reply.text.contains("#ThrottlingException"),
        "{}",
        reply.text
    );
    let reply = front
        .dynamodb("TransactWriteItems", &transaction(&["a"]))
        .await?;
    assert_eq!(
        reply.json()["CancellationReasons"][0]["Code"],
        "ThrottlingError"
    );
    assert!(front.far.seen().is_empty());
    let row = front.last_call()?;
    assert_eq!(
        (row.interference, row.answered_here),
        (Some(Interference::Throttle), true)
    );
    assert_eq!(row.error.as_deref(), Some("TransactionCanceledException"));
    Ok(())
}

#[tokio::test]
async fn error500_is_not_passed_on_and_has_an_id() -> Outcome {
    let front = with(vec![every(Kind::Error500)]).await?;
    let answer = front.client.post(front.proxy.url());
    let answer = answer
        .header("x-amz-target", "DynamoDB_20120810.PutItem")
        .send()
        .await?;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.headers()["x-amzn-requestid"], "aws-proxy-1");
    assert!(answer.text().await?.contains("#InternalServerError"));
    assert!(front.far.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_has_its_effect_and_not_one_byte() -> Outcome {
    let front = with(vec![every(Kind::LostAnswer)]).await?;
    front
        .far
        .will_answer(200, &json!({"ConsumedCapacity": {"CapacityUnits": 2.0}}));
    assert_eq!(front.raw(PUT_ON_THE_WIRE).await?, "");
    assert_eq!(front.far.seen().len(), 1);
    let row = front.last_call()?;
    assert_eq!((row.status, row.units.write_units), (Some(200), 2.0));
    assert_eq!(
        (row.interference, row.answered_here),
        (Some(Interference::LostAnswer), false)
    );
    Ok(())
}

#[tokio::test]
async fn a_dropped_call_has_neither_effect_nor_answer() -> Outcome {
    let front = with(vec![every(Kind::Drop)]).await?;
    assert_eq!(front.raw(PUT_ON_THE_WIRE).await?, "");
    assert!(front.dynamodb("PutItem", &put("a")).await.is_err());
    assert!(front.far.seen().is_empty());
    let row = front.last_call()?;
    assert_eq!(
        (row.status, row.interference),
        (None, Some(Interference::Drop))
    );
    assert!(
        front
            .proxy
            .trace()
            .iter()
            .all(|sum| sum.failed == sum.calls)
    );
    Ok(())
}

#[tokio::test]
async fn a_slow_call_is_passed_on_at_once_and_answered_late() -> Outcome {
    let slow = Rule {
        delay_ms: Some(2000),
        ..every(Kind::Slow)
    };
    let front = with(vec![slow]).await?;
    let call = front.begin("DynamoDB_20120810.PutItem", &put("a"));
    front.far.arrivals(1).await?;
    for _ in 0..3 {
        front.call("AmazonSQS.SendMessage", &json!({})).await?;
    }
    assert!(!call.is_finished());
    assert!(
        front
            .proxy
            .calls()
            .calls
            .iter()
            .all(|row| row.service == "sqs")
    );
    front.pass_time_until(&call, Duration::from_secs(2)).await?;
    assert_eq!(call.await??.status, 200);
    let row = front.last_call()?;
    assert_eq!(
        (row.interference, row.answered_here),
        (Some(Interference::Slow), false)
    );
    assert!(row.took_ms >= 2000.0);
    Ok(())
}

#[tokio::test]
async fn a_rule_strikes_only_what_fits_all_its_names() -> Outcome {
    let rule = Rule {
        operation: Some("PutItem".to_owned()),
        resource: Some("Orders".to_owned()),
        caller: Some("tester".to_owned()),
        ..every(Kind::Error500)
    };
    let table = |name: &str| json!({"TableName": name});
    let cases = [
        (rule.clone(), "PutItem", table("stack-Orders"), 500),
        (rule.clone(), "PutItem", table("Orders"), 500),
        (rule.clone(), "PutItem", table("Orders-2"), 200),
        (rule.clone(), "GetItem", table("Orders"), 200),
        (
            Rule {
                caller: Some("test".to_owned()),
                ..rule.clone()
            },
            "PutItem",
            table("Orders"),
            200,
        ),
        (
            Rule {
                service: "sqs".to_owned(),
                ..rule.clone()
            },
            "PutItem",
            table("Orders"),
            200,
        ),
        (
            Rule {
                operation: None,
                ..rule
            },
            "TransactWriteItems",
            transaction(&["a"]),
            500,
        ),
    ];
    let front = Front::open().await?;
    for (rule, operation, body, status) in cases {
        front.proxy.set_faults(vec![rule.clone()])?;
        let reply = front.dynamodb(operation, &body).await?;
        assert_eq!(reply.status, status, "{rule:?} {operation} {body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_rule_ends_after_its_times_or_its_time_and_the_next_one_strikes() -> Outcome {
    let twice = Rule {
        times: Some(2),
        ..every(Kind::Error500)
    };
    let for_a_while = Rule {
        for_ms: Some(1000),
        ..every(Kind::Throttle)
    };
    let front = with(vec![twice, for_a_while]).await?;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(front.dynamodb("PutItem", &put("a")).await?.status);
    }
    front.hand.advance(Duration::from_millis(999));
    statuses.push(front.dynamodb("PutItem", &put("a")).await?.status);
    front.hand.advance(Duration::from_millis(1));
    statuses.push(front.dynamodb("PutItem", &put("a")).await?.status);
    assert_eq!(statuses, [500, 500, 400, 400, 200]);
    let struck: Vec<_> = front
        .proxy
        .faults()
        .iter()
        .map(|rule| rule.struck)
        .collect();
    assert_eq!(struck, [2, 2]);
    Ok(())
}

/// The statuses of 200 calls to a proxy with this seed that breaks half of them.
async fn half_broken(front: &Front, seed: u64) -> Attempt<Vec<u16>> {
    let proxy = Proxy::start_with(Options {
        upstream: format!("http://{}", front.far.address),
        seed,
        ..Options::default()
    })
    .await?;
    proxy.set_faults(vec![Rule {
        share: 0.5,
        ..every(Kind::Error500)
    }])?;
    let mut statuses = Vec::new();
    for _ in 0..200 {
        let call = front.client.post(proxy.url());
        let call = call.header("x-amz-target", "DynamoDB_20120810.PutItem");
        statuses.push(call.send().await?.status().as_u16());
    }
    Ok(statuses)
}

#[tokio::test]
async fn a_share_strikes_the_same_calls_for_the_same_seed() -> Outcome {
    let front = Front::open().await?;
    let seven = half_broken(&front, 7).await?;
    let broken = seven.iter().filter(|status| **status == 500).count();
    assert_eq!(broken, 89);
    assert_eq!(half_broken(&front, 7).await?, seven);
    assert_ne!(half_broken(&front, 8).await?, seven);
    Ok(())
}

#[tokio::test]
async fn control_sets_shows_and_heals() -> Outcome {
    let front = Front::open().await?;
    let rules =
        json!([{"service": "dynamodb", "operation": "PutItem", "kind": "error500", "times": 3}]);
    let set = front.control(Method::PUT, "/faults", Some(&rules)).await?;
    assert_eq!((set.status, &set.json()[0]["struck"]), (200, &json!(0)));
    front.dynamodb("PutItem", &put("a")).await?;
    let shown = front.control(Method::GET, "/faults", None).await?.json();
    assert_eq!(
        (&shown[0]["struck"], &shown[0]["share"]),
        (&json!(1), &json!(1.0))
    );
    assert_eq!(
        front.control(Method::DELETE, "/faults", None).await?.status,
        204
    );
    assert_eq!(front.dynamodb("PutItem", &put("a")).await?.status, 200);
    assert!(front.proxy.faults().is_empty());
    Ok(())
}

#[tokio::test]
async fn bad_rules_are_refused_with_a_reason_and_the_good_ones_stay() -> Outcome {
    let front = with(vec![every(Kind::Error500)]).await?;
    let good = json!({"service": "sqs", "kind": "drop"});
    let mut cases = vec![(json!({}), "invalid type: map, expected a sequence")];
    let mut bad = |field: &str, value: Value, text| {
        let mut rule = good.clone();
        rule[field] = value;
        cases.push((json!([good, rule]), text));
    };
    bad(
        "kind",
        json!("explode"),
        "[1].kind: unknown variant `explode`",
    );
    bad("shares", json!(0.5), "[1].shares: unknown field `shares`");
    bad("share", json!(0), "rule 1: `share` must be more than 0");
    bad(
        "share",
        json!(1.5),
        "rule 1: `share` must be more than 0 and at most 1",
    );
    bad("times", json!(0), "rule 1: `times` and `for_ms`");
    bad("for_ms", json!(0), "rule 1: `times` and `for_ms`");
    bad("delay_ms", json!(5), "rule 1: `slow` needs");
    bad("kind", json!("slow"), "rule 1: `slow` needs");
    bad("resource", json!(""), "rule 1: a name is empty");
    for (rules, text) in cases {
        let refused = front.control(Method::PUT, "/faults", Some(&rules)).await?;
        assert_eq!(refused.status, 400, "{rules}");
        let error = refused.json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(error.contains(text), "{error}");
    }
    assert_eq!(front.proxy.faults().len(), 1);
    assert_eq!(front.dynamodb("PutItem", &put("a")).await?.status, 500);
    Ok(())
}
