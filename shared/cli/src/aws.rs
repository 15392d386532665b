//! The configuration of the AWS clients. What the settings name goes first, because they may come
//! from the file; whatever they do not name is looked for as any AWS tool does.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;

use crate::settings::Settings;

/// A person, or a script, waits: patient with a store that is busy, not with one that is away.
const ATTEMPTS: u32 = 6;

pub(crate) async fn sdk_config(settings: &Settings) -> SdkConfig {
    let limits = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(60))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(limits)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    let region = settings.optional("AWS_REGION");
    if let Some(region) = region.or_else(|| settings.optional("AWS_DEFAULT_REGION")) {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(endpoint) = settings.optional("AWS_ENDPOINT_URL") {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(credentials) = credentials(settings) {
        loader = loader.credentials_provider(credentials);
    }
    loader.load().await
}

fn credentials(settings: &Settings) -> Option<Credentials> {
    let id = settings.optional("AWS_ACCESS_KEY_ID")?;
    let secret = settings.optional("AWS_SECRET_ACCESS_KEY")?;
    let session = settings.optional("AWS_SESSION_TOKEN").map(str::to_owned);
    Some(Credentials::new(id, secret, session, None, "settings"))
}
