//! What the types of bodies do not say of their fields: lengths, patterns, ranges and words, as the
//! parsing code has them.

use contracts::MAX_TEXT;
use contracts::http::{
    MAIL_LATER, MAX_MARKED, MAX_MOVED, MAX_NUMBER, MAX_PASSWORD, MAX_SECRET, MIN_PASSWORD,
    STATUSES, TEXT_LATER,
};
use domain::{
    Currency, Email, FailureCode, MAX_LINES, MAX_QUANTITY, Money, NotificationKind, Product, Role,
};
use serde_json::{Value, json};

/// Characters of ids (`domain::ids`).
pub(crate) const ID: &str = "^[A-Za-z0-9._@:|-]+$";
const UUID: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
/// One line with something in it; white space around it is dropped.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
const LINES: &str = r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$";
/// `domain::Email`: an unquoted mailbox at a host with a dot.
const EMAIL: &str =
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$";

/// What is known of a field of a body, wherever it is.
pub(super) fn of(body: &str, field: &str) -> Value {
    let of_body = special(body, field).or_else(|| of_messages(body, field));
    of_body.unwrap_or_else(|| usual(field))
}

/// Fields that mean something else in this body than in others.
fn special(body: &str, field: &str) -> Option<Value> {
    let price =
        |least| json!({"properties": {"minor": {"minimum": least, "maximum": Product::MAX_PRICE}}});
    let bounds = match (body, field) {
        ("MovementBody", "reason") => json!({"maxLength": MAX_TEXT}),
        ("EraseUser", "password") => json!({"maxLength": MAX_SECRET}),
        ("PlaceOrderFor", "customer_id") | ("TellParcel", "carrier") => {
            json!({"minLength": 1, "maxLength": 64, "pattern": ID})
        }
        ("TellParcel", "happened") => json!({"enum": ["handed_over", "delivered"]}),
        ("SignIn", "password") => json!({"maxLength": MAX_PASSWORD}),
        ("CreateProduct" | "UpdateProduct" | "ProductBody", "price") => price(1),
        ("CreateCourse" | "CourseBody", "price") => price(0),
        ("CreateProduct" | "UpdateProduct" | "ProductBody", "status")
        | ("CreateCourse" | "CourseBody", "status") => json!({"enum": ["active", "withdrawn"]}),
        ("SetStatus", "status") => {
            json!({"enum": ["shipped", "delivered", "confirmed", "failed", "cancelled"]})
        }
        ("UserBody", "status") => json!({"enum": ["active", "deactivated", "erased"]}),
        (
            "CancelBody" | "OrderBody" | "OrderListItem" | "OrderPlacedBody" | "OrderStatusBody"
            | "TimelineBody",
            "status",
        ) => json!({"enum": STATUSES}),
        ("Adjust" | "Restock", "reason") => line(),
        ("OrderBody" | "ExportedShipment", "ship_to") => json!({"anyOf": [
            {"$ref": "#/components/schemas/AddressBody"},
            {
                "description": "Of somebody who was erased.",
                "type": "object",
                "additionalProperties": {"const": ""},
            },
        ]}),
        ("MovementBody", "kind") => json!({"enum": ["restock", "adjustment"]}),
        ("CancelBody", "outcome") => {
            json!({"enum": ["cancelled", "refund_follows", "failed", "refunded"]})
        }
        ("AuditActorBody", "kind") => {
            json!({"enum": ["account", "api-key", "provider", "service", "operator", "system", "unknown"]})
        }
        ("AuditEntryBody", "outcome") => json!({"enum": ["done", "refused"]}),
        ("Restock", "quantity") => json!({"minimum": 1, "maximum": MAX_MOVED}),
        ("Adjust", "by") => {
            json!({"minimum": -MAX_MOVED, "maximum": MAX_MOVED, "not": {"const": 0}})
        }
        ("ApiKeyBody", "api_key_id") => json!({"pattern": UUID}),
        _ => return None,
    };
    Some(bounds)
}

