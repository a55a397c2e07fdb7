-- Schema 5 of the embedded store. Times are microseconds since 1970 (UTC).
-- Comments hold no semicolon, which ends a statement here.
-- STRICT: text where bytes or a number belong is refused, and found by integrity_check.
-- Plain rowid tables throughout: WITHOUT ROWID makes wide rows slow to insert (measured in the research).
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE traits(row INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE, count INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE items(
    item INTEGER PRIMARY KEY,
    added INTEGER NOT NULL UNIQUE,
    home INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    base INTEGER NOT NULL,
    traits INTEGER NOT NULL,
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    spec TEXT NOT NULL,
    sha BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    expires INTEGER,
    body BLOB NOT NULL,
    envelope BLOB NOT NULL,
    -- 1: no other item has this id, 0: perhaps one has
    alone INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX items_id ON items(id);
-- These hold all that merging streams needs: see merge.py.
CREATE INDEX items_home ON items(home, ordinal, expires);
CREATE INDEX items_home_added ON items(home, added, expires);
CREATE INDEX items_origin ON items(origin, added, expires);
CREATE INDEX items_governing ON items(type) WHERE type GLOB 'comity-*';
CREATE INDEX items_moved ON items(item) WHERE home <> traits;
CREATE INDEX items_expires ON items(expires) WHERE expires IS NOT NULL;
-- A row is numbered by item and home row (see words.py). Words come cut and folded (terms/words.py), and are only parted here.
CREATE VIRTUAL TABLE texts USING fts5(words, tokenize='ascii', detail=none, columnsize=0);
CREATE TABLE refs(item INTEGER NOT NULL, target TEXT NOT NULL) STRICT;
CREATE INDEX refs_target ON refs(target);
CREATE INDEX refs_item ON refs(item);
CREATE TABLE observables(hash INTEGER NOT NULL, kind TEXT NOT NULL, item INTEGER NOT NULL) STRICT;
CREATE INDEX observables_hash ON observables(hash);
CREATE INDEX observables_item ON observables(item);
CREATE TABLE readers(reader TEXT PRIMARY KEY, head INTEGER NOT NULL) STRICT;
CREATE TABLE segments(reader TEXT NOT NULL, home INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER, base INTEGER) STRICT;
CREATE INDEX segments_reader ON segments(reader, home);
CREATE TABLE late(reader TEXT NOT NULL, added INTEGER NOT NULL, item INTEGER NOT NULL) STRICT;
CREATE INDEX late_reader ON late(reader, added);
CREATE INDEX late_item ON late(item);
CREATE TABLE leaves(idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, salt BLOB NOT NULL, entry BLOB NOT NULL, opening BLOB NOT NULL) STRICT;
-- Roots over 256, 256 times 256 ... leaves (see tree_table.py): proofs need no other.
CREATE TABLE tree(level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, number)) STRICT;
CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL, root BLOB NOT NULL, checkpoint BLOB NOT NULL) STRICT;
CREATE TABLE private(space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(space, key)) STRICT;
