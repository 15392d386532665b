//! A payment provider that keeps to its keys: the same key has one effect and the first answer.
//! It offers look-ups only, so a call on its way may still land after *not found*.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, ProviderError, RefundPayment,
    RefundRequest, SettlePayment, Settled,
};
use domain::{Attempt, Money, OrderId, ProviderReference};

use super::{ProviderFault, cause};
use crate::build::reference;
use crate::invariants::ProviderEntry;
use crate::lock;

/// The provider's own view of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// For which order.
    pub order_id: OrderId,
    /// Which attempt.
    pub attempt: Attempt,
    /// How much.
    pub amount: Money,
    /// Where it is.
    pub phase: IntentPhase,
    reference: ProviderReference,
    request: AuthorisationRequest,
    first_answer: Authorisation,
}

/// Where an intent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentPhase {
    /// The amount is held.
    Held,
    /// Refused.
    Declined,
    /// Taken.
    Captured,
    /// Cancelled or expired.
    Cancelled,
}

/// A payment provider.
#[derive(Clone, Debug, Default)]
pub struct FakePaymentProvider(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    intents: BTreeMap<(OrderId, u32), Intent>,
    refunds: BTreeMap<String, RefundRequest>,
    faults: VecDeque<ProviderFault>,
    down: bool,
    late: Vec<Call>,
    calls: Vec<String>,
}

#[derive(Clone, Debug)]
enum Call {
    Authorise(AuthorisationRequest),
    Capture(OrderId, Attempt),
    Cancel(OrderId, Attempt),
    Refund(RefundRequest),
}

/// The payment methods that are always declined, each with its code.
const DECLINED: [(&str, &str); 3] = [
    ("pm_card_declined", "generic_decline"),
    ("pm_card_insufficient", "insufficient_funds"),
    ("pm_card_authenticationRequired", "authentication_required"),
];

fn decline_of(request: &AuthorisationRequest) -> Option<String> {
    let mut declined = DECLINED.iter();
    let found = declined.find(|(method, _)| *method == request.payment_method);
    found.map(|(_, code)| (*code).to_owned())
}

impl FakePaymentProvider {
    /// Lets the next call go wrong; several queue up.
    pub fn fail_next(&self, fault: ProviderFault) {
        self.lock().faults.push_back(fault);
    }

    /// Lets every call find it down, until told otherwise.
    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// Lets what was held up by [`ProviderFault::Late`] happen now, in order.
    pub fn land_late(&self) {
        let mut inner = self.lock();
        for call in std::mem::take(&mut inner.late) {
            // Whoever called has gone: nobody reads the answer.
            drop(inner.carry_out(&call));
        }
    }

    /// Cancels what is held for an order, as an expired authorisation is.
    pub fn expire(&self, order_id: OrderId) {
        let mut inner = self.lock();
        let intents = inner.intents.values_mut();
        for intent in intents.filter(|intent| intent.order_id == order_id) {
            if intent.phase == IntentPhase::Held {
                intent.phase = IntentPhase::Cancelled;
            }
        }
    }

    /// Every attempt that arrived.
    pub fn intents(&self) -> Vec<Intent> {
        self.lock().intents.values().cloned().collect()
    }

    /// The attempts as the invariants want them.
    pub fn book(&self) -> Vec<ProviderEntry> {
        let mut book: Vec<ProviderEntry> = self.intents().iter().map(entry).collect();
        for refund in self.lock().refunds.values() {
            let mut of_order = book.iter_mut().filter(|it| it.order_id == refund.order_id);
            let captured = of_order.find(|it| it.captured > 0);
            captured
                .into_iter()
                .for_each(|it| it.refunded += refund.amount.minor());
        }
        book
    }

    /// The keys of all calls that were made, oldest first.
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn call(&self, call: &Call) -> Result<Authorisation, ProviderError> {
        let mut inner = self.lock();
        inner.calls.push(key(call));
        let down = inner.down.then_some(ProviderFault::Down);
        match down.or_else(|| inner.faults.pop_front()) {
            None => inner.carry_out(call),
            Some(ProviderFault::Down) => Err(ProviderError::Down(cause("down"))),
            Some(ProviderFault::UnknownBefore) => Err(no_answer()),
            Some(ProviderFault::UnknownAfter) => {
                drop(inner.carry_out(call));
                Err(no_answer())
            }
            Some(ProviderFault::Late) => {
                inner.late.push(call.clone());
                Err(no_answer())
            }
        }
    }
}

