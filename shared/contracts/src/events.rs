//! Events as others see them: CloudEvents 1.0 in JSON. The id is derived from aggregate and
//! sequence, so that a repeat is recognised; `time` is when it happened in the domain. Within a
//! version (`v1`) only fields are added.

mod author;
mod data;
mod envelope;
mod publish;

pub use author::{AUTHOR, AuthorBody, InvalidAuthor, author_text, parse_author};
pub use data::{
    AccountChanged, AccountErased, ContactBody, CourseState, EventSkipped, FailureBody, LineBody,
    LinkBody, NoteTaken, OrderAttentionNeeded, OrderCompleted, OrderConcerned, OrderFailed,
    OrderPlaced, OrderRefund, OrderShipped, PaymentChanged, PaymentDeclined, PaymentRefunded,
    ProductState, RefundBody, ReturnedLineBody, ShipmentChanged, ShipmentRefused, ShipmentTracked,
    StockChanged, StockMoved, StockReturned,
};
pub use envelope::{
    Envelope, EventType, InvalidEnvelope, MAX_EVENT_BYTES, account_changed, account_moved,
    course_event, envelopes_of_lease, envelopes_of_order, envelopes_of_payment,
    envelopes_of_shipment, note_taken, product_event, skipped, stock_changed,
};
pub use publish::{PublishError, PublishEvents, PublishOutcome};

#[cfg(test)]
mod tests;
