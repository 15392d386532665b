//! The functions of the product as programs, with the environment that the template gives them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::instance::Program;

/// Issuer of access tokens, as the template has it by default.
pub const ISSUER: &str = "https://cartwright.example";
/// Audience of access tokens, as the template has it by default.
pub const AUDIENCE: &str = "cartwright-api";

/// What the functions find around them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Endpoint of everything of AWS.
    pub aws: String,
    /// Base of the stand-ins for third parties.
    pub providers: String,
    /// Public keys of access tokens.
    pub jwks: String,
    /// The private key, in PEM.
    pub pem: String,
}

/// All functions, by folder.
pub const FUNCTIONS: [&str; 15] = [
    "accounts-api",
    "auth-api",
    "inventory",
    "notify",
    "orders",
    "orders-api",
    "payments",
    "payments-webhook",
    "place-order",
    "publish-events",
    "shipping",
    "shipping-webhook",
    "start-saga",
    "sweep",
    "track-shipments",
];

/// A function built into this folder.
pub fn program(folder: &Path, name: &str, settings: &Settings) -> Program {
    Program {
        name: name.to_owned(),
        command: vec![folder.join(name).into()],
        environment: settings.environment(),
    }
}

impl Settings {
    /// What all functions together read: none of them minds what is another's.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let payments = format!("{}/payments/v1", self.providers);
        let carrier = format!("{}/carrier", self.providers);
        let arn = |what: &str| format!("arn:aws:{what}");
        let pairs = [
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_SESSION_TOKEN", "test".to_owned()),
            ("AWS_ENDPOINT_URL", self.aws.clone()),
            ("ORDERS_TABLE", "Orders".to_owned()),
            ("INVENTORY_TABLE", "Inventory".to_owned()),
            ("PAYMENTS_TABLE", "Payments".to_owned()),
            ("SHIPPING_TABLE", "Shipping".to_owned()),
            ("CATALOG_TABLE", "Catalog".to_owned()),
            ("REALTIME_TABLE", "Realtime".to_owned()),
            ("TOKEN_JWKS", self.jwks.clone()),
            ("ACCOUNTS_TABLE", "Accounts".to_owned()),
            ("OPERATIONS_TABLE", "Operations".to_owned()),
            ("TARIFF", "tax=0".to_owned()),
            (
                "LIMITS",
                // One customer sends whatever is measured.
                "user=1000000 key=10000 address=1000 entry=20 guess=5 account=50".to_owned(),
            ),
            ("TOKEN_SIGNING_KEY", self.pem.clone()),
            ("REFRESH_KEY", "0".repeat(64)),
            ("CURSOR_KEY", "0".repeat(64)),
            ("LINK_KEY", "0".repeat(64)),
            ("CODE_KEY", "0".repeat(64)),
            ("LINK_BASE", format!("{ISSUER}/account")),
            ("API_BASE", ISSUER.to_owned()),
            ("REQUIRE_VERIFIED", "false".to_owned()),
            ("HOME_TENANT", "main".to_owned()),
            ("PASSWORD_MEMORY_KIB", "19456".to_owned()),
            ("PASSWORD_PASSES", "2".to_owned()),
            ("TOKEN_ISSUER", ISSUER.to_owned()),
            ("TOKEN_AUDIENCE", AUDIENCE.to_owned()),
            (
                "EVENTS_TOPIC_ARN",
                arn("sns:us-east-1:000000000000:events.fifo"),
            ),
            (
                "SAGA_ARN",
                arn("states:us-east-1:000000000000:stateMachine:order-saga"),
            ),
            (
                "RECOVERY_ARN",
                arn("states:us-east-1:000000000000:stateMachine:order-recovery"),
            ),
            ("STREAM_FAILURE", "items".to_owned()),
            ("PAYMENT_PROVIDER_URL", payments),
            ("PAYMENT_PROVIDER_KEY", "key".to_owned()),
            ("PAYMENT_WEBHOOK_SECRETS", "0".repeat(64)),
            ("CARRIER_WEBHOOK_SECRETS", "0".repeat(64)),
            ("CARRIER_URL", carrier),
            ("CARRIER_KEY", "key".to_owned()),
            ("MAIL_FROM", "shop@example.org".to_owned()),
        ];
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
