//! An erasure and what comes late for it, at the same time, on connections of their own.

use analytics_db::AnalyticsDb;
use domain::ports::{KeepHistory, ReadHistory, StoreError};
use domain::{ByMail, Notification};
use sqlx::{Connection, Executor, PgConnection};
use testkit::build::{a_notice, customer, tenant};
use testkit::must;

use crate::schema::empty;

fn notification(number: u64) -> Notification {
    Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::Sent,
        texted: false,
        read: true,
    }
}

/// Waits until so many wait for what somebody has locked, or for one another behind it.
async fn wait_for(holder: &mut PgConnection, waiting: i64) {
    const WAITING: &str = "WITH RECURSIVE behind (pid) AS (
            SELECT pg_backend_pid()
            UNION SELECT lock.pid FROM pg_locks AS lock, behind
             WHERE NOT lock.granted AND behind.pid = ANY (pg_blocking_pids(lock.pid)))
        SELECT count(*) - 1 FROM behind";
    loop {
        let count: i64 = must(sqlx::query_scalar(WAITING).fetch_one(&mut *holder).await);
        if count >= waiting {
            return;
        }
    }
}

/// Both wait for the reader's row, which somebody holds: one in front, the other behind.
async fn in_this_order(
    holder: &mut PgConnection,
    first: impl Future<Output = Result<(), StoreError>>,
    second: impl Future<Output = Result<(), StoreError>>,
) {
    must(holder.execute("BEGIN").await);
    let hold = "SELECT FROM notification_readers FOR UPDATE";
    must(holder.execute(hold).await);
    let then = async {
        wait_for(holder, 1).await;
        let release = async {
            wait_for(holder, 2).await;
            must(holder.execute("ROLLBACK").await);
        };
        must(tokio::join!(second, release).0);
    };
    must(tokio::join!(first, then).0);
}

#[tokio::test]
async fn what_comes_at_the_moment_of_an_erasure_is_not_kept() {
    let (tenant, alice) = (tenant(), customer("alice"));
    let reader = (&tenant, &alice);
    for late_first in [true, false] {
        let (keeper, url) = empty("moment").await;
        must(keeper.migrate().await);
        must(keeper.remember(reader, &notification(1)).await);
        let eraser = must(AnalyticsDb::connect(&url));
        let mut holder = must(PgConnection::connect(&url).await);
        let late = notification(2);
        let (keep, erase) = (keeper.remember(reader, &late), eraser.close_history(reader));
        match late_first {
            true => in_this_order(&mut holder, keep, erase).await,
            false => in_this_order(&mut holder, erase, keep).await,
        }
        let left = must(keeper.remembered(reader, 1, 100).await);
        assert_eq!(left, [], "late first: {late_first}");
    }
}
