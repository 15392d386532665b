//! What all calls share.

use crate::clock::Clock;
use crate::faults::Faults;
use crate::gate::Gate;
use crate::ledger::Ledger;
use crate::upstream::Upstream;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) clock: Clock,
    pub(crate) upstream: Upstream,
    pub(crate) ledger: Ledger,
    pub(crate) gate: Gate,
    pub(crate) faults: Faults,
}
