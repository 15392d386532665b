//! What an event says about a refund: in the order all that was granted, in the payment how much
//! of the money, in the lease which pieces.

use domain::{Goods, Money, ProductId, Refund, RefundId, ReturnedLine, StockLine};
use serde::{Deserialize, Serialize};

use super::ItemError;
use super::parts::{StockLineItem, read_currency, read_lines, read_money, write_lines};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RefundItem {
    id: String,
    /// Minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// Of the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    products: Vec<ProductItem>,
    /// Of the lease.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<StockLineItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    goods: Option<String>,
    /// Absent in items of before it was kept: then the goods say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restock: Option<bool>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everything: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct ProductItem {
    product: String,
    qty: u32,
}

impl From<&Refund> for RefundItem {
    fn from(refund: &Refund) -> Self {
        let product = |line: &ReturnedLine| ProductItem {
            product: line.product_id.to_string(),
            qty: line.quantity,
        };
        Self {
            products: refund.lines.iter().map(product).collect(),
            goods: Some(refund.goods.name().to_owned()),
            restock: Some(refund.restock),
            everything: refund.everything,
            ..Self::money(&refund.id, refund.amount)
        }
    }
}

impl RefundItem {
    pub(super) fn done(id: &RefundId, everything: bool) -> Self {
        Self {
            id: id.to_string(),
            everything,
            ..Self::default()
        }
    }

    pub(super) fn money(id: &RefundId, amount: Money) -> Self {
        Self {
            amount: Some(amount.minor()),
            currency: Some(amount.currency().code().to_owned()),
            ..Self::done(id, false)
        }
    }

    pub(super) fn restocked(id: &RefundId, lines: &[StockLine]) -> Self {
        Self {
            lines: write_lines(lines),
            ..Self::done(id, false)
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        self.everything
    }

    pub(super) fn id(&self) -> Result<RefundId, ItemError> {
        RefundId::parse(&self.id).map_err(ItemError::of("refund"))
    }

    pub(super) fn amount(&self) -> Result<Money, ItemError> {
        let currency = read_currency(self.currency.as_deref().unwrap_or_default())?;
        let amount = self.amount.ok_or_else(|| unreadable("no amount"))?;
        read_money(amount, currency)
    }

    pub(super) fn stock_lines(&self) -> Result<Vec<StockLine>, ItemError> {
        read_lines(&self.lines)
    }

    pub(super) fn read(&self) -> Result<Refund, ItemError> {
        let line = |item: &ProductItem| {
            Ok(ReturnedLine {
                product_id: ProductId::parse(&item.product).map_err(ItemError::of("refund"))?,
                quantity: item.qty,
            })
        };
        let lines: Result<_, ItemError> = self.products.iter().map(line).collect();
        let goods = self.goods.as_deref().and_then(Goods::from_name);
        let goods = goods.ok_or_else(|| unreadable("no word of the goods"))?;
        Ok(Refund {
            id: self.id()?,
            amount: self.amount()?,
            lines: lines?,
            goods,
            restock: self.restock.unwrap_or(goods != Goods::Gone),
            everything: self.everything,
        })
    }
}

fn unreadable(why: &str) -> ItemError {
    ItemError::of("refund")(why.to_owned())
}
