-- From schema 3 to 4: items are found by their words, and by when they expire.
CREATE INDEX items_expires ON items(expires) WHERE expires IS NOT NULL;
-- A row is numbered by item and home row (see words.py). Words come cut and folded (terms/words.py), and are only parted here.
CREATE VIRTUAL TABLE texts USING fts5(words, tokenize='ascii', detail=none, columnsize=0);
