//! Which messages.

use clap::Args;
use contracts::events::Envelope;
use domain::AggregateKind;
use domain::ports::Received;
use jiff::Timestamp;

/// Which messages; all where nothing is said.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Filter {
    /// Only events of this type, such as cartwright.order.completed.v1.
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) event_type: Option<String>,
    /// Only of this aggregate, such as order/00000000-0000-0000-0000-000000000007.
    #[arg(long, value_name = "KIND/ID", value_parser = aggregate)]
    pub(super) aggregate: Option<String>,
    /// Only what happened then or later, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "RFC3339")]
    pub(super) since: Option<Timestamp>,
    /// Only what happened before.
    #[arg(long, value_name = "RFC3339")]
    pub(super) until: Option<Timestamp>,
}

fn aggregate(text: &str) -> Result<String, &'static str> {
    let (kind, id) = text.split_once('/').ok_or("it is no KIND/ID")?;
    let known = AggregateKind::from_name(kind).is_some() && !id.is_empty();
    known.then(|| text.to_owned()).ok_or("it is no KIND/ID")
}

impl Filter {
    /// Whether it is one of them. What is no event of ours has no type; its aggregate is the group that
    /// it was sent in, and its time that of its sending.
    pub(super) fn takes(&self, message: &Received, event: Option<&Envelope>) -> bool {
        let event_type = event.map(|event| event.event_type.as_str());
        let group = event.map(Envelope::group);
        let aggregate = group.as_ref().or(message.letter.group.as_ref());
        let time = event.map_or(message.sent_at, |event| event.time);
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        is(&self.event_type, event_type)
            && is(&self.aggregate, aggregate.map(String::as_str))
            && self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
    }
}
