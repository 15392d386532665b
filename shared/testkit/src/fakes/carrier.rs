//! A carrier that books parcels by our reference. A cancel is final, even before the create.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{BookParcels, Cancellation, Parcel, ProviderError};
use domain::{Address, OrderId, StockLine};

use super::{ProviderFault, cause};
use crate::build::{handover, reference};
use crate::invariants::CarrierEntry;
use crate::lock;

/// The carrier's own view of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedParcel {
    /// For which order.
    pub order_id: OrderId,
    /// What it would answer to a create.
    pub parcel: Parcel,
    /// How often a parcel was booked; 0 or 1.
    pub booked: u32,
}

/// A carrier.
#[derive(Clone, Debug, Default)]
pub struct FakeCarrier(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    parcels: BTreeMap<OrderId, BookedParcel>,
    refused_countries: BTreeSet<String>,
    handed_over: BTreeSet<OrderId>,
    faults: VecDeque<ProviderFault>,
    down: bool,
    late: Vec<Call>,
    calls: Vec<String>,
}

#[derive(Clone, Debug)]
enum Call {
    Create(OrderId, String),
    Cancel(OrderId),
}

impl FakeCarrier {
    /// Lets the next call go wrong; several queue up.
    pub fn fail_next(&self, fault: ProviderFault) {
        self.lock().faults.push_back(fault);
    }

    /// Lets every call find it down, until told otherwise.
    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// Does not deliver to a country.
    pub fn refuse_country(&self, code: &str) {
        self.lock().refused_countries.insert(code.to_owned());
    }

    /// Has the parcel of an order leave: it cannot be cancelled any more.
    pub fn hand_over(&self, order_id: OrderId) {
        self.lock().handed_over.insert(order_id);
    }

    /// Lets what was held up by [`ProviderFault::Late`] happen now, in order.
    pub fn land_late(&self) {
        let mut inner = self.lock();
        for call in std::mem::take(&mut inner.late) {
            inner.carry_out(&call);
        }
    }

    /// All parcels and tombstones.
    pub fn parcels(&self) -> Vec<BookedParcel> {
        self.lock().parcels.values().cloned().collect()
    }

    /// The parcels as the invariants want them.
    pub fn book(&self) -> Vec<CarrierEntry> {
        let entry = |parcel: &BookedParcel| CarrierEntry {
            order_id: parcel.order_id,
            open: matches!(parcel.parcel, Parcel::Created(_)),
        };
        self.lock().parcels.values().map(entry).collect()
    }

    /// All calls that were made, as `<order>:create` and `<order>:cancel`, oldest first.
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn call(&self, call: &Call) -> Result<Parcel, ProviderError> {
        let mut inner = self.lock();
        inner.calls.push(match call {
            Call::Create(order_id, _) => format!("{order_id}:create"),
            Call::Cancel(order_id) => format!("{order_id}:cancel"),
        });
        let down = inner.down.then_some(ProviderFault::Down);
        match down.or_else(|| inner.faults.pop_front()) {
            None => return Ok(inner.carry_out(call)),
            Some(ProviderFault::Down) => return Err(ProviderError::Down(cause("down"))),
            Some(ProviderFault::UnknownBefore) => {}
            Some(ProviderFault::UnknownAfter) => drop(inner.carry_out(call)),
            Some(ProviderFault::Late) => inner.late.push(call.clone()),
        }
        Err(ProviderError::Unknown(cause("no answer")))
    }
}

impl Inner {
    fn carry_out(&mut self, call: &Call) -> Parcel {
        match call {
            Call::Create(order_id, country) => self.create(*order_id, country),
            Call::Cancel(order_id) => self.cancel(*order_id),
        }
    }

    fn create(&mut self, order_id: OrderId, country: &str) -> Parcel {
        let refused = self.refused_countries.contains(country);
        let booked = self.parcels.entry(order_id).or_insert_with(|| {
            let parcel = if refused {
                Parcel::Refused(format!("no delivery to {country}"))
            } else {
                Parcel::Created(reference(&format!("parcel_{order_id}")))
            };
            BookedParcel {
                order_id,
                parcel,
                booked: u32::from(!refused),
            }
        });
        booked.parcel.clone()
    }

    fn cancel(&mut self, order_id: OrderId) -> Parcel {
        let booked = self.parcels.entry(order_id).or_insert(BookedParcel {
            order_id,
            parcel: Parcel::Cancelled,
            booked: 0,
        });
        booked.parcel = Parcel::Cancelled;
        Parcel::Cancelled
    }
}

impl BookParcels for FakeCarrier {
    async fn create(
        &self,
        order_id: OrderId,
        ship_to: &Address,
        _lines: &[StockLine],
    ) -> Result<Parcel, ProviderError> {
        self.call(&Call::Create(order_id, ship_to.country.clone()))
    }

    async fn cancel(&self, order_id: OrderId) -> Result<Cancellation, ProviderError> {
        if self.lock().handed_over.contains(&order_id) {
            let number = format!("parcel_{order_id}");
            return Ok(Cancellation::HandedOver(handover(&number)));
        }
        let cancelled = self.call(&Call::Cancel(order_id));
        cancelled.map(|_| Cancellation::Cancelled)
    }
}
