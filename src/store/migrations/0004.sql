-- Records of leukoscope, schema 4: readings beside a case's own record, and what a signature owes to two readers.

-- A reading is one reviewer's pass through a case that sees nothing of the record: a second reader's, the first reader's
-- own once more, or one scored against reference labels. `suggestions`: whether the network's were shown. `seed`: cells came
-- in an order drawn from it; NULL: as scanned.
CREATE TABLE readings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id     INTEGER NOT NULL REFERENCES cases (id),
    reviewer    TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('second', 'repeat', 'training')),
    suggestions INTEGER NOT NULL CHECK (suggestions IN (0, 1)),
    seed        INTEGER,
    begun_at    TEXT NOT NULL
) STRICT;
CREATE INDEX readings_by_case ON readings (case_id, id);

-- What became of it. `compared`: somebody looked at it beside the record, which from then on is the first reading up to
-- `last_seq`: what is decided later was decided by eyes that had seen both.
CREATE TABLE reading_events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    reading  INTEGER NOT NULL REFERENCES readings (id),
    kind     TEXT NOT NULL CHECK (kind IN ('finished', 'given-up', 'compared')),
    reviewer TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at       TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    UNIQUE (reading, kind)
) STRICT;

-- `reading`: the reading that the decision belongs to; NULL: the case's own record. `adjudicates`: a decision of the record
-- that settles a cell which that reading and the record took for different classes (or takes such a decision back).
ALTER TABLE decisions ADD COLUMN reading INTEGER REFERENCES readings (id);
ALTER TABLE decisions ADD COLUMN adjudicates INTEGER REFERENCES readings (id);
CREATE INDEX decisions_by_reading ON decisions (reading, seq) WHERE reading IS NOT NULL;
CREATE INDEX decisions_by_adjudication ON decisions (adjudicates, seq) WHERE adjudicates IS NOT NULL;
DROP INDEX decisions_by_cell;
CREATE INDEX decisions_by_cell ON decisions (case_id, cell_id, reading, seq, target, class);

-- The extract that the list of cases is counted from knows the record alone.
DROP TRIGGER decisions_standing;
CREATE TRIGGER decisions_standing AFTER INSERT ON decisions WHEN NEW.reading IS NULL BEGIN
    DELETE FROM standing WHERE cell_id = NEW.cell_id;
    INSERT INTO standing (cell_id, case_id, seq, class)
    SELECT d.cell_id, d.case_id, d.seq, d.class FROM decisions d
    WHERE d.case_id = NEW.case_id AND d.cell_id = NEW.cell_id AND d.reading IS NULL AND d.target IS NULL
      AND coalesce((SELECT u.action FROM decisions u WHERE u.target = d.seq ORDER BY u.seq DESC LIMIT 1), 'redo') = 'redo'
    ORDER BY d.seq DESC LIMIT 1;
END;

-- A reading holds decisions of its reviewer on its case, until it ends; without suggestions it knows none.
CREATE TRIGGER decisions_of_reading BEFORE INSERT ON decisions WHEN NEW.reading IS NOT NULL AND (
    NEW.adjudicates IS NOT NULL
    OR NOT EXISTS (SELECT 1 FROM readings r WHERE r.id = NEW.reading AND r.case_id = NEW.case_id AND r.reviewer = NEW.reviewer
                   AND (r.suggestions = 1 OR (NEW.suggested IS NULL AND NEW.network IS NULL AND NEW.action <> 'accept')))
    OR EXISTS (SELECT 1 FROM reading_events e WHERE e.reading = NEW.reading))
    BEGIN SELECT raise(ABORT, 'the decision is not one of this reading'); END;
CREATE TRIGGER decisions_adjudicate BEFORE INSERT ON decisions WHEN NEW.adjudicates IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM readings r JOIN reading_events e ON e.reading = r.id AND e.kind = 'compared'
    WHERE r.id = NEW.adjudicates AND r.case_id = NEW.case_id AND r.kind <> 'training')
    BEGIN SELECT raise(ABORT, 'only a reading that was compared is adjudicated'); END;

