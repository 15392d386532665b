-- The outbox as a SQL table (PostgreSQL 15 or newer).
--
-- Cartwright itself keeps the outbox inside the aggregate's DynamoDB item (docs/adr/0002). This
-- is the same design for a relational order database: same event id, same sequence, same inbox.
-- It runs as it stands: psql -v ON_ERROR_STOP=1 -f docs/SCHEMA.sql

BEGIN;

CREATE SCHEMA outbox_example;
SET LOCAL search_path = outbox_example;

-- The aggregate ---------------------------------------------------------------------------------

CREATE TABLE orders (
    order_id      uuid        PRIMARY KEY,
    customer_id   text        NOT NULL CHECK (length(customer_id) BETWEEN 1 AND 64),
    total_minor   bigint      NOT NULL CHECK (total_minor >= 0),       -- cents; never a float
    currency      char(3)     NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status        text        NOT NULL CHECK (status IN
                      ('pending', 'charging', 'confirmed', 'unwinding', 'failed', 'cancelled')),
    placed_at     timestamptz NOT NULL,
    completed_at  timestamptz,
    version       bigint      NOT NULL CHECK (version > 0),            -- each write is conditional on it
    last_sequence integer     NOT NULL CHECK (last_sequence > 0),      -- of the newest event raised
    CHECK ((status = 'confirmed') = (completed_at IS NOT NULL))
);

-- The outbox ------------------------------------------------------------------------------------

CREATE TABLE outbox (
    aggregate_kind  text        NOT NULL CHECK (aggregate_kind <> ''),  -- order, payment, …
    aggregate_id    text        NOT NULL CHECK (aggregate_id <> ''),
    sequence        integer     NOT NULL CHECK (sequence > 0),          -- 1, 2, 3 … per aggregate
    -- Derived, never random: the same event always has the same id, so whoever receives it twice
    -- can tell.
    event_id        text        NOT NULL GENERATED ALWAYS AS
                    (aggregate_kind || '/' || aggregate_id || '/' || sequence::text) STORED,
    event_type      text        NOT NULL,                               -- cartwright.order.completed.v1
    payload         jsonb       NOT NULL,
    tenant          text,
    traceparent     text,
    -- When it happened in the domain: the `now` that was given to `complete`. No default, on
    -- purpose: a default would be the time of the insert.
    occurred_at     timestamptz NOT NULL,
    -- When the row was written: for people who look into delays, never for consumers.
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Order in which workers look. Not a watermark: transactions commit in another order than
    -- they draw numbers, so "greater than the last one I saw" would skip events.
    position        bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    -- What the worker writes.
    published_at    timestamptz,                                        -- the mark "processed"
    attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    last_error      text,
    parked_at       timestamptz,                                        -- can never be published as it is
    CHECK (published_at IS NULL OR parked_at IS NULL),
    -- Index 1. One event per place in an aggregate's life: two writers that both believe to be the
    -- next one collide here, whatever else failed, and an event cannot be stored twice. It also
    -- serves "is an earlier one unpublished?" below, the mark, and replays of one aggregate.
    PRIMARY KEY (aggregate_kind, aggregate_id, sequence)
);

-- Index 2. What is to be done, oldest first. Partial: published rows are not in it, so the worker is as
-- quick with a year of history as with none, and a backlog is read in order without a sort.
CREATE INDEX outbox_unpublished ON outbox (position)
    WHERE published_at IS NULL AND parked_at IS NULL;

-- Index 3. Cleaning up and replay by time. BRIN: rows arrive nearly in this order, and it costs a
-- few pages where a B-tree would cost gigabytes.
CREATE INDEX outbox_by_time ON outbox USING brin (occurred_at);

-- No index on event_type or payload: nobody asks by them, and each would tax every order.

-- The consumer's side ---------------------------------------------------------------------------

CREATE TABLE inbox (
    consumer       text    NOT NULL,
    aggregate_kind text    NOT NULL,
    aggregate_id   text    NOT NULL,
    applied        integer NOT NULL CHECK (applied >= 0),               -- last sequence applied
    PRIMARY KEY (consumer, aggregate_kind, aggregate_id)
);

-- Events that came before their predecessors. They wait here, not in the queue.
CREATE TABLE inbox_held (
    consumer       text        NOT NULL,
    aggregate_kind text        NOT NULL,
    aggregate_id   text        NOT NULL,
    sequence       integer     NOT NULL CHECK (sequence > 0),
    event          jsonb       NOT NULL,
    held_since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, aggregate_kind, aggregate_id, sequence)
);

