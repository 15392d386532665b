//! The template's tables against the names that the store uses.

use dynamo_store::schema::{Index, NEWS, PK, TABLES, TableSchema};

use crate::assert_none;
use crate::template;
use crate::yaml::Yaml;

/// `[{AttributeName: a, KeyType: HASH}, …]` as `a HASH, …`.
fn keys(node: &Yaml, path: &[&str]) -> String {
    let key = |key: &Yaml| {
        format!(
            "{} {}",
            key.text(&["AttributeName"]),
            key.text(&["KeyType"])
        )
    };
    let keys: Vec<_> = node.items(path).iter().map(key).collect();
    keys.join(", ")
}

fn index_as_text(index: &Yaml) -> String {
    let (name, keys) = (index.text(&["IndexName"]), keys(index, &["KeySchema"]));
    let projection = index.text(&["Projection", "ProjectionType"]);
    format!("{name}: {keys}, {projection}")
}

fn index_wanted(index: &Index) -> String {
    let Index {
        name,
        partition,
        sort,
    } = index;
    format!("{name}: {partition} HASH, {sort} RANGE, KEYS_ONLY")
}

/// Attributes that the template declares, with their types.
fn attributes(properties: &Yaml) -> Vec<String> {
    let attribute = |node: &Yaml| {
        let (name, kind) = (node.text(&["AttributeName"]), node.text(&["AttributeType"]));
        format!("{name} {kind}")
    };
    let all = properties.items(&["AttributeDefinitions"]).iter();
    let mut attributes: Vec<_> = all.map(attribute).collect();
    attributes.sort();
    attributes
}

fn attributes_wanted(schema: &TableSchema) -> Vec<String> {
    let keys = schema
        .indexes
        .iter()
        .flat_map(|index| [index.partition, index.sort]);
    let mut wanted: Vec<_> = keys.chain([PK]).map(|name| format!("{name} S")).collect();
    wanted.sort();
    wanted.dedup();
    wanted
}

/// What differs between a table of the template and its schema.
fn wrong_table(schema: &TableSchema, properties: &Yaml) -> Vec<String> {
    let name = schema.name;
    let mut wrong = Vec::new();
    if keys(properties, &["KeySchema"]) != format!("{PK} HASH") {
        wrong.push(format!("{name}: the key is not {PK} alone"));
    }
    let found: Vec<_> = properties
        .items(&["GlobalSecondaryIndexes"])
        .iter()
        .map(index_as_text)
        .collect();
    let wanted: Vec<_> = schema.indexes.iter().map(index_wanted).collect();
    if found != wanted {
        wrong.push(format!("{name}: {found:?} are not {wanted:?}"));
    }
    if attributes(properties) != attributes_wanted(schema) {
        wrong.push(format!("{name}: the attributes are not those of the keys"));
    }
    let view = properties.text(&["StreamSpecification", "StreamViewType"]);
    let expected = if schema.streamed {
        "NEW_AND_OLD_IMAGES"
    } else {
        ""
    };
    if view != expected {
        wrong.push(format!("{name}: its stream is {view:?}"));
    }
    for (path, value) in [
        (vec!["BillingMode"], "PAY_PER_REQUEST"),
        (
            vec![
                "PointInTimeRecoverySpecification",
                "PointInTimeRecoveryEnabled",
            ],
            "true",
        ),
        (vec!["SSESpecification", "SSEEnabled"], "true"),
    ] {
        if properties.text(&path) != value {
            wrong.push(format!("{name}: {} is not {value}", path.join(".")));
        }
    }
    wrong
}

/// All tables, both ways.
fn wrong_tables(schemas: &[TableSchema], template: &Yaml) -> Vec<String> {
    let mut wrong = Vec::new();
    let logical = |schema: &TableSchema| format!("{}Table", schema.name);
    for schema in schemas {
        let id = logical(schema);
        match template.get(&["Resources", &id, "Properties"]) {
            Some(properties) => wrong.extend(wrong_table(schema, properties)),
            None => wrong.push(format!("{id} is not in the template")),
        }
    }
    for (id, _) in template::of_type(template, "AWS::DynamoDB::Table") {
        if !schemas.iter().any(|schema| logical(schema) == id) {
            wrong.push(format!("the store does not know {id}"));
        }
    }
    wrong
}

#[test]
fn the_template_has_the_tables_indexes_and_keys_that_the_store_names() {
    assert_none(&wrong_tables(&TABLES, &template::load()));
}

const SMALL: &str = "
Resources:
  TeaTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: a, AttributeType: S}
        - {AttributeName: b, AttributeType: S}
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-cup
          KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: b, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      SSESpecification: {SSEEnabled: true}
";

fn wrong_with(from: &str, to: &str) -> Vec<String> {
    const TEA: TableSchema = TableSchema {
        name: "Tea",
        streamed: true,
        indexes: &[Index {
            name: "by-cup",
            partition: "a",
            sort: "b",
        }],
    };
    assert!(SMALL.contains(from), "{from}");
    wrong_tables(&[TEA], &Yaml::parse(&SMALL.replace(from, to)))
}

#[test]
fn a_table_that_differs_is_found() {
    assert_none(&wrong_with("TeaTable", "TeaTable"));
    for (from, to) in [
        ("PAY_PER_REQUEST", "PROVISIONED"),
        ("b, AttributeType: S", "b, AttributeType: N"),
        ("pk, KeyType", "id, KeyType"),
        ("by-cup", "by-pot"),
        ("b, KeyType: RANGE", "c, KeyType: RANGE"),
        ("KEYS_ONLY", "ALL"),
        ("NEW_AND_OLD_IMAGES", "KEYS_ONLY"),
        (
            "PointInTimeRecoveryEnabled: true",
            "PointInTimeRecoveryEnabled: false",
        ),
        ("SSEEnabled: true", "SSEEnabled: false"),
    ] {
        assert_eq!(wrong_with(from, to).len(), 1, "{from} → {to}");
    }
    assert_eq!(wrong_with("TeaTable", "CupTable").len(), 2);
}

/// Patterns by which streams are filtered for a function.
fn patterns(template: &Yaml, function: &str) -> Vec<String> {
    let mappings = template::of_type(template, "AWS::Lambda::EventSourceMapping");
    let own = mappings.filter(|(_, mapping)| {
        let target = mapping.text(&["Properties", "FunctionName"]);
        target == format!("!Ref {function}")
    });
    let pattern = |mapping: &Yaml| {
        let filters = mapping.items(&["Properties", "FilterCriteria", "Filters"]);
        let patterns = filters.iter().map(|filter| filter.text(&["Pattern"]));
        patterns.collect::<Vec<_>>().join(" or ")
    };
    own.map(|(_, mapping)| pattern(mapping)).collect()
}

#[test]
fn the_relay_is_woken_by_news_and_by_nothing_else() {
    let news = format!(r#"{{"dynamodb": {{"NewImage": {{"{NEWS}": {{"BOOL": [true]}}}}}}}}"#);
    // What readers are told is nobody's event: the stream is for their history and their sockets.
    let raise = |table: &&TableSchema| table.streamed && table.name != "Realtime";
    let wanted = vec![news; TABLES.iter().filter(raise).count()];
    assert_eq!(patterns(&template::load(), "PublishEvents"), wanted);
}
