-- From schema 4 to 5: roots over 256, 256 times 256 ... leaves (see tree_table.py).
CREATE TABLE tree(level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, number)) STRICT
