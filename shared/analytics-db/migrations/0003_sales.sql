-- What is known of orders, as their events told it, and the figures that follow from it. Both change in the
-- same transaction: what an order adds to the figures is a function of its rows here (domain::Sale), so they
-- can be counted again from nothing at any time. No customer, no address: reports need none.

-- An order of which a later event came first is a row without `placed_at`: a parent for what is known.
CREATE TABLE orders (
    tenant         text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    order_id       uuid NOT NULL,
    placed_at      timestamptz,
    currency       text CHECK (currency ~ '^[A-Z]{3}$'),
    total_minor    bigint CHECK (total_minor >= 0),
    completed_at   timestamptz,
    charged_in     text CHECK (charged_in ~ '^[A-Z]{3}$'),
    charged_minor  bigint CHECK (charged_minor >= 0),
    tax_minor      bigint CHECK (tax_minor BETWEEN 0 AND charged_minor),
    failed_at      timestamptz,
    failure_code   text CHECK (failure_code <> ''),
    cancelled_at   timestamptz,
    known          boolean NOT NULL GENERATED ALWAYS AS (placed_at IS NOT NULL) STORED,
    PRIMARY KEY (tenant, order_id),
    CHECK (num_nulls(placed_at, currency, total_minor) IN (0, 3)),
    CHECK (num_nulls(completed_at, charged_in, charged_minor, tax_minor) IN (0, 4)),
    CHECK (num_nulls(failed_at, failure_code) IN (0, 2))
);

CREATE TABLE order_lines (
    tenant           text COLLATE "C" NOT NULL,
    order_id         uuid     NOT NULL,
    line             smallint NOT NULL CHECK (line > 0),
    product_id       text     NOT NULL CHECK (product_id <> ''),
    sku              text     NOT NULL CHECK (sku <> ''),
    quantity         integer  NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint   NOT NULL CHECK (unit_price_minor >= 0),
    PRIMARY KEY (tenant, order_id, line),
    FOREIGN KEY (tenant, order_id) REFERENCES orders
);

-- What went back, and the pieces that it pays back.
CREATE TABLE order_refunds (
    tenant       text COLLATE "C" NOT NULL,
    order_id     uuid        NOT NULL,
    refund_id    text        NOT NULL CHECK (refund_id <> ''),
    refunded_at  timestamptz NOT NULL,
    currency     text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount_minor bigint      NOT NULL CHECK (amount_minor >= 0),
    products     text[]      NOT NULL,
    quantities   integer[]   NOT NULL CHECK (cardinality(quantities) = cardinality(products)),
    PRIMARY KEY (tenant, order_id, refund_id),
    FOREIGN KEY (tenant, order_id) REFERENCES orders
);

-- Figures, days and hours in UTC, amounts in minor units. Every key begins with the shop and the day, which
-- is how reports ask: no other index is needed.
CREATE TABLE sales_hours (
    tenant         text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    day            date     NOT NULL,
    hour           smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    currency       text COLLATE "C" NOT NULL,
    placed         bigint   NOT NULL CHECK (placed >= 0),
    placed_minor   bigint   NOT NULL CHECK (placed_minor >= 0),
    completed      bigint   NOT NULL CHECK (completed >= 0),
    units          bigint   NOT NULL CHECK (units >= 0),
    revenue_minor  bigint   NOT NULL CHECK (revenue_minor >= 0),
    tax_minor      bigint   NOT NULL CHECK (tax_minor >= 0),
    refunds        bigint   NOT NULL CHECK (refunds >= 0),
    refunded_minor bigint   NOT NULL CHECK (refunded_minor >= 0),
    failed         bigint   NOT NULL CHECK (failed >= 0),
    cancelled      bigint   NOT NULL CHECK (cancelled >= 0),
    PRIMARY KEY (tenant, day, hour, currency)
);

CREATE TABLE sales_days (
    tenant         text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    day            date     NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    placed         bigint   NOT NULL CHECK (placed >= 0),
    placed_minor   bigint   NOT NULL CHECK (placed_minor >= 0),
    completed      bigint   NOT NULL CHECK (completed >= 0),
    units          bigint   NOT NULL CHECK (units >= 0),
    revenue_minor  bigint   NOT NULL CHECK (revenue_minor >= 0),
    tax_minor      bigint   NOT NULL CHECK (tax_minor >= 0),
    refunds        bigint   NOT NULL CHECK (refunds >= 0),
    refunded_minor bigint   NOT NULL CHECK (refunded_minor >= 0),
    failed         bigint   NOT NULL CHECK (failed >= 0),
    cancelled      bigint   NOT NULL CHECK (cancelled >= 0),
    PRIMARY KEY (tenant, day, currency)
);

CREATE TABLE product_days (
    tenant        text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    day           date   NOT NULL,
    currency      text COLLATE "C" NOT NULL,
    product_id    text COLLATE "C" NOT NULL,
    orders        bigint NOT NULL CHECK (orders >= 0),
    units         bigint NOT NULL CHECK (units >= 0),
    revenue_minor bigint NOT NULL CHECK (revenue_minor >= 0),
    returned      bigint NOT NULL CHECK (returned >= 0),
    PRIMARY KEY (tenant, day, currency, product_id)
);

CREATE TABLE failure_days (
    tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    day    date   NOT NULL,
    code   text COLLATE "C" NOT NULL CHECK (code <> ''),
    orders bigint NOT NULL CHECK (orders >= 0),
    PRIMARY KEY (tenant, day, code)
);

-- What the figures of a shop are made of.
CREATE TABLE sales_heard (
    tenant     text COLLATE "C" NOT NULL CHECK (tenant <> '') PRIMARY KEY,
    changes    bigint      NOT NULL CHECK (changes > 0),
    last_event text        NOT NULL,
    newest     timestamptz NOT NULL
);
