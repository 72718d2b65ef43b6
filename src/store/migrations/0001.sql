-- Records of leukoscope, schema 1.
--
-- Decisions, notes, signed versions and reopenings are only ever appended: triggers at the end refuse anything else.
-- Classes are written as their codes, so that a record says the same under every class table. Paths are TEXT where
-- they are UTF-8 and BLOB where they are not. Times are RFC 3339 in UTC with milliseconds.

CREATE TABLE cases (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
    root        ANY NOT NULL,
    layout      TEXT NOT NULL CHECK (layout IN ('flat', 'classes', 'lmu', 'phantom')),
    um_per_px   REAL CHECK (um_per_px > 0),
    scale       TEXT NOT NULL CHECK (scale IN ('given', 'profile', 'whole_frame')),
    target      INTEGER NOT NULL DEFAULT 200 CHECK (target > 0),
    imported_at TEXT NOT NULL
) STRICT;

CREATE TABLE cells (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    ordinal INTEGER NOT NULL,
    path    ANY NOT NULL,
    sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
    width   INTEGER NOT NULL CHECK (width > 0),
    height  INTEGER NOT NULL CHECK (height > 0),
    label   TEXT,
    class   TEXT,
    UNIQUE (case_id, id),
    UNIQUE (case_id, ordinal),
    UNIQUE (case_id, sha256)
) STRICT;
CREATE INDEX cells_by_image ON cells (sha256, case_id);

-- Pictures without a file: those of the demo case.
CREATE TABLE pictures (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    bytes  BLOB NOT NULL
) STRICT;

-- `codes`: the network's classes in alphabetical order, separated by spaces; NULL until it has predicted something.
CREATE TABLE networks (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    codes  TEXT
) STRICT;

-- `um_per_px`: 0 where the whole frame was taken as the network's field. `p`: little-endian f32 in the order of `codes`.
CREATE TABLE predictions (
    network   BLOB NOT NULL REFERENCES networks (sha256),
    image     BLOB NOT NULL CHECK (length(image) = 32),
    um_per_px REAL NOT NULL CHECK (um_per_px >= 0),
    p         BLOB NOT NULL,
    unlike    REAL,
    PRIMARY KEY (network, image, um_per_px)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id     INTEGER NOT NULL,
    cell_id     INTEGER NOT NULL,
    reviewer    TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at          TEXT NOT NULL,
    action      TEXT NOT NULL CHECK (action IN ('accept', 'reclassify', 'exclude', 'undo', 'redo')),
    class       TEXT,
    target      INTEGER REFERENCES decisions (seq),
    network     BLOB REFERENCES networks (sha256),
    suggested   TEXT,
    suggested_p REAL,
    FOREIGN KEY (case_id, cell_id) REFERENCES cells (case_id, id),
    CHECK ((action IN ('accept', 'reclassify')) = (class IS NOT NULL)),
    CHECK ((action IN ('undo', 'redo')) = (target IS NOT NULL)),
    CHECK ((suggested IS NULL) = (suggested_p IS NULL))
) STRICT;
CREATE INDEX decisions_by_case ON decisions (case_id, seq);
CREATE INDEX decisions_by_cell ON decisions (case_id, cell_id, seq, target, class);
CREATE INDEX decisions_by_target ON decisions (target, seq, action) WHERE target IS NOT NULL;

-- The decision that holds for each decided cell: the latest one that is not taken back (domain::current in SQL). Nothing
-- but an extract of the log that the list of cases is counted from: with each decision the cell's row is made anew from
-- the cell's log. Signing reads the log itself, and `verify` compares the two.
CREATE TABLE standing (
    cell_id INTEGER PRIMARY KEY REFERENCES cells (id),
    case_id INTEGER NOT NULL REFERENCES cases (id),
    seq     INTEGER NOT NULL REFERENCES decisions (seq),
    class   TEXT
) STRICT;
CREATE INDEX standing_by_class ON standing (case_id, class);
CREATE TRIGGER decisions_standing AFTER INSERT ON decisions BEGIN
    DELETE FROM standing WHERE cell_id = NEW.cell_id;
    INSERT INTO standing (cell_id, case_id, seq, class)
    SELECT d.cell_id, d.case_id, d.seq, d.class FROM decisions d
    WHERE d.case_id = NEW.case_id AND d.cell_id = NEW.cell_id AND d.target IS NULL
      AND coalesce((SELECT u.action FROM decisions u WHERE u.target = d.seq ORDER BY u.seq DESC LIMIT 1), 'redo') = 'redo'
    ORDER BY d.seq DESC LIMIT 1;
END;

CREATE TABLE notes (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id  INTEGER NOT NULL,
    cell_id  INTEGER NOT NULL,
    reviewer TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at       TEXT NOT NULL,
    text     TEXT NOT NULL CHECK (trim(text) <> ''),
    FOREIGN KEY (case_id, cell_id) REFERENCES cells (case_id, id)
) STRICT;
CREATE INDEX notes_by_case ON notes (case_id, id);

-- A signed version says all that a report needs; nothing of it is looked up elsewhere or computed again.
CREATE TABLE signed (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id          INTEGER NOT NULL REFERENCES cases (id),
    version          INTEGER NOT NULL CHECK (version > 0),
    reviewer         TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at               TEXT NOT NULL,
    reason           TEXT,
    network          BLOB REFERENCES networks (sha256),
    allow_unreviewed INTEGER NOT NULL CHECK (allow_unreviewed IN (0, 1)),
    last_seq         INTEGER NOT NULL,
    target           INTEGER NOT NULL,
    wbc              INTEGER NOT NULL,
    blasts           INTEGER NOT NULL,
    nrbc             INTEGER NOT NULL,
    smudge           INTEGER NOT NULL,
    unidentified     INTEGER NOT NULL,
    excluded         INTEGER NOT NULL,
    unreviewed       INTEGER NOT NULL,
    UNIQUE (case_id, version),
    CHECK ((version = 1) = (reason IS NULL))
) STRICT;

