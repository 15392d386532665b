//! The shop itself.

use serde_json::json;

use crate::openapi::operation::{Operation, at};

/// How it is.
pub(super) fn itself() -> Vec<Operation> {
    let up = json!({
        "status": "up",
        "checked_at": "2026-07-20T12:00:00Z",
        "dependencies": [{"name": "orders", "status": "up", "took_ms": 7}],
    });
    let counted = "# HELP cartwright_window_seconds How long the window is that everything below is of.\n\
                   # TYPE cartwright_window_seconds gauge\ncartwright_window_seconds 300\n";
    vec![
        at(
            "GET /health",
            "getHealth",
            "Whether everything answers that an order needs at once.",
        )
        .answers(200, "It does.", &up)
        .refuses(503, &["unhealthy"]),
        at(
            "GET /metrics",
            "getMetrics",
            "Requests and their durations in the last five whole minutes, as Prometheus reads them.",
        )
        .answers_text(200, "What was counted.", ("text/plain", counted)),
    ]
}
