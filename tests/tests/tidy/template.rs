//! The template against the functions: each has what it needs, by the names that it asks for.

use std::collections::BTreeSet;

use contracts::sockets::FiguresChanged;
use lambda_boot::{ConfigError, Env};

use crate::assert_none;
use crate::repository;
use crate::yaml::Yaml;

/// What of ours goes wrong without anybody waiting for the answer ends in a queue.
const STREAM: &str = ".StreamArn";

pub(crate) fn load() -> Yaml {
    Yaml::parse(&repository::read("infra/template.yaml"))
}

/// Resources of a type, with their logical ids.
pub(crate) fn of_type<'a>(
    template: &'a Yaml,
    kind: &'a str,
) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
    let resources = template.get(&["Resources"]).map(Yaml::entries);
    let all = resources.unwrap_or_default().iter();
    let fits = all.filter(move |(_, resource)| resource.text(&["Type"]) == kind);
    fits.map(|(id, resource)| (id.as_str(), resource))
}

fn resource<'a>(template: &'a Yaml, id: &str, kind: &str) -> Option<&'a Yaml> {
    let found = template.get(&["Resources", id])?;
    (found.text(&["Type"]) == kind).then_some(found)
}

/// `place-order` → `PlaceOrder`.
pub(crate) fn logical_id(folder: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    };
    folder.split('-').map(capital).collect()
}

/// The logical id in `!Ref X`, `!GetAtt X.Arn`.
pub(crate) fn referred(text: &str) -> &str {
    let target = text.split_once(' ').map_or(text, |(_, target)| target);
    target.split('.').next().unwrap_or(target)
}

/// What is wrong with the function of a folder.
fn wrong_function(template: &Yaml, folder: &str) -> Vec<String> {
    let id = logical_id(folder);
    let Some(function) = resource(template, &id, "AWS::Serverless::Function") else {
        return vec![format!("functions/{folder} is not in the template as {id}")];
    };
    let stack = "${AWS::StackName}";
    let expected = [
        (vec!["FunctionName"], format!("!Sub {stack}-{folder}")),
        (vec!["CodeUri"], format!("../.local/package/{folder}.zip")),
        (vec!["Role"], format!("!GetAtt {id}Role.Arn")),
        (vec!["LoggingConfig", "LogGroup"], format!("!Ref {id}Logs")),
    ];
    let mut wrong = Vec::new();
    for (path, value) in expected {
        let full = [&["Properties"], &path[..]].concat();
        if function.text(&full) != value {
            wrong.push(format!("{id}: {} is not {value}", path.join(".")));
        }
    }
    if resource(template, &format!("{id}Role"), "AWS::IAM::Role").is_none() {
        wrong.push(format!("{id} has no role of its own"));
    }
    let logs = resource(template, &format!("{id}Logs"), "AWS::Logs::LogGroup");
    let group = format!("!Sub /aws/lambda/{stack}-{folder}");
    if logs.is_none_or(|logs| logs.text(&["Properties", "LogGroupName"]) != group) {
        wrong.push(format!("{id} has no log group of its own"));
    }
    wrong
}

/// Functions of the template without a folder.
fn without_folder(template: &Yaml, folders: &[String]) -> Vec<String> {
    let known: Vec<_> = folders.iter().map(|folder| logical_id(folder)).collect();
    let functions = of_type(template, "AWS::Serverless::Function");
    let strange = functions.filter(|(id, _)| !known.iter().any(|known| known == id));
    strange
        .map(|(id, _)| format!("{id} has no folder in functions/"))
        .collect()
}

/// Log groups that keep everything for ever.
fn without_retention(template: &Yaml) -> Vec<String> {
    let groups = of_type(template, "AWS::Logs::LogGroup");
    let endless =
        groups.filter(|(_, group)| group.get(&["Properties", "RetentionInDays"]).is_none());
    endless
        .map(|(id, _)| format!("{id} keeps its lines for ever"))
        .collect()
}

/// What a function may be given, and does well without.
const OPTIONAL: [&str; 4] = [
    "CACHE_URL",
    "CORS_ORIGINS",
    "DATABASE_URL",
    "METRICS_NAMESPACE",
];

