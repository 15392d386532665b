//! The configuration of the AWS clients, from the environment alone. There is no credential
//! chain: Lambda hands a function its credentials in the environment, and looking anywhere else
//! costs start-up time and a megabyte of binary.

mod connection;

use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use futures::future::join_all;
use https::Roots;

use crate::{Env, Reader};
use connection::Connections;

/// Limits of one call to AWS. All together stay below the time limit of every function (10 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwsLimits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the first byte of the answer.
    pub read: Duration,
    /// One attempt.
    pub attempt: Duration,
    /// All attempts and the waits between them.
    pub operation: Duration,
    /// How many attempts, the first included. `AWS_MAX_ATTEMPTS` goes first.
    pub attempts: u32,
}

impl Default for AwsLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            read: Duration::from_secs(3),
            attempt: Duration::from_secs(4),
            operation: Duration::from_secs(8),
            attempts: 3,
        }
    }
}

impl AwsLimits {
    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.read)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

/// A service of AWS that a function calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// Simple Email Service.
    Ses,
    /// Simple Notification Service.
    Sns,
    /// Step Functions.
    StepFunctions,
}

impl Service {
    /// First label of its endpoint (<https://docs.aws.amazon.com/general/latest/gr/rande.html>).
    fn label(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Ses => "email",
            Self::Sns => "sns",
            Self::StepFunctions => "states",
        }
    }
}

/// The way to AWS of one process.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    pub(crate) config: SdkConfig,
    connections: Connections,
    pub(crate) roots: Roots,
}

impl Aws {
    /// Honours `AWS_REGION` (or `AWS_DEFAULT_REGION`), `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL`, `AWS_MAX_ATTEMPTS` and
    /// `AWS_CA_BUNDLE`, the path of a PEM file with the roots to trust instead of Amazon's own.
    ///
    /// # Errors
    /// When there is no region, half a key pair, a number of attempts that is none, or a bundle
    /// that cannot be read.
    pub(crate) fn from_env(
        function: &'static str,
        env: &Env,
        limits: AwsLimits,
    ) -> Result<Self, crate::Error> {
        let mut read = env.reader();
        let region = match read.optional("AWS_DEFAULT_REGION") {
            Some(fallback) => Some(read.text_or("AWS_REGION", &fallback)),
            None => read.text("AWS_REGION"),
        };
        let attempts = read.parsed_or("AWS_MAX_ATTEMPTS", limits.attempts);
        let bundle = read.optional("AWS_CA_BUNDLE");
        let endpoint = read.optional("AWS_ENDPOINT_URL");
        let credentials = credentials(&mut read);
        let config = read.finish(|| {
            let mut config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(region?))
                .timeout_config(limits.timeouts())
                .retry_config(RetryConfig::standard().with_max_attempts(attempts?));
            config.set_endpoint_url(endpoint);
            config.set_credentials_provider(credentials?);
            Some(config)
        })?;
        let roots = match bundle {
            Some(path) => Roots::bundle(Path::new(&path))?,
            None => Roots::amazon(),
        };
        let connections = Connections::new(&limits, &roots)?;
        let config = config
            .app_name(AppName::new(function)?)
            .http_client(connections.client())
            .build();
        Ok(Self {
            config,
            connections,
            roots,
        })
    }

    /// Opens a connection to each of these services.
    pub(crate) async fn open(&self, services: &[Service]) {
        let opening = services.iter().map(async |service| {
            self.connections.open(&self.endpoint(*service)).await;
        });
        join_all(opening).await;
    }

    fn endpoint(&self, service: Service) -> String {
        if let Some(endpoint) = self.config.endpoint_url() {
            return endpoint.to_owned();
        }
        let region = self.config.region().map_or("", Region::as_ref);
        let domain = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://{}.{region}.{domain}", service.label())
    }
}

/// The key pair of the environment, if there is one.
#[expect(
    clippy::option_option,
    reason = "none noted as a fault, and none there"
)]
fn credentials(read: &mut Reader<'_>) -> Option<Option<SharedCredentialsProvider>> {
    let session = read.optional("AWS_SESSION_TOKEN");
    let Some(id) = read.optional("AWS_ACCESS_KEY_ID") else {
        return Some(None);
    };
    let secret = read.text("AWS_SECRET_ACCESS_KEY")?;
    let pair = Credentials::new(id, secret, session, None, "environment");
    Some(Some(SharedCredentialsProvider::new(pair)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_region_endpoint_and_limits_from_the_environment() {
        let env = Env::from_pairs([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_MAX_ATTEMPTS", "5"),
        ]);
        let config = Aws::from_env("inventory", &env, AwsLimits::default())
            .unwrap()
            .config;
        assert_eq!(config.app_name().unwrap().as_ref(), "inventory");
        assert_eq!(config.region().unwrap().as_ref(), "us-east-1");
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(config.retry_config().unwrap().max_attempts(), 5);
        let limits = config.timeout_config().unwrap();
        assert_eq!(limits.read_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(limits.operation_timeout(), Some(Duration::from_secs(8)));
        assert!(config.credentials_provider().is_some());
    }

    #[test]
    fn falls_back_to_the_default_region_and_to_no_credentials() {
        let env = Env::from_pairs([("AWS_DEFAULT_REGION", "eu-central-1")]);
        let config = Aws::from_env("inventory", &env, AwsLimits::default())
            .unwrap()
            .config;
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!(config.retry_config().unwrap().max_attempts(), 3);
        assert!(config.credentials_provider().is_none());
    }

    #[test]
    fn a_bundle_of_roots_that_cannot_be_read_stops_the_start() {
        let pairs = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_CA_BUNDLE", "no such file"),
        ];
        let error = Aws::from_env("inventory", &Env::from_pairs(pairs), AwsLimits::default());
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("the file cannot be read"), "{text}");
    }

    #[test]
    fn connections_are_opened_to_the_endpoints_that_the_clients_will_call() {
        let endpoint = |pairs: [(&str, &str); 2], service| {
            let aws = Aws::from_env("inventory", &Env::from_pairs(pairs), AwsLimits::default());
            aws.unwrap().endpoint(service)
        };
        let region = |name| [("AWS_REGION", name), ("AWS_ENDPOINT_URL", "")];
        let home = endpoint(region("eu-west-1"), Service::StepFunctions);
        assert_eq!(home, "https://states.eu-west-1.amazonaws.com");
        let china = endpoint(region("cn-north-1"), Service::DynamoDb);
        assert_eq!(china, "https://dynamodb.cn-north-1.amazonaws.com.cn");
        let local = "http://127.0.0.1:4566";
        let named = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", local)];
        assert_eq!(endpoint(named, Service::Sns), local);
    }

    #[test]
    fn names_everything_that_is_wrong() {
        let env = Env::from_pairs([("AWS_ACCESS_KEY_ID", "id"), ("AWS_MAX_ATTEMPTS", "many")]);
        let error = Aws::from_env("inventory", &env, AwsLimits::default()).unwrap_err();
        let text = error.to_string();
        for name in ["AWS_REGION", "AWS_MAX_ATTEMPTS", "AWS_SECRET_ACCESS_KEY"] {
            assert!(text.contains(name), "{text}");
        }
    }
}
