//! Every port in memory. Clones share what they hold, so a test keeps one and hands one over.
//! The stores pass the same checks as DynamoDB (`port_checks`).

mod accounts;
mod answers;
mod audit;
mod breakers;
mod carrier;
mod catalogue;
mod claims;
mod copies;
mod counters;
mod destination;
mod figures;
mod files;
mod history;
mod inbox;
mod inventory;
mod jobs;
mod mailer;
mod metrics;
mod orders;
mod payment_provider;
mod queue;
mod realtime;
mod sales;
mod search;
mod sockets;
mod store;
mod texts;
mod topic;
mod workflow;

pub use self::audit::{FakeAnchors, FakeChains};
pub use accounts::FakeAccounts;
pub use answers::FakeAnswers;
pub use breakers::FakeBreakers;
pub use carrier::{BookedParcel, FakeCarrier};
pub use catalogue::FakeCatalogue;
pub use claims::FakeClaims;
pub use copies::FakeCopies;
pub use counters::FakeCounters;
pub use destination::{FakeDestination, Mood};
pub use figures::FakeFigures;
pub use files::FakeFiles;
pub use history::FakeHistory;
pub use inventory::FakeInventory;
pub use jobs::{FakeJobs, FakeLinks};
pub use mailer::{FakeMailer, MailFault};
pub use metrics::FakeMetrics;
pub use orders::{FakeOrders, FakePayments, FakeShipments};
pub use payment_provider::{FakePaymentProvider, Intent, IntentPhase};
pub use queue::FakeQueue;
pub use realtime::FakeRealtime;
pub use sales::FakeSales;
pub use search::FakeIndex;
pub use sockets::{FakeSockets, SocketFault};
pub use store::FakeStore;
pub use texts::{FakeTexts, TextMood};
pub use topic::FakeTopic;
pub use workflow::{FakeWorkflow, Started};

/// What goes wrong once with a write of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens, and the store is unavailable.
    FailBefore,
    /// It happens, and the store is unavailable.
    AppliedButError,
    /// Nothing happens: somebody else was faster, with what is stored.
    Conflict,
}

/// What goes wrong once with a call of a third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderFault {
    /// It cannot be reached; nothing happens.
    Down,
    /// No answer, and nothing happened.
    UnknownBefore,
    /// No answer, and it happened.
    UnknownAfter,
    /// No answer, and it happens later, when the test says so.
    Late,
}

fn cause(words: &str) -> domain::ports::Cause {
    domain::ports::Cause(words.to_owned())
}

fn unavailable() -> domain::ports::StoreError {
    domain::ports::StoreError::Unavailable(cause("a fault that the test set"))
}
