//! How a command ends.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use analytics_db::{InvalidUrl, MigrateError};
use contracts::events::PublishError;
use domain::InvalidId;
use domain::ports::{Cause, StoreError, TakeMetricsError};
use event_archive::ArchiveError;
use object_store::ConnectError;
use thiserror::Error;

use crate::admin::AdminError;
use crate::api::ApiError;
use crate::audit::AuditError;
use crate::cost::CostError;
use crate::events::SkipError;
use crate::load::Crowded;
use crate::profiles::ProfilesError;
use crate::queues::QueueError;
use crate::seed::SampleError;
use crate::settings::SettingsError;
use crate::token::TokenError;

/// How a command ended that did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    /// The order that was followed failed or was cancelled.
    NotConfirmed,
    /// The order that was followed had not ended in time.
    TimedOut,
    /// A chain of the audit log is not what was written.
    Spoiled,
    /// Of many sockets one was not opened, or did not hear each message once.
    NotHeard,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Done => 0,
            Ending::NotConfirmed => 3,
            Ending::TimedOut => 4,
            Ending::Spoiled => 5,
            Ending::NotHeard => 6,
        })
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("EVENT_ARCHIVE cannot be reached")]
    ArchiveBucket(#[source] ConnectError),
    #[error(transparent)]
    Profiles(#[from] ProfilesError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    TakeMetrics(#[from] TakeMetricsError),
    #[error("--until must be after --from")]
    Time,
    #[error("the sample products cannot be made")]
    Sample(#[from] SampleError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("{count} events were not published")]
    NotPublished {
        count: usize,
        #[source]
        first: Cause,
    },
    #[error("not everything was sent back")]
    Left(#[source] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Skip(#[from] SkipError),
    #[error("DATABASE_URL cannot be used")]
    Database(#[from] InvalidUrl),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("HOME_TENANT cannot be a shop")]
    Shop(#[from] InvalidId),
    #[error(transparent)]
    Cost(#[from] CostError),
    #[error(transparent)]
    Crowded(#[from] Crowded),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

impl Failure {
    /// 2 where other arguments or settings are needed, as for a command line that cannot be read.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Settings(_)
            | Self::Token(_)
            | Self::Queue(_)
            | Self::Cost(_)
            | Self::Crowded(_)
            | Self::Database(_)
            | Self::Shop(_)
            | Self::Time => 2,
            _ => 1,
        })
    }

    /// The failure with its causes, in one line.
    pub(crate) fn in_words(&self) -> String {
        let mut words = self.to_string();
        let mut next = self.source();
        while let Some(source) = next {
            words.push_str(": ");
            words.push_str(&source.to_string());
            next = source.source();
        }
        words
    }
}
