//! What somebody was told, has read, and wants.

use contracts::http::{
    CourseSubscriptionBody, MAX_NUMBER, NotificationBody, NotificationListBody,
    NotificationPreferences, ReadMarkBody, Secret, TicketBody, UnsubscribeBody,
};
use domain::{NotificationKind, NotificationList};
use serde_json::json;
use testkit::build::a_notice;
use testkit::must_have;

use crate::openapi::operation::{Operation, at};

fn listed() -> NotificationListBody {
    NotificationListBody {
        notifications: vec![told()],
        last: 1,
        read_up_to: 0,
        next_cursor: None,
        resume_cursor: "CURSOR".to_owned(),
        behind: false,
        missing: None,
    }
}

/// The list.
pub(super) fn list() -> Vec<Operation> {
    let after = json!({"type": "string", "minLength": 1, "maxLength": 2_048});
    let number = json!({"type": "integer", "minimum": 1, "maximum": MAX_NUMBER});
    let marked = ReadMarkBody {
        numbers: None,
        up_to: Some(1),
    };
    vec![
        at(
            "GET /api/v1/notifications",
            "listNotifications",
            "What the caller was told: newest first, or oldest first from a place on. The last thirty days are there always.",
        )
        .pages()
        .asks(
            "list",
            "`own`, which it is without one, or `group:<id>` of a group that the caller belongs to, or runs",
            json!({"type": "string", "maxLength": 42}),
        )
        .asks(
            "after",
            "`resume_cursor` of an answer: what came since; not with `cursor`",
            after,
        )
        .answers(
            200,
            "A page; it may be short, or empty, and still have more behind it.",
            &listed(),
        )
        .refuses(404, &["not-found"]),
        at(
            "POST /api/v1/notifications/read",
            "readNotifications",
            "Marks single notifications as read, or all up to one. Marks are never taken back.",
        )
        .takes(&marked)
        .answers_nothing(204, "Marked; single ones that are gone are passed over."),
        at(
            "GET /api/v1/notifications/status",
            "getNotification",
            "One of them, and what became of it on each channel.",
        )
        .needs("number", "its place in the list", number)
        .answers(200, "The notification.", &told())
        .refuses(404, &["not-found"]),
    ]
}

/// One of it.
fn told() -> NotificationBody {
    let list = NotificationList::default();
    let told = must_have(list.next(a_notice(2), true));
    NotificationBody::of(&list, &told, None)
}

/// The way to be told at once.
pub(super) fn sockets() -> Vec<Operation> {
    let ticket = TicketBody {
        ticket: Secret("TICKET".to_owned()),
        url: "wss://sockets.example.org/live".to_owned(),
        expires_in: 30,
    };
    vec![
        at(
            "POST /api/v1/realtime/tickets",
            "createSocketTicket",
            "A ticket that opens one socket: connect to `url?ticket=` and the ticket. Not for API keys.",
        )
        .answers(200, "The ticket, which is shown here only.", &ticket),
    ]
}

/// What is mailed of it.
pub(super) fn preferences() -> Vec<Operation> {
    let usual = NotificationPreferences::of(&NotificationList::default());
    let off = UnsubscribeBody::of_mail(NotificationKind::OrderShipped);
    let token = || json!({"type": "string", "minLength": 1, "maxLength": 1_024});
    let means = "what such a mail carries";
    vec![
        at(
            "GET /api/v1/notifications/preferences",
            "getNotificationPreferences",
            "Which kinds the caller wants by mail and as a text.",
        )
        .answers(200, "Each kind.", &usual),
        at(
            "PUT /api/v1/notifications/preferences",
            "putNotificationPreferences",
            "Notes the choices for the kinds that are named; all others stay as they are.",
        )
        .takes(&usual)
        .answers(200, "Each kind, as it is now.", &usual),
        at(
            "GET /api/v1/notifications/unsubscribe",
            "showUnsubscribe",
            "What a token that was mailed switches off. Changes nothing.",
        )
        .needs("token", means, token())
        .answers(200, "The kind, and on which channel.", &off)
        .refuses(404, &["not-found"]),
        at(
            "POST /api/v1/notifications/unsubscribe",
            "unsubscribe",
            "Switches a kind of mail off by a token that was mailed (RFC 8058); a body is not looked at.",
        )
        .needs("token", means, token())
        .answers(200, "The kind, and on which channel.", &off)
        .refuses(404, &["not-found"]),
    ]
}

/// Whether the caller hears of new courses.
pub(super) fn courses() -> Vec<Operation> {
    let said = |subscribed| CourseSubscriptionBody { subscribed };
    vec![
        at(
            "GET /api/v1/courses/subscriptions",
            "getCourseSubscription",
            "Whether the caller hears of new courses.",
        )
        .answers(200, "Whether they do.", &said(true)),
        at(
            "PUT /api/v1/courses/subscriptions",
            "subscribeToCourses",
            "The caller wants to hear of new courses: in their list, and by mail as they chose.",
        )
        .answers(200, "They do now.", &said(true)),
        at(
            "DELETE /api/v1/courses/subscriptions",
            "unsubscribeFromCourses",
            "The caller does not want to hear of new courses, or no longer.",
        )
        .answers(200, "They do not.", &said(false)),
    ]
}
