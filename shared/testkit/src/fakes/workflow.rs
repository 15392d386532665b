//! A workflow service that keeps what was started. A name is used once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use contracts::saga::{OrderSagaInput, RecoveryInput};
use domain::ports::{StartError, StartRecovery, StartSaga};
use domain::{Epoch, Order, OrderId};

use super::{Fault, cause};
use crate::lock;

/// An execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// Of the order saga.
    Saga {
        /// `<order>-<epoch>`
        name: String,
        /// What it was started with.
        input: Box<OrderSagaInput>,
    },
    /// Of recovery.
    Recovery {
        /// `<order>-<epoch>`, with `-<occasion>` where there is one.
        name: String,
        /// What it was started with.
        input: RecoveryInput,
    },
}

/// A workflow service.
#[derive(Clone, Debug, Default)]
pub struct FakeWorkflow(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    started: Vec<Started>,
    faults: VecDeque<Fault>,
}

impl FakeWorkflow {
    /// Lets the next start go wrong; several queue up. A conflict is a refusal.
    pub fn fail_next(&self, fault: Fault) {
        lock(&self.0).faults.push_back(fault);
    }

    /// What was started, oldest first; each name once.
    pub fn started(&self) -> Vec<Started> {
        lock(&self.0).started.clone()
    }

    fn start(&self, execution: Started) -> Result<(), StartError> {
        let mut inner = lock(&self.0);
        let fault = inner.faults.pop_front();
        if fault == Some(Fault::Conflict) {
            return Err(StartError::Refused(cause("refused")));
        }
        if fault == Some(Fault::FailBefore) {
            return Err(StartError::Unavailable(cause("throttled")));
        }
        if !inner.started.iter().any(|known| same(known, &execution)) {
            inner.started.push(execution);
        }
        match fault {
            None => Ok(()),
            Some(_) => Err(StartError::Unavailable(cause("no answer"))),
        }
    }
}

fn same(one: &Started, other: &Started) -> bool {
    match (one, other) {
        (Started::Saga { name: one, .. }, Started::Saga { name: other, .. })
        | (Started::Recovery { name: one, .. }, Started::Recovery { name: other, .. }) => {
            one == other
        }
        _ => false,
    }
}

impl StartSaga for FakeWorkflow {
    async fn start_saga(&self, order: &Order) -> Result<(), StartError> {
        self.start(Started::Saga {
            name: format!("{}-{}", order.facts.id, order.epoch),
            input: Box::new(order.into()),
        })
    }
}

impl StartRecovery for FakeWorkflow {
    async fn start_recovery(
        &self,
        order_id: OrderId,
        epoch: Epoch,
        occasion: Option<&str>,
    ) -> Result<(), StartError> {
        let name = match occasion {
            Some(occasion) => format!("{order_id}-{epoch}-{occasion}"),
            None => format!("{order_id}-{epoch}"),
        };
        self.start(Started::Recovery {
            name,
            input: RecoveryInput {
                order_id: order_id.0,
                epoch: epoch.0,
                tries: 0,
            },
        })
    }
}
