-- Records of leukoscope, schema 3: decisions on many cells at once, in one step.

-- `shown`: what the screen said the step is about. `visible`: how many of its cells were on the screen at that moment; the
-- others had been on it before.
CREATE TABLE bulks (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    cells    INTEGER NOT NULL CHECK (cells > 0),
    visible  INTEGER NOT NULL CHECK (visible BETWEEN 0 AND cells),
    shown    TEXT NOT NULL CHECK (trim(shown) <> '')
) STRICT;
CREATE TRIGGER bulks_no_update BEFORE UPDATE ON bulks BEGIN SELECT raise(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER bulks_no_delete BEFORE DELETE ON bulks BEGIN SELECT raise(ABORT, 'decisions are never deleted'); END;
CREATE TRIGGER bulks_no_replace BEFORE INSERT ON bulks WHEN EXISTS (SELECT 1 FROM bulks WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'decisions are never replaced'); END;

-- NULL: a decision on one cell alone.
ALTER TABLE decisions ADD COLUMN bulk INTEGER REFERENCES bulks (id);
CREATE INDEX decisions_by_bulk ON decisions (bulk) WHERE bulk IS NOT NULL;

-- What was said of a case, and tags of cases and cells; notes on cells have their own table. NULL as the cell: the case.
CREATE TABLE remarks (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    cell_id  INTEGER,
    reviewer TEXT NOT NULL CHECK (trim(reviewer) <> ''),
    at       TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'untag')),
    text     TEXT NOT NULL CHECK (trim(text) <> ''),
    FOREIGN KEY (case_id, cell_id) REFERENCES cells (case_id, id)
) STRICT;
CREATE INDEX remarks_by_case ON remarks (case_id, id);
CREATE TRIGGER remarks_no_update BEFORE UPDATE ON remarks BEGIN SELECT raise(ABORT, 'remarks are never changed'); END;
CREATE TRIGGER remarks_no_delete BEFORE DELETE ON remarks BEGIN SELECT raise(ABORT, 'remarks are never deleted'); END;
CREATE TRIGGER remarks_no_replace BEFORE INSERT ON remarks WHEN EXISTS (SELECT 1 FROM remarks WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'remarks are never replaced'); END;
