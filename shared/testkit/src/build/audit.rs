//! Records of the audit log.

use audit::{Actor, ActorKind, Origin, Outcome, Personal, Record, Salt};

use super::at;

/// What a customer did to an order, as this message tells it.
pub fn an_audit_record(message: &str) -> Record {
    Record {
        message: message.to_owned(),
        at: at(0),
        actor: Actor {
            kind: ActorKind::Account,
            tenant: Some("main".to_owned()),
            subject: Some(Personal::of("alice", Salt([7; 16]))),
        },
        action: "cartwright.order.placed.v1".to_owned(),
        object: "order/1".to_owned(),
        from: Origin {
            address: None,
            request: Some("request-1".to_owned()),
        },
        outcome: Outcome::Done,
    }
}
