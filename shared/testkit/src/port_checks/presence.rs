//! Checks of [`KeepTickets`], [`TakeTickets`] and [`KeepSockets`].

use domain::ports::{KeepSockets, KeepTickets, MOST_SOCKETS, TakeTickets};
use domain::{SecretHash, Sku, SocketId, Ticket, Topic};

use crate::build::{a_socket, at, customer, session_id, tenant};
use crate::must;

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

/// A ticket of no session reads back too.
pub async fn keeps_a_ticket_of_no_session<S: KeepTickets + TakeTickets>(store: &S) {
    let ticket = Ticket {
        session: None,
        ..ticket()
    };
    must(store.put_ticket(SecretHash([1; 32]), &ticket).await);
    let taken = must(store.take_ticket(SecretHash([1; 32])).await);
    assert_eq!(taken, Some(ticket));
}

/// A socket is in a topic from its joining to its leaving, in that topic only; each can be repeated.
pub async fn knows_the_sockets_of_a_topic(store: &impl KeepSockets) {
    let bob = Topic::Person(tenant(), customer("bob"));
    let [one, mut other] = [1, 2].map(a_socket);
    other.session = None;
    must(store.leave(&alice(), &[one.clone()]).await);
    assert_eq!(must(store.sockets_of(&alice()).await), []);
    for socket in [&other, &one, &one] {
        assert!(must(store.join(&alice(), socket).await));
    }
    let both = [one.clone(), other.clone()];
    assert_eq!(must(store.sockets_of(&alice()).await), both);
    assert_eq!(must(store.sockets_of(&bob).await), []);
    for _ in 0..2 {
        must(store.leave(&alice(), &[one.clone()]).await);
        assert_eq!(must(store.sockets_of(&alice()).await), [other.clone()]);
    }
    must(store.leave(&alice(), &both).await);
    assert_eq!(must(store.sockets_of(&alice()).await), []);
    assert!(must(store.join(&alice(), &one).await));
    assert_eq!(must(store.sockets_of(&alice()).await), [one]);
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
    must(store.leave(&alice(), &sockets[..1]).await);
    assert!(must(store.join(&alice(), &late).await));
}