/// Differences between what a function reads and what the template gives it.
fn wrong_environment(template: &Yaml, folder: &str, asked: &[&str]) -> Vec<String> {
    let id = logical_id(folder);
    let path = ["Resources", &id, "Properties", "Environment", "Variables"];
    let variables = template.get(&path).map(Yaml::entries).unwrap_or_default();
    let given: BTreeSet<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    let asked: BTreeSet<&str> = asked.iter().copied().collect();
    let missing = asked
        .difference(&given)
        .map(|name| format!("{id} is not given {name}"));
    let unused = given
        .difference(&asked)
        .filter(|name| !OPTIONAL.contains(name))
        .map(|name| format!("{id} does not ask for {name}"));
    missing.chain(unused).collect()
}

/// Sources whose failures would be lost.
fn without_failure_target(template: &Yaml) -> Vec<String> {
    let mut lost = Vec::new();
    let failure = [
        "Properties",
        "DestinationConfig",
        "OnFailure",
        "Destination",
    ];
    for (id, mapping) in of_type(template, "AWS::Lambda::EventSourceMapping") {
        let source = mapping.text(&["Properties", "EventSourceArn"]);
        if source.ends_with(STREAM) && mapping.text(&failure).is_empty() {
            lost.push(format!("{id}: a stream without a failure target"));
        }
        if !mapping
            .get(&["Properties", "FunctionResponseTypes"])
            .is_some_and(|types| types.mentions("ReportBatchItemFailures"))
        {
            lost.push(format!("{id} does not report single failures"));
        }
    }
    for (id, rule) in of_type(template, "AWS::Events::Rule") {
        for target in rule.items(&["Properties", "Targets"]) {
            if target.text(&["DeadLetterConfig", "Arn"]).is_empty() {
                lost.push(format!("{id}: what cannot be delivered is lost"));
            }
            let function = referred(target.text(&["Arn"]));
            // A queue keeps what is in it, and has dead letters.
            if of_type(template, "AWS::SQS::Queue").any(|(queue, _)| queue == function) {
                continue;
            }
            let mut configs = of_type(template, "AWS::Lambda::EventInvokeConfig");
            let kept = configs.any(|(_, config)| {
                let own = referred(config.text(&["Properties", "FunctionName"])) == function;
                own && !config.text(&failure).is_empty()
            });
            if !kept {
                lost.push(format!("{function}: a failed invocation is lost"));
            }
        }
    }
    lost
}

/// Queues without dead letters that are not dead letters themselves, and dead letters that
/// nobody would notice.
fn without_dead_letters(template: &Yaml) -> Vec<String> {
    let target = ["Properties", "RedrivePolicy", "deadLetterTargetArn"];
    let mut found = Vec::new();
    for (id, queue) in of_type(template, "AWS::SQS::Queue") {
        let consumed = of_type(template, "AWS::Lambda::EventSourceMapping")
            .any(|(_, mapping)| referred(mapping.text(&["Properties", "EventSourceArn"])) == id);
        let redriven = !queue.text(&target).is_empty();
        if consumed && !redriven {
            found.push(format!("{id} has no dead letters"));
        }
        let mut alarms = of_type(template, "AWS::CloudWatch::Alarm");
        let name = format!("!GetAtt {id}.QueueName");
        if !redriven && !alarms.any(|(_, alarm)| alarm.mentions(&name)) {
            found.push(format!("nobody would notice what is in {id}"));
        }
    }
    found
}

/// Queues that the command line does not know, or would send back to another one.
fn without_a_way_back(template: &Yaml) -> Vec<String> {
    let target = ["Properties", "RedrivePolicy", "deadLetterTargetArn"];
    let known = template.text(&["Outputs", "DeadLetterQueues", "Value"]);
    let mut found = Vec::new();
    for (id, queue) in of_type(template, "AWS::SQS::Queue") {
        let dead = referred(queue.text(&target));
        let name = match dead {
            "" => format!("=${{{id}}}"),
            dead => format!("=${{{dead}}},${{{id}}}"),
        };
        let is_dead = known.contains(&format!("=${{{id}}},"));
        if !is_dead && !known.contains(&name) {
            found.push(format!("DeadLetterQueues does not name {id}"));
        }
    }
    found
}

