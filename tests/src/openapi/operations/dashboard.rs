//! What goes on in the shop.

use contracts::AmountBody;
use contracts::http::{
    DashboardBody, FailuresBody, LettersBody, LowSkuBody, NewCourseBody, OpenBreakerBody,
    PerMinuteBody, StandingBody, StockAlertsBody,
};
use testkit::build::at as moment;

use crate::openapi::operation::{Operation, at};

fn euros(minor: i64) -> Vec<AmountBody> {
    let currency = "EUR".to_owned();
    vec![AmountBody { minor, currency }]
}

/// The dashboard of those who run the shop.
pub(super) fn page() -> Vec<Operation> {
    let shown = DashboardBody {
        as_of: moment(90),
        today: "2026-07-20".to_owned(),
        placed_per_minute: vec![PerMinuteBody {
            minute: moment(60),
            placed: 5,
        }],
        orders_by_status: vec![StandingBody {
            status: "open".to_owned(),
            orders: 3,
        }],
        revenue_today: euros(120_000),
        refunds_today: euros(1_200),
        failures_today: vec![FailuresBody {
            reason: "out_of_stock".to_owned(),
            orders: 1,
        }],
        newest_courses: vec![NewCourseBody {
            course_id: "soldering".to_owned(),
            title: "Soldering".to_owned(),
            created_at: moment(0),
        }],
        stock_alerts: Some(StockAlertsBody {
            skus: vec![LowSkuBody {
                sku: "sku-tea".to_owned(),
                available: 2,
                low_at: 5,
            }],
            more: false,
        }),
        dead_letters: Some(vec![LettersBody {
            queue: "notify".to_owned(),
            messages: Some(0),
        }]),
        open_breakers: Some(vec![OpenBreakerBody {
            name: "profiles-crm".to_owned(),
            since: moment(30),
        }]),
    };
    vec![
        at(
            "GET /api/v1/admin/dashboard",
            "showDashboard",
            "What goes on in the shop: orders, money, failures, stock, dead letters, breakers.",
        )
        .answers(200, "The figures as they stand.", &shown),
    ]
}
