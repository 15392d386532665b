//! Money that goes back after an order was confirmed: the whole of it or lines of it, each refund
//! asked for once and carried out once.

use jiff::Timestamp;
use thiserror::Error;

use super::{Order, OrderEvent, OrderState};
use crate::{Money, MoneyError, ProductId, RefundId, StockLine};

/// Most refunds of one order, so that its item stays small; one more takes all that is left.
pub const MAX_REFUNDS: usize = 10;

/// Pieces of one product that come back, or are paid back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedLine {
    /// Which product.
    pub product_id: ProductId,
    /// How many of those ordered.
    pub quantity: u32,
}

/// Which part of an order to refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOf {
    /// All that is left.
    Everything,
    /// These pieces at the price they were ordered for, with their part of the tax. Shipping goes
    /// back with the last of them.
    Lines(Vec<ReturnedLine>),
}

/// A refund as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundWanted {
    /// Which part.
    pub of: RefundOf,
    /// Whether the pieces go back on the shelf.
    pub restock: bool,
}

/// What becomes of the pieces that are refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goods {
    /// They do not come back.
    Gone,
    /// They go back on the shelf.
    Restocked,
    /// The parcel is called back. Where that comes in time they go back on the shelf; a parcel that
    /// the carrier has is gone.
    Recalled,
}

impl Goods {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Restocked => "restocked",
            Self::Recalled => "recalled",
        }
    }

    /// What has this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Gone, Self::Restocked, Self::Recalled];
        all.into_iter().find(|goods| goods.name() == name)
    }
}

/// A refund as it was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Which of the order's.
    pub id: RefundId,
    /// How much goes back.
    pub amount: Money,
    /// Which pieces it pays back; each product once, in the order of the order.
    pub lines: Vec<ReturnedLine>,
    /// What becomes of them.
    pub goods: Goods,
    /// Whether they were to go back on the shelf.
    pub restock: bool,
    /// Whether it was asked for as all that was left.
    pub everything: bool,
}

/// A refund and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedRefund {
    /// The refund.
    pub refund: Refund,
    /// When it was granted.
    pub at: Timestamp,
    /// When the money had gone back and the goods were where it says.
    pub done_at: Option<Timestamp>,
}

/// Why a refund cannot be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RefundRejection {
    /// Nothing was charged for good.
    #[error("an order that is {status} cannot be refunded")]
    NotCharged {
        /// Name of the present state.
        status: &'static str,
    },
    /// All of it was refunded, or is being.
    #[error("nothing is left to refund")]
    NothingLeft,
    /// No pieces were named, or of one product twice or none.
    #[error("name each product once, with at least one piece")]
    NoPieces,
    /// The order has none of it.
    #[error("the order has no product {0}")]
    UnknownProduct(ProductId),
    /// More than were ordered and not refunded before.
    #[error("{left} of product {product_id} are left to refund")]
    TooManyPieces {
        /// Which product.
        product_id: ProductId,
        /// How many could be refunded.
        left: u32,
    },
    /// [`MAX_REFUNDS`] were granted.
    #[error("after {MAX_REFUNDS} refunds only all that is left can be refunded")]
    TooManyRefunds,
    /// The same refund was asked for with other content.
    #[error("this refund was asked for with other content")]
    Differs,
    /// Nobody asked for this refund.
    #[error("there is no such refund")]
    Unknown,
    /// The sum cannot be made.
    #[error("the refund cannot be added up")]
    Money(#[from] MoneyError),
}

impl Order {
    /// Every refund that was granted, oldest first.
    pub fn refunds(&self) -> Vec<GrantedRefund> {
        let mut granted: Vec<GrantedRefund> = Vec::new();
        for raised in self.events.all() {
            match &raised.event {
                OrderEvent::RefundRequested { refund } => granted.push(GrantedRefund {
                    refund: refund.clone(),
                    at: raised.at,
                    done_at: None,
                }),
                OrderEvent::Refunded { id, .. } => {
                    let done = granted.iter_mut().find(|it| it.refund.id == *id);
                    done.into_iter().for_each(|it| it.done_at = Some(raised.at));
                }
                _ => {}
            }
        }
        granted
    }

    /// The refund that recovery has to carry out next.
    pub fn refund_due(&self) -> Option<Refund> {
        let mut due = self.refunds().into_iter().filter(|it| it.done_at.is_none());
        due.next().map(|it| it.refund)
    }

    /// How much went back, in minor units.
    pub fn refunded_minor(&self) -> i64 {
        let done = self.refunds().into_iter().filter(|it| it.done_at.is_some());
        done.map(|it| it.refund.amount.minor()).sum()
    }

    /// Whether nothing more will happen by itself.
    pub fn is_at_rest(&self) -> bool {
        self.state.is_ended() && self.refund_due().is_none()
    }

    /// Whether the customer changed their mind after the decision.
    pub fn is_cancel_requested(&self) -> bool {
        let mut events = self.events.all().iter();
        events.any(|raised| raised.event == OrderEvent::CancelRequested)
    }

    /// The pieces of a refund as they lie on the shelf.
    pub fn stock_of(&self, lines: &[ReturnedLine]) -> Vec<StockLine> {
        let stock_line = |returned: &ReturnedLine| {
            let mut ordered = self.facts.lines.iter();
            let line = ordered.find(|line| line.product_id == returned.product_id)?;
            Some(StockLine {
                sku: line.sku.clone(),
                quantity: returned.quantity,
            })
        };
        lines.iter().filter_map(stock_line).collect()
    }

