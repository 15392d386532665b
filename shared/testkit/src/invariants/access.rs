//! I9 to I12: what the front door let in, and what it told whom.

use std::collections::BTreeMap;

use domain::CustomerId;

use super::{Findings, Violation, World, words};

/// A limit's window, in milliseconds.
const WINDOW_MS: u64 = 60_000;

/// What was seen at the front door.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// What somebody was sent, beside the answers to placements.
    pub outputs: Vec<(CustomerId, String)>,
    /// Words that are somebody's own and stand for nobody else, beside ids and addresses of orders.
    pub personal: Vec<(CustomerId, String)>,
    /// Tokens that were shown.
    pub shown: Vec<TokenShown>,
    /// What became of refresh tokens, in order.
    pub refreshed: Vec<Refreshed>,
    /// Requests that were let in and counted.
    pub admitted: Vec<Admitted>,
}

/// A token was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenShown {
    /// Which, for people.
    pub what: String,
    /// Whether every check of it holds at that time.
    pub is_good: bool,
    /// The status of the answer.
    pub status: u16,
}

/// Something happened to refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Somebody signed in and got the first of a family.
    Begun(String),
    /// Somebody showed the first and got the second.
    Exchanged(String, String),
    /// Somebody showed it in vain.
    Refused(String),
}

/// A request was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Whose limit it counts against.
    pub key: String,
    /// How many may pass in a window.
    pub limit: usize,
    /// When it was sent, in milliseconds.
    pub sent_ms: u64,
    /// When its answer was there.
    pub answered_ms: u64,
}

/// I9: nothing of one customer in anything that another was sent.
pub(super) fn isolation(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I9");
    let mut owners: BTreeMap<String, Vec<&CustomerId>> = BTreeMap::new();
    for order in &world.orders {
        let (facts, owner) = (&order.facts, &order.facts.customer);
        let email = facts
            .contact
            .as_ref()
            .map(|contact| contact.email.to_string());
        for word in [Some(facts.id.to_string()), email].into_iter().flatten() {
            owners.entry(word).or_default().push(owner);
        }
    }
    for (owner, word) in &world.access.personal {
        owners.entry(word.clone()).or_default().push(owner);
    }
    let replies = world
        .replies
        .iter()
        .map(|reply| (&reply.customer, &reply.body));
    let outputs = world.access.outputs.iter().map(|(to, text)| (to, text));
    for (to, text) in replies.chain(outputs) {
        for word in words(text) {
            let owners = owners.get(word);
            findings.check(owners.is_none_or(|owners| owners.contains(&to)), || {
                format!("{to} was sent {word}, which is of {owners:?}")
            });
        }
    }
    findings.found
}

/// I10: a token is taken if and only if all checks hold.
pub(super) fn tokens(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I10");
    for shown in &world.access.shown {
        let taken = shown.status != 401;
        findings.check(taken == shown.is_good, || {
            format!(
                "{}: {} was answered {}",
                shown.what, shown.is_good, shown.status
            )
        });
    }
    findings.found
}

/// One sign-in, and what followed from it.
struct Family<'a> {
    /// The live token, and the one that it came from, which is good for a moment.
    live: (&'a str, Option<&'a str>),
    is_over: bool,
}

/// I11: of each family one token lives; what was used up has one successor; and when one of its
/// tokens was refused, none lives.
pub(super) fn families(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I11");
    let mut families: Vec<Family<'_>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &world.access.refreshed {
        match event {
            Refreshed::Begun(first) => {
                known.insert(first, families.len());
                families.push(Family {
                    live: (first, None),
                    is_over: false,
                });
            }
            Refreshed::Refused(shown) => {
                let family = known
                    .get(shown.as_str())
                    .and_then(|at| families.get_mut(*at));
                if let Some(family) = family {
                    family.is_over = true;
                }
            }
            Refreshed::Exchanged(shown, next) => {
                let at = known.get(shown.as_str()).copied();
                let Some((at, family)) = at.and_then(|at| Some((at, families.get_mut(at)?))) else {
                    findings.check(false, || {
                        "a token that nobody was given was taken".to_owned()
                    });
                    continue;
                };
                let (live, before) = family.live;
                let is_next = shown == live && !known.contains_key(next.as_str());
                let is_again = before == Some(shown) && next == live;
                findings.check(!family.is_over, || {
                    format!("family {at} lives after a refusal")
                });
                findings.check(is_next || is_again, || {
                    format!("family {at} has a second live token")
                });
                if is_next {
                    family.live = (next, Some(shown));
                    known.insert(next, at);
                }
            }
        }
    }
    findings.found
}

/// I12: no more than the limit in any window. A request counts where it began and ended in it, so
/// that nobody's clock but the reader's is asked.
pub(super) fn limits(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I12");
    let mut callers: BTreeMap<&str, Vec<&Admitted>> = BTreeMap::new();
    for admitted in &world.access.admitted {
        callers.entry(&admitted.key).or_default().push(admitted);
    }
    for (key, admitted) in callers {
        let limit = admitted.iter().map(|it| it.limit).max().unwrap_or_default();
        // No window has more than there are.
        if admitted.len() <= limit {
            continue;
        }
        let most = admitted.iter().map(|first| {
            let within = |it: &&&Admitted| {
                let end = first.sent_ms.saturating_add(WINDOW_MS);
                it.sent_ms >= first.sent_ms && it.answered_ms < end
            };
            admitted.iter().filter(within).count()
        });
        let most = most.max().unwrap_or_default();
        findings.check(most <= limit, || {
            format!("{key}: {most} of {limit} in one window")
        });
    }
    findings.found
}
