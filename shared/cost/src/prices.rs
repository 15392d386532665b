//! The public list prices of us-east-1, one row for each thing that is billed.

use serde::{Deserialize, Serialize};

/// A price as AWS states it: `dollars` for `per` units.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The line of the bill.
    pub name: String,
    /// US dollars for `per` units.
    pub dollars: f64,
    /// How many units `dollars` buy.
    pub per: f64,
    /// What is counted, in the singular.
    pub unit: String,
    pub source: Source,
    /// Day, month or "undated": how recent the newest source is that says so.
    pub dated: String,
    /// Whether two sources agree.
    pub confirmed: bool,
    /// How it is metered, who confirms it, what is in doubt.
    pub note: String,
}

/// A page of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub page: String,
    pub url: String,
}

impl Price {
    /// US dollars for a quantity of units.
    #[must_use]
    pub fn of(&self, quantity: f64) -> f64 {
        quantity * self.dollars / self.per
    }
}

/// Items with their prices, declared once: the enum, the fields of the table and the way from one
/// to the other.
macro_rules! priced {
    ($($item:ident = $field:ident,)*) => {
        /// Something that AWS bills. Their order is that of a bill's lines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Item { $($item,)* }

        /// A price for each item; a table that lacks one or has another cannot be read.
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct Prices { $($field: Price,)* }

        impl Prices {
            /// The price of an item.
            #[must_use]
            pub const fn price(&self, item: Item) -> &Price {
                match item { $(Item::$item => &self.$field,)* }
            }
        }

        impl Item {
            /// Every item.
            pub const ALL: &[Self] = &[$(Self::$item,)*];

            /// Its key in the price table.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$item => stringify!($field),)* }
            }
        }
    };
}

priced! {
    HttpRequest = http_request,
    LambdaRequest = lambda_request,
    LambdaArm64GbSecond = lambda_arm64_gb_second,
    LambdaX8664GbSecond = lambda_x86_64_gb_second,
    ExpressRequest = express_request,
    ExpressGbSecond = express_gb_second,
    StandardTransition = standard_transition,
    DynamodbWriteUnit = dynamodb_write_unit,
    DynamodbReadUnit = dynamodb_read_unit,
    DynamodbStreamRead = dynamodb_stream_read,
    DynamodbStorage = dynamodb_storage,
    DynamodbBackup = dynamodb_backup,
    SnsFifoRequest = sns_fifo_request,
    SnsFifoByte = sns_fifo_byte,
    SnsFifoDelivery = sns_fifo_delivery,
    SnsFifoDeliveredByte = sns_fifo_delivered_byte,
    SnsStandardRequest = sns_standard_request,
    SnsStandardDelivery = sns_standard_delivery,
    SqsFifoRequest = sqs_fifo_request,
    SqsStandardRequest = sqs_standard_request,
    LogByte = log_byte,
    AlarmMonth = alarm_month,
    ScheduledEvent = scheduled_event,
    Mail = mail,
    KmsRequest = kms_request,
}