/// What every `Config` asks for in an empty environment.
fn asked() -> Vec<(&'static str, Vec<&'static str>)> {
    fn names<C>(config: fn(&Env) -> Result<C, ConfigError>) -> Vec<&'static str> {
        match config(&Env::default()) {
            Ok(_) => Vec::new(),
            Err(lacking) => lacking.names().collect(),
        }
    }
    macro_rules! of {
        ($($name:literal = $function:ident),* $(,)?) => {
            vec![$(($name, names($function::Config::from_env))),*]
        };
    }
    of![
        "accounts-api" = accounts_api,
        "anchor-audit" = anchor_audit,
        "archive-analytics" = archive_analytics,
        "audit-api" = audit_api,
        "auth-api" = auth_api,
        "authorize-socket" = authorize_socket,
        "catalog-api" = catalog_api,
        "catch-up-profiles" = catch_up_profiles,
        "close-gaps" = close_gaps,
        "erase-person" = erase_person,
        "groups-api" = groups_api,
        "index-search" = index_search,
        "ingest-metrics" = ingest_metrics,
        "inventory" = inventory,
        "inventory-api" = inventory_api,
        "jobs-api" = jobs_api,
        "keep-history" = keep_history,
        "metrics-api" = metrics_api,
        "migrate" = migrate,
        "notify" = notify,
        "operations-api" = operations_api,
        "orders" = orders,
        "orders-admin" = orders_admin,
        "orders-api" = orders_api,
        "payments" = payments,
        "payments-webhook" = payments_webhook,
        "place-order" = place_order,
        "privacy-api" = privacy_api,
        "project-analytics" = project_analytics,
        "project-dashboard" = project_dashboard,
        "publish-events" = publish_events,
        "push-dashboard" = push_dashboard,
        "push-slices" = push_slices,
        "push-updates" = push_updates,
        "realtime" = realtime,
        "realtime-api" = realtime_api,
        "refunds" = refunds,
        "reports-api" = reports_api,
        "run-jobs" = run_jobs,
        "search-api" = search_api,
        "send-messages" = send_messages,
        "shipping" = shipping,
        "shipping-webhook" = shipping_webhook,
        "start-saga" = start_saga,
        "sweep" = sweep,
        "sync-profile" = sync_profile,
        "system-api" = system_api,
        "take-commands" = take_commands,
        "tell-subscribers" = tell_subscribers,
        "track-shipments" = track_shipments,
        "write-audit" = write_audit,
    ]
}

#[test]
fn every_function_crate_is_a_function_of_the_template() {
    let template = load();
    let folders = repository::names_in("functions");
    let wrong = folders
        .iter()
        .flat_map(|folder| wrong_function(&template, folder));
    assert_none(&wrong.collect::<Vec<_>>());
    assert_none(&without_folder(&template, &folders));
}

/// What is in a message of theirs was counted before it is read.
#[test]
fn the_queue_of_dashboards_holds_messages_as_long_as_changes_are_gathered() {
    let template = load();
    let queue = resource(&template, "PushDashboardQueue", "AWS::SQS::Queue");
    let delay = queue.map(|queue| queue.text(&["Properties", "DelaySeconds"]).to_owned());
    assert_eq!(delay, Some(FiguresChanged::DELAY.to_string()));
}

#[test]
fn every_function_crate_has_the_same_three_files() {
    for folder in repository::names_in("functions") {
        for file in ["src/main.rs", "src/lib.rs", "src/tests.rs"] {
            let path = repository::root()
                .join("functions")
                .join(&folder)
                .join(file);
            assert!(path.is_file(), "{}", path.display());
        }
    }
}

