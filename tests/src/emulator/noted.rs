//! What a test's corner of the shop did and saw: what the invariants are held against, beside the
//! tables.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CustomerId, OrderId, Sku};
use serde_json::Value;
use testkit::invariants::{Access, Admitted, Refreshed, Reply, TokenShown};

use super::shop::Answer;

/// Fields of bodies that open something.
const SECRETS: [&str; 7] = [
    "password",
    "current_password",
    "new_password",
    "access_token",
    "refresh_token",
    "key",
    "token",
];

/// What happened in the corner.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// Orders asked for, placed or not.
    pub orders: Vec<OrderId>,
    /// Pieces put in, by SKU.
    pub stock: BTreeMap<Sku, u64>,
    /// By how many a count was put right, by SKU.
    pub adjusted: BTreeMap<Sku, i64>,
    /// Statuses that were read, by order.
    pub seen: BTreeMap<OrderId, Vec<String>>,
    /// Answers to placements.
    pub replies: Vec<Reply>,
    /// What was seen at the front door.
    pub access: Access,
    /// Tokens, passwords and keys.
    pub secrets: BTreeSet<String>,
    /// Accounts that registered.
    pub accounts: BTreeSet<String>,
}

impl Noted {
    /// A customer read something with a good token, between these milliseconds.
    pub fn read(
        &mut self,
        customer: &CustomerId,
        answer: &Answer,
        (sent_ms, answered_ms): (u64, u64),
    ) {
        let access = &mut self.access;
        access.outputs.push((customer.clone(), answer.body.clone()));
        access.shown.push(TokenShown {
            what: format!("a good one of {customer}"),
            is_good: true,
            status: answer.status,
        });
        if let Some(limit) = answer.limit.filter(|_| answer.status != 429) {
            access.admitted.push(Admitted {
                key: customer.to_string(),
                limit,
                sent_ms,
                answered_ms,
            });
        }
    }

    /// A body was sent as nobody, and answered.
    pub fn sent(&mut self, path: &str, body: &Value, answer: &Answer) {
        let answered = answer.json();
        for body in [body, &answered] {
            let secrets = SECRETS.iter().filter_map(|name| body[*name].as_str());
            self.secrets.extend(secrets.map(str::to_owned));
        }
        let text = |body: &Value, name: &str| body[name].as_str().map(str::to_owned);
        let (shown, next) = (
            text(body, "refresh_token"),
            text(&answered, "refresh_token"),
        );
        let refreshed = match (path, answer.status, shown, next) {
            ("/auth/login", 200, _, Some(first)) => Some(Refreshed::Begun(first)),
            ("/auth/refresh", 200, Some(shown), Some(next)) => {
                Some(Refreshed::Exchanged(shown, next))
            }
            ("/auth/refresh", 401, Some(shown), _) => Some(Refreshed::Refused(shown)),
            _ => None,
        };
        self.access.refreshed.extend(refreshed);
        if path == "/users" && answer.status == 201 {
            self.accounts.extend(text(&answered, "user_id"));
        }
    }
}
