//! What the field means by its words: classes, rankings, decisions, counts and intervals.
//!
//! Pure: no file, no clock, no database and no terminal is touched here. Everything else in the crate may
//! depend on this module; it depends on nothing of the crate.

mod agreement;
mod alike;
mod blasts;
mod case;
mod case_event;
mod case_name;
mod cell;
mod class;
mod comparison;
mod confusion;
mod decision;
mod enough;
mod flags;
mod hash;
mod history;
mod interval;
mod laboratory;
mod natural;
mod person;
mod printable;
mod problem;
mod ranges;
mod ranking;
mod reading;
mod remark;
mod scale;
mod tally;
mod triage;
mod words;

pub use agreement::{Kappa, Z975, cohens_kappa};
pub use alike::{LibraryId, LibrarySource, LookAlike, LookAlikes, votes};
pub use blasts::{BlastNames, BlastSet, BlastSetError};
pub use case::{
    CaseId, CaseRecord, CaseState, CaseSummary, CellRecord, FoundCase, FoundCell, Layout, PHANTOM_MARK, Refusal,
};
pub use case_event::CaseEvent;
pub use case_name::{composed_name, name_key, spelt_out};
pub use cell::{CellId, CellNumber};
pub use class::{Class, ClassId, ClassTable, ClassTableError, Loinc, LoincCode, Role};
pub use comparison::{Comparison, Opinion, Pair, opinions, settles};
pub use confusion::Confusion;
pub use decision::{Action, Bulk, Decision, EXCLUDED, Seq, Verdict, current, redoable, step, undoable};
pub use enough::{StopRule, StopVerdict, TARGETS, target_name};
pub use flags::{Apart, ClassCount, Finding, Flag, FlagRules, Limit, Origin, mcnemar};
pub use hash::{Sha256Hash, Sha256ParseError};
pub use history::{Happening, What};
pub use interval::{Interval, clopper_pearson};
pub use laboratory::{Field, Identifier, Laboratory, Mllp};
pub use natural::natural_cmp;
pub use person::{is_name, same_person};
pub use printable::{printable, printable_lines, steers};
pub use problem::FileProblem;
pub use ranges::{Against, Ranges, RefRange};
pub use ranking::{Ranking, RankingError, Unlike};
pub use reading::{Reading, ReadingEnd, ReadingId, ReadingKind, drawn, per_reader};
pub use remark::{Remark, RemarkKind, tag, tags};
pub use scale::{Scale, ScaleSource, scale_for_frame, scales_differ};
pub use tally::{Share, Tally, TallyRow};
pub use triage::{Facts, Filter, FilterError, Order};
pub use words::{counted, day, one_decimal, to_the_minute, to_the_second};
