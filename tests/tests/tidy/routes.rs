//! The routes of the functions against those of the template: a request reaches the function that
//! has its route, and no route of the template leads to a function that has it not.

use std::collections::{BTreeMap, BTreeSet};

use tests::front_door::doors;

use crate::assert_none;
use crate::template::{self, logical_id, of_type, referred};
use crate::yaml::Yaml;

/// `GET /a/{id} → OrdersApi` for each route of the functions.
fn of_functions() -> BTreeSet<String> {
    let text = |door: tests::front_door::Door| {
        let (method, path) = (&door.route.method, door.route.path);
        format!("{method} {path} → {}", logical_id(door.function))
    };
    doors().into_iter().map(text).collect()
}

/// Routes of an API of the template.
fn routes_of<'a>(template: &'a Yaml, api: &str) -> Vec<(&'a str, &'a Yaml)> {
    let api = format!("!Ref {api}");
    let all = of_type(template, "AWS::ApiGatewayV2::Route");
    let own = all.filter(|(_, route)| route.text(&["Properties", "ApiId"]) == api);
    own.collect()
}

/// The same for each route of the template.
fn of_template(template: &Yaml) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, route) in routes_of(template, "HttpApi") {
        let target = route.text(&["Properties", "Target"]);
        let integration = target.split(['{', '}']).nth(1).unwrap_or_default();
        let path = ["Resources", integration, "Properties", "IntegrationUri"];
        let function = referred(template.text(&path));
        let key = route.text(&["Properties", "RouteKey"]);
        // What no route is for, whatever it is.
        if key != "$default" {
            found.insert(format!("{key} → {function}"));
        }
    }
    found
}

fn differences(functions: &BTreeSet<String>, template: &BTreeSet<String>) -> Vec<String> {
    let missing = functions.difference(template);
    let missing = missing.map(|route| format!("the template lacks {route}"));
    let wrong = template.difference(functions);
    let wrong = wrong.map(|route| format!("no function has {route}"));
    missing.chain(wrong).collect()
}

#[test]
fn every_route_of_a_function_is_a_route_of_the_template_and_no_other_is() {
    let template = of_template(&template::load());
    assert!(template.len() >= 14, "{template:?}");
    assert_none(&differences(&of_functions(), &template));
}

/// Functions that API Gateway may not call for every route that they have. Where one permission is
/// for one route, the function has no other.
fn not_permitted(template: &Yaml) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, permission) in of_type(template, "AWS::Lambda::Permission") {
        let function = referred(permission.text(&["Properties", "FunctionName"]));
        let source = permission.text(&["Properties", "SourceArn"]);
        let allowed = source
            .rsplit_once("${HttpApi}/*/")
            .map_or("", |(_, rest)| rest);
        let allowed = allowed.trim_end_matches('"');
        let routes = doors().into_iter();
        let own = routes.filter(|door| logical_id(door.function) == function);
        for door in own {
            let route = format!("{}{}", door.route.method, door.route.path);
            let fits = allowed == "*" || allowed == route;
            if !fits {
                wrong.push(format!("{name} does not permit {route}"));
            }
        }
    }
    wrong
}

#[test]
fn api_gateway_may_call_every_function_for_all_of_its_routes() {
    assert_none(&not_permitted(&template::load()));
}

/// What a route says that the authorizer reads tokens for, where it is switched on.
const READ_FIRST: (&str, &str) = (
    "!If [TokensAreReadFirst, JWT, NONE]",
    r#"!If [TokensAreReadFirst, !Ref TokenAuthorizer, !Ref "AWS::NoValue"]"#,
);

