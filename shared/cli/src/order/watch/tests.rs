//! What somebody sees who watches an order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use contracts::http::{OrderBody, OrderStatusBody};
use domain::{ChangeTracker, FailureCode, Order, OrderId};
use testkit::build::{an_order, order_id};

use super::{Pace, ReadOrder, follow, step_name};
use crate::api::ApiError;
use crate::failure::{Ending, Failure};
use crate::order::show::Shown;
use crate::output::{Format, Output};

/// What the API answers, look after look. The last answer stays.
struct Script(RefCell<VecDeque<Result<Order, u16>>>);

impl Script {
    fn new(looks: impl IntoIterator<Item = Result<Order, u16>>) -> Self {
        Self(RefCell::new(looks.into_iter().collect()))
    }

    fn next(&self) -> Result<Order, ApiError> {
        let mut looks = self.0.borrow_mut();
        let next = match looks.len() {
            1 => looks[0].clone(),
            _ => looks.pop_front().unwrap(),
        };
        next.map_err(|status| ApiError::Refused {
            status,
            problem: "no".to_owned(),
        })
    }
}

impl ReadOrder for Script {
    async fn status(&self, _: OrderId) -> Result<OrderStatusBody, ApiError> {
        Ok(OrderStatusBody::from(&self.next()?))
    }

    async fn order(&self, _: OrderId) -> Result<OrderBody, ApiError> {
        Ok(OrderBody::from(&self.next()?))
    }
}

/// Each look asks twice: for the status, then for the order.
fn twice(mut order: Order) -> [Result<Order, u16>; 2] {
    let writes = u64::from(order.events.last_sequence().0);
    order.changes = ChangeTracker::stored_at(writes);
    [Ok(order.clone()), Ok(order)]
}

/// Longer than any script takes on any machine.
const PATIENT: Duration = Duration::from_secs(60);
const BRIEF: Duration = Duration::from_millis(50);

async fn watch(script: Script, format: Format) -> (Result<Ending, Failure>, String) {
    watch_for(PATIENT, script, format).await
}

async fn watch_for(
    limit: Duration,
    script: Script,
    format: Format,
) -> (Result<Ending, Failure>, String) {
    let interval = Duration::from_millis(1);
    let pace = Pace { interval, limit };
    let mut output = Output::new(format, Vec::new());
    let ending = follow(&script, order_id(1), pace, &mut output).await;
    (ending, String::from_utf8(output.into_sink()).unwrap())
}

fn lines(said: &str) -> Vec<&str> {
    said.lines().map(str::trim).collect()
}

#[tokio::test]
async fn says_each_step_once_and_then_how_it_ended() {
    let looks = [
        twice(an_order().pending()),
        twice(an_order().flagged()),
        twice(an_order().confirmed_late()),
    ];
    let script = Script::new(looks.into_iter().flatten());
    let (ending, said) = watch(script, Format::Text).await;
    assert_eq!(ending.unwrap(), Ending::Done);
    let steps: Vec<_> = lines(&said)
        .iter()
        .filter_map(|line| line.split_once(" s  "))
        .map(|(_, step)| step.to_owned())
        .collect();
    assert_eq!(steps, ["placed", "attention needed", "completed"]);
    let end = lines(&said).pop().unwrap().to_owned();
    assert!(
        end.starts_with(&format!("order {} confirmed: ", order_id(1))),
        "{end}"
    );
}

#[tokio::test]
async fn an_order_that_failed_says_why_and_is_not_confirmed() {
    let script = Script::new(twice(an_order().failed(FailureCode::OutOfStock)));
    let (ending, said) = watch(script, Format::Text).await;
    assert_eq!(ending.unwrap(), Ending::NotConfirmed);
    assert!(said.contains(" failed: out_of_stock"), "{said}");
}

#[tokio::test]
async fn says_json_lines_for_programs() {
    let script = Script::new(twice(an_order().confirmed()));
    let (_, said) = watch(script, Format::Json).await;
    let said: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(said.len(), 3);
    assert_eq!(said[0]["type"], "cartwright.order.placed.v1");
    assert_eq!(said[0]["sequence"], 1);
    assert_eq!(said[2]["status"], "confirmed");
    assert!(said[2]["total"]["minor"].is_i64());
}

#[tokio::test]
async fn gives_up_in_time_and_says_where_the_order_is() {
    let script = Script::new(twice(an_order().charging()));
    let (ending, said) = watch_for(BRIEF, script, Format::Text).await;
    assert_eq!(ending.unwrap(), Ending::TimedOut);
    assert!(said.contains("has not ended in time: charging"), "{said}");
}

#[tokio::test]
async fn sits_out_failures_that_may_pass_and_no_others() {
    let mut looks = vec![Err(503), Err(500)];
    looks.extend(twice(an_order().confirmed()));
    let (ending, _) = watch(Script::new(looks), Format::Text).await;
    assert_eq!(ending.unwrap(), Ending::Done);
    let (ending, _) = watch(Script::new([Err(404)]), Format::Text).await;
    assert!(matches!(
        ending,
        Err(Failure::Api(ApiError::Refused { status: 404, .. }))
    ));
    let (ending, _) = watch_for(BRIEF, Script::new([Err(503)]), Format::Text).await;
    assert!(ending.is_err(), "an API that is away until the limit");
}

#[test]
fn names_steps_for_people() {
    assert_eq!(
        step_name("cartwright.order.attention-needed.v1"),
        "attention needed"
    );
    assert_eq!(step_name("odd"), "odd");
}

#[test]
fn shows_an_order_with_its_lines_and_steps() {
    let shown = Shown(OrderBody::from(&an_order().failed(FailureCode::OutOfStock)));
    let text = shown.to_string();
    for part in [
        "status   failed (out_of_stock",
        "total    ",
        "× ",
        " s  failed",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["status"], "failed");
}
