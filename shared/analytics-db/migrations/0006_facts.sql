-- What is known of payments, parcels and stock, beside what is known of orders. Nothing of the customer.
--
-- What happens to an order is kept with the first time that anybody told of it. The parent of something
-- that comes before it is a row that has nothing but its key: `known` says so.

CREATE TABLE payments (
    tenant        text COLLATE "C" NOT NULL,
    order_id      uuid NOT NULL,
    currency      text CHECK (currency ~ '^[A-Z]{3}$'),
    amount_minor  bigint CHECK (amount_minor >= 0),
    authorised_at timestamptz,
    declined_at   timestamptz,
    captured_at   timestamptz,
    closed_at     timestamptz,
    known         boolean NOT NULL GENERATED ALWAYS AS
        (coalesce(authorised_at, declined_at, captured_at, closed_at) IS NOT NULL) STORED,
    PRIMARY KEY (tenant, order_id),
    FOREIGN KEY (tenant, order_id) REFERENCES orders,
    CHECK (num_nulls(currency, amount_minor) IN (0, 2))
);

CREATE TABLE payment_refunds (
    tenant       text COLLATE "C" NOT NULL,
    order_id     uuid        NOT NULL,
    refund_id    text        NOT NULL CHECK (refund_id <> ''),
    refunded_at  timestamptz NOT NULL,
    currency     text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount_minor bigint      NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (tenant, order_id, refund_id),
    FOREIGN KEY (tenant, order_id) REFERENCES payments
);

CREATE TABLE shipments (
    tenant         text COLLATE "C" NOT NULL,
    order_id       uuid NOT NULL,
    booked_at      timestamptz,
    refused_at     timestamptz,
    cancelled_at   timestamptz,
    handed_over_at timestamptz,
    delivered_at   timestamptz,
    PRIMARY KEY (tenant, order_id),
    FOREIGN KEY (tenant, order_id) REFERENCES orders,
    CHECK (num_nonnulls(booked_at, refused_at, cancelled_at, handed_over_at, delivered_at) > 0)
);

-- The newest state of each SKU by its sequence, whatever comes late.
CREATE TABLE stock (
    tenant     text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    sku        text COLLATE "C" NOT NULL CHECK (sku <> ''),
    sequence   bigint  CHECK (sequence > 0),
    available  bigint  CHECK (available >= 0),
    -- 0 where an event is from before this was told.
    put_in     bigint  CHECK (put_in >= 0),
    low        boolean,
    changed_at timestamptz,
    known      boolean NOT NULL GENERATED ALWAYS AS (sequence IS NOT NULL) STORED,
    PRIMARY KEY (tenant, sku),
    CHECK (num_nulls(sequence, available, put_in, low, changed_at) IN (0, 5))
);

-- Which stock a product is taken from: the newest state, as above.
CREATE TABLE products (
    tenant     text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL CHECK (product_id <> ''),
    sku        text COLLATE "C" NOT NULL,
    on_sale    boolean NOT NULL,
    sequence   bigint  NOT NULL CHECK (sequence > 0),
    PRIMARY KEY (tenant, product_id),
    FOREIGN KEY (tenant, sku) REFERENCES stock
);

-- The stock that is held for an order. What was released or sold is held no more, also where that was
-- heard first.
CREATE TABLE leases (
    tenant      text COLLATE "C" NOT NULL,
    order_id    uuid NOT NULL,
    held_at     timestamptz,
    released_at timestamptz,
    sold_at     timestamptz,
    held        boolean NOT NULL GENERATED ALWAYS AS
        (held_at IS NOT NULL AND released_at IS NULL AND sold_at IS NULL) STORED,
    PRIMARY KEY (tenant, order_id),
    FOREIGN KEY (tenant, order_id) REFERENCES orders,
    CHECK (num_nonnulls(held_at, released_at, sold_at) > 0)
);
-- Few are held at a time, of all that ever were.
CREATE INDEX leases_held ON leases (tenant, order_id) WHERE held;

CREATE TABLE lease_lines (
    tenant   text COLLATE "C" NOT NULL,
    order_id uuid   NOT NULL,
    sku      text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (tenant, order_id, sku),
    FOREIGN KEY (tenant, order_id) REFERENCES leases,
    FOREIGN KEY (tenant, sku) REFERENCES stock
);
