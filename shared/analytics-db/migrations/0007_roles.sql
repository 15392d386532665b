-- A role for each use. They may log in, and have no password: where one is asked for nobody comes in until an
-- operator gives one. They are of the whole server: those that are there are left as they are, but for
-- their limits. Whoever runs this owns the schema, and is none of them. Whoever may not make roles finds the
-- three made, and is a member of the archiver.

DO $$
DECLARE
    use record;
BEGIN
    FOR use IN
        SELECT * FROM (VALUES
            -- Reads what is shown.
            ('cartwright_reader', '5s', '1s', '10s'),
            -- Writes what functions take in. It changes no table.
            ('cartwright_writer', '5s', '3s', '10s'),
            -- Moves months of events, whose tables are its own.
            ('cartwright_archiver', '60s', '2s', '60s')
        ) AS uses (name, statement, lock, idle)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = use.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', use.name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- For whoever asks for no limits of their own. The functions do ask.
        BEGIN
            EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', use.name, use.statement);
            EXECUTE format('ALTER ROLE %I SET lock_timeout = %L', use.name, use.lock);
            EXECUTE format(
                'ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', use.name, use.idle
            );
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'the limits of % stay as they are: %', use.name, sqlerrm;
        END;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), use.name);
    END LOOP;
    -- Whoever migrates can still change what belongs to the archiver.
    IF NOT pg_has_role(current_user, 'cartwright_archiver', 'USAGE') THEN
        EXECUTE format('GRANT cartwright_archiver TO %I', current_user);
    END IF;
END
$$;

-- What is shown: figures, stock, the catalogue. Neither orders nor what anybody was told.
GRANT SELECT ON
    search_entries, sales_hours, sales_days, product_days, failure_days, sales_heard,
    stock, products, leases, lease_lines, tenants, event_batches, event_days, event_hours,
    events_heard
TO cartwright_reader;

-- What changes: no row of it is ever taken away.
GRANT SELECT, INSERT, UPDATE ON
    search_entries, notification_readers, orders, sales_hours, sales_days, product_days, failure_days,
    sales_heard, payments, shipments, stock, products, leases, tenants, event_days, event_hours,
    events_heard
TO cartwright_writer;
-- What is put once.
GRANT SELECT, INSERT ON
    order_lines, order_refunds, payment_refunds, lease_lines, event_batches, events
TO cartwright_writer;
-- What is put once, and taken away with whom it is about.
GRANT SELECT, INSERT, DELETE ON notifications, notification_marks TO cartwright_writer;
GRANT SELECT ON event_months TO cartwright_writer;

-- Months are detached by their owner, and by no function: that is done outside of any transaction.
GRANT SELECT, INSERT, UPDATE ON
    event_months, event_archive_plans, event_archive_parts, event_archive_files
TO cartwright_archiver;
GRANT SELECT, INSERT ON tenants TO cartwright_archiver;
GRANT SELECT ON event_days TO cartwright_archiver;

DO $$
DECLARE
    part regclass;
BEGIN
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO cartwright_archiver', current_schema());
    FOR part IN
        SELECT 'events'::regclass
        UNION ALL
        -- Every month that has a table, also one that is detached now: on its way out, or back.
        SELECT stored FROM event_months, to_regclass(event_table(month)) AS stored
         WHERE stored IS NOT NULL
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO cartwright_archiver', part);
    END LOOP;
    -- Who writes has a table made for a new month, and can make no other: this does it as the owner of all
    -- months, with names that are looked up here and nowhere else.
    EXECUTE format(
        'ALTER FUNCTION open_event_month(date) SECURITY DEFINER SET search_path = %I, pg_temp',
        current_schema()
    );
    ALTER FUNCTION open_event_month(date) OWNER TO cartwright_archiver;
    REVOKE EXECUTE ON FUNCTION open_event_month(date) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION open_event_month(date) TO cartwright_writer;
END
$$;
