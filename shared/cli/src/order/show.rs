//! `cartwright order show`.

use std::fmt;

use contracts::http::OrderBody;
use serde::Serialize;

use super::amount;
use super::watch::{elapsed, step_name};

/// An order for people; for programs it is what the API answered.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Shown(pub(super) OrderBody);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = &self.0;
        writeln!(f, "order    {}", order.order_id)?;
        write!(f, "status   {}", order.status)?;
        if let Some(failure) = &order.failure {
            write!(f, " ({}: {})", failure.code, failure.detail)?;
        }
        if order.needs_attention {
            f.write_str(" (needs attention)")?;
        }
        writeln!(f, "\nplaced   {}", order.placed_at)?;
        write!(f, "total    {}", amount(&order.total))?;
        for (part, of) in [("shipping", &order.shipping), ("tax", &order.tax)] {
            if of.minor != 0 {
                write!(f, ", {part} {}", amount(of))?;
            }
        }
        writeln!(f)?;
        for line in &order.lines {
            let (product, sku) = (&line.product_id, &line.sku);
            writeln!(f, "line     {} × {product} ({sku})", line.quantity)?;
        }
        let to = &order.ship_to;
        write!(
            f,
            "ship to  {}, {} {}, {}",
            to.name, to.postcode, to.city, to.country
        )?;
        for step in &order.history {
            let after = elapsed(order.placed_at, step.at);
            write!(f, "\n{after:>8.2} s  {}", step_name(&step.event_type))?;
        }
        Ok(())
    }
}
