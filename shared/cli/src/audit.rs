//! `cartwright audit`: whether the audit log is what was written. It takes the newest anchor, checks
//! its signature, and goes through every chain from its beginning.

use std::fmt;
use std::io::Write;

use audit::{
    Anchor, AnchorError, Bad, Entry, Head, KeepAnchors, KeepChains, KeyError, PublicKey, Shard,
    Verifier,
};
use clap::{Args, Subcommand};
use domain::ports::StoreError;
use dynamo_store::AuditTable;
use object_store::{AnchorBucket, ConnectError, Roots};
use serde::Serialize;
use thiserror::Error;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Look after the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    Verify(Verify),
}

/// Go through the chains and compare them with the newest anchor. Names the first position of each
/// chain that is not what was written.
///
/// What was written since that anchor, a minute at most, is only known to follow from the rest.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Only this chain, 0 to 15.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(..16))]
    shard: Option<u8>,
}

/// Why the log was not verified.
#[derive(Debug, Error)]
pub(crate) enum AuditError {
    #[error("AUDIT_PUBLIC_KEY cannot be read")]
    Key(#[from] KeyError),
    #[error("AUDIT_ANCHORS cannot be reached")]
    Connect(#[from] ConnectError),
    #[error("the newest anchor cannot be used")]
    Anchor(#[from] AnchorError),
}

/// What was found of one chain.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Found {
    chain: u8,
    /// Entries that are good.
    entries: u64,
    /// Entries that the newest anchor knows.
    anchored: u64,
    /// What is wrong, and at which position; absent in a good chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    bad: Option<Spoiled>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Spoiled {
    position: u64,
    why: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chain, entries, anchored) = (self.chain, self.entries, self.anchored);
        match &self.bad {
            None => write!(
                f,
                "chain {chain}: {entries} entries, {anchored} anchored, good"
            ),
            Some(Spoiled { position, why }) => {
                write!(f, "chain {chain}, position {position}: {why}")
            }
        }
    }
}

impl Audit {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Verify(verify) = self;
        let [table, bucket, key] =
            settings.all(["AUDIT_TABLE", "AUDIT_ANCHORS", "AUDIT_PUBLIC_KEY"])?;
        let key = PublicKey::parse(key).map_err(AuditError::from)?;
        let aws = sdk_config(settings).await;
        let chains = AuditTable::connect(&aws, table);
        let anchors = AnchorBucket::connect(&aws, &Roots::amazon(), bucket);
        let anchors = anchors.map_err(AuditError::from)?.at(crate::now);
        verify.run(&chains, &anchors, &key, output).await
    }
}

impl Verify {
    async fn run(
        &self,
        chains: &impl KeepChains<Error = StoreError>,
        anchors: &impl KeepAnchors<Error = StoreError>,
        key: &PublicKey,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        // Before the chains: they grow meanwhile, and never shrink.
        let anchor = match anchors.newest().await? {
            Some(text) => Anchor::read(&text, key).map_err(AuditError::from)?,
            None => Anchor::beginning(),
        };
        let mut ending = Ending::Done;
        let wanted = |shard: &Shard| self.shard.is_none_or(|number| number == shard.number());
        for shard in Shard::all().filter(wanted) {
            let found = look_through(chains, shard, &anchor.heads).await?;
            if found.bad.is_some() {
                ending = Ending::Spoiled;
            }
            output.say(&found)?;
        }
        Ok(ending)
    }
}

async fn look_through(
    chains: &impl KeepChains<Error = StoreError>,
    shard: Shard,
    anchors: &[Head],
) -> Result<Found, StoreError> {
    let mut verifier = Verifier::new(shard, anchors);
    let bad = verify_chain(chains, shard, &mut verifier).await?.err();
    let anchored = anchors.iter().find(|head| head.shard == shard);
    Ok(Found {
        chain: shard.number(),
        entries: verifier.head().position,
        anchored: anchored.map_or(0, |head| head.position),
        bad: bad.map(|Bad { position, why, .. }| Spoiled {
            position,
            why: why.to_string(),
        }),
    })
}

async fn verify_chain<S: KeepChains<Error = StoreError>>(
    chains: &S,
    shard: Shard,
    verifier: &mut Verifier,
) -> Result<Result<(), Bad>, StoreError> {
    loop {
        let first = verifier.next_position();
        let page = chains.entries(shard, first, S::PAGE).await?;
        let ends = page.iter().any(Option::is_none);
        // Behind a gap a chain does not go on; what an anchor knows is not asked of the table.
        let beyond = match ends {
            true => {
                chains
                    .entries(shard, first.saturating_add(S::PAGE as u64), S::PAGE)
                    .await?
            }
            false => Vec::new(),
        };
        if let Err(bad) = take(verifier, &page, &beyond) {
            return Ok(Err(bad));
        }
        if ends {
            return Ok(verifier.clone().end().map(drop));
        }
    }
}

fn take(
    verifier: &mut Verifier,
    page: &[Option<Entry>],
    beyond: &[Option<Entry>],
) -> Result<(), Bad> {
    let mut rest = page;
    while let [first, after @ ..] = rest {
        match first {
            Some(entry) => verifier.push(entry)?,
            None if after.iter().chain(beyond).any(Option::is_some) => {
                return Err(verifier.missing());
            }
            None => return Ok(()),
        }
        rest = after;
    }
    Ok(())
}
