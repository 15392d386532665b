//! The audit log.

use contracts::http::{AuditActorBody, AuditEntryBody, AuditListBody, AuditOriginBody};
use serde_json::json;
use testkit::build::at as moment;

use crate::openapi::operation::{Operation, at};

/// Who did what.
pub(super) fn trail() -> Vec<Operation> {
    let entry = AuditEntryBody {
        chain: 3,
        position: 17,
        at: moment(60),
        actor: AuditActorBody {
            kind: "account".to_owned(),
            id: Some("c-0001".to_owned()),
            erased: false,
        },
        action: "GET /api/v1/admin/orders".to_owned(),
        object: "route/api/v1/admin/orders".to_owned(),
        outcome: "refused".to_owned(),
        reason: Some("forbidden".to_owned()),
        from: AuditOriginBody {
            address: Some("192.0.2.1".to_owned()),
            request: Some("request-1".to_owned()),
        },
    };
    let listed = AuditListBody {
        entries: vec![entry],
        next_cursor: None,
    };
    let object = json!({"type": "string", "minLength": 1, "maxLength": 512});
    let chain = json!({"type": "integer", "minimum": 0, "maximum": 15});
    vec![
        at(
            "GET /api/v1/admin/audit",
            "listAudit",
            "Who did what to which object, from where, and how it ended, newest first.",
        )
        .asks(
            "object",
            "only of this one, such as `order/ORDER_ID`; not with `chain`",
            object,
        )
        .asks("chain", "of this chain; 0 unless asked otherwise", chain)
        .pages()
        .answers(
            200,
            "A page of entries; it may be short, or empty, and still have a cursor.",
            &listed,
        ),
    ]
}
