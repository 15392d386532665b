-- The orders of a day are found without reading all: an order is written once and changes soon, so a stretch of
-- the table is of a few days, of which an index of a page or two knows the first moment and the last.
CREATE INDEX orders_times ON orders
    USING brin (placed_at, completed_at, failed_at, cancelled_at)
    WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX order_refunds_time ON order_refunds
    USING brin (refunded_at) WITH (pages_per_range = 32, autosummarize = on);

-- Figures of a day that are not what its orders come to are taken away, and written anew.
GRANT DELETE ON sales_hours, sales_days, product_days, failure_days TO cartwright_writer;
