//! Posts what it reads, as `push-updates` would, and nothing else: what one post takes is counted on
//! it, and what posting alone takes is timed.
//!
//! `posting STAGE AT_ONCE` reads ids of sockets, in one line with spaces between, then messages, one
//! in each line; after each message it says how many were posted.

use std::io::{Error, Write};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use domain::SocketId;
use jiff::Timestamp;
use sockets::{Gateway, Roots, post_all};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let stage = arguments.next().unwrap_or_default();
    let at_once = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(1);
    let gateway = Gateway::connect(&config(), &Roots::amazon(), &stage).map_err(Error::other)?;
    #[expect(clippy::disallowed_methods, reason = "the time signs calls")]
    let gateway = gateway.at(Timestamp::now);
    let mut lines = std::io::stdin().lines();
    let ids = lines.next().transpose()?.unwrap_or_default();
    let ids: Result<Vec<SocketId>, _> = ids.split_whitespace().map(SocketId::parse).collect();
    let ids = ids.map_err(Error::other)?;
    for message in lines {
        let posted = post_all(&gateway, &ids, &message?, at_once).await;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", posted.posted)?;
        out.flush()?;
    }
    Ok(())
}

fn config() -> SdkConfig {
    let token = Some("token".repeat(100));
    let credentials = Credentials::new("AKID", "secret", token, None, "posting");
    SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}