/// The same of bodies about what somebody is told.
fn of_messages(body: &str, field: &str) -> Option<Value> {
    let bounds = match (body, field) {
        ("WantedByKind", "email" | "sms") => json!({}),
        ("DeliveryBody", "note") => json!({"enum": [MAIL_LATER, TEXT_LATER]}),
        ("PhoneConfirmationBody", "note") => json!({"enum": [TEXT_LATER]}),
        ("DeliveryBody", "channel") => json!({"enum": ["email", "sms"]}),
        ("NotificationBody" | "WantedByKind" | "UnsubscribeBody", "type") => {
            let names = NotificationKind::ALL.iter().map(|kind| kind.name());
            json!({"enum": names.collect::<Vec<_>>()})
        }
        ("PhoneConfirmationBody", "status") => json!({"enum": [
            "unconfirmed", "pending", "sent", "refused", "unknown", "expired", "confirmed",
        ]}),
        ("ConfirmPhone", "code") => json!({"pattern": "^[0-9]{6}$"}),
        ("DeliveryBody", "outcome") => json!({"enum": [
            "pending", "sent", "refused", "unknown", "switched-off", "no-address",
        ]}),
        ("UnsubscribeBody", "channel") => json!({"enum": ["email"]}),
        ("NotificationListBody", "missing") => json!({"enum": ["gone", "unavailable"]}),
        ("ReadMarkBody", "numbers") => json!({
            "minItems": 1,
            "maxItems": MAX_MARKED,
            "items": {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER},
        }),
        ("ReadMarkBody", "up_to") => json!({"minimum": 1, "maximum": MAX_NUMBER}),
        _ => return None,
    };
    Some(bounds)
}

fn usual(field: &str) -> Value {
    let password = json!({"minLength": MIN_PASSWORD, "maxLength": MAX_PASSWORD});
    let id = |most: u8| json!({"minLength": 1, "maxLength": most, "pattern": ID});
    match field {
        "order_id" => json!({"pattern": UUID}),
        "product_id" | "course_id" | "user_id" | "sku" | "tracking_number" => id(64),
        "name" | "title" | "street" | "city" | "postcode" => line(),
        "description" => json!({"maxLength": 2_000, "pattern": LINES}),
        "current_password" | "refresh_token" | "token" => json!({"maxLength": MAX_SECRET}),
        "email" => json!({"maxLength": Email::MAX, "pattern": EMAIL}),
        "phone" => json!({"pattern": r"^\+[1-9][0-9]{7,14}$"}),
        "country" => json!({"pattern": "^[A-Z]{2}$"}),
        "currency" => json!({"enum": currencies()}),
        "minor" | "unit_price_minor" => json!({"minimum": 0, "maximum": Money::MAX_MINOR}),
        "payment_method" => json!({"minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_]+$"}),
        "quantity" => json!({"minimum": 1, "maximum": MAX_QUANTITY}),
        "lines" => json!({"minItems": 1, "maxItems": MAX_LINES}),
        "low_at" => json!({"minimum": 0, "maximum": MAX_MOVED}),
        "password" | "new_password" => password,
        "roles" => {
            let names = Role::ALL.map(Role::name);
            json!({"minItems": 1, "items": {"type": "string", "enum": names}})
        }
        "code" => json!({"enum": FailureCode::ALL.map(FailureCode::name)}),
        "goods" => json!({"enum": ["gone", "restocked", "recalled"]}),
        _ => json!({}),
    }
}

fn line() -> Value {
    json!({"minLength": 1, "maxLength": MAX_TEXT, "pattern": LINE})
}

/// Every alphabetic code that is a currency.
fn currencies() -> Vec<String> {
    let letters = || 'A'..='Z';
    let codes = letters().flat_map(|one| {
        letters().flat_map(move |two| letters().map(move |three| [one, two, three]))
    });
    let codes = codes.map(String::from_iter);
    codes.filter(|code| Currency::parse(code).is_ok()).collect()
}

/// What holds for a body as a whole.
pub(super) fn of_whole(body: &str) -> Option<Value> {
    let told = "tracking_number";
    match body {
        "SetStatus" => Some(json!({
            "if": {"properties": {"status": {"const": "shipped"}}},
            "then": {"required": [told], "properties": {(told): {"type": "string"}}},
            "else": {"properties": {(told): {"type": "null"}}},
        })),
        "ReadMarkBody" => {
            let only = |this: &str, kind: &str, other: &str| {
                json!({
                    "required": [this],
                    "properties": {(this): {"type": kind}, (other): {"type": "null"}},
                })
            };
            let (numbers, up_to) = ("numbers", "up_to");
            Some(json!({"oneOf": [
                only(numbers, "array", up_to),
                only(up_to, "integer", numbers),
            ]}))
        }
        _ => None,
    }
}
