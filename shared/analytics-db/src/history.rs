//! The full history of what readers were told. All of it is put once and never changed, so repeats and
//! any order are harmless; and whoever writes holds the row of the reader, so that what comes late for
//! somebody who was erased is not kept, however close the two are.

use domain::ports::{KeepHistory, ReadHistory, Reader, StoreError};
use domain::{ByMail, Notice, Notification, NotificationKind};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify};
use crate::write::stored;

/// Most numbers of one statement.
const WINDOW: usize = 100;

/// The row of the reader is locked by its update, which sees what was stored last: an erasure that is
/// through refuses the rest, and one that comes waits for this statement to end.
macro_rules! unless_closed {
    ($then:literal) => {
        concat!(
            "WITH known AS (
                INSERT INTO notification_readers AS reader (tenant, reader) VALUES ($1, $2)
                ON CONFLICT (tenant, reader) DO UPDATE SET closed = reader.closed
                RETURNING closed) ",
            $then
        )
    };
}

const REMEMBER: &str = unless_closed!(
    ", told AS (
    INSERT INTO notifications
        (tenant, reader, number, event_id, kind, title, message, data, by_mail, texted, told_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, jsonb_object($8::text[], $9::text[]), $10,
           $13, timestamptz 'epoch' + $11 * interval '1 microsecond'
      FROM known WHERE NOT closed
    ON CONFLICT DO NOTHING)
INSERT INTO notification_marks (tenant, reader, number)
SELECT $1, $2, $3 FROM known WHERE NOT closed AND $12
ON CONFLICT DO NOTHING"
);

const MARK: &str = unless_closed!(
    "INSERT INTO notification_marks (tenant, reader, number)
SELECT $1, $2, number FROM known CROSS JOIN unnest($3::bigint[]) AS number WHERE NOT closed
ON CONFLICT DO NOTHING"
);

const CLOSE: &str = r"
INSERT INTO notification_readers (tenant, reader, closed) VALUES ($1, $2, true)
ON CONFLICT (tenant, reader) DO UPDATE SET closed = true";

/// After [`CLOSE`], and never in the same statement: that would not see what was kept while it waited.
const FORGET: &str = r"
WITH marks AS (DELETE FROM notification_marks WHERE tenant = $1 AND reader = $2)
DELETE FROM notifications WHERE tenant = $1 AND reader = $2";

const REMEMBERED: &str = r"
SELECT number, event_id, kind, title, message, by_mail, texted,
       array(SELECT key FROM jsonb_each_text(data) ORDER BY key) AS names,
       array(SELECT value FROM jsonb_each_text(data) ORDER BY key) AS words,
       (extract(epoch FROM told_at) * 1000000)::bigint AS told_at,
       EXISTS (SELECT FROM notification_marks AS mark
                WHERE mark.tenant = told.tenant AND mark.reader = told.reader
                  AND mark.number = told.number) AS read
  FROM notifications AS told
 WHERE tenant = $1 AND reader = $2 AND number BETWEEN $3 AND $4
 ORDER BY number";

impl KeepHistory for AnalyticsDb {
    async fn remember(
        &self,
        (tenant, reader): Reader<'_>,
        notification: &Notification,
    ) -> Result<(), StoreError> {
        let notice = &notification.notice;
        let (names, words): (Vec<_>, Vec<_>) = notice
            .data
            .iter()
            .map(|(name, word)| (stored(name), stored(word)))
            .unzip();
        let remember = sqlx::query(REMEMBER)
            .bind(tenant.as_str())
            .bind(reader.as_str())
            .bind(signed(notification.number)?)
            .bind(stored(&notice.id))
            .bind(notice.kind.name())
            .bind(stored(&notice.title))
            .bind(stored(&notice.message))
            .bind(names)
            .bind(words)
            .bind(name_of(notification.by_mail))
            .bind(notice.at.as_microsecond())
            .bind(notification.read)
            .bind(notification.texted);
        self.ask(remember).await.map(drop)
    }

    async fn close_history(&self, (tenant, reader): Reader<'_>) -> Result<(), StoreError> {
        for statement in [CLOSE, FORGET] {
            let close = sqlx::query(statement).bind(tenant.as_str());
            self.ask(close.bind(reader.as_str())).await?;
        }
        Ok(())
    }
}

impl ReadHistory for AnalyticsDb {
    async fn remembered(
        &self,
        (tenant, reader): Reader<'_>,
        from: u64,
        count: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let count = u64::try_from(count.min(WINDOW)).map_err(broken)?;
        let end = from.saturating_add(count);
        let remembered = sqlx::query(REMEMBERED)
            .bind(tenant.as_str())
            .bind(reader.as_str())
            .bind(signed(from)?)
            .bind(signed(end)?.saturating_sub(1));
        let rows = self.ask(remembered).await?;
        rows.iter().map(notification_of).collect()
    }

    async fn mark_remembered(
        &self,
        (tenant, reader): Reader<'_>,
        numbers: &[u64],
    ) -> Result<(), StoreError> {
        let numbers = numbers.iter().take(WINDOW).map(|number| signed(*number));
        let mark = sqlx::query(MARK)
            .bind(tenant.as_str())
            .bind(reader.as_str())
            .bind(numbers.collect::<Result<Vec<_>, _>>()?);
        self.ask(mark).await.map(drop)
    }
}

fn notification_of(row: &PgRow) -> Result<Notification, StoreError> {
    let number: i64 = row.try_get("number").map_err(classify)?;
    let told_at: i64 = row.try_get("told_at").map_err(classify)?;
    let kind = NotificationKind::from_name(row.try_get("kind").map_err(classify)?);
    let by_mail = by_mail_of(row.try_get("by_mail").map_err(classify)?);
    let names: Vec<String> = row.try_get("names").map_err(classify)?;
    let words: Vec<String> = row.try_get("words").map_err(classify)?;
    Ok(Notification {
        number: u64::try_from(number).map_err(broken)?,
        notice: Notice {
            id: row.try_get("event_id").map_err(classify)?,
            kind: kind.ok_or_else(|| broken("a kind that nobody knows"))?,
            title: row.try_get("title").map_err(classify)?,
            message: row.try_get("message").map_err(classify)?,
            data: names.into_iter().zip(words).collect(),
            at: Timestamp::from_microsecond(told_at).map_err(broken)?,
        },
        by_mail: by_mail.ok_or_else(|| broken("a way of mailing that nobody knows"))?,
        texted: row.try_get("texted").map_err(classify)?,
        read: row.try_get("read").map_err(classify)?,
    })
}

const fn name_of(by_mail: ByMail) -> &'static str {
    match by_mail {
        ByMail::Sent => "sent",
        ByMail::SwitchedOff => "switched-off",
        ByMail::NoAddress => "no-address",
    }
}

fn by_mail_of(name: &str) -> Option<ByMail> {
    let all = [ByMail::Sent, ByMail::SwitchedOff, ByMail::NoAddress];
    all.into_iter().find(|it| name_of(*it) == name)
}

fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(broken)
}