/// Routes of the template that the authorizer reads tokens for although they ask for none, and those
/// that ask for one which it does not read.
fn wrongly_authorized(template: &Yaml) -> Vec<String> {
    let doors = doors();
    let asking = doors.iter().filter(|door| !door.is_open());
    let asking: BTreeSet<String> = asking.map(tests::front_door::Door::name).collect();
    let mut wrong = Vec::new();
    for (name, route) in routes_of(template, "HttpApi") {
        let said = |key| route.text(&["Properties", key]);
        let expected = match asking.contains(said("RouteKey")) {
            true => READ_FIRST,
            false => ("", ""),
        };
        if (said("AuthorizationType"), said("AuthorizerId")) != expected {
            wrong.push(name.to_owned());
        }
    }
    wrong
}

#[test]
fn the_authorizer_reads_the_tokens_of_every_route_that_asks_for_one_and_of_no_other() {
    assert_none(&wrongly_authorized(&template::load()));
    let text = crate::repository::read("infra/template.yaml");
    let (kind, id) = READ_FIRST;
    let line = format!("      AuthorizationType: {kind}\n      AuthorizerId: {id}\n");
    let nowhere = Yaml::parse(&text.replace(&line, ""));
    let asking = doors().iter().filter(|door| !door.is_open()).count();
    assert_eq!(wrongly_authorized(&nowhere).len(), asking);
    let everywhere = text.replace(&line, "");
    let everywhere = everywhere.replace(
        "      Target: !Sub \"",
        &format!("{line}      Target: !Sub \""),
    );
    let open = doors().len() - asking;
    // And the one that is no function's.
    assert_eq!(
        wrongly_authorized(&Yaml::parse(&everywhere)).len(),
        open + 1
    );
}

/// Paths of other functions with their methods, as `system-api` must know them.
fn paths_elsewhere() -> Vec<(String, String)> {
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for door in doors().iter().filter(|door| door.function != "system-api") {
        let of_path = methods.entry(door.route.path.to_owned()).or_default();
        of_path.insert(door.route.method.to_string());
    }
    let joined = |(path, methods): (String, BTreeSet<String>)| {
        (path, methods.into_iter().collect::<Vec<_>>().join(","))
    };
    methods.into_iter().map(joined).collect()
}

#[test]
fn a_method_that_a_path_has_not_is_refused_with_those_that_it_has() {
    let known = system_api::PATHS.map(|(path, methods)| (path.to_owned(), methods.to_owned()));
    assert_eq!(known.to_vec(), paths_elsewhere());
}

#[test]
fn no_function_has_a_route_twice() {
    assert_eq!(of_functions().len(), doors().len());
}

#[test]
fn a_route_that_leads_elsewhere_is_found() {
    let template = Yaml::parse(
        r#"
Resources:
  TeaIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      IntegrationUri: !GetAtt Tea.Arn
  TeaRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref HttpApi
      RouteKey: GET /tea/{id}
      Target: !Sub "integrations/${TeaIntegration}"
"#,
    );
    let found = of_template(&template);
    assert_eq!(found, BTreeSet::from(["GET /tea/{id} → Tea".to_owned()]));
    let cups = BTreeSet::from(["GET /tea/{id} → Cups".to_owned()]);
    assert_eq!(differences(&cups, &found).len(), 2);
}

/// Who opens a socket is asked for a ticket; what is said over it is of whoever opened it.
#[test]
fn a_socket_is_opened_with_a_ticket_only() {
    let template = template::load();
    let routes = routes_of(&template, "SocketApi").into_iter();
    let asked = |(_, route): (&str, &Yaml)| {
        let said = |key| route.text(&["Properties", key]).to_owned();
        (
            said("RouteKey"),
            said("AuthorizationType"),
            said("AuthorizerId"),
        )
    };
    let found: BTreeSet<_> = routes.map(asked).collect();
    let wanted = [
        ("$connect", "CUSTOM", "!Ref SocketAuthorizer"),
        ("$default", "NONE", ""),
        ("$disconnect", "NONE", ""),
    ];
    let text =
        |(key, kind, id): (&str, &str, &str)| (key.to_owned(), kind.to_owned(), id.to_owned());
    assert_eq!(found, wanted.map(text).into());
}