-- One row per class of the table that was in use, in its order.
CREATE TABLE signed_counts (
    signed_id INTEGER NOT NULL REFERENCES signed (id),
    ordinal   INTEGER NOT NULL,
    code      TEXT NOT NULL,
    name      TEXT NOT NULL,
    role      TEXT NOT NULL,
    blast     INTEGER NOT NULL CHECK (blast IN (0, 1)),
    loinc     TEXT,
    count     INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (signed_id, ordinal),
    UNIQUE (signed_id, code)
) STRICT, WITHOUT ROWID;

-- One row per cell of the case: the decision that it stood on (NULL: unreviewed) and what that decision said.
CREATE TABLE signed_decisions (
    signed_id   INTEGER NOT NULL REFERENCES signed (id),
    ordinal     INTEGER NOT NULL,
    cell_id     INTEGER NOT NULL REFERENCES cells (id),
    path        ANY NOT NULL,
    sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
    seq         INTEGER REFERENCES decisions (seq),
    verdict     TEXT,
    class       TEXT,
    predicted   TEXT,
    predicted_p REAL,
    PRIMARY KEY (signed_id, ordinal),
    UNIQUE (signed_id, cell_id),
    CHECK ((seq IS NULL) = (verdict IS NULL)),
    CHECK (verdict IS NULL OR verdict IN ('class', 'excluded')),
    CHECK ((verdict IS 'class') = (class IS NOT NULL)),
    CHECK ((predicted IS NULL) = (predicted_p IS NULL))
) STRICT, WITHOUT ROWID;

-- A version that was opened again, and why; the next version carries the reason.
CREATE TABLE reopenings (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id  INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    reviewer TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at       TEXT NOT NULL,
    reason   TEXT NOT NULL CHECK (trim(reason) <> ''),
    UNIQUE (case_id, version),
    FOREIGN KEY (case_id, version) REFERENCES signed (case_id, version)
) STRICT;

-- A version's state: the latest one of each case, and whether it was opened again.
CREATE VIEW case_state AS
SELECT c.id AS case_id, s.version,
       CASE WHEN s.version IS NULL THEN 'open'
            WHEN EXISTS (SELECT 1 FROM reopenings r WHERE r.case_id = c.id AND r.version = s.version) THEN 'reopened'
            ELSE 'signed' END AS state
FROM cases c
LEFT JOIN signed s ON s.case_id = c.id AND s.version = (SELECT max(version) FROM signed WHERE case_id = c.id);

-- Append-only. The insert triggers are for INSERT OR REPLACE, which deletes without asking the delete triggers.
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT raise(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT raise(ABORT, 'decisions are never deleted'); END;
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions WHEN EXISTS (SELECT 1 FROM decisions WHERE seq = NEW.seq)
    BEGIN SELECT raise(ABORT, 'decisions are never replaced'); END;

CREATE TRIGGER notes_no_update BEFORE UPDATE ON notes BEGIN SELECT raise(ABORT, 'notes are never changed'); END;
CREATE TRIGGER notes_no_delete BEFORE DELETE ON notes BEGIN SELECT raise(ABORT, 'notes are never deleted'); END;
CREATE TRIGGER notes_no_replace BEFORE INSERT ON notes WHEN EXISTS (SELECT 1 FROM notes WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'notes are never replaced'); END;

CREATE TRIGGER signed_no_update BEFORE UPDATE ON signed BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_no_delete BEFORE DELETE ON signed BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_no_replace BEFORE INSERT ON signed
    WHEN EXISTS (SELECT 1 FROM signed WHERE id = NEW.id OR (case_id = NEW.case_id AND version = NEW.version))
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;

CREATE TRIGGER signed_counts_no_update BEFORE UPDATE ON signed_counts
    BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_counts_no_delete BEFORE DELETE ON signed_counts
    BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_counts_no_replace BEFORE INSERT ON signed_counts
    WHEN EXISTS (SELECT 1 FROM signed_counts WHERE signed_id = NEW.signed_id AND (ordinal = NEW.ordinal OR code = NEW.code))
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;

CREATE TRIGGER signed_decisions_no_update BEFORE UPDATE ON signed_decisions
    BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_decisions_no_delete BEFORE DELETE ON signed_decisions
    BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_decisions_no_replace BEFORE INSERT ON signed_decisions
    WHEN EXISTS (SELECT 1 FROM signed_decisions
                 WHERE signed_id = NEW.signed_id AND (ordinal = NEW.ordinal OR cell_id = NEW.cell_id))
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;

CREATE TRIGGER reopenings_no_update BEFORE UPDATE ON reopenings BEGIN SELECT raise(ABORT, 'reopenings are never changed'); END;
CREATE TRIGGER reopenings_no_delete BEFORE DELETE ON reopenings BEGIN SELECT raise(ABORT, 'reopenings are never deleted'); END;
CREATE TRIGGER reopenings_no_replace BEFORE INSERT ON reopenings
    WHEN EXISTS (SELECT 1 FROM reopenings WHERE id = NEW.id OR (case_id = NEW.case_id AND version = NEW.version))
    BEGIN SELECT raise(ABORT, 'reopenings are never replaced'); END;
