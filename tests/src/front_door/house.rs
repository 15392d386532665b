//! All functions of the API in one process, over stores in memory that count whatever is asked of
//! them ([`testkit::touched`]).

use answer_cache::Answers;
use std::collections::BTreeMap;

use axum::Router;
use axum::http::Method;
use cloudwatch::{Series, Window};
use domain::ports::{NoteRefusals, StoreError};
use domain::{Refusal, Tariff};
use http_edge::token::Issuer;
use http_edge::{Api, Limits, Options, Rates, Route, TokenVerifier, WebhookVerifier, edge};
use identity::{Argon2Passwords, LinkTokens, PasswordParams, PhoneCodes};
use lambda_boot::{Clock, TokenSettings};
use testkit::build::{at, tenant};
use testkit::fakes::{
    FakeAccounts, FakeAnswers, FakeCatalogue, FakeChains, FakeClaims, FakeCopies, FakeCounters,
    FakeFigures, FakeHistory, FakeIndex, FakeInventory, FakeJobs, FakeLinks, FakeMetrics,
    FakeOrders, FakePayments, FakeQueue, FakeRealtime, FakeSales, FakeShipments,
};
use testkit::hostile::{Forge, Shown};
use testkit::http::{Answer, Ask, cursors};
use testkit::keys::private_key;
use testkit::must;
use uuid::Uuid;

/// Issuer of its tokens.
pub const ISSUER: &str = "https://shop.example.org";
/// Audience of its tokens.
pub const AUDIENCE: &str = "api";
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The functions, by folder.
#[derive(Debug)]
pub struct House {
    routers: BTreeMap<&'static str, Router>,
    routes: Vec<(&'static str, Route)>,
}

fn new_id() -> Uuid {
    Uuid::from_u128(7)
}

fn clock() -> Clock {
    Clock::fixed(at(0))
}

impl House {
    /// Every function once, as its `main` puts it together. They take the forge's good tokens.
    pub fn open(forge: &Forge) -> Self {
        let jwks = forge.jwks();
        let verifier = must(TokenVerifier::new(&jwks, ISSUER, AUDIENCE));
        let options = || {
            let limits = Limits::new(FakeCounters::default(), Rates::default(), || at(0));
            Options::protected(verifier.clone(), || at(0), new_id)
                .limited(limits)
                .noting(Outside::default(), || at(0))
        };
        let mut house = Self {
            routers: BTreeMap::new(),
            routes: Vec::new(),
        };
        house.add("auth-api", auth(jwks), options());
        for (function, api) in with_keys() {
            house.add(function, api, options().with_keys(FakeAccounts::default()));
        }
        for (function, api) in webhooks() {
            house.add(function, api, Options::public(new_id));
        }
        house
    }

    fn add(&mut self, function: &'static str, api: Api, options: Options) {
        let routes = api.routes().map(|route| (function, route.clone()));
        self.routes.extend(routes);
        self.routers.insert(function, edge(api, options));
    }