#[test]
fn every_function_is_given_what_it_asks_for_and_nothing_else() {
    let template = load();
    let asked = asked();
    let folders: Vec<_> = asked
        .iter()
        .map(|(folder, _)| (*folder).to_owned())
        .collect();
    assert_eq!(folders, repository::names_in("functions"));
    let wrong = asked
        .iter()
        .flat_map(|(folder, names)| wrong_environment(&template, folder, names));
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn no_log_group_keeps_its_lines_for_ever() {
    assert_none(&without_retention(&load()));
}

#[test]
fn nothing_that_fails_is_lost() {
    assert_none(&without_failure_target(&load()));
    assert_none(&without_dead_letters(&load()));
    assert_none(&without_a_way_back(&load()));
}

const SMALL: &str = r#"
Resources:
  TakeTeaLogs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-take-tea"
      RetentionInDays: 3
  TakeTeaRole:
    Type: AWS::IAM::Role
  TakeTea:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${AWS::StackName}-take-tea"
      CodeUri: ../.local/package/take-tea.zip
      Role: !GetAtt TakeTeaRole.Arn
      LoggingConfig: {LogGroup: !Ref TakeTeaLogs}
      Environment:
        Variables:
          TEA_TABLE: !Ref TeaTable
  FromTable:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt TeaTable.StreamArn
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}
  FromQueue:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Cups.Arn
      FunctionResponseTypes: [ReportBatchItemFailures]
  Cups:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}
  Dead:
    Type: AWS::SQS::Queue
  DeadAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Dimensions: [{Name: QueueName, Value: !GetAtt Dead.QueueName}]
  Teatime:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - Arn: !GetAtt TakeTea.Arn
          DeadLetterConfig: {Arn: !GetAtt Dead.Arn}
  Invocation:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref TakeTea
      DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}
Outputs:
  DeadLetterQueues:
    Value: !Sub "take-tea=${Dead},${Cups}"
"#;

/// Every violation in the small template, in which one text was replaced.
fn all_wrong(from: &str, to: &str) -> Vec<String> {
    assert!(SMALL.contains(from), "{from}");
    let template = Yaml::parse(&SMALL.replace(from, to));
    let mut wrong = wrong_function(&template, "take-tea");
    wrong.extend(without_folder(&template, &["take-tea".to_owned()]));
    wrong.extend(without_retention(&template));
    wrong.extend(wrong_environment(&template, "take-tea", &["TEA_TABLE"]));
    wrong.extend(without_failure_target(&template));
    wrong.extend(without_dead_letters(&template));
    wrong.extend(without_a_way_back(&template));
    wrong
}

#[test]
fn a_template_that_lacks_something_is_found_out() {
    assert_none(&all_wrong("RetentionInDays: 3", "RetentionInDays: 3"));
    for (from, to) in [
        ("RetentionInDays: 3", "Other: 3"),
        ("}-take-tea\"\n      CodeUri", "}-tea\"\n      CodeUri"),
        ("package/take-tea.zip", "package/tea.zip"),
        ("!GetAtt TakeTeaRole.Arn", "!GetAtt OtherRole.Arn"),
        ("AWS::IAM::Role", "AWS::IAM::Group"),
        ("LogGroup: !Ref TakeTeaLogs", "LogGroup: !Ref OtherLogs"),
        ("/aws/lambda/${AWS::StackName}-take-tea", "/aws/lambda/x"),
        (
            "DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}\n  FromQueue",
            "\n  FromQueue",
        ),
        ("[ReportBatchItemFailures]\n  Cups", "[Other]\n  Cups"),
        (
            "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}",
            "Other: 1",
        ),
        (
            "Value: !GetAtt Dead.QueueName",
            "Value: !GetAtt Cups.QueueName",
        ),
        ("DeadLetterConfig: {Arn: !GetAtt Dead.Arn}", "Other: 1"),
        ("FunctionName: !Ref TakeTea\n", "FunctionName: !Ref Other\n"),
        ("${Dead},${Cups}", "${Dead}"),
        ("${Dead},${Cups}", "${Cups},${Dead}"),
    ] {
        assert!(!all_wrong(from, to).is_empty(), "{from} → {to}");
    }
    let renamed = all_wrong("TEA_TABLE:", "CUP_TABLE:");
    let both = [
        "TakeTea is not given TEA_TABLE",
        "TakeTea does not ask for CUP_TABLE",
    ];
    assert_eq!(renamed, both);
    let extra = all_wrong(
        "  Invocation:",
        "  Extra:\n    Type: AWS::Serverless::Function\n  Invocation:",
    );
    assert_eq!(extra, ["Extra has no folder in functions/"]);
}
