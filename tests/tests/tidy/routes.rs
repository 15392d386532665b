//! The routes of the functions against those of the template: a request reaches the function that
//! has its route, and no route of the template leads to a function that has it not.

use std::collections::BTreeSet;

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

/// The same for each route of the template.
fn of_template(template: &Yaml) -> BTreeSet<String> {
    let route = |(_, route): (&str, &Yaml)| {
        let target = route.text(&["Properties", "Target"]);
        let integration = target.split(['{', '}']).nth(1).unwrap_or_default();
        let path = ["Resources", integration, "Properties", "IntegrationUri"];
        let function = referred(template.text(&path));
        format!("{} → {function}", route.text(&["Properties", "RouteKey"]))
    };
    of_type(template, "AWS::ApiGatewayV2::Route")
        .map(route)
        .collect()
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
      RouteKey: GET /tea/{id}
      Target: !Sub "integrations/${TeaIntegration}"
"#,
    );
    let found = of_template(&template);
    assert_eq!(found, BTreeSet::from(["GET /tea/{id} → Tea".to_owned()]));
    let cups = BTreeSet::from(["GET /tea/{id} → Cups".to_owned()]);
    assert_eq!(differences(&cups, &found).len(), 2);
}
