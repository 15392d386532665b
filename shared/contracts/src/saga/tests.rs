//! Every command and answer against the JSON that the state machines write and read.

use domain::saga::{PLAN, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::samples::{ORDER_ID, address, completed_order, facts};

fn id() -> Uuid {
    Uuid::parse_str(ORDER_ID).unwrap()
}

fn lines() -> Vec<StockLineBody> {
    let sku = "LAMP-1".to_owned();
    vec![StockLineBody { sku, quantity: 2 }]
}

fn inventory() -> Vec<(Value, InventoryStep)> {
    use InventoryStep as S;
    let (order_id, tenant) = (id(), "shop".to_owned());
    let (traceparent, lines) = (String::new(), lines());
    let (charging, unwinding) = (DecisionBody::Charging, DecisionBody::Unwinding);
    vec![
        (
            json!({"step": "reserve", "order_id": ORDER_ID, "tenant": "shop", "traceparent": "",
                "lines": [{"sku": "LAMP-1", "quantity": 2}]}),
            S::Reserve {
                order_id,
                tenant,
                traceparent,
                lines,
            },
        ),
        (
            json!({"step": "release", "order_id": ORDER_ID, "decision": "unwinding"}),
            S::Release {
                order_id,
                decision: unwinding,
            },
        ),
        (
            json!({"step": "commit", "order_id": ORDER_ID, "decision": "charging"}),
            S::Commit {
                order_id,
                decision: charging,
            },
        ),
        (
            json!({"step": "extend", "order_id": ORDER_ID}),
            S::Extend { order_id },
        ),
    ]
}

fn payments() -> Vec<(Value, PaymentsStep)> {
    use PaymentsStep as S;
    let (order_id, tenant) = (id(), "shop".to_owned());
    let decided = |step| json!({"step": step, "order_id": ORDER_ID, "decision": "charging"});
    let decision = DecisionBody::Charging;
    vec![
        (
            json!({"step": "authorise", "order_id": ORDER_ID, "tenant": "shop", "traceparent": "",
                "amount": {"minor": 3856, "currency": "EUR"}, "payment_method": "pm_card_visa"}),
            S::Authorise {
                order_id,
                tenant,
                traceparent: String::new(),
                amount: facts().totals.total().into(),
                payment_method: "pm_card_visa".to_owned(),
            },
        ),
        (decided("capture"), S::Capture { order_id, decision }),
        (decided("void"), S::Void { order_id, decision }),
        (decided("close"), S::Close { order_id, decision }),
    ]
}

fn ship_to() -> Value {
    json!({"name": "Ada Example", "street": "Main Road 1", "city": "Dublin", "postcode": "D01",
        "country": "IE"})
}

fn shipping() -> Vec<(Value, ShippingStep)> {
    let (order_id, decision) = (id(), DecisionBody::Unwinding);
    vec![
        (
            json!({"step": "create", "order_id": ORDER_ID, "tenant": "shop", "traceparent": "",
                "ship_to": ship_to(), "lines": [{"sku": "LAMP-1", "quantity": 2}]}),
            ShippingStep::Create {
                order_id,
                tenant: "shop".to_owned(),
                traceparent: String::new(),
                ship_to: (&address()).into(),
                lines: lines(),
            },
        ),
        (
            json!({"step": "cancel", "order_id": ORDER_ID, "decision": "unwinding"}),
            ShippingStep::Cancel { order_id, decision },
        ),
    ]
}

fn decides() -> Vec<(Value, OrdersStep)> {
    let decide = |want, failure| OrdersStep::Decide {
        order_id: id(),
        epoch: 2,
        want,
        failure,
    };
    let caught = CaughtError {
        error: "OutOfStock".to_owned(),
        cause: "{}".to_owned(),
    };
    vec![
        (
            json!({"step": "decide", "order_id": ORDER_ID, "epoch": 2, "want": "charging"}),
            decide(Want::Charging, None),
        ),
        (
            json!({"step": "decide", "order_id": ORDER_ID, "epoch": 2, "want": "unwinding",
                "failure": {"Error": "OutOfStock", "Cause": "{}"}}),
            decide(Want::Unwinding, Some(caught)),
        ),
    ]
}

fn orders() -> Vec<(Value, OrdersStep)> {
    use OrdersStep as S;
    let (order_id, epoch, tries) = (id(), 2, 3);
    let decided = |step, decision| {
        json!({"step": step, "order_id": ORDER_ID, "epoch": 2,
        "decision": decision})
    };
    let mut all = decides();
    all.extend([
        (
            decided("complete", "charging"),
            S::Complete {
                order_id,
                epoch,
                decision: DecisionBody::Charging,
            },
        ),
        (
            decided("fail", "ended"),
            S::Fail {
                order_id,
                epoch,
                decision: DecisionBody::Ended,
            },
        ),
        (
            json!({"step": "look", "order_id": ORDER_ID, "epoch": 2, "tries": 3}),
            S::Look {
                order_id,
                epoch,
                tries,
            },
        ),
        (
            json!({"step": "restart", "order_id": ORDER_ID, "epoch": 2}),
            S::Restart { order_id, epoch },
        ),
        (
            json!({"step": "unwind-closed", "order_id": ORDER_ID, "epoch": 2, "outcome": "closed"}),
            S::UnwindClosed {
                order_id,
                epoch,
                outcome: CloseOutcome::Closed,
            },
        ),
    ]);
    all
}

/// Reads and writes exactly this; takes no field more and none fewer.
fn exact<T>(literal: &Value, value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let read = |json: &Value| serde_json::from_value::<T>(json.clone());
    assert_eq!(&serde_json::to_value(value).unwrap(), literal);
    assert_eq!(&read(literal).unwrap(), value);
    let mut more = literal.clone();
    more["surprise"] = json!(1);
    assert!(read(&more).is_err(), "took an unknown field: {more}");
    for field in literal.as_object().unwrap().keys() {
        let mut fewer = literal.clone();
        fewer.as_object_mut().unwrap().remove(field);
        let optional = field == "failure";
        assert_eq!(read(&fewer).is_ok(), optional, "without {field}");
    }
}

#[test]
fn commands_of_inventory_are_exactly_this() {
    inventory()
        .iter()
        .for_each(|(json, step)| exact(json, step));
}

#[test]
fn commands_of_payments_are_exactly_this() {
    payments().iter().for_each(|(json, step)| exact(json, step));
}

#[test]
fn commands_of_shipping_are_exactly_this() {
    shipping().iter().for_each(|(json, step)| exact(json, step));
}

#[test]
fn commands_of_orders_are_exactly_this() {
    orders().iter().for_each(|(json, step)| exact(json, step));
}

#[test]
fn nested_parts_take_no_unknown_fields_either() {
    let mut reserve = inventory().remove(0).0;
    reserve["lines"][0]["price"] = json!(1);
    assert!(serde_json::from_value::<InventoryStep>(reserve).is_err());
    let mut authorise = payments().remove(0).0;
    authorise["amount"]["scale"] = json!(2);
    assert!(serde_json::from_value::<PaymentsStep>(authorise).is_err());
    let mut create = shipping().remove(0).0;
    create["ship_to"]["phone"] = json!("1");
    assert!(serde_json::from_value::<ShippingStep>(create).is_err());
}

#[test]
fn numbers_out_of_bounds_are_not_read() {
    for quantity in [json!(-1), json!(1.5), json!(4_294_967_296_u64), json!("2")] {
        let mut reserve = inventory().remove(0).0;
        reserve["lines"][0]["quantity"] = quantity;
        assert!(serde_json::from_value::<InventoryStep>(reserve).is_err());
    }
}

#[test]
fn an_unknown_decision_is_not_read_as_any() {
    for decision in ["none", "Charging", "pending", ""] {
        let mut commit = inventory().remove(2).0;
        commit["decision"] = json!(decision);
        assert!(serde_json::from_value::<InventoryStep>(commit).is_err());
    }
}

/// The commands of the plan, and of its undos, are those that the services know.
#[test]
fn every_step_and_undo_of_the_plan_is_a_command_of_its_service() {
    let step = |json: &Value| json["step"].as_str().unwrap().to_owned();
    for planned in PLAN {
        let known: Vec<String> = match planned.service {
            Service::Inventory => inventory().iter().map(|(json, _)| step(json)).collect(),
            Service::Payments => payments().iter().map(|(json, _)| step(json)).collect(),
            Service::Shipping => shipping().iter().map(|(json, _)| step(json)).collect(),
            Service::Orders => orders().iter().map(|(json, _)| step(json)).collect(),
        };
        let undo = planned.undo.map(|(_, command)| command);
        for command in [Some(planned.command), undo].into_iter().flatten() {
            assert!(known.contains(&command.to_owned()), "{command}");
        }
    }
}

#[test]
fn the_saga_s_input_is_exactly_this() {
    let order = completed_order();
    let literal = json!({
        "order_id": ORDER_ID,
        "tenant": "shop",
        "customer_id": "ada",
        "epoch": 1,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "lines": [{"sku": "LAMP-1", "quantity": 2}, {"sku": "BULB-9", "quantity": 1}],
        "amount": {"minor": 3856, "currency": "EUR"},
        "payment_method": "pm_card_visa",
        "ship_to": ship_to(),
    });
    exact(&literal, &OrderSagaInput::from(&order));
}

#[test]
fn an_order_without_a_trace_has_an_empty_one() {
    let order = crate::samples::cancelled_order();
    assert_eq!(OrderSagaInput::from(&order).traceparent, "");
    assert_eq!(parse_traceparent(""), None);
}

#[test]
fn recovery_s_input_is_exactly_this() {
    let input = RecoveryInput {
        order_id: id(),
        epoch: 2,
        tries: 0,
    };
    exact(
        &json!({"order_id": ORDER_ID, "epoch": 2, "tries": 0}),
        &input,
    );
}

#[test]
fn answers_are_exactly_these() {
    let written = |answer: OrdersAnswer| serde_json::to_value(answer).unwrap();
    let decision = DecisionBody::Charging;
    let status = || "confirmed".to_owned();
    assert_eq!(
        written(OrdersAnswer::Decided(Decided { decision })),
        json!({"decision": "charging"})
    );
    assert_eq!(
        written(OrdersAnswer::Status(Status { status: status() })),
        json!({"status": "confirmed"})
    );
    let look = Look {
        status: status(),
        act: "done".to_owned(),
        decision: "ended".to_owned(),
        wait_seconds: 0,
        refund: None,
    };
    assert_eq!(
        written(OrdersAnswer::Look(Box::new(look.clone()))),
        json!({"status": "confirmed", "act": "done", "decision": "ended", "wait_seconds": 0})
    );
    let (minor, currency) = (350, "EUR".to_owned());
    let sku = "BULB-9".to_owned();
    let refund = DueRefund {
        refund_id: "cancel".to_owned(),
        amount: AmountBody { minor, currency },
        lines: vec![StockLineBody { sku, quantity: 1 }],
        goods: "recalled".to_owned(),
    };
    let look = Look {
        refund: Some(refund),
        ..look
    };
    assert_eq!(
        written(OrdersAnswer::Look(Box::new(look)))["refund"],
        json!({
            "refund_id": "cancel",
            "amount": {"minor": 350, "currency": "EUR"},
            "lines": [{"sku": "BULB-9", "quantity": 1}],
            "goods": "recalled",
        })
    );
    let recalled = ShippingAnswer::Recalled(Recalled { returned: true });
    assert_eq!(
        serde_json::to_value(recalled).unwrap(),
        json!({"returned": true})
    );
    let outcome = CloseOutcome::Captured;
    let closed = PaymentsAnswer::Closed(Closed { outcome });
    assert_eq!(
        serde_json::to_value(closed).unwrap(),
        json!({"outcome": "captured"})
    );
    let done = PaymentsAnswer::Done(Done {});
    assert_eq!(serde_json::to_value(done).unwrap(), json!({}));
}

#[test]
fn a_restart_answers_with_the_input_of_the_next_run() {
    let saga = OrderSagaInput::from(&completed_order());
    let input = serde_json::to_value(&saga).unwrap();
    let answer = OrdersAnswer::Restarted(Box::new(Restarted { epoch: 2, saga }));
    let written = serde_json::to_value(answer).unwrap();
    assert_eq!(written, json!({"epoch": 2, "saga": input}));
}
