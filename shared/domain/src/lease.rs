//! The lease: the stock held for one order, from reserve to its terminal record. It is ended by
//! a release or a sale, never by the clock.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::{
    Aggregate, AggregateKind, ChangeTracker, EventRaiser, OrderId, RefundId, Sku, TenantId,
    Traceparent,
};

#[cfg(test)]
mod tests;

/// Pieces of one SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLine {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// Where a lease is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseState {
    /// Nothing was ever held.
    None,
    /// The stock is held.
    Held {
        /// Until when the holder promised to settle; a later look, not an end.
        until: Timestamp,
    },
    /// The stock went back, or must never be held: a reserve that comes late finds this.
    Released,
    /// The stock was sold.
    Sold,
}

impl LeaseState {
    /// The stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Held { .. } => "held",
            Self::Released => "released",
            Self::Sold => "sold",
        }
    }
}

/// What happened to a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseEvent {
    /// The stock is held.
    Reserved,
    /// The stock went back; or nothing was held and nothing will be.
    Released,
    /// The stock was sold.
    Sold,
    /// Pieces that were sold came back to the shelf.
    Restocked {
        /// Which of the order's refunds brought them.
        id: RefundId,
        /// Which.
        lines: Vec<StockLine>,
    },
}

/// What a lease can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseCommand {
    /// Hold these lines.
    Reserve {
        /// Whose shop.
        tenant: TenantId,
        /// Trace of the order.
        traceparent: Option<Traceparent>,
        /// What to hold; lines of one SKU are added up.
        lines: Vec<StockLine>,
    },
    /// Give the stock back, or make sure that none is held later.
    Release,
    /// Sell it.
    Commit,
    /// Take pieces that were sold back to the shelf. The lease stays sold.
    Restock {
        /// Which of the order's refunds brings them: the same again changes nothing.
        id: RefundId,
        /// Which.
        lines: Vec<StockLine>,
    },
}

/// Why a lease refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LeaseRejection {
    /// A reserve came after the release.
    #[error("the stock of this order was released for good")]
    Ended,
    /// A release came after the sale.
    #[error("the stock of this order is sold")]
    Sold,
    /// A commit found nothing held.
    #[error("no stock is held for this order")]
    Missing,
    /// A restock found nothing sold, or less than was to come back.
    #[error("these pieces were not sold to this order")]
    NotSold,
}

/// The stock held for one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The order; also the lease's key.
    pub order_id: OrderId,
    /// Whose shop; known once something was held.
    pub tenant: Option<TenantId>,
    /// Trace of the order.
    pub traceparent: Option<Traceparent>,
    /// What is, or was, held: each SKU once, in order. Empty where nothing ever was.
    pub lines: Vec<StockLine>,
    /// Where it is.
    pub state: LeaseState,
    /// What has to be stored.
    pub changes: ChangeTracker,
    /// What happened.
    pub events: EventRaiser<LeaseEvent>,
}

impl Lease {
    /// How long a lease is promised at first and at each extension.
    pub const TERM: SignedDuration = SignedDuration::from_mins(15);

    /// The lease of an order for which nothing was held yet.
    pub fn none(order_id: OrderId) -> Self {
        Self {
            order_id,
            tenant: None,
            traceparent: None,
            lines: Vec::new(),
            state: LeaseState::None,
            changes: ChangeTracker::default(),
            events: EventRaiser::default(),
        }
    }

    /// Reserves: a lease that is held or sold already is left as it is.
    ///
    /// # Errors
    /// [`LeaseRejection::Ended`].
    pub fn reserve(&mut self, command: LeaseCommand, now: Timestamp) -> Result<(), LeaseRejection> {
        self.execute(&command, now)?;
        if let LeaseCommand::Reserve {
            tenant,
            traceparent,
            lines,
        } = command
            && self.lines.is_empty()
        {
            self.tenant = Some(tenant);
            self.traceparent = traceparent;
            self.lines = added_up(lines);
        }
        Ok(())
    }

    /// Promises the lease for another term from now. Leases that are not held stay as they are.
    pub fn extend(&mut self, now: Timestamp) {
        if matches!(self.state, LeaseState::Held { .. }) {
            self.state = held_from(now);
            self.changes.note();
        }
    }

    /// Whether storing this change takes the lines from stock.
    pub fn takes_stock(&self) -> bool {
        self.changes.is_changed()
            && matches!(self.state, LeaseState::Held { .. })
            && self.changes.stored_version() == 0
    }

