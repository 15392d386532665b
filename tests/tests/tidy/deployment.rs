//! What the bill of `shared/cost` takes as deployed, against the template.

use serde_json::{Value, json};
use testkit::must;

use crate::repository;
use crate::template::{self, of_type, referred};
use crate::yaml::Yaml;

/// What stands in names of the template before our own part.
const STACK: &str = "!Sub ${AWS::StackName}-";
/// The schedules that there are, and how often a day they come.
const SCHEDULES: [(&str, u32); 2] = [("rate(1 hour)", 24), ("rate(1 minute)", 1440)];

/// The own part of the name of the resource that a text refers to.
fn name<'a>(template: &'a Yaml, reference: &str, property: &str) -> &'a str {
    let path = ["Resources", referred(reference), "Properties", property];
    let name = template.text(&path);
    name.strip_prefix(STACK).unwrap_or(name)
}

/// The function that a target is, or that reads the queue that it is.
fn woken<'a>(template: &'a Yaml, target: &'a str) -> &'a str {
    let mut mappings = of_type(template, "AWS::Lambda::EventSourceMapping");
    let reads = mappings.find(|(_, mapping)| {
        let source = mapping.text(&["Properties", "EventSourceArn"]);
        referred(source) == referred(target)
    });
    let function = reads.map(|(_, mapping)| mapping.text(&["Properties", "FunctionName"]));
    name(template, function.unwrap_or(target), "FunctionName")
}

fn schedules(template: &Yaml) -> Vec<Value> {
    let mut schedules = Vec::new();
    for (_, rule) in of_type(template, "AWS::Events::Rule") {
        let own = rule.text(&["Properties", "ScheduleExpression"]);
        let known = SCHEDULES.iter().find(|(expression, _)| *expression == own);
        let runs = known.map(|(_, runs)| runs);
        for target in rule.items(&["Properties", "Targets"]) {
            let function = woken(template, target.text(&["Arn"]));
            schedules.push(json!({"function": function, "runs_per_day": runs}));
        }
    }
    schedules
}

/// Queues that Lambda reads, with the functions that it reads them for.
fn polled(template: &Yaml) -> (Vec<&str>, Vec<&str>) {
    let mappings = of_type(template, "AWS::Lambda::EventSourceMapping");
    let both = mappings.filter_map(|(_, mapping)| {
        let queue = mapping.text(&["Properties", "EventSourceArn"]);
        let function = mapping.text(&["Properties", "FunctionName"]);
        let is_queue = of_type(template, "AWS::SQS::Queue").any(|(id, _)| id == referred(queue));
        is_queue.then(|| {
            let queue = name(template, queue, "QueueName");
            (queue, name(template, function, "FunctionName"))
        })
    });
    both.unzip()
}

/// The state machine whose type is a parameter, by its definition.
fn saga(template: &Yaml) -> Option<&str> {
    let mut machines = of_type(template, "AWS::Serverless::StateMachine");
    let machine = machines.find(|(_, machine)| {
        let kind = machine.text(&["Properties", "Type"]);
        kind == "!Ref SagaType"
    });
    let (_, machine) = machine?;
    let file = machine.text(&["Properties", "DefinitionUri"]);
    let (_, name) = file.rsplit_once('/')?;
    name.strip_suffix(".asl.json")
}

fn deployed(template: &Yaml) -> Value {
    let (queues, consumers) = polled(template);
    let roles = of_type(template, "AWS::IAM::Role");
    json!({
        "saga": saga(template),
        "consumers": consumers,
        "schedules": schedules(template),
        "polled_queues": queues,
        "publishers": roles.filter(|(_, role)| role.mentions("sns:Publish*")).count(),
        "alarms": of_type(template, "AWS::CloudWatch::Alarm").count(),
    })
}

#[test]
fn the_bill_knows_what_the_template_deploys() {
    let text = repository::read("shared/cost/src/deployment.json");
    let billed: Value = must(serde_json::from_str(&text));
    assert_eq!(billed, deployed(&template::load()));
}

#[test]
fn a_schedule_that_the_bill_does_not_know_shows() {
    let text = repository::read("infra/template.yaml");
    let other = text.replace("rate(1 ", "rate(7 ");
    let template = Yaml::parse(&other);
    let unknown = |name: &str| json!({"function": name, "runs_per_day": null});
    let found = json!([
        unknown("sweep"),
        unknown("close-gaps"),
        unknown("catch-up-profiles"),
        unknown("send-messages"),
        unknown("anchor-audit"),
        unknown("archive-analytics"),
        unknown("run-jobs")
    ]);
    assert_eq!(Value::from(schedules(&template)), found);
}
