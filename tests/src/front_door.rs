//! Every route that the functions have, as they say themselves: what the template, the tests of
//! access and the specification are held against.

pub mod house;
pub mod oracle;

#[cfg(test)]
mod tests;

use domain::Lease;
use http_edge::{Api, Policy, Route};
use identity::Argon2Passwords;
use testkit::fakes::{
    FakeAccounts, FakeAnswers, FakeCatalogue, FakeChains, FakeClaims, FakeCopies, FakeFigures,
    FakeHistory, FakeIndex, FakeInventory, FakeJobs, FakeLinks, FakeMetrics, FakeOrders,
    FakePayments, FakeQueue, FakeRealtime, FakeSales, FakeShipments, FakeStore,
};

/// A route, and the folder of its function.
#[derive(Clone, Debug)]
pub struct Door {
    /// Folder of the function.
    pub function: &'static str,
    /// The route.
    pub route: Route,
}

/// What the part of a path that varies is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An account, which is its own.
    Account,
    /// An API key of a shop.
    ApiKey,
    /// A course of a shop.
    Course,
    /// A group of a shop that may end.
    EndingGroup,
    /// A group of a shop.
    Group,
    /// A job of a shop.
    Job,
    /// An order of somebody.
    Order,
    /// A product of a shop.
    Product,
    /// The stock of a product. The shop has no other.
    Stock,
}

impl Door {
    /// What its path names; nothing where nothing in it varies.
    ///
    /// # Panics
    /// For a kind of thing that nobody has described: it needs a line here, and one of each sort in
    /// the matrix.
    pub fn thing(&self) -> Option<Thing> {
        let (before, _) = self.route.path.split_once("/{")?;
        Some(match before.rsplit('/').next() {
            Some("api-keys") => Thing::ApiKey,
            Some("courses") => Thing::Course,
            Some("groups")
                if self.name().starts_with("DELETE") && self.route.path.ends_with("s/{id}") =>
            {
                Thing::EndingGroup
            }
            Some("groups") => Thing::Group,
            Some("inventory") => Thing::Stock,
            Some("jobs") => Thing::Job,
            Some("orders") => Thing::Order,
            Some("products") => Thing::Product,
            Some("users") => Thing::Account,
            _ => panic!("nobody has said what {} names", self.route.path),
        })
    }

    /// Such as `GET /api/v1/orders/{id}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.route.method, self.route.path)
    }

    /// Whether no token is asked for.
    pub fn is_open(&self) -> bool {
        self.route.policy == Policy::Anybody
    }

    /// The path with something in the place of what varies.
    pub fn path_with(&self, id: &str) -> String {
        let fill = |segment: &str| {
            if segment.starts_with('{') {
                id.to_owned()
            } else {
                segment.to_owned()
            }
        };
        let segments: Vec<String> = self.route.path.split('/').map(fill).collect();
        segments.join("/")
    }
}

fn of<S: Clone + Send + Sync + 'static>(function: &'static str, api: &Api<S>) -> Vec<Door> {
    let door = |route: &Route| Door {
        function,
        route: route.clone(),
    };
    api.routes().map(door).collect()
}

type NoBooks = orders_admin::Books<FakeStore<Lease>, FakePayments, FakeShipments>;

type NothingKept = privacy_api::Kept<FakeOrders, FakePayments, FakeShipments, FakeRealtime>;

/// All of them.
pub fn doors() -> Vec<Door> {
    let all = [
        of(
            "accounts-api",
            &accounts_api::routes::<FakeAccounts, Argon2Passwords>(),
        ),
        of("audit-api", &audit_api::routes::<FakeChains>()),
        of(
            "operations-api",
            &operations_api::routes::<FakeFigures, FakeInventory, FakeCopies, FakeQueue>(),
        ),
        of(
            "catalog-api",
            &catalog_api::routes::<FakeCatalogue, FakeClaims>(),
        ),
        of(
            "orders-admin",
            &orders_admin::routes::<FakeOrders, NoBooks>(),
        ),
        of(
            "privacy-api",
            &privacy_api::routes::<FakeAccounts, NothingKept>(),
        ),
        of(
            "realtime-api",
            &realtime_api::routes::<FakeRealtime, FakeHistory, FakeAccounts>(),
        ),
        of(
            "groups-api",
            &groups_api::routes::<FakeAccounts, FakeRealtime, FakeClaims>(),
        ),
        of(
            "auth-api",
            &auth_api::routes::<FakeAccounts, Argon2Passwords, FakeRealtime>(),
        ),
        of(
            "inventory-api",
            &inventory_api::routes::<FakeInventory, FakeCatalogue>(),
        ),
        of("search-api", &search_api::routes::<FakeIndex>()),
        of(
            "metrics-api",
            &metrics_api::routes::<FakeQueue, FakeMetrics, FakeAnswers>(),
        ),
        of(
            "reports-api",
            &reports_api::routes::<FakeSales, FakeAnswers>(),
        ),
        of(
            "jobs-api",
            &jobs_api::routes::<FakeJobs, FakeQueue, FakeLinks>(),
        ),
        of("orders-api", &orders_api::routes::<FakeOrders>()),
        of(
            "payments-webhook",
            &payments_webhook::routes::<FakePayments>(),
        ),
        of(
            "shipping-webhook",
            &shipping_webhook::routes::<FakeShipments>(),
        ),
        of(
            "place-order",
            &place_order::routes::<FakeOrders, FakeCatalogue>(),
        ),
        of(
            "system-api",
            &system_api::routes::<system_api::Tables, cloudwatch::CloudWatch>(),
        ),
    ];
    all.into_iter().flatten().collect()
}
