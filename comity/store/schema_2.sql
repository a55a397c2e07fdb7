-- From schema 1 to 2: which items are the only ones of their id, and indexes that hold all that merging streams needs.
ALTER TABLE items ADD COLUMN alone INTEGER NOT NULL DEFAULT 1;
UPDATE items SET alone = 0 WHERE id IN (SELECT id FROM items GROUP BY id HAVING count(*) > 1);
DROP INDEX items_home;
DROP INDEX items_home_added;
DROP INDEX items_origin;
CREATE INDEX items_home ON items(home, ordinal, expires);
CREATE INDEX items_home_added ON items(home, added, expires);
CREATE INDEX items_origin ON items(origin, added, expires);
