//! Calls of the functions behind the API.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use crate::Arguments;

/// As long as API Gateway waits.
const TIME_LIMIT: Duration = Duration::from_secs(29);

/// The functions behind the API, as far as it has any.
#[derive(Debug)]
pub struct Functions {
    client: Client,
    lambda: String,
    authorizer: Option<String>,
    function: Option<String>,
}

/// It failed, or was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;

impl Functions {
    /// Those that are named.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(arguments: &Arguments) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Client::builder().timeout(TIME_LIMIT).no_proxy().build()?,
            lambda: arguments.lambda.clone().unwrap_or_default(),
            authorizer: arguments.authorizer.clone(),
            function: arguments.function.clone(),
        })
    }

    /// What the authorizer says; nothing where there is none.
    pub(crate) async fn authorize(&self, event: &Value) -> Result<Option<Value>, Failed> {
        self.call(self.authorizer.as_deref(), event).await
    }

    /// What the function of the routes says; nothing where there is none.
    pub(crate) async fn route(&self, event: &Value) -> Result<Option<Value>, Failed> {
        self.call(self.function.as_deref(), event).await
    }

    async fn call(&self, name: Option<&str>, event: &Value) -> Result<Option<Value>, Failed> {
        let Some(name) = name else {
            return Ok(None);
        };
        let lambda = self.lambda.trim_end_matches('/');
        let address = format!("{lambda}/2015-03-31/functions/{name}/invocations");
        let answer = self.client.post(address).json(event).send().await;
        let answer = answer.map_err(|error| failed(name, &error.to_string()))?;
        let went_well =
            answer.status().is_success() && !answer.headers().contains_key("x-amz-function-error");
        if !went_well {
            let said = answer.text().await.unwrap_or_default();
            return Err(failed(name, &said));
        }
        let value = answer.json().await;
        value
            .map(Some)
            .map_err(|error| failed(name, &error.to_string()))
    }
}

fn failed(name: &str, why: &str) -> Failed {
    eprintln!("{name} failed: {why}");
    Failed
}
