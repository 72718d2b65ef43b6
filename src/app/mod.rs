//! What happens: state, event, and the update that turns both into a new state and effects.
//!
//! Knows no terminal, no SQL and no file; effects are carried out by the loop in [`crate::cli`].

mod alike;
mod blasts;
mod cases;
mod command;
mod decide;
mod enough;
mod event;
mod export;
mod gallery;
mod notice;
mod prompt;
mod reading;
mod review;
mod sequence;
mod sign;
mod state;
mod update;
mod waiting;

pub use alike::{Beside, NEAREST, Panel, Search, SearchNews, Spread};
pub use blasts::{blast_choices, blasts_chosen};
pub use cases::CaseList;
pub use command::{Command, CommandDoc, Mode};
pub use enough::EnoughChoice;
pub use event::{CompareWhich, Effect, Event, LoadedCase, Painted, PaintedCell, Proposal, Sight, Suggested, Typed};
pub use export::{ExportForm, Particular, Preview, Said, forms};
pub use gallery::{Gallery, Grid, GridLine, Group, THUMBS};
pub use notice::{DeadKey, Notice, Tone};
pub use prompt::{Prompt, PromptKind, matches, orders};
pub use reading::{BeginChoice, Disputes, OpenReading};
pub use review::{Review, SignedLabel, ZOOM_STEPS};
pub use sequence::Sequence;
pub use sign::SignPopup;
pub use state::{Input, MARGINS, NetworkStatus, Popup, Seen, State};
pub use update::update;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
pub(crate) use reading::fixture as reading_fixture;
#[cfg(test)]
mod tests;
