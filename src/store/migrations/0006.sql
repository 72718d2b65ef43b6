-- Records of leukoscope, schema 6: messages to a laboratory's system, and what became of them.

-- One message for each signed version that was to be sent. `control_id`: MSH-10, the same whenever it is sent.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id    INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    control_id TEXT NOT NULL UNIQUE CHECK (control_id <> ''),
    UNIQUE (case_id, version),
    FOREIGN KEY (case_id, version) REFERENCES signed (case_id, version)
) STRICT;

-- Its states, the latest one holds. `queued` carries the message's bytes; `sent` is written before a byte goes out, so that after a
-- crash the receiver may have it or not; `detail` is the receiver's address, or what it answered.
CREATE TABLE outbox_states (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    at        TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'accepted', 'refused')),
    reviewer  TEXT CHECK (trim(reviewer) <> ''),
    detail    TEXT,
    message   BLOB,
    CHECK ((state = 'queued') = (message IS NOT NULL)),
    CHECK ((state = 'queued') = (reviewer IS NOT NULL))
) STRICT;
CREATE INDEX outbox_states_by_message ON outbox_states (outbox_id, id);

-- queued -> sent -> accepted or refused; what was lost is sent again, what was refused is queued again, and what was accepted is done.
CREATE TRIGGER outbox_states_in_order BEFORE INSERT ON outbox_states
    WHEN (coalesce((SELECT state FROM outbox_states WHERE outbox_id = NEW.outbox_id ORDER BY id DESC LIMIT 1), 'new'), NEW.state)
         NOT IN (VALUES ('new', 'queued'), ('queued', 'queued'), ('queued', 'sent'), ('sent', 'sent'), ('sent', 'accepted'),
                        ('sent', 'refused'), ('refused', 'queued'))
    BEGIN SELECT raise(ABORT, 'a message does not go from its state to this one'); END;

CREATE TRIGGER outbox_no_update BEFORE UPDATE ON outbox BEGIN SELECT raise(ABORT, 'messages are never changed'); END;
CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox BEGIN SELECT raise(ABORT, 'messages are never deleted'); END;
CREATE TRIGGER outbox_no_replace BEFORE INSERT ON outbox
    WHEN EXISTS (SELECT 1 FROM outbox WHERE id = NEW.id OR control_id = NEW.control_id
                 OR (case_id = NEW.case_id AND version = NEW.version))
    BEGIN SELECT raise(ABORT, 'messages are never replaced'); END;

CREATE TRIGGER outbox_states_no_update BEFORE UPDATE ON outbox_states
    BEGIN SELECT raise(ABORT, 'states of messages are never changed'); END;
CREATE TRIGGER outbox_states_no_delete BEFORE DELETE ON outbox_states
    BEGIN SELECT raise(ABORT, 'states of messages are never deleted'); END;
CREATE TRIGGER outbox_states_no_replace BEFORE INSERT ON outbox_states
    WHEN EXISTS (SELECT 1 FROM outbox_states WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'states of messages are never replaced'); END;
