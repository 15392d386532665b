-- What can be searched for: products and courses, each in its newest state that was heard of.
CREATE TABLE search_entries (
    tenant      text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('course', 'product')),
    id          text COLLATE "C" NOT NULL CHECK (id <> ''),
    -- Sequence of the event that told of this state. It never goes back, whatever comes late or twice.
    version     bigint      NOT NULL CHECK (version > 0),
    -- What is not on sale stays as a mark of its version, and is in no index.
    on_sale     boolean     NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    price_minor bigint      NOT NULL CHECK (price_minor >= 0),
    currency    text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    changed_at  timestamptz NOT NULL,
    -- Name and description in small letters without accents, words with one space between: made in
    -- Rust, as queries are, so that no extension of the server is needed.
    name_words        text NOT NULL,
    description_words text NOT NULL,
    -- Words as they are, for exact words and beginnings; English stems, for other forms of a word.
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', name_words), 'A')
            || setweight(to_tsvector('english', name_words), 'B')
            || setweight(to_tsvector('simple', description_words), 'C')
            || setweight(to_tsvector('english', description_words), 'D')
    ) STORED,
    -- Each three letters of the name once: what is left of a word with a slip in it.
    trigrams text[] NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

CREATE INDEX search_entries_words ON search_entries USING gin (words) WHERE on_sale;
CREATE INDEX search_entries_trigrams ON search_entries USING gin (trigrams) WHERE on_sale;
