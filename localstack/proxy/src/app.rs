//! What all calls share.

use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::upstream::Upstream;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) clock: Clock,
    pub(crate) upstream: Upstream,
    pub(crate) ledger: Ledger,
}
