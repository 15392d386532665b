//! What a subscriber can rely on, and what a publisher need not know.

use std::cell::RefCell;
use std::rc::Rc;

use contracts::events::envelopes_of_order;
use domain::Sequence;

use super::*;
use crate::build::an_order;

/// Ids of what a handler was given, in that order.
type Heard = Rc<RefCell<Vec<String>>>;

/// Placed, flagged and completed, of the order with this number.
fn events(number: u64) -> Vec<Envelope> {
    envelopes_of_order(&an_order().number(number).confirmed_late(), Sequence::NONE)
}

fn ids(events: &[Envelope]) -> Vec<String> {
    events.iter().map(|event| event.id.clone()).collect()
}

/// Subscribes a handler that fails as long as this says so.
fn listen(bus: &mut MemoryBus, name: &str, fails: impl Fn(&str, usize) -> bool + 'static) -> Heard {
    let heard = Heard::default();
    let (told, fails) = (heard.clone(), Rc::new(fails));
    bus.subscribe(name, move |event| {
        let (told, fails) = (told.clone(), fails.clone());
        async move {
            told.borrow_mut().push(event.id.clone());
            let tries = told.borrow().iter().filter(|id| **id == event.id).count();
            match fails(&event.id, tries) {
                true => Err("not now".into()),
                false => Ok(()),
            }
        }
    });
    heard
}

async fn publish(bus: &MemoryBus, name: &str, events: &[Envelope]) {
    for event in events {
        bus.publish(name, event).await;
    }
}

#[tokio::test]
async fn whoever_subscribed_to_the_name_hears_it_once_and_in_order() {
    let mut bus = MemoryBus::giving_up_after(3);
    let one = listen(&mut bus, "order", |_, _| false);
    let other = listen(&mut bus, "order", |_, _| false);
    let stranger = listen(&mut bus, "stock", |_, _| false);
    publish(&bus, "order", &events(1)).await;
    assert!(one.borrow().is_empty(), "the publisher waits for nobody");
    bus.deliver().await;
    bus.deliver().await;
    assert_eq!(*one.borrow(), ids(&events(1)));
    assert_eq!(*other.borrow(), ids(&events(1)));
    assert!(stranger.borrow().is_empty());
}

#[tokio::test]
async fn what_failed_comes_again_before_what_is_behind_it() {
    let mut bus = MemoryBus::giving_up_after(3);
    let first = events(1)[0].id.clone();
    let is_first = first.clone();
    let heard = listen(&mut bus, "order", move |id, tries| {
        id == is_first && tries == 1
    });
    publish(&bus, "order", &events(1)).await;
    bus.deliver().await;
    assert_eq!(*heard.borrow(), [vec![first], ids(&events(1))].concat());
    assert!(bus.dead_letters("order").is_empty());
}

#[tokio::test]
async fn one_that_always_fails_holds_up_neither_others_nor_the_publisher() {
    let mut bus = MemoryBus::giving_up_after(3);
    let poison = events(1).pop().unwrap().id;
    let is_poison = poison.clone();
    let ill = listen(&mut bus, "order", move |id, _| id == is_poison);
    let well = listen(&mut bus, "order", |_, _| false);
    publish(&bus, "order", &[events(1), events(2)].concat()).await;
    bus.deliver().await;
    assert_eq!(well.borrow().len(), 6);
    assert_eq!(bus.dead_letters("order"), std::slice::from_ref(&poison));
    let tries = ill.borrow().iter().filter(|id| **id == poison).count();
    assert_eq!(tries, 3);
    let others = ids(&events(2));
    assert!(others.iter().all(|id| ill.borrow().contains(id)));
}

#[tokio::test]
async fn a_copy_is_dropped_while_the_queue_knows_it() {
    let mut bus = MemoryBus::giving_up_after(3);
    let heard = listen(&mut bus, "order", |_, _| false);
    publish(&bus, "order", &[events(1), events(1)].concat()).await;
    bus.deliver().await;
    assert_eq!(*heard.borrow(), ids(&events(1)));
}