    /// What storing this change gives back to stock: all of it when it was just released, the
    /// pieces that came back when some just did.
    pub fn given_back(&self) -> &[StockLine] {
        if !self.changes.is_news() {
            return &[];
        }
        match self.events.all().last().map(|raised| &raised.event) {
            Some(LeaseEvent::Released) => &self.lines,
            Some(LeaseEvent::Restocked { lines, .. }) => lines,
            _ => &[],
        }
    }

    /// Whether storing this change gives anything back to stock.
    pub fn gives_back(&self) -> bool {
        !self.given_back().is_empty()
    }

    fn restock(
        &self,
        id: &RefundId,
        lines: &[StockLine],
    ) -> Result<Vec<LeaseEvent>, LeaseRejection> {
        let restocked = || {
            let all = self.events.all().iter();
            all.filter_map(|raised| match &raised.event {
                LeaseEvent::Restocked { id, lines } => Some((id, lines)),
                _ => None,
            })
        };
        if restocked().any(|(of, _)| of == id) {
            return Ok(vec![]);
        }
        let (id, lines) = (id.clone(), added_up(lines.to_vec()));
        let came_back = |sku: &Sku| -> u32 {
            let before = restocked().flat_map(|(_, lines)| lines);
            let of_sku = before.filter(|line| line.sku == *sku);
            of_sku.map(|line| line.quantity).sum()
        };
        let fits = |line: &StockLine| {
            let mut sold = self.lines.iter().filter(|sold| sold.sku == line.sku);
            let left = sold.next().map(|sold| sold.quantity);
            left.and_then(|left| left.checked_sub(came_back(&line.sku)))
                .is_some_and(|left| line.quantity <= left)
        };
        match lines.iter().all(fits) {
            true => Ok(vec![LeaseEvent::Restocked { id, lines }]),
            false => Err(LeaseRejection::NotSold),
        }
    }
}

fn held_from(now: Timestamp) -> LeaseState {
    let until = now.checked_add(Lease::TERM).unwrap_or(Timestamp::MAX);
    LeaseState::Held { until }
}

/// A transaction may touch each SKU once only.
fn added_up(lines: Vec<StockLine>) -> Vec<StockLine> {
    let mut sum: Vec<StockLine> = Vec::with_capacity(lines.len());
    for line in lines {
        match sum.iter_mut().find(|known| known.sku == line.sku) {
            Some(known) => known.quantity = known.quantity.saturating_add(line.quantity),
            None => sum.push(line),
        }
    }
    sum
}

impl Aggregate for Lease {
    type Id = OrderId;
    type Command = LeaseCommand;
    type Event = LeaseEvent;
    type Rejection = LeaseRejection;
    const KIND: AggregateKind = AggregateKind::Lease;

    fn id(&self) -> OrderId {
        self.order_id
    }

    fn decide(&self, command: &LeaseCommand) -> Result<Vec<LeaseEvent>, LeaseRejection> {
        use LeaseCommand as C;
        use LeaseState as S;
        match (&self.state, command) {
            (S::None, C::Reserve { .. }) => Ok(vec![LeaseEvent::Reserved]),
            (S::Held { .. } | S::Sold, C::Reserve { .. }) => Ok(vec![]),
            (S::Released, C::Reserve { .. }) => Err(LeaseRejection::Ended),
            (S::None | S::Held { .. }, C::Release) => Ok(vec![LeaseEvent::Released]),
            (S::Released, C::Release) => Ok(vec![]),
            (S::Sold, C::Release) => Err(LeaseRejection::Sold),
            (S::Held { .. }, C::Commit) => Ok(vec![LeaseEvent::Sold]),
            (S::Sold, C::Commit) => Ok(vec![]),
            (S::None | S::Released, C::Commit) => Err(LeaseRejection::Missing),
            (S::Sold, C::Restock { id, lines }) => self.restock(id, lines),
            (S::None | S::Held { .. } | S::Released, C::Restock { .. }) => {
                Err(LeaseRejection::NotSold)
            }
        }
    }

    fn apply(&mut self, event: &LeaseEvent, at: Timestamp) {
        self.state = match event {
            LeaseEvent::Reserved => held_from(at),
            LeaseEvent::Released => LeaseState::Released,
            LeaseEvent::Sold | LeaseEvent::Restocked { .. } => LeaseState::Sold,
        };
    }

    fn events(&self) -> &EventRaiser<LeaseEvent> {
        &self.events
    }
    fn events_mut(&mut self) -> &mut EventRaiser<LeaseEvent> {
        &mut self.events
    }
    fn changes(&self) -> &ChangeTracker {
        &self.changes
    }
    fn changes_mut(&mut self) -> &mut ChangeTracker {
        &mut self.changes
    }
}
