//! What the other services know of one order.

use domain::ports::{Load, StoreError};
use domain::{Lease, OrderId, Payment, Shipment};
use futures::future::try_join3;

/// The stores of the other services.
#[derive(Clone, Debug)]
pub struct Books<L, P, S> {
    /// Leases.
    pub leases: L,
    /// Payments.
    pub payments: P,
    /// Shipments.
    pub shipments: S,
}

/// What the other services know of an order.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its stock.
    pub lease: Option<Lease>,
    /// Its money.
    pub payment: Option<Payment>,
    /// Its parcel.
    pub shipment: Option<Shipment>,
}

/// Reads what the other services know of an order.
pub trait ReadBooks: Send + Sync {
    /// All of it, at about the same time.
    fn of(&self, id: OrderId) -> impl Future<Output = Result<Known, StoreError>> + Send;
}

impl<L, P, S> ReadBooks for Books<L, P, S>
where
    L: Load<Lease> + Send + Sync,
    P: Load<Payment> + Send + Sync,
    S: Load<Shipment> + Send + Sync,
{
    async fn of(&self, id: OrderId) -> Result<Known, StoreError> {
        let (lease, payment, shipment) = try_join3(
            self.leases.load(&id),
            self.payments.load(&id),
            self.shipments.load(&id),
        )
        .await?;
        Ok(Known {
            lease,
            payment,
            shipment,
        })
    }
}
