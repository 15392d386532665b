//! Reports of what was sold and of what happened, and how tenants tell of it.

use contracts::http::{
    AsOfBody, DailyReportBody, EventReportBody, EventRowBody, FailureReportBody, FailureRowBody,
    MetricBatchBody, MetricEventBody, MetricsTakenBody, ProductReportBody, ProductRowBody,
    SalesRowBody, StockAsOfBody, StockReportBody, StockRowBody,
};
use serde_json::{Value, json};
use testkit::build::at as moment;

use crate::openapi::operation::{Operation, at};

const CSV: &str = "text/csv; charset=utf-8; header=present";

fn as_of() -> Option<AsOfBody> {
    Some(AsOfBody {
        event: "order/0190163d-8694-8a0c-8a0c-8694163d0190/3".to_owned(),
        newest: moment(90),
        changes: 1_204,
    })
}

fn row() -> SalesRowBody {
    SalesRowBody {
        day: "2026-07-20".to_owned(),
        hour: None,
        currency: "EUR".to_owned(),
        placed: 42,
        placed_minor: 210_000,
        orders: 40,
        units: 95,
        revenue_minor: 200_000,
        tax_minor: 31_933,
        average_order_minor: Some(5_000),
        refunds: 1,
        refunded_minor: 1_200,
        failed: 1,
        cancelled: 1,
    }
}

fn days(operation: Operation) -> Operation {
    let pattern = "^2[0-9]{3}-[0-9]{2}-[0-9]{2}$";
    let day = json!({"type": "string", "format": "date", "pattern": pattern});
    let from = "the first day, in UTC; a week before the last one where it is missing";
    let to = "the last day, in UTC; today where it is missing";
    operation
        .asks("from", from, day.clone())
        .asks("to", to, day)
}

fn daily(route: &'static str, id: &'static str, does: &'static str) -> Operation {
    let by = json!({"type": "string", "enum": ["day", "hour"], "default": "day"});
    days(at(route, id, does)).asks("by", "a row for each day, or for each hour", by)
}

fn products(route: &'static str, id: &'static str, does: &'static str) -> Operation {
    let currency = json!({"type": "string", "pattern": "^[A-Z]{3}$"});
    let limit: Value =
        json!({"type": "integer", "minimum": 1, "maximum": http_edge::MAX_PAGE, "default": 20});
    days(at(route, id, does))
        .needs("currency", "what was sold in this currency", currency)
        .asks("limit", "how many products at most", limit)
}

const DAY: &str = "2026-07-20";
const BATCH: &str = "018f2c5e-9b7a-7c31-a4d2-0e1f2a3b4c5d";
const EVENT_SHEET: &str =
    "day,hour,events,processing_us,average_ms\n2026-07-20,,2000,25000000,12.5\n";
const SALES_SHEET: &str = "day,hour,currency,placed,placed_minor,orders,units,revenue_minor,\
    tax_minor,average_order_minor,refunds,refunded_minor,failed,cancelled\n\
    2026-07-20,,EUR,42,210000,40,95,200000,31933,5000,1,1200,1,1\n";
const PRODUCT_SHEET: &str =
    "product_id,orders,units,revenue_minor,returned\np-0001,12,30,36000,1\n";

const STOCK_SHEET: &str = "product_id,sku,available,reserved,low,units_sold,days_of_cover,changed_at\n\
    p-0001,sku-0001,15,2,false,30,14,2026-07-20T11:30:00Z\n";

fn sales() -> DailyReportBody {
    DailyReportBody {
        from: DAY.to_owned(),
        to: DAY.to_owned(),
        as_of: as_of(),
        rows: vec![row()],
    }
}

fn top() -> ProductReportBody {
    ProductReportBody {
        from: DAY.to_owned(),
        to: DAY.to_owned(),
        currency: "EUR".to_owned(),
        as_of: as_of(),
        rows: vec![ProductRowBody {
            product_id: "p-0001".to_owned(),
            orders: 12,
            units: 30,
            revenue_minor: 36_000,
            returned: 1,
        }],
    }
}

fn failures() -> FailureReportBody {
    FailureReportBody {
        from: DAY.to_owned(),
        to: DAY.to_owned(),
        as_of: as_of(),
        rows: vec![FailureRowBody {
            day: DAY.to_owned(),
            reason: "out_of_stock".to_owned(),
            orders: 1,
        }],
    }
}

