//! Every route that the functions have, as they say themselves: what the template, the tests of
//! access and the specification are held against.

use domain::Lease;
use http_edge::{Api, Policy, Route};
use identity::Argon2Passwords;
use testkit::fakes::{
    FakeAccounts, FakeCatalogue, FakeInventory, FakeOrders, FakePayments, FakeShipments, FakeStore,
};

/// A route, and the folder of its function.
#[derive(Clone, Debug)]
pub struct Door {
    /// Folder of the function.
    pub function: &'static str,
    /// The route.
    pub route: Route,
}

impl Door {
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

/// All of them.
pub fn doors() -> Vec<Door> {
    let all = [
        of(
            "accounts-api",
            &accounts_api::routes::<FakeAccounts, Argon2Passwords>(),
        ),
        of("catalog-api", &catalog_api::routes::<FakeCatalogue>()),
        of(
            "orders-admin",
            &orders_admin::routes::<FakeOrders, NoBooks>(),
        ),
        of(
            "auth-api",
            &auth_api::routes::<FakeAccounts, Argon2Passwords>(),
        ),
        of(
            "inventory-api",
            &inventory_api::routes::<FakeInventory, FakeCatalogue>(),
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
    ];
    all.into_iter().flatten().collect()
}
