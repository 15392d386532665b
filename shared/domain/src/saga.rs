//! The saga plan as data. The state machine file is hand-written; a test holds it against this.

#[cfg(test)]
mod tests;

/// Which service carries a step out. The name is that of its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Stock and leases.
    Inventory,
    /// Orders.
    Orders,
    /// Payments.
    Payments,
    /// Shipments.
    Shipping,
}

/// What a failure of the step means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Can be taken back.
    Compensable,
    /// Settles the order.
    Decision,
    /// After this there is no way back.
    Pivot,
    /// Repeated until it succeeds.
    Retryable,
}

/// One step of the saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// State in the state machine.
    pub state: &'static str,
    /// Who carries it out.
    pub service: Service,
    /// The command.
    pub command: &'static str,
    /// What a failure means.
    pub phase: Phase,
    /// The state and the command that take it back.
    pub undo: Option<(&'static str, &'static str)>,
}

const fn step(
    state: &'static str,
    (service, command): (Service, &'static str),
    phase: Phase,
    undo: Option<(&'static str, &'static str)>,
) -> Step {
    Step {
        state,
        service,
        command,
        phase,
        undo,
    }
}

/// The steps in the order in which they run; undos run in reverse.
pub const PLAN: [Step; 7] = [
    step(
        "ReserveStock",
        (Service::Inventory, "reserve"),
        Phase::Compensable,
        Some(("ReleaseStock", "release")),
    ),
    step(
        "AuthorisePayment",
        (Service::Payments, "authorise"),
        Phase::Compensable,
        Some(("VoidPayment", "void")),
    ),
    step(
        "CreateShipment",
        (Service::Shipping, "create"),
        Phase::Compensable,
        Some(("CancelShipment", "cancel")),
    ),
    step(
        "DecideCharging",
        (Service::Orders, "decide"),
        Phase::Decision,
        None,
    ),
    step(
        "CapturePayment",
        (Service::Payments, "capture"),
        Phase::Pivot,
        None,
    ),
    step(
        "CommitStock",
        (Service::Inventory, "commit"),
        Phase::Retryable,
        None,
    ),
    step(
        "CompleteOrder",
        (Service::Orders, "complete"),
        Phase::Retryable,
        None,
    ),
];
