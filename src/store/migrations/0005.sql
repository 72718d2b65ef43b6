-- Records of leukoscope, schema 5: the reference library that look-alikes are searched in.
--
-- No record: a cell of the library is a picture with a class that stands elsewhere (in a signed version, in a data set, in
-- the program's own drawings), and `library clear` takes all of it away. Rows may be changed and deleted.

-- `um_per_px`: 0 where the whole frame was taken as the network's field. `source_set`: the case, the data set, or the set of
-- drawings. `path`: absolute; of drawings class and number. An image is in the library once.
CREATE TABLE library (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    image      BLOB NOT NULL UNIQUE CHECK (length(image) = 32),
    um_per_px  REAL NOT NULL CHECK (um_per_px >= 0),
    class      TEXT NOT NULL CHECK (class <> ''),
    source     TEXT NOT NULL CHECK (source IN ('signed', 'labelled', 'drawn')),
    source_set TEXT NOT NULL CHECK (source_set <> ''),
    patient    TEXT,
    path       ANY NOT NULL,
    width      INTEGER NOT NULL CHECK (width > 0),
    height     INTEGER NOT NULL CHECK (height > 0)
) STRICT;
CREATE INDEX library_by_set ON library (source, source_set);

-- What a network makes of a cell of the library, as model::Imprint writes it: one byte a feature. In the order of the cells,
-- so that all of a network are read in one sweep.
CREATE TABLE imprints (
    network BLOB NOT NULL REFERENCES networks (sha256),
    cell    INTEGER NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    imprint BLOB NOT NULL CHECK (length(imprint) > 0),
    PRIMARY KEY (network, cell)
) STRICT, WITHOUT ROWID;
CREATE INDEX imprints_by_cell ON imprints (cell);

-- Goes up with every change of the library, so that a running program knows when to read it again.
CREATE TABLE library_revision (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO library_revision (id, revision) VALUES (1, 0);
