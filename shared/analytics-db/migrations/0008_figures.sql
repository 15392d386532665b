-- The figures of a tenant's days, a month a row: a report of two years reads 25 rows of a tenant and not 731,
-- and a figure that changes changes no index.

CREATE TABLE event_figures (
    tenant_id     integer NOT NULL REFERENCES tenants,
    month         date    NOT NULL CHECK (extract(day FROM month) = 1),
    -- Of the first day, the second, and so on, 31 of any month.
    events        bigint[] NOT NULL CHECK (cardinality(events) = 31 AND 0 <= ALL (events)),
    processing_us bigint[] NOT NULL CHECK (cardinality(processing_us) = 31 AND 0 <= ALL (processing_us)),
    PRIMARY KEY (tenant_id, month)
) WITH (fillfactor = 80);

INSERT INTO event_figures (tenant_id, month, events, processing_us)
SELECT months.tenant_id, month, array_agg(coalesce(days.events, 0) ORDER BY place),
       array_agg(coalesce(days.processing_us, 0) ORDER BY place)
  FROM (SELECT DISTINCT tenant_id, date_trunc('month', day::timestamp)::date AS month FROM event_days) AS months
 CROSS JOIN generate_series(0, 30) AS place
  LEFT JOIN event_days AS days ON (days.tenant_id, days.day) = (months.tenant_id, month + place)
     AND month + place < month + interval '1 month'
 GROUP BY months.tenant_id, month;

DROP TABLE event_days;

-- The same by day, for whoever looks at it.
CREATE VIEW event_days AS
SELECT tenant_id, month + (place - 1)::integer AS day, of.events, of.processing_us
  FROM event_figures,
       unnest(event_figures.events, event_figures.processing_us)
           WITH ORDINALITY AS of (events, processing_us, place)
 WHERE of.events > 0;

GRANT SELECT ON event_figures, event_days TO cartwright_reader;
GRANT SELECT, INSERT, UPDATE ON event_figures TO cartwright_writer;
GRANT SELECT ON event_days TO cartwright_archiver;
