//! The shop: the stores, providers and services in memory, and the real handlers over them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dynamo_store::Stored;
use lambda_boot::{Diagnostic, task};
use serde_json::{Value, json};
use testkit::fakes::{
    FakeCarrier, FakeCatalogue, FakeInventory, FakeMailer, FakeOrders, FakePaymentProvider,
    FakePayments, FakeRealtime, FakeShipments, FakeTopic,
};

use super::fault::{Fault, Faults, Visit};
use super::kernel::{Kernel, Pace, Slot, after};
use super::ports::Far;
use super::queue::{Job, Queue};
use super::texts::Gateways;
use super::wire::{Answer, Wire};
use super::workflow::{Executions, Kind};
use crate::asl::TaskError;

/// A little more than any state waits for its function.
const WAIT: Duration = Duration::from_millis(16_001);

/// What an invocation does, in a box.
pub(crate) type Work = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Everything that there is. Clones are the same shop.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Time and chance.
    pub kernel: Kernel,
    /// The same for `notify`.
    pub(super) teller: Kernel,
    /// What goes wrong.
    pub faults: Faults,
    /// The orders table.
    pub orders: FakeOrders,
    /// The inventory table.
    pub inventory: FakeInventory,
    /// The payments table.
    pub payments: FakePayments,
    /// The shipping table.
    pub shipments: FakeShipments,
    /// The catalogue table.
    pub catalogue: FakeCatalogue,
    /// The payment provider.
    pub provider: FakePaymentProvider,
    /// The carrier.
    pub carrier: FakeCarrier,
    /// The realtime table.
    pub realtime: FakeRealtime,
    /// The mail service.
    pub mailer: FakeMailer,
    /// The gateway of texts, and the other way.
    pub texts: Gateways,
    /// The topic.
    pub topic: FakeTopic,
    /// The queue of `notify`.
    pub queue: Queue,
    /// Invocations of `notify` that are to be run.
    pub(super) jobs: Arc<Mutex<Vec<Job>>>,
    /// The workflow service.
    pub executions: Executions,
}

impl Shop {
    /// An empty shop.
    pub fn new(kernel: Kernel) -> Self {
        Self {
            texts: Gateways::by(&kernel),
            teller: kernel.clone(),
            kernel,
            faults: Faults::default(),
            orders: FakeOrders::default(),
            inventory: FakeInventory::default(),
            payments: FakePayments::default(),
            shipments: FakeShipments::default(),
            catalogue: FakeCatalogue::default(),
            provider: FakePaymentProvider::default(),
            carrier: FakeCarrier::default(),
            realtime: FakeRealtime::default(),
            mailer: FakeMailer::default(),
            topic: FakeTopic::default(),
            queue: Queue::default(),
            jobs: Arc::default(),
            executions: Executions::default(),
        }
    }

    /// Calls a function and waits for its answer as long as a state does; nothing when none came.
    /// Faults of whole visits strike here.
    pub async fn visit(
        &self,
        pace: &Pace,
        (state, subject): (&str, &str),
        work: impl Fn(Wire) -> Work + Send + 'static,
    ) -> Option<Answer> {
        let visit = self.faults.enter(state, subject);
        let fault = self.faults.of_visit(&visit, &self.kernel);
        if let Some(fault) = &fault {
            self.note(&visit, fault);
        }
        let until = after(self.kernel.now(), WAIT);
        match fault {
            Some(Fault::Abort) => pace.die().await,
            Some(Fault::Answer(error)) => {
                pace.sleep(Duration::from_millis(100)).await;
                Some(Err(TaskError::lambda(error, "a made-up error")))
            }
            Some(Fault::AnswerAfter(error)) => {
                let slot = self.invoke(visit, &work);
                pace.wait(&slot, until).await;
                Some(Err(TaskError::lambda(error, "a made-up error")))
            }
            Some(Fault::Duplicate(later)) => {
                let slot = self.invoke(visit.clone(), &work);
                let shop = self.clone();
                self.kernel.spawn(|pace| async move {
                    pace.sleep(later).await;
                    shop.invoke(visit, &work);
                });
                pace.wait(&slot, until).await
            }
            _ => {
                let slot = self.invoke(visit, &work);
                pace.wait(&slot, until).await
            }
        }
    }