    /// Every route, with its function.
    pub fn routes(&self) -> &[(&'static str, Route)] {
        &self.routes
    }

    /// Shows something at a route.
    ///
    /// # Panics
    /// When there is no such function.
    pub async fn ask(
        &self,
        function: &str,
        (method, path): (Method, &str),
        shown: &Shown,
    ) -> Answer {
        let path = format!("{path}{}", shown.query);
        let headers = shown.headers.iter();
        let ask = headers.fold(Ask::of(method, &path), |ask, (name, value)| {
            ask.with(name, value)
        });
        ask.to(&self.routers[function]).await
    }
}

fn passwords() -> Argon2Passwords {
    must(Argon2Passwords::new(PasswordParams::default()))
}

fn auth(jwks: String) -> Api {
    let issuer = Issuer::new((ISSUER, AUDIENCE), &private_key(), SECRET);
    auth_api::api(auth_api::App {
        store: FakeAccounts::default(),
        passwords: passwords(),
        issuer: must(issuer),
        links: must(LinkTokens::new(SECRET)),
        codes: must(PhoneCodes::new(SECRET)),
        texts: FakeRealtime::default(),
        verified_only: false,
        tokens: TokenSettings {
            jwks,
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
        },
        tenant: tenant(),
        clock: clock(),
        new_id,
    })
}

/// What lies outside, as far as it is asked.
#[derive(Debug, Default)]
struct Outside(FakeAccounts);

impl NoteRefusals for Outside {
    async fn note_refusal(&self, _: &Refusal) -> Result<(), StoreError> {
        self.0.calls();
        Ok(())
    }
}

impl system_api::Dependencies for Outside {
    async fn check(&self) -> Vec<system_api::Check> {
        self.0.calls();
        Vec::new()
    }
}

impl system_api::ReadMetrics for Outside {
    async fn read(&self, _: Window) -> Result<Vec<Series>, StoreError> {
        self.0.calls();
        Ok(Vec::new())
    }
}

fn dashboard() -> Api {
    operations_api::api(operations_api::App {
        figures: FakeFigures::default(),
        stock: FakeInventory::default(),
        copies: FakeCopies::default(),
        queues: vec![operations_api::Queue {
            name: "notify".to_owned(),
            letters: FakeQueue::default(),
        }],
        tenant: tenant(),
        clock: clock(),
    })
}

fn catalogue() -> Api {
    catalog_api::api(catalog_api::App {
        store: FakeCatalogue::default(),
        claims: FakeClaims::default(),
        cursors: cursors(),
        tenant: tenant(),
        clock: clock(),
        new_id,
    })
}

fn search() -> Api {
    search_api::api(search_api::App {
        index: FakeIndex::default(),
        cursors: cursors(),
        tenant: tenant(),
    })
}

fn metrics() -> Api {
    metrics_api::api(metrics_api::App {
        queue: FakeQueue::default(),
        reports: FakeMetrics::default(),
        answers: Answers::<FakeAnswers>::new(None),
        clock: clock(),
    })
}

fn reports() -> Api {
    reports_api::api(reports_api::App {
        reports: FakeSales::default(),
        answers: Answers::<FakeAnswers>::new(None),
        clock: clock(),
    })
}

fn jobs() -> Api {
    jobs_api::api(jobs_api::App {
        jobs: FakeJobs::default(),
        queue: FakeQueue::default(),
        files: FakeLinks,
        home: tenant(),
        cursors: cursors(),
        clock: clock(),
    })
}

fn notifications() -> Api {
    realtime_api::api(realtime_api::App {
        lists: FakeRealtime::default(),
        history: Some(FakeHistory::default()),
        groups: FakeAccounts::default(),
        cursors: cursors(),
        links: must(LinkTokens::new(SECRET)),
        clock: clock(),
        sockets: "wss://sockets.example.org/live".to_owned(),
        new_id,
    })
}

fn groups() -> Api {
    groups_api::api(groups_api::App {
        accounts: FakeAccounts::default(),
        lists: FakeRealtime::default(),
        claims: FakeClaims::default(),
        cursors: cursors(),
        clock: clock(),
        new_id,
    })
}

fn with_keys() -> [(&'static str, Api); 16] {
    let accounts = accounts_api::App {
        store: FakeAccounts::default(),
        passwords: passwords(),
        tenant: tenant(),
        clock: clock(),
        new_id,
    };
    let stock = inventory_api::App {
        stock: FakeInventory::default(),
        catalogue: FakeCatalogue::default(),
        cursors: cursors(),
        tenant: tenant(),
        clock: clock(),
    };
    let admin = orders_admin::App {
        orders: FakeOrders::default(),
        books: orders_admin::Books {
            leases: FakeInventory::default(),
            payments: FakePayments::default(),
            shipments: FakeShipments::default(),
        },
        cursors: cursors(),
        clock: clock(),
    };
    let orders = orders_api::App {
        orders: FakeOrders::default(),
        cursors: cursors(),
        clock: clock(),
    };
    let place = place_order::App {
        orders: FakeOrders::default(),
        catalogue: FakeCatalogue::default(),
        tariff: Tariff::default(),
        clock: clock(),
    };
    let audit = audit_api::App {
        chains: FakeChains::default(),
        cursors: cursors(),
    };
    let privacy = privacy_api::App {
        accounts: FakeAccounts::default(),
        kept: privacy_api::Kept {
            orders: FakeOrders::default(),
            payments: FakePayments::default(),
            shipments: FakeShipments::default(),
            messages: FakeRealtime::default(),
        },
        passwords: passwords(),
        cursors: cursors(),
        clock: clock(),
    };
    let system = system_api::App::new(Outside::default(), Outside::default(), clock());
    [
        ("system-api", system_api::api(system)),
        ("accounts-api", accounts_api::api(accounts)),
        ("audit-api", audit_api::api(audit)),
        ("operations-api", dashboard()),
        ("catalog-api", catalogue()),
        ("inventory-api", inventory_api::api(stock)),
        ("orders-admin", orders_admin::api(admin)),
        ("orders-api", orders_api::api(orders)),
        ("place-order", place_order::api(place)),
        ("privacy-api", privacy_api::api(privacy)),
        ("search-api", search()),
        ("metrics-api", metrics()),
        ("reports-api", reports()),
        ("jobs-api", jobs()),
        ("realtime-api", notifications()),
        ("groups-api", groups()),
    ]
}

fn webhooks() -> [(&'static str, Api); 2] {
    let verifier = |header| must(WebhookVerifier::new(header, SECRET));
    let payments = payments_webhook::App {
        payments: FakePayments::default(),
        verifier: verifier("stripe-signature"),
        clock: clock(),
    };
    let shipments = shipping_webhook::App {
        shipments: FakeShipments::default(),
        verifier: verifier("carrier-signature"),
        clock: clock(),
    };
    [
        ("payments-webhook", payments_webhook::api(payments)),
        ("shipping-webhook", shipping_webhook::api(shipments)),
    ]
}
