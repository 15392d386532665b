//! The names of tables, indexes and key attributes. A test holds the template against this list.

use serde_json::{Value, json};

/// Partition key of every table; a string.
pub const PK: &str = "pk";
/// What kind of item it is.
pub const ENTITY: &str = "entity";
/// Number of the last write; every write of an aggregate is conditional on it.
pub const VERSION: &str = "version";
/// When DynamoDB may remove an item, in seconds since 1970.
pub const EXPIRES: &str = "expires";
/// True where the last write raised an event that others are told of, absent elsewhere. The relay's
/// streams are filtered by it.
pub const NEWS: &str = "news";

/// A global secondary index. Both keys are strings; it projects keys only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Attribute of its partition key.
    pub partition: &'static str,
    /// Attribute of its sort key.
    pub sort: &'static str,
}

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSchema {
    /// Logical id in the template.
    pub name: &'static str,
    /// Whether its stream carries new and old images.
    pub streamed: bool,
    /// Its indexes.
    pub indexes: &'static [Index],
}

impl TableSchema {
    /// Input of DynamoDB's `CreateTable` for this table, in its JSON form: for tests and benches
    /// that have no template.
    pub fn create_request(&self) -> Value {
        let mut attributes = vec![PK];
        for index in self.indexes {
            attributes.extend([index.partition, index.sort]);
        }
        attributes.sort_unstable();
        attributes.dedup();
        let define = |name: &&str| json!({"AttributeName": name, "AttributeType": "S"});
        let attributes: Vec<_> = attributes.iter().map(define).collect();
        let mut request = json!({
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": PK, "KeyType": "HASH"}],
            "AttributeDefinitions": attributes,
            "StreamSpecification": {
                "StreamEnabled": true,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        });
        if let (Some(fields), false) = (request.as_object_mut(), self.indexes.is_empty()) {
            let indexes = self.indexes.iter().map(Index::create_request).collect();
            fields.insert("GlobalSecondaryIndexes".to_owned(), indexes);
        }
        request
    }
}

impl Index {
    fn create_request(&self) -> Value {
        json!({
            "IndexName": self.name,
            "KeySchema": [
                {"AttributeName": self.partition, "KeyType": "HASH"},
                {"AttributeName": self.sort, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        })
    }
}

/// A customer's orders, by time of placement.
pub const BY_CUSTOMER: Index = Index {
    name: "by-customer",
    partition: "customer_key",
    sort: "placed_key",
};

/// Orders that recovery looks after, by the time of its next look; an order leaves it at its end.
/// Most orders are never in it.
pub const LOOKED_AFTER: Index = Index {
    name: "looked-after",
    partition: "look_shard",
    sort: "next_look",
};

/// Orders by the day of their placement, for the sweeper and for replays.
pub const BY_DAY: Index = Index {
    name: "by-day",
    partition: "day_shard",
    sort: "placed_key",
};

/// Payments, or shipments, that are still closing, by the time of their next look.
pub const CLOSING: Index = Index {
    name: "closing",
    partition: "closing_shard",
    sort: "next_look",
};

/// Products, or courses, of a shop and a status, by the time when they came into the catalogue.
pub const BY_AGE: Index = Index {
    name: "by-age",
    partition: "list_key",
    sort: "created_key",
};

/// The same by name.
pub const BY_NAME: Index = Index {
    name: "by-name",
    partition: "list_key",
    sort: "name_key",
};

/// API keys of a shop that were not taken back, by the time they were made.
pub const API_KEYS: Index = Index {
    name: "api-keys",
    partition: "keys_of",
    sort: "created_key",
};

/// Stock that is low, by SKU; most is never in it.
pub const LOW_STOCK: Index = Index {
    name: "low-stock",
    partition: "low_shard",
    sort: "low_sku",
};

/// What a consumer holds because something before it has not come, by the time when that is asked
/// for; most inboxes are never in it.
pub const GAPS: Index = Index {
    name: "gaps",
    partition: "gap_of",
    sort: "gap_look",
};

/// What other services are to be told of profiles, by the time of the next try; what they have
/// been told of is not in it.
pub const COPIES: Index = Index {
    name: "copies",
    partition: "copies_of",
    sort: "next_try",
};

/// Messages that go out over third parties, by channel and the time of the next try; those that have
/// ended are not in it.
pub const SENDINGS: Index = Index {
    name: "sendings",
    partition: "sendings_of",
    sort: "next_try",
};

/// The jobs of a shop, by the time when somebody asked for them.
pub const JOBS: Index = Index {
    name: "jobs",
    partition: "jobs_of",
    sort: "created_key",
};

/// Jobs that have not ended, of all shops, by the time from which on they can be taken up.
pub const DUE_JOBS: Index = Index {
    name: "due-jobs",
    partition: "due_list",
    sort: "due",
};

/// All tables.
pub const TABLES: [TableSchema; 9] = [
    TableSchema {
        name: "Orders",
        streamed: true,
        indexes: &[BY_CUSTOMER, LOOKED_AFTER, BY_DAY, GAPS],
    },
    TableSchema {
        name: "Inventory",
        streamed: true,
        indexes: &[LOW_STOCK],
    },
    TableSchema {
        name: "Payments",
        streamed: true,
        indexes: &[CLOSING],
    },
    TableSchema {
        name: "Shipping",
        streamed: true,
        indexes: &[CLOSING],
    },
    TableSchema {
        name: "Catalog",
        streamed: true,
        indexes: &[BY_AGE, BY_NAME],
    },
    TableSchema {
        name: "Realtime",
        streamed: true,
        indexes: &[GAPS, SENDINGS],
    },
    TableSchema {
        name: "Accounts",
        streamed: true,
        indexes: &[API_KEYS, COPIES],
    },
    TableSchema {
        name: "Audit",
        streamed: false,
        indexes: &[],
    },
    TableSchema {
        name: "Operations",
        streamed: true,
        indexes: &[JOBS, DUE_JOBS],
    },
];