fn no_answer() -> ProviderError {
    ProviderError::Unknown(cause("no answer"))
}

fn key(call: &Call) -> String {
    match call {
        Call::Authorise(request) => {
            format!("{}:authorise:{}", request.order_id, request.attempt)
        }
        Call::Capture(order_id, attempt) => format!("{order_id}:capture:{attempt}"),
        Call::Cancel(order_id, attempt) => format!("{order_id}:cancel:{attempt}"),
        Call::Refund(request) => format!("{}:refund:{}", request.order_id, request.refund_id),
    }
}

fn entry(intent: &Intent) -> ProviderEntry {
    let amount = intent.amount.minor();
    let of = |phases: &[IntentPhase]| {
        if phases.contains(&intent.phase) {
            amount
        } else {
            0
        }
    };
    use IntentPhase::{Cancelled, Captured, Held};
    ProviderEntry {
        order_id: intent.order_id,
        authorised: of(&[Held, Captured, Cancelled]),
        captured: of(&[Captured]),
        refunded: 0,
        open: intent.phase == Held,
    }
}

impl Inner {
    fn carry_out(&mut self, call: &Call) -> Result<Authorisation, ProviderError> {
        match call {
            Call::Authorise(request) => self.authorise(request),
            Call::Capture(order_id, attempt) => {
                self.settle((*order_id, *attempt), IntentPhase::Captured)
            }
            Call::Cancel(order_id, attempt) => {
                self.settle((*order_id, *attempt), IntentPhase::Cancelled)
            }
            Call::Refund(request) => self.refund(request).map(Authorisation::Captured),
        }
    }

    /// The same key gives back once.
    fn refund(&mut self, request: &RefundRequest) -> Result<ProviderReference, ProviderError> {
        let key = key(&Call::Refund(request.clone()));
        let made = reference(&format!("re_{key}"));
        if self.refunds.contains_key(&key) {
            return Ok(made);
        }
        let paid = self.intents.values().find(|intent| {
            intent.reference == request.payment && intent.phase == IntentPhase::Captured
        });
        let paid = paid.map_or(0, |intent| intent.amount.minor());
        let of_payment = |it: &&RefundRequest| it.payment == request.payment;
        let back = self.refunds.values().filter(of_payment);
        let back: i64 = back.map(|it| it.amount.minor()).sum();
        if back + request.amount.minor() > paid {
            let words = "more than was captured";
            return Err(ProviderError::Refused(cause(words)));
        }
        self.refunds.insert(key, request.clone());
        Ok(made)
    }

    fn authorise(
        &mut self,
        request: &AuthorisationRequest,
    ) -> Result<Authorisation, ProviderError> {
        let place = (request.order_id, request.attempt.0);
        if let Some(known) = self.intents.get(&place) {
            if known.request != *request {
                let words = "the key was used for another request";
                return Err(ProviderError::Unexpected(cause(words)));
            }
            return Ok(known.first_answer.clone());
        }
        let intent = new_intent(request);
        let answer = intent.first_answer.clone();
        self.intents.insert(place, intent);
        Ok(answer)
    }

    fn settle(
        &mut self,
        (order_id, attempt): (OrderId, Attempt),
        to: IntentPhase,
    ) -> Result<Authorisation, ProviderError> {
        let Some(intent) = self.intents.get_mut(&(order_id, attempt.0)) else {
            return Err(ProviderError::Unexpected(cause("no such intent")));
        };
        let cancels_declined = to == IntentPhase::Cancelled;
        match intent.phase {
            IntentPhase::Held => intent.phase = to,
            IntentPhase::Declined if cancels_declined => intent.phase = to,
            _ => {}
        }
        Ok(answer(intent))
    }
}

fn new_intent(request: &AuthorisationRequest) -> Intent {
    let reference = reference(&format!("pi_{}_{}", request.order_id, request.attempt));
    let (phase, first_answer) = match decline_of(request) {
        Some(code) => (IntentPhase::Declined, Authorisation::Declined(code)),
        None => (IntentPhase::Held, Authorisation::Held(reference.clone())),
    };
    Intent {
        order_id: request.order_id,
        attempt: request.attempt,
        amount: request.amount,
        phase,
        reference,
        request: request.clone(),
        first_answer,
    }
}

