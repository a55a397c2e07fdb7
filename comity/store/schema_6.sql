-- From schema 5 to 6: indicators are found by what their patterns compare with, so all words are gathered anew.
DROP TABLE texts;
CREATE VIRTUAL TABLE texts USING fts5(words, tokenize='ascii', detail=none, columnsize=0)