    /// Calls a function without waiting for it.
    fn invoke(&self, visit: Visit, work: &impl Fn(Wire) -> Work) -> Slot<Answer> {
        let slot = Slot::default();
        self.kernel.spawn(|pace| {
            let wire = Wire::new((&self.kernel, &self.faults), pace, visit, &slot);
            let (work, slot) = (work(wire), slot.clone());
            async move { slot.answer(work.await) }
        });
        slot
    }

    fn note(&self, visit: &Visit, fault: &Fault) {
        let Visit {
            subject,
            state,
            number,
        } = visit;
        let at = self.kernel.now();
        let line = format!("{at} {subject} {state}.{number} <- {fault:?}");
        self.faults.note(line);
    }

    /// What stands behind the resource of a task.
    pub fn task(&self, resource: &str, input: Value, wire: Wire) -> Work {
        let shop = self.clone();
        match resource {
            "${InventoryFunctionArn}" => Box::pin(shop.inventory_task(input, wire)),
            "${PaymentsFunctionArn}" => Box::pin(shop.payments_task(input, wire)),
            "${RefundsFunctionArn}" => Box::pin(shop.refunds_task(input, wire)),
            "${ShippingFunctionArn}" => Box::pin(shop.shipping_task(input, wire)),
            "${OrdersFunctionArn}" => Box::pin(shop.orders_task(input, wire)),
            "arn:aws:states:::states:startExecution" => Box::pin(shop.start_task(input, wire)),
            unknown => panic!("there is no resource {unknown}"),
        }
    }

    async fn inventory_task(self, input: Value, wire: Wire) -> Answer {
        let stock = Far {
            end: self.inventory.clone(),
            wire,
        };
        let kernel = &self.kernel;
        told(task::answer(|step| inventory::handle(&stock, kernel.now(), step), input).await)
    }

    async fn payments_task(self, input: Value, wire: Wire) -> Answer {
        let payments = Far {
            end: self.payments.clone(),
            wire: wire.clone(),
        };
        let provider = Far {
            end: self.provider.clone(),
            wire,
        };
        let kernel = &self.kernel;
        let handle = |step| payments::handle(&payments, &provider, kernel.now(), step);
        told(task::answer(handle, input).await)
    }

    async fn refunds_task(self, input: Value, wire: Wire) -> Answer {
        let payments = Far {
            end: self.payments.clone(),
            wire: wire.clone(),
        };
        let provider = Far {
            end: self.provider.clone(),
            wire,
        };
        let kernel = &self.kernel;
        let handle = |step| refunds::handle(&payments, &provider, kernel.now(), step);
        told(task::answer(handle, input).await)
    }

    async fn shipping_task(self, input: Value, wire: Wire) -> Answer {
        let shipments = Far {
            end: self.shipments.clone(),
            wire: wire.clone(),
        };
        let carrier = Far {
            end: self.carrier.clone(),
            wire,
        };
        let kernel = &self.kernel;
        let handle = |step| shipping::handle(&shipments, &carrier, kernel.now(), step);
        told(task::answer(handle, input).await)
    }

    async fn orders_task(self, input: Value, wire: Wire) -> Answer {
        let orders = Far {
            end: self.orders.clone(),
            wire,
        };
        let kernel = &self.kernel;
        told(task::answer(|step| orders::handle(&orders, kernel.now(), step), input).await)
    }

    /// AWS answers so when a state machine starts another.
    async fn start_task(self, input: Value, wire: Wire) -> Answer {
        let kind = match input["StateMachineArn"].as_str() {
            Some("${OrderSagaArn}") => Kind::Saga,
            Some("${OrderRecoveryArn}") => Kind::Recovery,
            other => panic!("there is no state machine {other:?}"),
        };
        let name = input["Name"].as_str().unwrap_or_default().to_owned();
        let start = async move {
            let started = self.start_execution(kind, &name, input["Input"].clone());
            started.map_err(|exists| TaskError::new(exists.0, ""))
        };
        wire.call("workflow.start", start).await?;
        Ok(json!({}))
    }
}

fn told(answer: Result<Value, Diagnostic>) -> Answer {
    answer.map_err(|error| TaskError::lambda(&error.error_type, &error.error_message))
}

/// A stored aggregate as its table's stream carries it.
pub(super) fn image<A: Stored>(aggregate: &A) -> Value {
    testkit::must(serde_json::to_value(testkit::must(aggregate.encode())))
}
