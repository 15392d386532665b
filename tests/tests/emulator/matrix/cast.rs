//! Who asks in the matrix, and what belongs to whom.

use std::collections::BTreeMap;

use domain::ports::{KeepCourses, KeepJobs, WriteCatalogue};
use domain::{
    Course, CourseDetails, CourseId, Currency, Job, JobId, JobWork, Money, Product, ProductDetails,
    ProductId, SaleStatus, TenantId,
};
use http_edge::Role;
use http_edge::token::{Claims, SigningKey};
use reqwest::Method;
use serde_json::json;
use testkit::build::customer;
use testkit::keys::private_key;
use testkit::{must, must_have};
use tests::emulator::cart::TENANT;
use tests::emulator::shop::{SOON, Shop, now};
use tests::front_door::Thing;
use tests::front_door::oracle::{Who, Whose};

const PASSWORD: &str = "correct horse battery";
/// A shop beside ours.
const ELSEWHERE: &str = "elsewhere";

/// Somebody who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) who: Who,
    pub(super) token: Option<String>,
    pub(super) is_owner_of_the_canary: bool,
    /// Whose things are their own.
    own: String,
    /// Whose things are somebody else's to them.
    other: String,
}

impl Caller {
    /// Whether they see what customers of their shop do.
    pub(super) fn is_staff(&self) -> bool {
        match self.who {
            Who::Person(role) | Who::Key(role) => role != Role::Customer,
            Who::Nobody => false,
        }
    }
}

/// Everybody, and everything.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) callers: Vec<Caller>,
    /// In the name and the street of one customer, and nowhere else.
    pub(super) canary: String,
    /// Ids by thing and owner.
    things: BTreeMap<(Thing, String), String>,
    keys: Vec<String>,
}

/// Names of those who have accounts.
const PEOPLE: [(&str, Role); 4] = [
    ("alice", Role::Customer),
    ("bob", Role::Customer),
    ("carol", Role::Support),
    ("dora", Role::Admin),
];
/// Whose a thing is that belongs to nobody in a shop.
const OURS: &str = "our shop";
const THEIRS: &str = "another shop";

impl Cast {
    /// Makes everybody and everything.
    pub(super) async fn gather(shop: &Shop) -> Self {
        let mut cast = Self {
            callers: Vec::new(),
            canary: format!("canary-{}", shop.name()),
            things: BTreeMap::new(),
            keys: Vec::new(),
        };
        // One piece, and orders of two: each fails, and nothing moves.
        shop.sell("tea", 1_200, 1).await;
        for (name, role) in PEOPLE {
            cast.add_person(shop, name, role).await;
        }
        for role in [Role::Customer, Role::Support, Role::Admin] {
            cast.add_key(shop, role).await;
        }
        cast.add_bad_tokens(shop);
        cast.add_things_of_shops(shop).await;
        cast
    }

    /// The id of a thing, if it can be: a service has no account, and there is no stock of another
    /// shop. What has no name is asked for once.
    pub(super) fn id_of(
        &self,
        thing: Option<Thing>,
        caller: &Caller,
        whose: Whose,
    ) -> Option<String> {
        let Some(thing) = thing else {
            return (whose == Whose::Own).then(String::new);
        };
        let of_somebody = matches!(thing, Thing::Account | Thing::Order);
        let owner = match (whose, of_somebody) {
            (Whose::Missing, _) => return Some(missing(thing)),
            (Whose::Own, true) => caller.own.as_str(),
            (Whose::Foreign, true) => caller.other.as_str(),
            (Whose::Own, false) => OURS,
            (Whose::Foreign, false) => THEIRS,
        };
        self.things.get(&(thing, owner.to_owned())).cloned()
    }

    /// Takes the keys back: a shop has so many at most.
    pub(super) async fn leave(&self, shop: &Shop) {
        for key in &self.keys {
            let revoke = shop.request(Method::DELETE, &format!("/api-keys/{key}"));
            let answer = shop.ask(revoke.bearer_auth(admin(shop, TENANT))).await;
            assert_eq!(answer.status, 204, "{}", answer.body);
        }
    }