    /// The refund under this id if it was granted.
    ///
    /// # Errors
    /// [`RefundRejection::Differs`] when it was granted with other content.
    pub(super) fn granted(
        &self,
        id: &RefundId,
        wanted: &RefundWanted,
    ) -> Result<bool, RefundRejection> {
        let granted = self.refunds().into_iter().find(|it| it.refund.id == *id);
        let Some(GrantedRefund { refund, .. }) = granted else {
            return Ok(false);
        };
        let same_part = match &wanted.of {
            RefundOf::Everything => refund.everything,
            RefundOf::Lines(lines) => !refund.everything && sorted(lines) == sorted(&refund.lines),
        };
        if same_part && refund.restock == wanted.restock {
            Ok(true)
        } else {
            Err(RefundRejection::Differs)
        }
    }

    /// A new refund of what is left.
    pub(super) fn grant(
        &self,
        id: &RefundId,
        wanted: &RefundWanted,
    ) -> Result<Refund, RefundRejection> {
        let left = self.left_to_refund();
        if left.is_empty() {
            return Err(RefundRejection::NothingLeft);
        }
        let (lines, everything) = match &wanted.of {
            RefundOf::Everything => (left.clone(), true),
            RefundOf::Lines(lines) => (among(lines, &left)?, false),
        };
        if self.refunds().len() >= MAX_REFUNDS && lines != left {
            return Err(RefundRejection::TooManyRefunds);
        }
        let amount = if lines == left {
            self.money_left()?
        } else {
            self.price_with_tax(&lines)?
        };
        let goods = match (&self.state, wanted.restock) {
            // Nobody is to receive a parcel whose money went back.
            (OrderState::Shipped { .. } | OrderState::Delivered { .. }, true) => Goods::Restocked,
            (OrderState::Shipped { .. } | OrderState::Delivered { .. }, false) => Goods::Gone,
            _ if lines == left => Goods::Recalled,
            (_, true) => Goods::Restocked,
            (_, false) => Goods::Gone,
        };
        let id = id.clone();
        Ok(Refund {
            id,
            amount,
            lines,
            goods,
            restock: wanted.restock,
            everything,
        })
    }

    fn left_to_refund(&self) -> Vec<ReturnedLine> {
        let refunds = self.refunds();
        let returned = |product_id: &ProductId| -> u32 {
            let lines = refunds.iter().flat_map(|it| &it.refund.lines);
            let of_product = lines.filter(|line| line.product_id == *product_id);
            of_product.map(|line| line.quantity).sum()
        };
        let lines = self.facts.lines.iter().map(|line| ReturnedLine {
            product_id: line.product_id.clone(),
            quantity: line.quantity.saturating_sub(returned(&line.product_id)),
        });
        lines.filter(|line| line.quantity > 0).collect()
    }

    /// All that was not granted before: the last refund takes what the others left, shipping and
    /// what was rounded down of the tax among it.
    fn money_left(&self) -> Result<Money, MoneyError> {
        let refunds = self.refunds();
        let granted = refunds.iter().map(|it| it.refund.amount);
        granted
            .into_iter()
            .try_fold(self.facts.totals.total(), Money::minus)
    }

    /// The pieces with their tax. After each refund as much of the order's tax is granted as is on
    /// all pieces that are, rounded down, so that no part of it is granted twice.
    fn price_with_tax(&self, lines: &[ReturnedLine]) -> Result<Money, MoneyError> {
        let granted = self.refunds().into_iter().flat_map(|it| it.refund.lines);
        let before = self.price_of(&granted.collect::<Vec<_>>())?;
        let price = self.price_of(lines)?;
        let totals = &self.facts.totals;
        let tax = totals.tax_on(before.plus(price)?)?;
        price.plus(tax.minus(totals.tax_on(before)?)?)
    }

    fn price_of(&self, lines: &[ReturnedLine]) -> Result<Money, MoneyError> {
        let currency = self.facts.totals.total().currency();
        let mut sum = Money::new(0, currency)?;
        for returned in lines {
            let mut ordered = self.facts.lines.iter();
            let line = ordered.find(|line| line.product_id == returned.product_id);
            if let Some(line) = line {
                sum = sum.plus(line.unit_price.times(returned.quantity)?)?;
            }
        }
        Ok(sum)
    }
}

/// The order in which they are named says nothing.
fn sorted(lines: &[ReturnedLine]) -> Vec<(&ProductId, u32)> {
    let mut sorted: Vec<_> = lines
        .iter()
        .map(|line| (&line.product_id, line.quantity))
        .collect();
    sorted.sort_unstable();
    sorted
}

/// The wanted pieces, in the order of the order's own lines.
fn among(
    wanted: &[ReturnedLine],
    left: &[ReturnedLine],
) -> Result<Vec<ReturnedLine>, RefundRejection> {
    let twice = |line: &ReturnedLine| {
        let same = wanted.iter().filter(|it| it.product_id == line.product_id);
        same.count() > 1
    };
    if wanted.is_empty() || wanted.iter().any(|line| line.quantity == 0 || twice(line)) {
        return Err(RefundRejection::NoPieces);
    }
    for line in wanted {
        let mut known = left.iter();
        let left = known.find(|it| it.product_id == line.product_id);
        let left = left.ok_or_else(|| RefundRejection::UnknownProduct(line.product_id.clone()))?;
        if line.quantity > left.quantity {
            return Err(RefundRejection::TooManyPieces {
                product_id: line.product_id.clone(),
                left: left.quantity,
            });
        }
    }
    let of = |left: &ReturnedLine| {
        let mut wanted = wanted.iter();
        wanted.find(|it| it.product_id == left.product_id).cloned()
    };
    Ok(left.iter().filter_map(of).collect())
}
