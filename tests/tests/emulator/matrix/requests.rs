//! Requests that get as far as whose something is, and change nothing that matters.

use serde_json::{Value, json};
use tests::front_door::Door;

/// What is sent to a route, and what its own answer to that is.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Option<Value>,
    answers: &'static [u16],
}

impl Described {
    fn of(body: Value, answers: &'static [u16]) -> Self {
        Self {
            headers: Vec::new(),
            body: Some(body),
            answers,
        }
    }

    /// From a version that nothing has.
    fn unseen(body: Value, answers: &'static [u16]) -> Self {
        Self {
            headers: vec![("if-match", "\"999999\"")],
            ..Self::of(body, answers)
        }
    }

    /// Whether this status is the route's own answer. Where nothing is said: that of a reader, or a
    /// refusal of an empty body.
    pub(super) fn fits(&self, door: &Door, status: u16) -> bool {
        match self.answers {
            [] if door.route.method == "GET" => status == 200,
            [] => status < 500,
            answers => answers.contains(&status),
        }
    }
}

/// What is sent to a route. One that writes to what its path names and is not here is found by the
/// matrix: its refusal of an empty body is not that of what is missing.
pub(super) fn described(door: &Door) -> Described {
    let (method, path) = (door.route.method.as_str(), door.route.path);
    let route = format!("{method} {}", path.trim_start_matches("/api/v1"));
    let profile = json!({"name": "N", "preferences": {"email": true, "sms": false}});
    let product = json!({
        "sku": "sku", "name": "N", "price": {"minor": 1, "currency": "EUR"}, "status": "active",
    });
    match route.as_str() {
        // For nothing: what is found is another test's.
        "GET /search"
        | "GET /notifications/status"
        | "GET /admin/reports/products"
        | "GET /admin/reports/products.csv" => Described {
            headers: Vec::new(),
            body: None,
            answers: &[400],
        },
        // All orders of the matrix have failed: nothing is left to take back, to send or to refund.
        "PUT /orders/{id}/cancel" => Described::of(json!({}), &[200]),
        "PUT /admin/orders/{id}/status" => Described::of(
            json!({"status": "shipped", "tracking_number": "GB123456785"}),
            &[409],
        ),
        "POST /admin/orders/{id}/refunds" => Described::of(json!({"restock": false}), &[409]),
        "PUT /users/{id}" => Described::unseen(profile, &[412]),
        "POST /users/{id}/password" => Described::of(
            json!({"current_password": "it is another", "new_password": "another horse battery"}),
            &[403],
        ),
        "POST /users/{id}/email" => Described::of(
            json!({"email": "nobody@example.test", "password": "it is another"}),
            &[403],
        ),
        // Nobody of the matrix has a telephone.
        "POST /users/{id}/phone/confirmation" => Described::of(json!({}), &[409]),
        "PUT /users/{id}/phone/confirmation" => Described::of(json!({"code": "000000"}), &[422]),
        // Of nobody: the owner's password is another, and nobody else sends one.
        "POST /users/{id}/erase" => {
            Described::of(json!({"password": "it is another"}), &[403, 409, 422])
        }
        // 409: one's own, which somebody else has to do.
        "POST /users/{id}/deactivate" => Described::of(json!({}), &[200, 409]),
        "POST /admin/users/{id}/activate" => Described::of(json!({}), &[200, 409]),
        "PUT /admin/users/{id}/roles" => {
            Described::unseen(json!({"roles": ["customer"]}), &[409, 412])
        }
        // A spare one, which may be taken back as often as one likes.
        "DELETE /api-keys/{id}" => Described::of(json!({}), &[204]),
        "PUT /products/{id}" => Described::unseen(product, &[412]),
        "PUT /admin/inventory/{sku}/threshold" => Described::of(json!({"low_at": 0}), &[200]),
        "POST /admin/inventory/{sku}/restock" => Described::of(json!({"quantity": 0}), &[422]),
        "POST /admin/inventory/{sku}/adjust" => {
            Described::of(json!({"by": -900_000, "reason": "none"}), &[409])
        }
        // A spare one, which may end as often as one likes.
        "DELETE /admin/groups/{id}" => Described::of(json!({}), &[204]),
        // Of somebody who has no account.
        "PUT /admin/groups/{id}/members/{customer}" => Described::of(json!({}), &[409]),
        "DELETE /admin/groups/{id}/members/{customer}" => Described::of(json!({}), &[204]),
        "POST /admin/groups/{id}/notifications" => {
            Described::of(json!({"title": "", "message": "m"}), &[422])
        }
        // It was cancelled before.
        "POST /admin/jobs/{id}/cancel" => Described::of(json!({}), &[200]),
        // Of no token.
        "GET /notifications/unsubscribe" => Described {
            headers: Vec::new(),
            body: None,
            answers: &[400],
        },
        _ => Described {
            headers: Vec::new(),
            body: (method != "GET").then(|| json!({})),
            answers: &[],
        },
    }
}
