-- What happens at tenants, row by row for two years, and the figures of each day for good. The rows, the
-- figures and the id of the batch that told of them change in the same transaction.

CREATE TABLE tenants (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE CHECK (name <> ''),
    plan text COLLATE "C" NOT NULL DEFAULT 'standard' CHECK (plan IN ('free', 'standard', 'enterprise'))
);

-- A row has 60 bytes without a payload. No foreign key: it would be looked up for every row, and whoever
-- writes has made the tenant before. What is common to the tables of months is here, also their index:
-- rows come about in the sequence of time, so a summary of each stretch of the table finds a day.
CREATE TABLE events (
    created_at    timestamptz NOT NULL,
    processing_us bigint      NOT NULL CHECK (processing_us >= 0),
    tenant_id     integer     NOT NULL,
    event_type    text COLLATE "C" NOT NULL,
    payload       jsonb
) PARTITION BY RANGE (created_at);
CREATE INDEX events_created_at ON events USING brin (created_at);

-- Which months have a table, and those whose rows went away. An open one takes rows; whoever writes to one
-- holds its lock for those who share, whoever changes its state holds the lock for one alone.
CREATE TABLE event_months (
    month date PRIMARY KEY
        CHECK (extract(day FROM month) = 1 AND month BETWEEN date '2000-01-01' AND date '2199-12-01'),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'archiving', 'archived'))
);

-- Numbers of the locks of months.
CREATE FUNCTION event_month_lock(month date) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN 4711000000 + (month - date '1970-01-01');

-- Makes the table of a month, once. Attached, not made as a part: that would stop everybody who writes.
CREATE FUNCTION open_event_month(opened date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'events_' || to_char(opened, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(event_month_lock(opened));
    INSERT INTO event_months (month) VALUES (opened) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
        'ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name,
        opened::timestamp AT TIME ZONE 'UTC',
        (opened + interval '1 month') AT TIME ZONE 'UTC'
    );
END
$$;

-- What was taken in. Who sends a batch again finds its id here.
CREATE TABLE event_batches (
    tenant_id integer NOT NULL REFERENCES tenants,
    batch_id  uuid    NOT NULL,
    events    integer NOT NULL CHECK (events >= 0),
    taken_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, batch_id)
);

-- The figures are in the index, too: a report of many tenants reads nothing else.
CREATE TABLE event_days (
    tenant_id     integer NOT NULL REFERENCES tenants,
    day           date    NOT NULL,
    events        bigint  NOT NULL CHECK (events > 0),
    processing_us bigint  NOT NULL CHECK (processing_us >= 0),
    PRIMARY KEY (tenant_id, day) INCLUDE (events, processing_us)
);

-- For days that are not long ago.
CREATE TABLE event_hours (
    tenant_id     integer  NOT NULL REFERENCES tenants,
    day           date     NOT NULL,
    hour          smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    events        bigint   NOT NULL CHECK (events > 0),
    processing_us bigint   NOT NULL CHECK (processing_us >= 0),
    PRIMARY KEY (tenant_id, day, hour)
);

-- What the figures of a tenant are made of.
CREATE TABLE events_heard (
    tenant_id  integer PRIMARY KEY REFERENCES tenants,
    changes    bigint      NOT NULL CHECK (changes > 0),
    last_batch uuid        NOT NULL,
    newest     timestamptz NOT NULL
);
