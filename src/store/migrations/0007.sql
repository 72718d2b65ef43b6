-- Records of leukoscope, schema 7: who a database and a case are, what became of a case, and what a signature holds against itself.

-- Identities of this database, the latest holds: one made with the file, one more for each restored backup, since from then on
-- two files may go on from the same records. A signed version keeps the one under which it was signed.
CREATE TABLE identity (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE CHECK (length(uid) = 32),
    at  TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('made', 'restored'))
) STRICT;
INSERT INTO identity (uid, at, why) VALUES (lower(hex(randomblob(16))), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'made');
CREATE TRIGGER identity_no_update BEFORE UPDATE ON identity BEGIN SELECT raise(ABORT, 'identities are never changed'); END;
CREATE TRIGGER identity_no_delete BEFORE DELETE ON identity BEGIN SELECT raise(ABORT, 'identities are never deleted'); END;
CREATE TRIGGER identity_no_replace BEFORE INSERT ON identity WHEN EXISTS (SELECT 1 FROM identity WHERE id = NEW.id OR uid = NEW.uid)
    BEGIN SELECT raise(ABORT, 'identities are never replaced'); END;

-- A case's own identity, whatever it is called and wherever its images lie: what ids in exports and messages are made of.
ALTER TABLE cases ADD COLUMN uid TEXT CHECK (length(uid) = 32);
UPDATE cases SET uid = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX cases_by_uid ON cases (uid);
CREATE TRIGGER cases_uid AFTER INSERT ON cases WHEN NEW.uid IS NULL BEGIN
    UPDATE cases SET uid = lower(hex(randomblob(16))) WHERE id = NEW.id;
END;

-- Further folders of a case, its second slides; the first one is `cases.root`. Paths of their images are absolute.
CREATE TABLE case_folders (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    root     ANY NOT NULL,
    added_at TEXT NOT NULL,
    UNIQUE (case_id, root)
) STRICT;

-- Lists leave out what is in the archive.
ALTER TABLE cases ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));

-- What became of a case beside its decisions: where it lies, what belongs to it, what it is called, what counts as a blast in it.
-- By the case's uid, so that the deletion of a case stays on the record. `case_name`: as it was called then. `detail`: JSON, by kind.
CREATE TABLE case_events (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    case_uid  TEXT NOT NULL CHECK (length(case_uid) = 32),
    case_name TEXT NOT NULL,
    at        TEXT NOT NULL,
    reviewer  TEXT CHECK (trim(reviewer) <> ''),
    kind      TEXT NOT NULL CHECK (kind <> ''),
    detail    TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX case_events_by_case ON case_events (case_uid, id);
CREATE TRIGGER case_events_no_update BEFORE UPDATE ON case_events BEGIN SELECT raise(ABORT, 'events are never changed'); END;
CREATE TRIGGER case_events_no_delete BEFORE DELETE ON case_events BEGIN SELECT raise(ABORT, 'events are never deleted'); END;
CREATE TRIGGER case_events_no_replace BEFORE INSERT ON case_events WHEN EXISTS (SELECT 1 FROM case_events WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'events are never replaced'); END;

-- `digest`: SHA-256 of all that the version says, held against it whenever it is read; NULL: signed before schema 7, when only its
-- totals can be held against its cells. `origin`: the identity of the database that it was signed in; NULL: the same.
-- `no_wbc_reason`: why a differential without a single WBC was signed.
ALTER TABLE signed ADD COLUMN digest BLOB CHECK (length(digest) = 32);
ALTER TABLE signed ADD COLUMN origin TEXT CHECK (length(origin) = 32);
ALTER TABLE signed ADD COLUMN no_wbc_reason TEXT CHECK (trim(no_wbc_reason) <> '');

-- `blast` says whether the class counted towards the blasts of the case, `blast_class` whether the class table called it a blast: what
-- counted and is none was a blast equivalent. NULL: signed before schema 7, when the blasts of the class table counted and nothing else.
ALTER TABLE signed_counts ADD COLUMN blast_class INTEGER CHECK (blast_class IN (0, 1));

-- 1: the image files themselves state the scale; `scale`, whose words are schema 1's, then says `given`.
ALTER TABLE cases ADD COLUMN scale_from_file INTEGER NOT NULL DEFAULT 0 CHECK (scale_from_file IN (0, 1));

-- A cell's number in its case is `ordinal` + 1, in every command and format: it stays for good.
CREATE TRIGGER cells_ordinal_no_update BEFORE UPDATE OF ordinal ON cells WHEN NEW.ordinal IS NOT OLD.ordinal
    BEGIN SELECT raise(ABORT, 'numbers of cells are never changed'); END;
