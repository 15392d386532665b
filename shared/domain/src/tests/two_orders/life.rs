//! One order, all that belongs to it, and what may happen to it next.

use std::collections::HashSet;

use crate::tests::samples::{
    at, cancelled, facts, order_id, payment_terms, reference, reserve, shipment_terms,
};
use crate::{
    Aggregate, Lease, LeaseCommand, Order, OrderCommand, OrderState, Payment, PaymentCommand,
    Shipment, ShipmentCommand,
};

macro_rules! steps {
    ($($name:ident: $($needs:ident),*;)*) => {
        /// A write, a call landing at a third party, or a read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Step { $($name),* }

        impl Step {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What must have been seen before anybody takes the step.
            fn needs(self) -> &'static [Self] {
                match self { $(Self::$name => &[$(Self::$needs),*]),* }
            }
        }
    };
}

steps! {
    Reserve: ;
    SendAuthorise: Reserve;
    ProviderHolds: SendAuthorise;
    ProviderDeclines: SendAuthorise;
    NoteHeld: ProviderHolds;
    NoteDeclined: ProviderDeclines;
    Expire: ;
    SendCreate: NoteHeld;
    CarrierCreates: SendCreate;
    NoteCreated: CarrierCreates;
    DecideCharging: Reserve, NoteHeld, NoteCreated;
    DecideUnwinding: ;
    ReadCharging: ;
    ReadUnwinding: ;
    SendCapture: ReadCharging;
    NoteUnheard: SendCapture;
    ProviderCaptures: SendCapture;
    NoteCaptured: ProviderCaptures;
    Commit: NoteCaptured;
    Complete: NoteCaptured, Commit;
    Void: ReadUnwinding;
    Close: ReadCharging;
    ProviderCancels: ;
    NoteClosed: ProviderCancels;
    UnwindClosed: ReadCharging, NoteClosed;
    SendCancel: ReadUnwinding;
    CarrierCancels: SendCancel;
    NoteCancelled: CarrierCancels;
    Release: ReadUnwinding;
    Fail: ReadUnwinding, Release, NoteClosed, NoteCancelled;
    TakeOver: ;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Book {
    Nothing,
    Open,
    Declined,
    Cancelled,
    Captured,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parcel {
    Nothing,
    Made,
    Cancelled,
}

#[derive(Debug)]
pub(super) struct Life {
    pub(super) order: Order,
    pub(super) lease: Lease,
    pub(super) payment: Payment,
    pub(super) shipment: Shipment,
    pub(super) book: Book,
    pub(super) captures: u32,
    pub(super) parcel: Parcel,
    seen: HashSet<Step>,
}

impl Life {
    pub(super) fn new(number: u128) -> Self {
        let id = order_id(number);
        Self {
            order: Order::place(facts(number)),
            lease: Lease::none(id),
            payment: Payment::none(id),
            shipment: Shipment::none(id),
            book: Book::Nothing,
            captures: 0,
            parcel: Parcel::Nothing,
            seen: HashSet::new(),
        }
    }

    /// What somebody could do now, with or without what was done before.
    pub(super) fn open_steps(&self, repeat: bool) -> impl Iterator<Item = Step> {
        let fits = move |step: &Step| self.may(*step) && (repeat || !self.seen.contains(step));
        Step::ALL.iter().copied().filter(fits)
    }

    fn may(&self, step: Step) -> bool {
        step.needs().iter().all(|needed| self.seen.contains(needed))
    }

    /// Takes the step if somebody could, and notes it when it was answered as hoped.
    pub(super) fn take(&mut self, step: Step, stock: &mut u32) {
        use Step as S;
        if !self.may(step) {
            return;
        }
        let done = match step {
            S::Reserve | S::Commit | S::Release => self.move_stock(step, stock),
            S::SendAuthorise => self.payment.start(payment_terms(), at(1)).is_ok(),
            S::SendCapture => self.payment.may_capture().is_ok(),
            S::NoteHeld | S::NoteDeclined | S::NoteUnheard | S::NoteCaptured => self.pay(step),
            S::Void | S::Close | S::NoteClosed => self.pay(step),
            S::SendCreate => self.shipment.start(shipment_terms(), at(1)).is_ok(),
            S::NoteCreated | S::SendCancel | S::NoteCancelled => self.ship(step),
            S::CarrierCreates | S::CarrierCancels => self.carrier(step),
            S::ReadCharging => matches!(self.order.state, OrderState::Charging { .. }),
            S::ReadUnwinding => matches!(self.order.state, OrderState::Unwinding { .. }),
            S::TakeOver => self.order.take_over(self.order.epoch, at(1)).is_ok(),
            S::DecideCharging | S::DecideUnwinding | S::Complete | S::UnwindClosed | S::Fail => {
                self.decide(step)
            }
            _ => self.provider(step),
        };
        if done {
            self.seen.insert(step);
        }
    }

    /// Stock and lease move together, or neither. Only a reserve may be refused.
    fn move_stock(&mut self, step: Step, stock: &mut u32) -> bool {
        let mut lease = self.lease.clone();
        match step {
            Step::Reserve if lease.reserve(reserve(1), at(1)).is_err() => return false,
            Step::Reserve if lease.takes_stock() && *stock == 0 => return false,
            Step::Reserve => *stock -= u32::from(lease.takes_stock()),
            Step::Commit => lease.execute(&LeaseCommand::Commit, at(1)).unwrap(),
            _ => lease.execute(&LeaseCommand::Release, at(1)).unwrap(),
        }
        *stock += u32::from(lease.gives_back());
        lease.changes.saved();
        self.lease = lease;
        true
    }

    /// What the provider says when the call lands. It answers "not found" to a cancel of what it
    /// never heard of, which is no answer; where nothing was ever sent, none is needed.
    fn provider(&mut self, call: Step) -> bool {
        use Step as S;
        self.book = match (call, self.book) {
            (S::ProviderHolds, Book::Nothing) => Book::Open,
            (S::ProviderDeclines, Book::Nothing) => Book::Declined,
            (S::Expire, Book::Open) => Book::Cancelled,
            (S::ProviderCancels, Book::Open) if self.asked_to_cancel() => Book::Cancelled,
            (S::ProviderCaptures, Book::Open) => {
                self.captures += 1;
                Book::Captured
            }
            (_, same) => same,
        };
        let closed = matches!(self.book, Book::Declined | Book::Cancelled);
        match call {
            S::ProviderHolds => self.book != Book::Declined,
            S::ProviderDeclines => closed,
            S::ProviderCaptures => self.book == Book::Captured,
            S::ProviderCancels if self.payment.terms.is_none() => self.asked_to_cancel(),
            S::ProviderCancels => self.asked_to_cancel() && closed,
            _ => false,
        }
    }

    fn asked_to_cancel(&self) -> bool {
        self.seen.contains(&Step::Void) || self.seen.contains(&Step::Close)
    }

    fn pay(&mut self, step: Step) -> bool {
        let reference = reference("pi_1");
        let reason = "insufficient funds".to_owned();
        let command = match step {
            Step::NoteHeld => PaymentCommand::RecordAuthorised { reference },
            Step::NoteDeclined => PaymentCommand::RecordDeclined { reason },
            Step::NoteUnheard => PaymentCommand::RecordCaptureUnheard,
            Step::NoteCaptured => PaymentCommand::RecordCaptured { reference },
            Step::NoteClosed => PaymentCommand::RecordClosed,
            _ => PaymentCommand::StartClosing,
        };
        let done = self.payment.execute(&command, at(1));
        let must = matches!(step, Step::NoteCaptured | Step::NoteClosed);
        assert!(done.is_ok() || !must, "{step:?}: {done:?}");
        done.is_ok()
    }

    /// The carrier keeps a cancel as final, even before the create.
    fn carrier(&mut self, call: Step) -> bool {
        self.parcel = match (call, self.parcel) {
            (Step::CarrierCancels, _) | (_, Parcel::Cancelled) => Parcel::Cancelled,
            (_, Parcel::Nothing | Parcel::Made) => Parcel::Made,
        };
        call == Step::CarrierCancels || self.parcel == Parcel::Made
    }

    fn ship(&mut self, step: Step) -> bool {
        let reference = reference("parcel-1");
        let command = match step {
            Step::NoteCreated => ShipmentCommand::RecordCreated { reference },
            Step::SendCancel => ShipmentCommand::StartCancellation,
            _ => ShipmentCommand::RecordCancelled,
        };
        let done = self.shipment.execute(&command, at(1));
        assert!(done.is_ok() || step == Step::NoteCreated, "{done:?}");
        done.is_ok()
    }

    /// Every run acts as the present epoch: safety does not rest on it.
    fn decide(&mut self, step: Step) -> bool {
        let (epoch, failure) = (self.order.epoch, cancelled());
        let command = match step {
            Step::DecideCharging => OrderCommand::DecideCharging { epoch },
            Step::DecideUnwinding => OrderCommand::DecideUnwinding { epoch, failure },
            Step::Complete => OrderCommand::Complete { epoch },
            Step::UnwindClosed => OrderCommand::UnwindClosed { epoch },
            _ => OrderCommand::Fail { epoch },
        };
        self.order.execute(&command, at(1)).unwrap();
        true
    }
}
