//! The template's own authorizer, which deployments may switch on: a second API, made of the very
//! routes of the template with it switched on, before the functions of the stack.

use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::hostile::Forge;
use testkit::{must, must_have};
use tests::emulator::aws;
use tests::emulator::shop::{Answer, Shop, now};

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");
const STACK: &str = "second-door";

/// `PlaceOrder` → `place-order`.
fn folder(logical_id: &str) -> String {
    let mut folder = String::new();
    for letter in logical_id.chars() {
        if letter.is_ascii_uppercase() && !folder.is_empty() {
            folder.push('-');
        }
        folder.push(letter.to_ascii_lowercase());
    }
    folder
}

/// The line that names a function, with the name that it has in the stack.
fn with_function(shop: &Shop, line: &str) -> String {
    let named = line
        .strip_prefix("      IntegrationUri: !GetAtt ")
        .and_then(|rest| rest.strip_suffix(".Arn"));
    let Some(function) = named.map(|id| shop.stack.function(&folder(id))) else {
        return line.to_owned();
    };
    format!(
        "      IntegrationUri: !Sub \"arn:aws:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{function}\""
    )
}

/// First lines of the sections and entries of the template that its API is made of.
const HEADS: [&str; 7] = [
    "Parameters:",
    "  Authorizer:",
    "  TokenAudience:",
    "  TokenIssuer:",
    "Conditions:",
    "  TokensAreReadFirst:",
    "Resources:",
];

fn is_of_the_api(entry: &[&str]) -> bool {
    let kind = "    Type: AWS::ApiGatewayV2::";
    let head = entry.first().copied().unwrap_or_default();
    HEADS.iter().any(|it| head.starts_with(it)) || entry.iter().any(|line| line.starts_with(kind))
}

/// Parameters, conditions and resources of the template that make up its API, before the functions
/// that stand already.
fn of_the_api(shop: &Shop) -> String {
    let lines: Vec<&str> = TEMPLATE.lines().filter(|line| !line.is_empty()).collect();
    let entries = lines.chunk_by(|_, next| next.starts_with("   "));
    let own = entries.filter(|entry| is_of_the_api(entry)).flatten();
    own.map(|line| with_function(shop, line) + "\n").collect()
}

struct Door {
    shop: Shop,
    api: String,
}

impl Door {
    async fn open() -> Self {
        let shop = Shop::open(STACK).await;
        let template = of_the_api(&shop);
        aws::make_stack(&shop.stack, STACK, &template, &[("Authorizer", "jwt")]).await;
        let api = aws::resource_id(&shop.stack, STACK, "HttpApi").await;
        Self { shop, api }
    }

    async fn ask(&self, method: Method, path: &str, token: Option<&str>) -> Answer {
        let base = self.shop.stack.get("AWS_ENDPOINT_URL");
        let url = format!("{base}/_aws/execute-api/{}{path}", self.api);
        let mut request = self.shop.stack.http.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        self.shop.ask(request).await
    }
}

/// What API Gateway itself says to those whom it turns away.
fn turned_away(answer: &Answer) {
    let said: Value = must(serde_json::from_str(&answer.body));
    assert_eq!(
        (answer.status, said),
        (401, json!({"message": "Unauthorized"}))
    );
}

#[tokio::test]
async fn the_authorizer_turns_away_what_is_no_token_of_ours_and_the_function_reads_the_rest_itself()
{
    let door = Door::open().await;
    let shop = &door.shop;
    let list = "/api/v1/orders";
    turned_away(&door.ask(Method::GET, list, None).await);
    turned_away(&door.ask(Method::GET, list, Some("a.b.c")).await);

    let claims = shop.claims("c-second-door");
    let good = shop.sign(&claims);
    let answer = door.ask(Method::GET, list, Some(&good)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);

    let pem = must(std::fs::read_to_string(
        shop.stack.get("CARTWRIGHT_TOKEN_KEY"),
    ));
    let issuer = (claims.iss.as_str(), claims.aud.as_str());
    let forge = Forge::new((&shop.key_id(), &pem), issuer, now().as_second());
    let old = forge.changed(json!({}), json!({"exp": now().as_second() - 600}));
    turned_away(&door.ask(Method::GET, list, Some(&old)).await);
    let elsewhere = forge.changed(json!({}), json!({"aud": "another-api"}));
    turned_away(&door.ask(Method::GET, list, Some(&elsewhere)).await);

    // Signed by us, for us, in time; no access token all the same.
    let other_kind = forge.changed(json!({"typ": "JWT"}), json!({}));
    let answer = door.ask(Method::GET, list, Some(&other_kind)).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!(answer.media_type, "application/problem+json");

    let admin = shop.sign(&http_edge::token::Claims {
        roles: vec![Role::Admin],
        ..claims
    });
    let make = shop.request(Method::POST, "/api-keys").bearer_auth(&admin);
    let key = shop
        .ask(make.json(&json!({"name": "second door", "roles": ["support"]})))
        .await;
    let key = key.json();
    let key = must_have(key["key"].as_str());
    let first = shop.request(Method::GET, "/admin/orders").bearer_auth(key);
    assert_eq!(shop.ask(first).await.status, 200);
    turned_away(
        &door
            .ask(Method::GET, "/api/v1/admin/orders", Some(key))
            .await,
    );

    for open in ["/health", "/api/v1/products", "/.well-known/jwks.json"] {
        let answer = door.ask(Method::GET, open, None).await;
        assert_eq!(answer.status, 200, "{open}: {}", answer.body);
    }
    aws::remove_stack(&shop.stack, STACK).await;
    shop.check().await;
}
