//! Checks of [`KeepTickets`], [`TakeTickets`] and [`KeepSockets`].

use domain::ports::{KeepSockets, KeepTickets, MOST_SOCKETS, ReadSlices, TakeTickets};
use domain::{SecretHash, Sku, SocketId, TenantId, Ticket, Topic};

use crate::build::{a_socket, at, customer, group_id, session_id, tenant};
use crate::{must, must_have};

fn ticket() -> Ticket {
    Ticket::new((tenant(), customer("alice")), Some(session_id(7)), at(3))
}

fn alice() -> Topic {
    Topic::Person(tenant(), customer("alice"))
}

/// A ticket is taken once, whole, by its secret only.
pub async fn gives_a_ticket_to_one<S: KeepTickets + TakeTickets>(store: &S) {
    let (secret, other) = (SecretHash([1; 32]), SecretHash([2; 32]));
    assert_eq!(must(store.take_ticket(secret).await), None);
    must(store.put_ticket(secret, &ticket()).await);
    assert_eq!(must(store.take_ticket(other).await), None);
    let takers = [store.take_ticket(secret), store.take_ticket(secret)];
    let taken = futures::future::join_all(takers).await;
    let mut taken: Vec<_> = taken.into_iter().map(must).collect();
    taken.sort_by_key(Option::is_none);
    assert_eq!(taken, [Some(ticket()), None]);
}

/// A ticket of no session reads back too, and that somebody runs the shop.
pub async fn keeps_a_ticket_of_no_session<S: KeepTickets + TakeTickets>(store: &S) {
    let ticket = Ticket {
        session: None,
        runs_the_shop: true,
        ..ticket()
    };
    must(store.put_ticket(SecretHash([1; 32]), &ticket).await);
    let taken = must(store.take_ticket(SecretHash([1; 32])).await);
    assert_eq!(taken, Some(ticket));
}

/// A socket that joined a topic is in it, once, and in no other.
pub async fn knows_the_sockets_of_a_topic(store: &impl KeepSockets) {
    let bob = Topic::Person(tenant(), customer("bob"));
    let shops = ["main", "other"].map(|shop| Topic::Dashboard(must(TenantId::parse(shop))));
    let [one, mut other] = [1, 2].map(a_socket);
    other.session = None;
    assert_eq!(must(store.sockets_of(&alice()).await), []);
    for socket in [&other, &one, &one] {
        assert!(must(store.join(&alice(), socket).await));
    }
    assert!(must(store.join(&shops[0], &one).await));
    assert_eq!(must(store.sockets_of(&alice()).await), [one.clone(), other]);
    assert_eq!(must(store.sockets_of(&shops[0]).await), [one]);
    for topic in [&bob, &shops[1]] {
        assert_eq!(must(store.sockets_of(topic).await), []);
    }
}

/// A socket that left is not in the topic, others are; and again.
pub async fn lets_sockets_leave_a_topic(store: &impl KeepSockets) {
    let both = [1, 2].map(a_socket);
    let [one, other] = both.each_ref().map(std::slice::from_ref);
    must(store.leave(&alice(), one).await);
    for socket in &both {
        assert!(must(store.join(&alice(), socket).await));
    }
    for _ in 0..2 {
        must(store.leave(&alice(), one).await);
        assert_eq!(must(store.sockets_of(&alice()).await), other);
    }
    must(store.leave(&alice(), &both).await);
    assert_eq!(must(store.sockets_of(&alice()).await), []);
}

/// A topic of many slices is one topic.
pub async fn knows_the_sockets_of_all_slices(store: &impl KeepSockets) {
    let stock = Topic::Stock(must(Sku::parse("sku-tea")));
    let mut sockets: Vec<_> = (1..=40).map(a_socket).collect();
    sockets.sort();
    for socket in &sockets {
        assert!(must(store.join(&stock, socket).await));
    }
    assert_eq!(must(store.sockets_of(&stock).await), sockets);
    let (gone, left) = sockets.split_at(25);
    must(store.leave(&stock, gone).await);
    assert_eq!(must(store.sockets_of(&stock).await), left);
}

/// The slices of a topic have all of its sockets, each in the one that it is known to be in.
pub async fn reads_a_topic_slice_by_slice(store: &impl ReadSlices) {
    let group = Topic::Group(tenant(), group_id(1));
    let sockets: Vec<_> = (1..=40).map(a_socket).collect();
    for socket in &sockets {
        assert!(must(store.join(&group, socket).await));
    }
    let mut found = 0;
    for slice in 0..group.slices() {
        let in_slice = must(store.sockets_in(&group, slice).await);
        found += in_slice.len();
        assert!(in_slice.iter().all(|it| group.slice_of(&it.id) == slice));
        assert!(in_slice.iter().all(|it| sockets.contains(it)));
        assert!(in_slice.is_sorted());
    }
    assert_eq!(found, sockets.len());
}

/// A row has room for so many.
pub async fn has_room_for_so_many(store: &impl KeepSockets) {
    let mut sockets: Vec<_> = (1..=MOST_SOCKETS as u64).map(a_socket).collect();
    sockets.sort();
    for socket in &sockets {
        assert!(must(store.join(&alice(), socket).await));
    }
    let mut late = a_socket(1);
    late.id = must(SocketId::parse("late"));
    assert!(!must(store.join(&alice(), &late).await));
    assert_eq!(must(store.sockets_of(&alice()).await), sockets);
    let first = must_have(sockets.first());
    must(store.leave(&alice(), std::slice::from_ref(first)).await);
    assert!(must(store.join(&alice(), &late).await));
}
