//! Metrics of one namespace.

use std::collections::BTreeMap;

use aws_calls::{Calls, ConnectError, Service};
use aws_types::SdkConfig;
use domain::ports::{Cause, StoreError};
use https::Roots;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The service, as botocore's model of it has it (`cloudwatch/2010-08-01`, protocol `json`).
const CLOUDWATCH: Service = Service {
    signing_name: "monitoring",
    label: "monitoring",
    paths_as_they_are: false,
    longest_answer: 4 * 1024 * 1024,
};
const TARGET: &str = "GraniteServiceVersion20100801";
/// Most questions of one call (`MetricDataQueries` of GetMetricData).
const MOST_QUERIES: usize = 500;
/// Most pages of names that are read: 500 names each.
const MOST_PAGES: usize = 4;

/// The metrics of one namespace.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    calls: Calls,
    address: String,
    namespace: String,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Window {
    /// The last so many whole minutes before a time. CloudWatch counts by minutes; what is in the
    /// present one is not all there yet.
    pub fn whole_minutes(now: Timestamp, minutes: i64) -> Self {
        let start_of_minute = now.as_second().div_euclid(60).saturating_mul(60);
        let until = Timestamp::from_second(start_of_minute).unwrap_or(now);
        Self {
            from: until - SignedDuration::from_mins(minutes),
            until,
        }
    }

    fn seconds(self) -> i64 {
        self.until.as_second().saturating_sub(self.from.as_second())
    }
}

/// One statistic of one metric over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the metric.
    pub name: String,
    /// Its dimensions, by name.
    pub dimensions: BTreeMap<String, String>,
    /// The statistic, such as `Sum` or `p99`.
    pub statistic: &'static str,
    /// The value.
    pub value: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    metrics: Vec<Metric>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    #[serde(default)]
    metric_data_results: Vec<Datum>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    id: String,
    #[serde(default)]
    values: Vec<f64>,
}

impl CloudWatch {
    /// The metrics of a namespace. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(
        config: &SdkConfig,
        roots: &Roots,
        namespace: &str,
    ) -> Result<Self, ConnectError> {
        let calls = Calls::connect(config, roots, CLOUDWATCH)?;
        Ok(Self {
            address: format!("{}/", calls.address(config, "")),
            calls,
            namespace: namespace.to_owned(),
        })
    }

    /// These statistics of metrics with these names, over a window; what has no value in it is
    /// left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(
        &self,
        wanted: &[(&str, &'static str)],
        window: Window,
    ) -> Result<Vec<Series>, StoreError> {
        let metrics = self.list(window.until).await?;
        let asked: Vec<(Metric, &'static str)> = metrics
            .into_iter()
            .flat_map(|metric| {
                let of_this = wanted
                    .iter()
                    .filter(|(name, _)| *name == metric.metric_name);
                let asked = of_this.map(|(_, statistic)| (metric.clone(), *statistic));
                asked.collect::<Vec<_>>()
            })
            .collect();
        let mut series = Vec::new();
        for some in asked.chunks(MOST_QUERIES) {
            series.extend(self.data(some, window).await?);
        }
        Ok(series)
    }

    async fn list(&self, now: Timestamp) -> Result<Vec<Metric>, StoreError> {
        let mut metrics = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut question = json!({"Namespace": self.namespace, "RecentlyActive": "PT3H"});
            if let (Some(token), Some(question)) = (&next, question.as_object_mut()) {
                question.insert("NextToken".to_owned(), token.as_str().into());
            }
            let page: Listed = self.call("ListMetrics", &question, now).await?;
            metrics.extend(page.metrics);
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(metrics)
    }

    async fn data(
        &self,
        asked: &[(Metric, &'static str)],
        window: Window,
    ) -> Result<Vec<Series>, StoreError> {
        let queries: Vec<Value> = asked
            .iter()
            .enumerate()
            .map(|(number, (metric, statistic))| {
                let stat = json!({"Metric": metric, "Period": window.seconds(), "Stat": statistic});
                json!({"Id": format!("m{number}"), "MetricStat": stat})
            })
            .collect();
        let question = json!({
            "MetricDataQueries": queries,
            "StartTime": window.from.as_second(),
            "EndTime": window.until.as_second(),
            "ScanBy": "TimestampAscending",
        });
        let data: Data = self.call("GetMetricData", &question, window.until).await?;
        let found = data.metric_data_results.into_iter();
        Ok(found.filter_map(|datum| series(asked, &datum)).collect())
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &str,
        question: &Value,
        now: Timestamp,
    ) -> Result<T, StoreError> {
        let target = format!("{TARGET}.{operation}");
        let asked = self
            .calls
            .ask(&self.address, &target, question.to_string(), now);
        let answer = asked.await?;
        serde_json::from_str(&answer)
            .map_err(|error| StoreError::Broken(Cause(format!("{operation}: {error}"))))
    }
}

/// A window may touch two periods: sums are added, of the rest the last counts.
fn series(asked: &[(Metric, &'static str)], datum: &Datum) -> Option<Series> {
    let number: usize = datum.id.strip_prefix('m')?.parse().ok()?;
    let (metric, statistic) = asked.get(number)?;
    let value = match *statistic {
        "Sum" => datum.values.iter().copied().reduce(|a, b| a + b)?,
        _ => *datum.values.last()?,
    };
    let dimensions = metric.dimensions.iter();
    Some(Series {
        name: metric.metric_name.clone(),
        dimensions: dimensions
            .map(|it| (it.name.clone(), it.value.clone()))
            .collect(),
        statistic,
        value,
    })
}
