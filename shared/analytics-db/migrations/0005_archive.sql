-- Months on their way out of the database. Each step is noted here, and each can be done again.

ALTER TABLE event_months DROP CONSTRAINT event_months_state_check;
ALTER TABLE event_months
    -- A restored month is in the archive, and its table is here once more to be read.
    ADD CONSTRAINT event_months_state_check
        CHECK (state IN ('open', 'archiving', 'archived', 'restored')),
    -- How many stretches of the table there are, and how many pages each has, since it took its last row.
    ADD COLUMN parts integer CHECK (parts >= 0),
    ADD COLUMN part_pages integer CHECK (part_pages > 0),
    ADD CHECK (num_nulls(parts, part_pages) IN (0, 2));

-- What tenants paid for when the month began to be archived: a part that is written again has the same files.
CREATE TABLE event_archive_plans (
    month     date    NOT NULL REFERENCES event_months,
    tenant_id integer NOT NULL REFERENCES tenants,
    plan      text    NOT NULL,
    PRIMARY KEY (month, tenant_id)
);

-- Parts whose files were read again after they were written. A stretch of rows that nobody committed has none.
CREATE TABLE event_archive_parts (
    month date    NOT NULL REFERENCES event_months,
    part  integer NOT NULL CHECK (part >= 0),
    PRIMARY KEY (month, part)
);

CREATE TABLE event_archive_files (
    month date     NOT NULL,
    part  integer  NOT NULL,
    plan  text COLLATE "C" NOT NULL CHECK (plan IN ('free', 'standard', 'enterprise')),
    bytes bigint   NOT NULL CHECK (bytes > 0),
    rows  bigint   NOT NULL CHECK (rows > 0),
    -- As domain::Checksums has them; the server has no numbers without a sign.
    sums  bigint[] NOT NULL CHECK (cardinality(sums) = 6),
    PRIMARY KEY (month, part, plan),
    FOREIGN KEY (month, part) REFERENCES event_archive_parts
);

-- The table of a month, whether it is there or not; how long it is; and that it is read with the others.
CREATE FUNCTION event_table(month date) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN 'events_' || to_char(month, 'YYYY_MM');

CREATE FUNCTION event_table_blocks(month date) RETURNS bigint LANGUAGE sql STABLE
    RETURN pg_relation_size(event_table(month)::regclass) / current_setting('block_size')::bigint;

CREATE FUNCTION attach_event_table(attached date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        event_table(attached),
        attached::timestamp AT TIME ZONE 'UTC',
        (attached + interval '1 month') AT TIME ZONE 'UTC'
    );
END
$$;
