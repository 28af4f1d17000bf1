-- What a database holds beside the snapshots, each of which lies in a schema of its own. Run again, this changes nothing.

CREATE SCHEMA IF NOT EXISTS callboard;

-- The length of a list or of a text; DuckDB has one name for both.
CREATE OR REPLACE FUNCTION callboard.len(anyarray) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT cardinality($1)::bigint';
CREATE OR REPLACE FUNCTION callboard.len(text) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT length($1)::bigint';

-- Published snapshots. `manifest` says what each was built with and which files it has; its tables lie in `schema_name`.
CREATE TABLE IF NOT EXISTS callboard.snapshots (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text UNIQUE NOT NULL,
    schema_name text UNIQUE NOT NULL,
    manifest text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
);

-- The one row that says which snapshot serves.
CREATE TABLE IF NOT EXISTS callboard.current (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id text NOT NULL REFERENCES callboard.snapshots (id)
);

-- Files that every replica opens for itself, in pieces: those of snapshots (`owner` is the snapshot) and of models (`owner` is the model).
CREATE TABLE IF NOT EXISTS callboard.files (
    owner text NOT NULL,
    name text NOT NULL,
    piece integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (owner, name, piece)
);
ALTER TABLE callboard.files ALTER COLUMN data SET STORAGE EXTERNAL;

-- Events as they were received, numbered in the order in which they became visible.
CREATE TABLE IF NOT EXISTS callboard.events (
    line bigint PRIMARY KEY,
    source text NOT NULL,
    id text NOT NULL,
    received_at timestamptz NOT NULL,
    headers text NOT NULL,
    body bytea NOT NULL,  -- as it was sent: a text has no room for every character
    UNIQUE (source, id)
);
