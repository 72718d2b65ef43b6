//! When something is recorded: the later of the clock and the last entry, for time never runs backwards in a record.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{Result, Store};

/// How far behind the last entry a clock may be without a word: entries of one moment may be dated milliseconds apart.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// The last entry of each table that is dated, whatever case it is of.
const LAST: &str = "SELECT max(at) FROM (
    SELECT * FROM (SELECT at FROM decisions ORDER BY seq DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT imported_at FROM cases ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM case_events ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM notes ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM remarks ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT begun_at FROM readings ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM reading_events ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM signed ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM reopenings ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM (SELECT at FROM outbox_states ORDER BY id DESC LIMIT 1))";

/// The time of an entry that is made now, as the database writes it: always after the last entry that there is. Within its
/// millisecond, and while the clock is behind, an entry is a millisecond after the one before, so that their order stays.
pub(super) fn now(conn: &Connection) -> Result<String> {
    let clock = clock();
    let at = match last(conn)? {
        Some(last) if clock.as_millisecond() <= last.as_millisecond() => {
            last.checked_add(SignedDuration::from_millis(1)).unwrap_or(last)
        }
        _ => clock,
    };
    Ok(written(at))
}

/// The clock; one that is out of all bounds is taken to stand at the end of time, one before 1970 at its beginning: times of years
/// before 0 would neither be read back nor sort as text.
fn clock() -> Timestamp {
    let system = SystemTime::now();
    let end = if system > SystemTime::UNIX_EPOCH { Timestamp::MAX } else { Timestamp::UNIX_EPOCH };
    Timestamp::try_from(system).unwrap_or(end).max(Timestamp::UNIX_EPOCH)
}

/// RFC 3339 in UTC with milliseconds.
fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn last(conn: &Connection) -> Result<Option<Timestamp>> {
    let text: Option<String> = conn.prepare_cached(LAST)?.query_row([], |row| row.get(0))?;
    Ok(text.and_then(|text| text.parse().ok()))
}

impl Store {
    /// Where the clock of this computer is behind the last entry: a sentence that says so and what entries are dated.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn clock_behind(&self) -> Result<Option<String>> {
        let (clock, last) = (clock(), last(&self.conn)?);
        Ok(last.filter(|last| last.duration_since(clock) > SLACK).map(|last| {
            format!(
                "the clock of this computer says {}, and the last entry of the database is of {}: what is recorded now is dated after \
                 that; set the clock",
                written(clock),
                written(last)
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_utc_with_milliseconds_and_the_ends_of_time_are_times() {
        let text = written(clock());
        assert_eq!((text.len(), &text[10..11], &text[19..20], &text[23..]), (24, "T", ".", "Z"), "{text}");
        for end in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert!(written(end).parse::<Timestamp>().is_ok(), "{}", written(end));
        }
        assert!(Timestamp::MAX.checked_add(SignedDuration::from_millis(1)).is_err());
    }
}