fn answer(intent: &Intent) -> Authorisation {
    let reference = intent.reference.clone();
    match intent.phase {
        IntentPhase::Held => Authorisation::Held(reference),
        IntentPhase::Declined => {
            Authorisation::Declined(decline_of(&intent.request).unwrap_or_default())
        }
        IntentPhase::Captured => Authorisation::Captured(reference),
        IntentPhase::Cancelled => Authorisation::Cancelled(reference),
    }
}

const fn final_outcome(intent: &Intent) -> Option<Settled> {
    match intent.phase {
        IntentPhase::Captured => Some(Settled::Captured),
        IntentPhase::Cancelled => Some(Settled::Closed),
        IntentPhase::Held | IntentPhase::Declined => None,
    }
}

const fn settled(answer: &Authorisation) -> Settled {
    match answer {
        Authorisation::Captured(_) => Settled::Captured,
        Authorisation::Held(_)
        | Authorisation::Declined(_)
        | Authorisation::Cancelled(_)
        | Authorisation::Unfinished(_) => Settled::Closed,
    }
}

impl AuthorisePayment for FakePaymentProvider {
    async fn authorise(
        &self,
        request: &AuthorisationRequest,
    ) -> Result<Authorisation, ProviderError> {
        self.call(&Call::Authorise(request.clone()))
    }

    async fn look_up(
        &self,
        order_id: OrderId,
        attempt: Attempt,
    ) -> Result<Option<Authorisation>, ProviderError> {
        let mut inner = self.lock();
        inner.calls.push(format!("{order_id}:look-up:{attempt}"));
        let down = inner.down.then_some(ProviderFault::Down);
        match down.or_else(|| inner.faults.pop_front()) {
            None => Ok(inner.intents.get(&(order_id, attempt.0)).map(answer)),
            Some(ProviderFault::Down) => Err(ProviderError::Down(cause("down"))),
            Some(_) => Err(no_answer()),
        }
    }
}

impl SettlePayment for FakePaymentProvider {
    async fn outcome(
        &self,
        reference: &ProviderReference,
    ) -> Result<Option<Settled>, ProviderError> {
        let mut inner = self.lock();
        inner.calls.push(format!("{}:outcome", reference.as_str()));
        let down = inner.down.then_some(ProviderFault::Down);
        match down.or_else(|| inner.faults.pop_front()) {
            None => {
                let mut intents = inner.intents.values();
                let found = intents.find(|intent| intent.reference == *reference);
                Ok(found.and_then(final_outcome))
            }
            Some(ProviderFault::Down) => Err(ProviderError::Down(cause("down"))),
            Some(_) => Err(no_answer()),
        }
    }

    async fn capture(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        _reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let answer = self.call(&Call::Capture(order_id, attempt))?;
        Ok(settled(&answer))
    }

    async fn cancel(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        _reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let answer = self.call(&Call::Cancel(order_id, attempt))?;
        Ok(settled(&answer))
    }
}

impl RefundPayment for FakePaymentProvider {
    async fn refund(&self, request: &RefundRequest) -> Result<ProviderReference, ProviderError> {
        match self.call(&Call::Refund(request.clone()))? {
            Authorisation::Captured(refund) => Ok(refund),
            other => Err(ProviderError::Unexpected(cause(&format!("{other:?}")))),
        }
    }

    async fn look_up_refund(
        &self,
        request: &RefundRequest,
    ) -> Result<Option<ProviderReference>, ProviderError> {
        let key = key(&Call::Refund(request.clone()));
        let mut inner = self.lock();
        inner.calls.push(format!("{key}:look-up"));
        let down = inner.down.then_some(ProviderFault::Down);
        match down.or_else(|| inner.faults.pop_front()) {
            None => {
                let made = inner.refunds.contains_key(&key);
                Ok(made.then(|| reference(&format!("re_{key}"))))
            }
            Some(ProviderFault::Down) => Err(ProviderError::Down(cause("down"))),
            Some(_) => Err(no_answer()),
        }
    }
}
