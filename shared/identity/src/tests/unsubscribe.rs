//! What ends mails: read back, and made by nobody else.

use domain::{CustomerId, LinkPurpose, NotificationKind, TenantId};

use super::links::tokens;
use crate::Unsubscribe;

fn wanted(tenant: &str, reader: &str, kind: NotificationKind) -> Unsubscribe {
    Unsubscribe {
        tenant: TenantId::parse(tenant).unwrap(),
        reader: CustomerId::parse(reader).unwrap(),
        kind,
    }
}

#[test]
fn a_token_reads_back_and_no_other_text_does() {
    let tokens = tokens("1");
    let alice = wanted("a.b", "alice@example.org|1", NotificationKind::OrderShipped);
    let token = tokens.make_unsubscribe(&alice);
    assert_eq!(tokens.read_unsubscribe(&token), Some(alice.clone()));
    assert!(
        token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    );
    assert_eq!(super::links::tokens("2").read_unsubscribe(&token), None);
    let (_, signature) = token.split_once('.').unwrap();
    let bob = wanted("a.b", "bob", NotificationKind::OrderShipped);
    let of_bob = tokens.make_unsubscribe(&bob);
    let (of_bob, _) = of_bob.split_once('.').unwrap();
    for wrong in [
        String::new(),
        ".".to_owned(),
        format!("{of_bob}.{signature}"),
        format!("{token}00"),
        "x".repeat(100_000),
    ] {
        assert_eq!(tokens.read_unsubscribe(&wrong), None, "{wrong}");
    }
}

/// Neither does the work of the other.
#[test]
fn a_mailed_link_ends_no_mails() {
    let tokens = tokens("1");
    let alice = wanted("main", "alice", NotificationKind::OrderShipped);
    let token = tokens.make_unsubscribe(&alice);
    let link = tokens.make(LinkPurpose::ResetPassword, &alice.reader, 7);
    assert_eq!(tokens.read_unsubscribe(&link), None);
    for purpose in LinkPurpose::ALL {
        assert_eq!(tokens.read(purpose, &token), None);
    }
}
