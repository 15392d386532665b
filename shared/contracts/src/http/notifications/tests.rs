//! What is refused, and what a list looks like.

use super::*;

fn marked(text: &str) -> Result<MarkedRead, String> {
    let body: ReadMarkBody = serde_json::from_str(text).unwrap();
    body.parse().map_err(|error| error.pointer)
}

#[test]
fn a_mark_is_of_single_ones_or_of_all_up_to_one() {
    let numbers = Ok(MarkedRead::Numbers(vec![2, 3]));
    assert_eq!(marked(r#"{"numbers":[3,2,3]}"#), numbers);
    assert_eq!(marked(r#"{"up_to":7}"#), Ok(MarkedRead::UpTo(7)));
    assert_eq!(marked("{}"), Err("/up_to".to_owned()));
    assert_eq!(marked(r#"{"up_to":0}"#), Err("/up_to".to_owned()));
    let both = r#"{"up_to":7,"numbers":[1]}"#;
    assert_eq!(marked(both), Err("/up_to".to_owned()));
    let many = vec![1; MAX_MARKED + 1];
    for wrong in [Vec::new(), many, vec![0], vec![MAX_NUMBER + 1]] {
        let text = serde_json::json!({ "numbers": wrong }).to_string();
        assert_eq!(marked(&text), Err("/numbers".to_owned()));
    }
}

fn chosen(kinds: &[(&str, bool)]) -> Result<Choices, String> {
    let wanted = |(kind, email): &(&str, bool)| WantedByKind {
        kind: (*kind).to_owned(),
        email: *email,
        sms: None,
    };
    let kinds = kinds.iter().map(wanted).collect();
    let preferences = NotificationPreferences { kinds };
    let (email, sms) = preferences.parse().map_err(|error| error.pointer)?;
    assert_eq!(sms, Choices::default(), "of texts nothing was said");
    Ok(email)
}

#[test]
fn preferences_name_each_kind_once_and_leave_security_on() {
    let choices = chosen(&[("order-placed", true), ("order-shipped", false)]).unwrap();
    assert!(choices.want_mailed(NotificationKind::OrderPlaced));
    assert!(!choices.want_mailed(NotificationKind::OrderShipped));
    assert!(choices.want_mailed(NotificationKind::OrderFailed));
    for (kinds, pointer) in [
        (&[("gift-wrapped", true)][..], "/kinds/0/type"),
        (
            &[("order-shipped", true), ("order-shipped", false)],
            "/kinds/1/type",
        ),
        (&[("account-security", false)], "/kinds/0/email"),
    ] {
        assert_eq!(chosen(kinds), Err(pointer.to_owned()));
    }
}

#[test]
fn what_is_shown_can_be_sent_back() {
    let mut list = NotificationList::default();
    list.sms = list.sms.with(NotificationKind::OrderShipped, true);
    let shown = NotificationPreferences::of(&list);
    let (email, sms) = shown.parse().unwrap();
    let again = NotificationList {
        email,
        sms,
        ..NotificationList::default()
    };
    assert_eq!(NotificationPreferences::of(&again), shown);
}

#[test]
fn what_waits_as_a_row_says_what_became_of_it_and_when_it_is_tried_next() {
    for (channel, later) in [(Channel::Sms, TEXT_LATER), (Channel::Email, MAIL_LATER)] {
        says_what_became_of_it(channel, later);
    }
}

fn says_what_became_of_it(channel: Channel, later: &str) {
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let told = |state: Option<SendingState>| {
        let sending = state.map(|state| Sending {
            message: "order/1/2".to_owned(),
            channel,
            tenant: domain::TenantId::parse("main").unwrap(),
            reader: domain::CustomerId::parse("alice").unwrap(),
            says: domain::Says::Notification(1),
            since: at,
            state,
            open: 0,
            failed: 0,
            declined: false,
            version: 1,
        });
        let body = DeliveryBody::by_row(channel, sending.as_ref());
        assert_eq!(body.channel, channel.name());
        (body.outcome, body.reason, body.note, body.next_try)
    };
    let later = Some(later.to_owned());
    let ended = |name: &str| (name.to_owned(), None, None, None);
    assert_eq!(
        told(None),
        ("pending".to_owned(), None, later.clone(), None)
    );
    let waiting = told(Some(SendingState::Waiting { next: at }));
    assert_eq!(waiting, ("pending".to_owned(), None, later, Some(at)));
    assert_eq!(told(Some(SendingState::Sent)), ended("sent"));
    assert_eq!(told(Some(SendingState::GivenUp)), ended("unknown"));
    let refused = told(Some(SendingState::Refused("no".to_owned())));
    assert_eq!(
        refused,
        ("refused".to_owned(), Some("no".to_owned()), None, None)
    );
}

#[test]
fn a_delivery_says_what_became_of_the_mail() {
    let told = |by_mail, outcome: Option<&DeliveryOutcome>| {
        let body = DeliveryBody::by_mail(by_mail, outcome);
        (body.outcome, body.reason)
    };
    let refused = DeliveryOutcome::Refused("no such address".to_owned());
    for (by_mail, outcome, wanted) in [
        (ByMail::NoAddress, None, "no-address"),
        (ByMail::SwitchedOff, None, "switched-off"),
        (ByMail::Sent, None, "pending"),
        (ByMail::Sent, Some(&DeliveryOutcome::Open), "pending"),
        (ByMail::Sent, Some(&DeliveryOutcome::Sent), "sent"),
        (ByMail::Sent, Some(&DeliveryOutcome::Unknown), "unknown"),
    ] {
        assert_eq!(told(by_mail, outcome), (wanted.to_owned(), None));
    }
    let why = Some("no such address".to_owned());
    assert_eq!(
        told(ByMail::Sent, Some(&refused)),
        ("refused".to_owned(), why)
    );
}