    async fn add_person(&mut self, shop: &Shop, name: &str, role: Role) {
        let user = self.register(shop, name).await;
        let token = shop.sign(&Claims {
            roles: vec![role],
            ..shop.claims(&user)
        });
        self.things
            .insert((Thing::Account, name.to_owned()), user.clone());
        self.order(shop, name, &user, &token).await;
        self.callers.push(Caller {
            name: name.to_owned(),
            who: Who::Person(role),
            token: Some(token),
            is_owner_of_the_canary: name == "alice",
            own: name.to_owned(),
            other: if name == "alice" { "bob" } else { "alice" }.to_owned(),
        });
    }

    /// What only alice has.
    fn mark(&self, name: &str) -> String {
        match name {
            "alice" => self.canary.clone(),
            name => format!("nothing of {name}'s"),
        }
    }

    async fn register(&self, shop: &Shop, name: &str) -> String {
        let mark = self.mark(name);
        let email = match name {
            "alice" => format!("{mark}@example.test"),
            name => format!("{name}-{}@example.test", shop.name()),
        };
        let body = json!({"email": email, "password": PASSWORD, "name": mark});
        let made = shop.send("/users", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let user = must_have(made.json()["user_id"].as_str()).to_owned();
        let address = json!({
            "name": mark, "street": format!("1 {mark} Street"), "city": "Bath",
            "postcode": "BA1 1AA", "country": "GB",
        });
        let profile = json!({
            "name": mark, "address": address, "preferences": {"email": true, "sms": false},
        });
        let update = shop.request(Method::PUT, &format!("/users/{user}"));
        let update = update
            .bearer_auth(shop.token(&user))
            .header("if-match", "\"1\"");
        let updated = shop.ask(update.json(&profile)).await;
        assert_eq!(updated.status, 200, "{}", updated.body);
        user
    }

    async fn order(&mut self, shop: &Shop, name: &str, subject: &str, token: &str) {
        let mut cart = shop.cart(&[("tea", 2)]).by(subject);
        let mark = self.mark(name);
        cart.body.ship_to.street = format!("1 {mark} Street");
        cart.body.ship_to.name = mark;
        let placed = shop.post_with(&cart, token).await;
        assert_eq!(placed.status, 201, "{}", placed.body);
        shop.ends(&cart, SOON, "failed", Some("out_of_stock")).await;
        let order = cart.id().to_string();
        self.things.insert((Thing::Order, name.to_owned()), order);
    }

    async fn make_key(&mut self, shop: &Shop, tenant: &str, role: Role) -> (String, String) {
        let body = json!({"name": shop.name(), "roles": [role.name()]});
        let make = shop.request(Method::POST, "/api-keys");
        let made = make.bearer_auth(admin(shop, tenant)).json(&body);
        let made = shop.ask(made).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        let text = |value: &serde_json::Value| must_have(value.as_str()).to_owned();
        let (key, id) = (text(&made["key"]), text(&made["api_key"]["api_key_id"]));
        if tenant == TENANT {
            self.keys.push(id.clone());
        }
        (key, id)
    }

    async fn add_key(&mut self, shop: &Shop, role: Role) {
        let (key, id) = self.make_key(shop, TENANT, role).await;
        let name = format!("a key for {}", role.name());
        self.order(shop, &name, &format!("key:{id}"), &key).await;
        self.callers.push(Caller {
            name: name.clone(),
            who: Who::Key(role),
            token: Some(key),
            is_owner_of_the_canary: false,
            own: name,
            other: "alice".to_owned(),
        });
    }

    /// Nobody, and alice with what she has no more, or never had.
    fn add_bad_tokens(&mut self, shop: &Shop) {
        let alice = self.things[&(Thing::Account, "alice".to_owned())].clone();
        let good = shop.claims(&alice);
        let expired = shop.sign(&Claims {
            iat: good.iat - 7_200,
            exp: good.iat - 3_600,
            ..good.clone()
        });
        let real = must(std::fs::read_to_string(
            shop.stack.get("CARTWRIGHT_TOKEN_KEY"),
        ));
        let named = must(SigningKey::named_by_thumbprint(&real));
        let jwks: serde_json::Value = must(serde_json::from_str(&must(named.jwks())));
        let kid = must_have(jwks["keys"][0]["kid"].as_str());
        let stranger = must(SigningKey::from_pem(kid, &private_key()));
        let forged = must(stranger.mint(&good));
        let tokens = [
            ("nobody", None),
            ("expired", Some(expired)),
            ("forged", Some(forged)),
        ];
        self.callers.extend(tokens.map(|(name, token)| Caller {
            name: name.to_owned(),
            who: Who::Nobody,
            token,
            is_owner_of_the_canary: false,
            own: "alice".to_owned(),
            other: "bob".to_owned(),
        }));
    }

    async fn add_things_of_shops(&mut self, shop: &Shop) {
        let price = must(Money::new(100, must(Currency::parse("EUR"))));
        for (owner, tenant) in [(OURS, TENANT), (THEIRS, ELSEWHERE)] {
            let name = format!("m-{}-{tenant}", shop.name());
            let of = || must(TenantId::parse(tenant));
            let product = ProductDetails {
                sku: shop.sku("tea"),
                name: name.clone(),
                description: String::new(),
                price,
                status: SaleStatus::Active,
            };
            let id = must(ProductId::parse(&format!("p-{name}")));
            must(
                shop.tables
                    .catalog
                    .put(&Product::create(id.clone(), of(), product, now()))
                    .await,
            );
            let course = CourseDetails {
                title: name.clone(),
                description: String::new(),
                price,
                status: SaleStatus::Active,
            };
            let course_id = must(CourseId::parse(&format!("c-{name}")));
            let course = Course::create(course_id.clone(), of(), course, now());
            must(shop.tables.catalog.save_course(course).await);
            let (_, key) = self.make_key(shop, tenant, Role::Customer).await;
            let owner = |thing| (thing, owner.to_owned());
            for thing in [Thing::Group, Thing::EndingGroup] {
                let group = make_group(shop, tenant).await;
                self.things.insert(owner(thing), group);
            }
            let job = end_job(shop, &of()).await;
            self.things.insert(owner(Thing::Job), job);
            self.things.insert(owner(Thing::Product), id.to_string());
            self.things
                .insert(owner(Thing::Course), course_id.to_string());
            self.things.insert(owner(Thing::ApiKey), key);
        }
        let stock = (Thing::Stock, OURS.to_owned());
        self.things.insert(stock, shop.sku("tea").to_string());
    }
}

/// A job that nobody takes up any more.
async fn end_job(shop: &Shop, tenant: &TenantId) -> String {
    let who = customer("admin");
    let id = JobId::asked(tenant, &who, &format!("matrix-{}", shop.name()));
    let whose = (tenant.clone(), who);
    let mut job = Job::new(id, whose, JobWork::RebuildSearch, now());
    job.cancel(now());
    must(shop.tables.operations.save_job(job).await);
    id.to_string()
}

async fn make_group(shop: &Shop, tenant: &str) -> String {
    let key = format!("matrix-{}", tests::emulator::shop::stamp());
    let make = shop.request(Method::POST, "/admin/groups");
    let make = make
        .bearer_auth(admin(shop, tenant))
        .header("idempotency-key", key);
    let made = shop.ask(make.json(&json!({"name": shop.name()}))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    must_have(made.json()["group_id"].as_str()).to_owned()
}

fn admin(shop: &Shop, tenant: &str) -> String {
    shop.sign(&Claims {
        tenant: tenant.to_owned(),
        roles: vec![Role::Admin],
        ..shop.claims("the-admin")
    })
}

fn missing(thing: Thing) -> String {
    match thing {
        Thing::Account
        | Thing::ApiKey
        | Thing::EndingGroup
        | Thing::Group
        | Thing::Job
        | Thing::Order => "00000000-0000-8000-8000-00000000dead",
        Thing::Course | Thing::Product | Thing::Stock => "nothing-of-this-name",
    }
    .to_owned()
}
