-- What readers were told, for good: DynamoDB has the last thirty days of it. Only new tables, so nothing
-- that is there waits. Every key and every query begins with shop and reader, which is what the tables can
-- be partitioned by, by hash, once they are large.

-- Who is in the history. Whoever writes to it locks this row first; `closed` is for good.
CREATE TABLE notification_readers (
    tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    reader text COLLATE "C" NOT NULL CHECK (reader <> ''),
    -- They were erased: nothing is kept of them any more, whatever comes late.
    closed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, reader)
);

-- A row is put once and never changes. Its place in the list of its reader is its key, read backwards
-- for the newest.
CREATE TABLE notifications (
    tenant   text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    reader   text COLLATE "C" NOT NULL CHECK (reader <> ''),
    number   bigint      NOT NULL CHECK (number > 0),
    event_id text        NOT NULL CHECK (event_id <> ''),
    kind     text        NOT NULL CHECK (kind <> ''),
    title    text        NOT NULL,
    message  text        NOT NULL,
    data     jsonb       NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    by_mail  text        NOT NULL CHECK (by_mail IN ('sent', 'switched-off', 'no-address')),
    -- Whether it goes out as a text, too.
    texted   boolean     NOT NULL,
    told_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, reader, number)
);

-- What was marked as read by itself. A mark may come before what it is about, and is never taken back.
CREATE TABLE notification_marks (
    tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    reader text COLLATE "C" NOT NULL CHECK (reader <> ''),
    number bigint NOT NULL CHECK (number > 0),
    PRIMARY KEY (tenant, reader, number)
);
