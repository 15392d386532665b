//! Tickets are read back, and nothing else is a ticket; sockets end.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn secret(number: u128) -> TicketSecret {
    TicketSecret::new([number, number + 1, number + 2].map(Uuid::from_u128))
}

#[test]
fn a_ticket_reads_back_and_two_are_never_the_same() {
    let text = secret(1).text();
    assert_eq!(TicketSecret::parse(&text), Some(secret(1)));
    assert_ne!(text, secret(2).text());
    assert_ne!(secret(1).hash(), secret(2).hash());
}

#[test]
fn what_is_no_ticket_is_known_without_asking() {
    let good = secret(1).text();
    let wrong = [
        String::new(),
        good[1..].to_owned(),
        format!("{good}0"),
        good.to_uppercase(),
        format!("+{}", &good[1..]),
        format!("é{}", &good[2..]),
        format!("eyJ{}", &good[3..]),
    ];
    for text in wrong {
        assert_eq!(TicketSecret::parse(&text), None, "{text:?}");
    }
}

#[test]
fn a_ticket_and_its_hash_are_not_printed() {
    assert_eq!(format!("{:?}", secret(1)), "TicketSecret(..)");
    assert_eq!(format!("{:?}", secret(1).hash()), "SecretHash(..)");
}

#[test]
fn a_socket_is_over_ten_minutes_after_the_gateway_ends_it() {
    let socket = Socket {
        id: SocketId::parse("abc=").unwrap(),
        session: None,
        since: at(1_000),
    };
    assert!(!socket.is_over(at(1_000 + 2 * 3_600)));
    assert!(socket.is_over(at(1_000 + 2 * 3_600 + 600)));
    assert!(socket.may_be_opening(at(1_014)) && !socket.may_be_opening(at(1_015)));
}

/// A row leaves by the time that was written last, which is not that of the newest socket: an old one may
/// ask for stock later.
#[test]
fn a_row_stays_as_long_as_any_of_its_sockets() {
    let opened = |second| Socket {
        id: SocketId::parse("abc=").unwrap(),
        session: None,
        since: at(second),
    };
    let old = opened(0);
    let newest = opened(old.ends_at().as_second());
    assert_eq!(old.all_end_by(), newest.ends_at());
}

#[test]
fn a_socket_has_one_row_and_all_rows_are_used() {
    let sku = Sku::parse("tea").unwrap();
    let stock = Topic::Stock(sku);
    let mut used: Vec<u8> = (0..200)
        .map(|number| stock.slice_of(&SocketId::parse(&format!("id{number}")).unwrap()))
        .collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, (0..stock.slices()).collect::<Vec<_>>());
}
