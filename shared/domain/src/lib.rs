//! The rules of the shop: what an order, a lease, a payment and a shipment may do, and the
//! order saga as data. Pure: no clock, no randomness, no storage, no wire format. Time, ids and
//! answers of third parties come in as arguments.

mod account;
mod aggregate;
mod api_key;
mod archive;
mod author;
mod catalogue;
mod course;
mod erasure;
mod fact;
mod failure;
mod figures;
mod group;
mod ids;
mod inbox;
mod job;
mod lease;
mod metric;
mod money;
mod news;
mod notification;
mod order;
mod payment;
mod placement;
pub mod ports;
mod product;
mod profile_copy;
mod recount;
pub mod recovery;
mod refusal;
pub mod saga;
mod sale;
mod search;
mod sending;
mod session;
mod shipment;
mod socket;
mod stock;
mod totals;

pub use account::{
    Account, AccountEvent, AccountState, AskedCode, AskedOften, CodeRefused, Email, InvalidEmail,
    Link, LinkPurpose, LinkTooSoon, NoCode, PasswordHash, PhoneProof, PhoneState, Preferences,
    Profile, Registration, Role,
};
pub use aggregate::{Aggregate, AggregateKind, ChangeTracker, EventRaiser, Raised};
pub use api_key::{ApiKey, ApiKeyId, ApiKeySecret, SecretHash};
pub use archive::{ArchivedFile, Archiving, Checksums, EventsByTenant, MonthState};
pub use author::{Author, AuthorKind, Origin};
pub use catalogue::{CatalogueQuery, CatalogueSort, SaleStatus};
pub use course::{Course, CourseDetails};
pub use fact::{
    Fact, LeaseStep, ListedProduct, OrderFact, OrderPart, OrderParts, ParcelStep, PaymentStep,
    StockLevel, days_of_cover,
};
pub use failure::{Failure, FailureCode};
pub use figures::{
    CountedOrder, Counting, Figure, NewCourse, NewestCourses, Period, Standing, Tally,
};
pub use group::{Announcement, Group, GroupId};
pub use ids::{
    Attempt, CarrierName, CourseId, CustomerId, DestinationName, Epoch, InvalidId, InvalidSocketId,
    MetricType, NewsId, OrderId, ProductId, ProviderReference, RefundId, Sequence, Sku, SocketId,
    TenantId, Traceparent, TrackingNumber, id_of_request,
};
pub use inbox::{Gap, Taken, Turn};
pub use job::{
    Claimed, Job, JobFailure, JobFile, JobHolder, JobId, JobProgress, JobState, JobStep, JobWork,
    NotHeld,
};
pub use lease::{Lease, LeaseCommand, LeaseEvent, LeaseRejection, LeaseState, StockLine};
pub use metric::{
    BatchId, DAYS_BY_HOUR, FiguresByTenant, InvalidProcessingTime, MAX_BATCH, MAX_PAYLOAD,
    MetricBatch, MetricEvent, MetricFigures, OutOfTime, Plan, ProcessingTime, in_time,
    oldest_open_month,
};
pub use money::{Currency, Money, MoneyError};
pub use news::{Concern, News, ParcelHappened, PaymentHappened, ToldOfParcel, ToldOfPayment};
pub use notification::{
    ByMail, Channel, Choices, Notice, Notification, NotificationKind, NotificationList,
    NumberWindow, Reach,
};
pub use order::{
    Address, Contact, Decision, Goods, GrantedRefund, MAX_REFUNDS, Order, OrderCommand, OrderEvent,
    OrderFacts, OrderLine, OrderRejection, OrderState, Refund, RefundOf, RefundRejection,
    RefundWanted, ReturnedLine,
};
pub use payment::{
    ACTION_REQUIRED, LedgerAccount, LedgerEntry, Payment, PaymentCommand, PaymentEvent,
    PaymentRejection, PaymentState, PaymentTerms, decline_in_words,
};
pub use placement::{
    MAX_LINES, MAX_QUANTITY, PlacementError, RequestHash, RequestedLine, merge_lines, order_id,
    price_lines,
};
pub use product::{Product, ProductDetails, ProductEvent, ProductField};
pub use profile_copy::{DestinationState, NotTold, ProfileCopy};
pub use recount::{CountedDay, DayFigure, Miscounted};
pub use refusal::Refusal;
pub use sale::{
    Added, Charge, PlacedSale, ProductFigures, RefundedSale, Sale, SaleEvent, SalesFigures,
    SalesKey,
};
pub use search::{EntryId, EntryKind, InvalidSearch, SearchEntry, SearchQuery, SearchText};
pub use sending::{Says, Sending, SendingState, Step};
pub use session::{Generation, Session, SessionEnd, SessionId, SessionLimits, SessionRejection};
pub use shipment::{
    Handover, Shipment, ShipmentCommand, ShipmentEvent, ShipmentRejection, ShipmentState,
    ShipmentTerms,
};
pub use socket::{Socket, Ticket, TicketSecret, Topic};
pub use stock::{MovementId, MovementKind, Stock, StockMovement};
pub use totals::{InvalidTariff, Tariff, Totals};

#[cfg(test)]
mod tests;
