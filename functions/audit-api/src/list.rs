//! Entries of one chain, newest first: of the chain of an object those of the object.

use std::sync::Arc;

use audit::{Entry, Head, Outcome, Shard, last};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contracts::http::{AuditActorBody, AuditEntryBody, AuditListBody, AuditOriginBody};
use domain::TenantId;
use domain::ports::StoreError;
use http_edge::{Caller, Problem, page_size};
use serde::Deserialize;

use crate::routes::{App, Chains};

/// Longest name of an object.
const MAX_OBJECT: usize = 512;
/// Positions that are read at once.
const STEP: u64 = 100;
/// Most positions that are looked at for one page.
const REACH: u64 = 500;

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    cursor: Option<String>,
    limit: Option<u8>,
    object: Option<String>,
    chain: Option<u8>,
}

/// What is listed: one chain, and of it one object or all of them.
struct Wanted {
    shard: Shard,
    object: Option<String>,
    tenant: TenantId,
}

impl Wanted {
    fn of(asked: &Asked, tenant: TenantId) -> Result<Self, Problem> {
        let object = asked.object.clone();
        let shard = match (&object, asked.chain) {
            (Some(object), None) if (1..=MAX_OBJECT).contains(&object.len()) => {
                Some(Shard::of(object))
            }
            (None, chain) => Shard::new(chain.unwrap_or_default()),
            _ => None,
        };
        let one = "an object, such as order/<id>, or a chain from 0 to 15";
        Ok(Self {
            shard: shard.ok_or_else(|| Problem::bad_request(one))?,
            object,
            tenant,
        })
    }

    /// What belongs to no shop that is known is nobody's to see here.
    fn has(&self, entry: &Entry) -> bool {
        let record = &entry.record;
        record.actor.tenant.as_deref() == Some(self.tenant.as_str())
            && self
                .object
                .as_ref()
                .is_none_or(|object| record.object == *object)
    }
}

/// A page may have fewer entries than were asked for, and none: the filter is on what was read. There
/// is more as long as there is a cursor.
pub(crate) async fn list<S: Chains>(
    State(app): State<Arc<App<S>>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<axum::Json<AuditListBody>, Problem> {
    let known = "cursor, limit, object and chain only";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let limit = usize::from(page_size(asked.limit)?);
    let tenant = caller.principal.tenant;
    let shop = tenant.to_string();
    let wanted = Wanted::of(&asked, tenant)?;
    let chain = wanted.shard.to_string();
    let object = asked.object.as_deref().unwrap_or_default();
    let list = ["audit", &shop, &chain, object];
    let after = app.cursors.read(&list, asked.cursor.as_deref())?;
    let next = match after.and_then(|place| place.parse().ok()) {
        Some(position) => position,
        None => last(&app.chains, Head::empty(wanted.shard)).await?.position,
    };
    let (entries, left) = page(&app.chains, &wanted, next, limit).await?;
    Ok(axum::Json(AuditListBody {
        entries: entries.iter().map(body).collect(),
        next_cursor: (left > 0).then(|| app.cursors.make(&list, &left.to_string())),
    }))
}

/// Entries from a position downwards, and the position where the next page begins; 0 for none.
async fn page<S: Chains>(
    chains: &S,
    wanted: &Wanted,
    from: u64,
    limit: usize,
) -> Result<(Vec<Entry>, u64), StoreError> {
    let (mut found, mut next) = (Vec::new(), from);
    let enough = from.saturating_sub(REACH);
    while next > enough {
        let count = STEP.min(next - enough);
        let first = next - count + 1;
        let read = chains.entries(wanted.shard, first, usize::try_from(count).unwrap_or(1));
        for entry in read.await?.into_iter().rev() {
            next = next.saturating_sub(1);
            found.extend(entry.filter(|entry| wanted.has(entry)));
            if found.len() == limit {
                return Ok((found, next));
            }
        }
    }
    Ok((found, next))
}

fn body(entry: &Entry) -> AuditEntryBody {
    let record = &entry.record;
    let value = |personal: &Option<audit::Personal>| {
        let value = personal.as_ref()?.value();
        value.map(str::to_owned)
    };
    let (outcome, reason) = match &record.outcome {
        Outcome::Done => ("done", None),
        Outcome::Refused(why) => ("refused", Some(why.clone())),
    };
    AuditEntryBody {
        chain: entry.shard.number(),
        position: entry.position,
        at: record.at,
        actor: AuditActorBody {
            kind: record.actor.kind.name().to_owned(),
            id: value(&record.actor.subject),
            erased: is_erased(record.actor.subject.as_ref()),
        },
        action: record.action.clone(),
        object: record.object.clone(),
        outcome: outcome.to_owned(),
        reason,
        from: AuditOriginBody {
            address: value(&record.from.address),
            request: record.from.request.clone(),
        },
    }
}

fn is_erased(personal: Option<&audit::Personal>) -> bool {
    personal.is_some_and(|personal| personal.value().is_none())
}