-- What a signature owes to two readers, written down with it. `n`: cells that both decided; `open`: cells in dispute that
-- nobody settled. `kappa` is NULL where it is not defined.
CREATE TABLE signed_readings (
    signed_id   INTEGER PRIMARY KEY REFERENCES signed (id),
    reading     INTEGER NOT NULL REFERENCES readings (id),
    n           INTEGER NOT NULL,
    agreed      INTEGER NOT NULL,
    kappa       REAL,
    kappa_lower REAL,
    kappa_upper REAL,
    disputes    INTEGER NOT NULL,
    open        INTEGER NOT NULL CHECK (open BETWEEN 0 AND disputes)
) STRICT;
CREATE TABLE signed_readers (
    signed_id INTEGER NOT NULL REFERENCES signed_readings (signed_id),
    role      TEXT NOT NULL CHECK (role IN ('first', 'second', 'adjudicator')),
    name      TEXT NOT NULL CHECK (trim(name) <> ''),
    PRIMARY KEY (signed_id, role, name)
) STRICT, WITHOUT ROWID;
-- Classes by their codes; NULL: taken out of every count. What holds is in `signed_decisions`.
CREATE TABLE signed_disputes (
    signed_id INTEGER NOT NULL REFERENCES signed_readings (signed_id),
    cell_id   INTEGER NOT NULL REFERENCES cells (id),
    first     TEXT,
    second    TEXT,
    settled   INTEGER NOT NULL CHECK (settled IN (0, 1)),
    PRIMARY KEY (signed_id, cell_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER readings_no_update BEFORE UPDATE ON readings BEGIN SELECT raise(ABORT, 'readings are never changed'); END;
CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings BEGIN SELECT raise(ABORT, 'readings are never deleted'); END;
CREATE TRIGGER readings_no_replace BEFORE INSERT ON readings WHEN EXISTS (SELECT 1 FROM readings WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'readings are never replaced'); END;

CREATE TRIGGER reading_events_no_update BEFORE UPDATE ON reading_events
    BEGIN SELECT raise(ABORT, 'readings are never changed'); END;
CREATE TRIGGER reading_events_no_delete BEFORE DELETE ON reading_events
    BEGIN SELECT raise(ABORT, 'readings are never deleted'); END;
CREATE TRIGGER reading_events_no_replace BEFORE INSERT ON reading_events
    WHEN EXISTS (SELECT 1 FROM reading_events WHERE id = NEW.id OR (reading = NEW.reading AND kind = NEW.kind))
    BEGIN SELECT raise(ABORT, 'readings are never replaced'); END;

CREATE TRIGGER signed_readings_no_update BEFORE UPDATE ON signed_readings
    BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_readings_no_delete BEFORE DELETE ON signed_readings
    BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_readings_no_replace BEFORE INSERT ON signed_readings
    WHEN EXISTS (SELECT 1 FROM signed_readings WHERE signed_id = NEW.signed_id)
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;

CREATE TRIGGER signed_readers_no_update BEFORE UPDATE ON signed_readers
    BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_readers_no_delete BEFORE DELETE ON signed_readers
    BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_readers_no_replace BEFORE INSERT ON signed_readers
    WHEN EXISTS (SELECT 1 FROM signed_readers WHERE signed_id = NEW.signed_id AND role = NEW.role AND name = NEW.name)
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;

CREATE TRIGGER signed_disputes_no_update BEFORE UPDATE ON signed_disputes
    BEGIN SELECT raise(ABORT, 'signed versions are never changed'); END;
CREATE TRIGGER signed_disputes_no_delete BEFORE DELETE ON signed_disputes
    BEGIN SELECT raise(ABORT, 'signed versions are never deleted'); END;
CREATE TRIGGER signed_disputes_no_replace BEFORE INSERT ON signed_disputes
    WHEN EXISTS (SELECT 1 FROM signed_disputes WHERE signed_id = NEW.signed_id AND cell_id = NEW.cell_id)
    BEGIN SELECT raise(ABORT, 'signed versions are never replaced'); END;