-- Who has been waiting for long; for the alarm.
CREATE INDEX inbox_held_since ON inbox_held (held_since);

-- How it is used --------------------------------------------------------------------------------
-- As prepared statements, so that this file checks their syntax and types.

-- The use case: aggregate and events in one transaction. Zero rows updated = somebody else was
-- faster = roll back, load again, decide again.
PREPARE complete_order (uuid, bigint, timestamptz) AS
WITH changed AS (
    UPDATE orders
       SET status = 'confirmed', completed_at = $3, version = version + 1,
           last_sequence = last_sequence + 1
     WHERE order_id = $1 AND version = $2 AND status = 'charging'
    RETURNING *
)
INSERT INTO outbox (aggregate_kind, aggregate_id, sequence, event_type, payload, occurred_at)
SELECT 'order', order_id::text, last_sequence, 'cartwright.order.completed.v1',
       jsonb_build_object('order_id', order_id, 'customer_id', customer_id,
                          'total_amount_minor', total_minor, 'currency', currency,
                          'completed_at', completed_at),
       completed_at
  FROM changed
RETURNING event_id;

-- The worker, step 1: take events that no earlier unpublished event of their aggregate stops.
-- Any number of workers: SKIP LOCKED gives each others; an event whose predecessor is locked by
-- another worker is not a head yet, so order per aggregate holds. A worker that dies loses its
-- connection and with it the locks; there is no claim to time out.
PREPARE take_events (integer) AS
SELECT o.event_id, o.aggregate_kind, o.aggregate_id, o.sequence, o.event_type, o.payload,
       o.tenant, o.traceparent, o.occurred_at
  FROM outbox o
 WHERE o.published_at IS NULL AND o.parked_at IS NULL
   AND o.next_attempt_at <= clock_timestamp()
   AND NOT EXISTS (
         SELECT 1 FROM outbox e
          WHERE e.published_at IS NULL
            AND e.aggregate_kind = o.aggregate_kind AND e.aggregate_id = o.aggregate_id
            AND e.sequence < o.sequence)
 ORDER BY o.position
 LIMIT $1
   FOR UPDATE OF o SKIP LOCKED;

-- Step 2: publish, within the transaction's time limit. Step 3: mark those that the broker
-- accepted, one by one; then commit. A crash between 2 and 3 publishes again: at least once.
PREPARE mark_published (text[], text[], integer[]) AS
UPDATE outbox SET published_at = clock_timestamp()
  FROM unnest($1, $2, $3) AS done (kind, id, seq)
 WHERE (aggregate_kind, aggregate_id, sequence) = (kind, id, seq) AND published_at IS NULL;

PREPARE note_failure (text, text, integer, text) AS
UPDATE outbox
   SET attempts = attempts + 1, last_error = left($4, 200),
       next_attempt_at = clock_timestamp()
           + least(interval '5 minutes', interval '1 second' * 2 ^ least(attempts, 9)) * (0.5 + random() / 2)
 WHERE (aggregate_kind, aggregate_id, sequence) = ($1, $2, $3);

-- The consumer: in the transaction of its effect. One row: apply and commit. No row: seen, being
-- applied, or too early; read `applied` to tell which.
PREPARE move_inbox (text, text, text, integer) AS
INSERT INTO inbox (consumer, aggregate_kind, aggregate_id, applied)
SELECT $1, $2, $3, $4
 WHERE $4 = 1 OR EXISTS (SELECT 1 FROM inbox
                          WHERE (consumer, aggregate_kind, aggregate_id) = ($1, $2, $3))
    ON CONFLICT (consumer, aggregate_kind, aggregate_id)
    DO UPDATE SET applied = excluded.applied
     WHERE inbox.applied = excluded.applied - 1
RETURNING applied;

-- Cleaning up, in pieces, so that no transaction is long and no vacuum has much to do at once.
-- Beyond some ten million rows a month: partition by month of occurred_at and detach instead.
PREPARE clean_up (interval, integer) AS
DELETE FROM outbox
 WHERE (aggregate_kind, aggregate_id, sequence) IN (
         SELECT aggregate_kind, aggregate_id, sequence FROM outbox
          WHERE occurred_at < clock_timestamp() - $1
            AND published_at < clock_timestamp() - $1
          LIMIT $2);

COMMIT;