fn happened() -> EventReportBody {
    EventReportBody {
        from: DAY.to_owned(),
        to: DAY.to_owned(),
        as_of: as_of().map(|it| AsOfBody {
            event: BATCH.to_owned(),
            ..it
        }),
        rows: vec![EventRowBody {
            day: DAY.to_owned(),
            hour: None,
            events: 2_000,
            processing_us: 25_000_000,
            average_ms: 12.5,
        }],
    }
}

fn batch() -> MetricBatchBody {
    let payload = json!({"path": "/kettles"});
    MetricBatchBody {
        batch_id: BATCH.to_owned(),
        events: vec![MetricEventBody {
            event_type: "page.viewed".to_owned(),
            at: moment(90),
            processing_ms: 12.5,
            payload: payload.as_object().cloned(),
        }],
    }
}

/// What happened at a tenant: told, and reported.
pub(super) fn metrics() -> Vec<Operation> {
    let taken = MetricsTakenBody {
        batch_id: BATCH.to_owned(),
        events: 1,
    };
    vec![
        at(
            "POST /api/v1/metrics/events",
            "takeMetrics",
            "Takes a batch of events, which counts once, soon.",
        )
        .takes(&batch())
        .answers(202, "It is safe.", &taken),
        daily(
            "GET /api/v1/admin/reports/events",
            "reportEvents",
            "What happened, by day or by hour.",
        )
        .answers(200, "The figures, and of what they are made.", &happened()),
        daily(
            "GET /api/v1/admin/reports/events.csv",
            "reportEventsSheet",
            "What happened, as a sheet.",
        )
        .answers_text(200, "The figures under their names.", (CSV, EVENT_SHEET))
        .with(&["Content-Disposition"]),
    ]
}

fn lasting() -> StockReportBody {
    StockReportBody {
        from: "2026-06-23".to_owned(),
        to: DAY.to_owned(),
        as_of: as_of(),
        stock_as_of: Some(StockAsOfBody {
            event: "stock/sku-0001/42".to_owned(),
            newest: moment(80),
        }),
        rows: vec![StockRowBody {
            product_id: "p-0001".to_owned(),
            sku: "sku-0001".to_owned(),
            available: 15,
            reserved: 2,
            low: false,
            units_sold: 30,
            days_of_cover: Some(14),
            changed_at: moment(80),
        }],
    }
}

fn stock(route: &'static str, id: &'static str, does: &'static str) -> Operation {
    let below = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    let limit: Value =
        json!({"type": "integer", "minimum": 1, "maximum": http_edge::MAX_PAGE, "default": 20});
    at(route, id, does)
        .asks("below", "those that last for fewer days only", below)
        .asks("limit", "how many products at most", limit)
}

/// The reports of stock.
fn stocks() -> Vec<Operation> {
    vec![
        stock(
            "GET /api/v1/admin/reports/stock",
            "reportStock",
            "How long stock lasts at the rate of the last 28 days, what is gone first before all else.",
        )
        .answers(200, "The stock, and of what it is made.", &lasting()),
        stock(
            "GET /api/v1/admin/reports/stock.csv",
            "reportStockSheet",
            "How long stock lasts, as a sheet.",
        )
        .answers_text(200, "The stock under its names.", (CSV, STOCK_SHEET))
        .with(&["Content-Disposition"]),
    ]
}

/// The reports.
pub(super) fn sold() -> Vec<Operation> {
    let figures = "The figures, and of what they are made.";
    let sold = vec![
        daily(
            "GET /api/v1/admin/reports/daily",
            "reportSales",
            "What was sold, by day or by hour, and by currency.",
        )
        .answers(200, figures, &sales()),
        daily(
            "GET /api/v1/admin/reports/daily.csv",
            "reportSalesSheet",
            "What was sold, as a sheet.",
        )
        .answers_text(200, "The figures under their names.", (CSV, SALES_SHEET))
        .with(&["Content-Disposition"]),
        products(
            "GET /api/v1/admin/reports/products",
            "reportProducts",
            "The products that brought most.",
        )
        .answers(200, figures, &top()),
        products(
            "GET /api/v1/admin/reports/products.csv",
            "reportProductsSheet",
            "The products that brought most, as a sheet.",
        )
        .answers_text(200, "The figures under their names.", (CSV, PRODUCT_SHEET))
        .with(&["Content-Disposition"]),
        days(at(
            "GET /api/v1/admin/reports/failures",
            "reportFailures",
            "Why orders failed, by day.",
        ))
        .answers(200, figures, &failures()),
    ];
    sold.into_iter().chain(stocks()).collect()
}
