//! Frames on ratatui's test backend: what is seen, and that nothing panics at any size.

mod alike;
mod blasts;
mod figures;
mod readings;

use std::sync::Arc;

use image::{Rgb, RgbImage};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};

use super::{ColourDepth, Drawn, KeyHints, Picture, PictureMode, PictureRequest, Pictures, Theme, View, draw};
use crate::{
    app::{
        Command, Event, Mode, State, Typed,
        fixture::{loaded, others, painted, press, ranking, reviewing},
        update,
    },
    domain::{Action, CaseId, CaseSummary, CellId, ClassTable, Share, StopRule, Unlike},
};

/// Keys as a keymap would name them, without one.
struct Keys(ClassTable);

impl KeyHints for Keys {
    fn key(&self, _: Mode, command: Command) -> Option<String> {
        Some(match command {
            Command::Accept => "space".to_owned(),
            Command::Class(id) => self.0.code(id)[..1].to_lowercase(),
            Command::Confirm => "enter".to_owned(),
            Command::Cancel => "esc".to_owned(),
            Command::Sign => "S".to_owned(),
            Command::Exclude => "x".to_owned(),
            Command::Reopen => "R".to_owned(),
            other => other.doc().name[..1].to_owned(),
        })
    }

    fn footer(&self, mode: Mode, available: &dyn Fn(Command) -> bool) -> Vec<(String, String)> {
        let here = Command::PLAIN.iter().filter(|c| c.doc().modes.contains(&mode) && available(**c));
        here.map(|&c| (self.key(mode, c).unwrap_or_default(), c.doc().short.to_owned())).collect()
    }

    fn help(&self, mode: Mode) -> Vec<(String, String)> {
        let here = Command::PLAIN.iter().filter(|c| c.doc().modes.contains(&mode));
        here.map(|&c| (self.key(mode, c).unwrap_or_default(), c.doc().long.to_owned())).collect()
    }
}

/// A picture for every cell, but for what `odd` says of them.
#[derive(Clone, Copy, PartialEq)]
enum Shots {
    All,
    None,
    Lost,
    /// All but maps, which are on their way.
    NoMaps,
    /// All but maps, which there are none of.
    LostMaps,
}

impl Pictures for Shots {
    fn picture(&self, request: PictureRequest) -> Picture {
        match self {
            Self::NoMaps if request.explain.is_some() => Picture::Waiting,
            Self::LostMaps if request.explain.is_some() => Picture::Failed("not trained".to_owned()),
            Self::All | Self::NoMaps | Self::LostMaps => {
                let map = if request.explain.is_some() { 128 } else { 0 };
                let shade = |x: u32, y: u32| Rgb([(x * 40) as u8, (y * 24) as u8, (request.cell.0 * 16) as u8 ^ map]);
                Picture::Ready(Arc::new(RgbImage::from_fn(request.size.0, request.size.1, shade)))
            }
            Self::None => Picture::Waiting,
            Self::Lost => Picture::Failed(
                "file not found: import the folder from where it is now: leukoscope import DIR".to_owned(),
            ),
        }
    }
}

struct Shot {
    text: String,
    drawn: Drawn,
    terminal: Terminal<TestBackend>,
}

fn shoot(state: &State, (columns, rows): (u16, u16), depth: ColourDepth, pictures: Shots, mode: PictureMode) -> Shot {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test backend");
    let theme = Theme { dark: true, depth };
    let keys = Keys(state.table.clone());
    let mut drawn = Drawn::default();
    let view = View { state, keys: &keys, theme: &theme, pictures: &pictures, mode };
    terminal.draw(|frame| drawn = draw(frame, &view)).expect("the test backend takes everything");
    let buffer = terminal.backend().buffer();
    let line = |y: u16| {
        let text: String = (0..columns).map(|x| buffer[(x, y)].symbol()).collect();
        text.trim_end().to_owned()
    };
    let text = (0..rows).map(line).collect::<Vec<_>>().join("\n");
    Shot { text, drawn, terminal }
}

fn text(state: &State, size: (u16, u16)) -> String {
    shoot(state, size, ColourDepth::Palette256, Shots::All, PictureMode::HalfBlock).text
}

/// Ann in the middle of her review: some accepted, some reclassified, one excluded, one with a note, one of Bea's.
fn midway() -> State {
    let mut state = reviewing(60);
    let class = |state: &State, code: &str| Command::Class(state.table.by_code(code).expect("a code"));
    for _ in 0..11 {
        press(&mut state, Command::Accept);
    }
    for code in ["MYO", "NGS", "EBO", "KSC", "MYO"] {
        let command = class(&state, code);
        press(&mut state, command);
    }
    press(&mut state, Command::Exclude);
    let myo = state.table.by_code("MYO").expect("a code");
    update(&mut state, Event::LogRefreshed(vec![others(100, 19, "Bea", Action::Reclassify(myo))]));
    let cell = state.review.as_ref().and_then(|r| r.current()).map(|c| c.id).expect("a cell");
    update(&mut state, Event::NoteAdded(cell, "vacuoles, look again".to_owned()));
    state.notice = None;
    state
}

fn listing() -> State {
    let mut state = State::new(ClassTable::default(), "Ann");
    let case = |i: usize| {
        let mut case = loaded(0).record;
        case.id.0 = i as i64;
        if i > 0 {
            case.name = format!("Patient_{i:02}");
            case.layout = crate::domain::Layout::Flat;
        }
        if i % 3 == 1 {
            (case.state, case.version) = (crate::domain::CaseState::Signed, Some(1));
        }
        CaseSummary {
            case,
            cells: 120,
            reviewed: (i as u64 * 37) % 121,
            blasts: Share::new(i as u64 * 5 % 90, 100).filter(|_| i > 0),
        }
    };
    update(&mut state, Event::CasesLoaded((0..30).map(case).collect()));
    update(&mut state, Event::Command(Command::Next));
    state
}

#[test]
fn the_review_at_80x24() {
    insta::assert_snapshot!(text(&midway(), (80, 24)));
}

/// The cell under review, and one beside it, are unlike what the network was trained on.
fn flagged() -> State {
    let mut state = midway();
    let unlike = |score, flagged| Some(Unlike { score, flagged });
    let guess = |state: &State| ranking(&state.table, 7, 0.43);
    let rankings = [(18, unlike(0.998, true)), (19, unlike(0.31, false)), (21, unlike(0.97, true))]
        .map(|(cell, unlike)| (CellId(cell), guess(&state).with_unlike(unlike)));
    update(&mut state, Event::Predictions(CaseId(7), rankings.into()));
    press(&mut state, Command::Accept);
    state
}

#[test]
fn a_flagged_cell_at_80x24() {
    insta::assert_snapshot!(text(&flagged(), (80, 24)));
}

#[test]
fn a_flagged_cell_at_120x40() {
    insta::assert_snapshot!(text(&flagged(), (120, 40)));
}

#[test]
fn a_flagged_cell_shows_no_class_in_its_colours_and_a_cell_that_is_not_does() {
    let coloured = |state: &State| {
        let shot = shoot(state, (120, 40), ColourDepth::Palette256, Shots::None, PictureMode::Off);
        let buffer = shot.terminal.backend().buffer();
        let myo = state.table.get(state.table.by_code("MYO").expect("a code"));
        let colour = Theme { dark: true, depth: ColourDepth::Palette256 }.class(myo).fg;
        let bars = buffer.content.iter().filter(|c| c.symbol() == "█" && Some(c.fg) == colour).count();
        (bars, shot.text.contains("unlike the training data"))
    };
    let mut state = flagged();
    assert_eq!(coloured(&state), (0, true));
    press(&mut state, Command::Next);
    let (bars, warned) = coloured(&state);
    assert!(bars > 5 && !warned, "{bars}");
}

#[test]
fn the_review_at_120x40() {
    insta::assert_snapshot!(text(&midway(), (120, 40)));
}

#[test]
fn the_review_at_200x60() {
    insta::assert_snapshot!(text(&midway(), (200, 60)));
}

#[test]
fn the_review_without_colour() {
    let shot = shoot(&midway(), (80, 24), ColourDepth::Mono, Shots::All, PictureMode::HalfBlock);
    let buffer = shot.terminal.backend().buffer();
    assert!(
        buffer.content.iter().all(|c| c.fg == ratatui::style::Color::Reset && c.bg == ratatui::style::Color::Reset)
    );
    insta::assert_snapshot!(shot.text);
}

#[test]
fn the_review_enlarged() {
    let mut state = midway();
    press(&mut state, Command::Zoom);
    insta::assert_snapshot!(text(&state, (80, 24)));
}

#[test]
fn the_case_list() {
    insta::assert_snapshot!(text(&listing(), (80, 24)));
}

#[test]
fn the_summary_before_a_signature() {
    let mut state = midway();
    press(&mut state, Command::Sign);
    insta::assert_snapshot!(text(&state, (80, 24)));
}

#[test]
fn the_search_beside_the_picture() {
    let mut state = midway();
    press(&mut state, Command::Search);
    "my".chars().for_each(|c| drop(update(&mut state, Event::Typed(Typed::Char(c)))));
    insta::assert_snapshot!(text(&state, (80, 24)));
}

/// Ann stops when blasts are clear of a threshold, which her case is not yet.
fn with_rule(rule: usize) -> State {
    let mut state = midway();
    state.rule = Some(StopRule::CHOICES[rule]);
    state
}

#[test]
fn a_rule_that_is_open_at_80x24() {
    insta::assert_snapshot!(text(&with_rule(0), (80, 24)));
}

#[test]
fn a_rule_that_is_met_at_200x60() {
    let mut state = with_rule(2);
    update(&mut state, Event::TargetSet(CaseId(7), 400));
    state.notice = None;
    insta::assert_snapshot!(text(&state, (200, 60)));
}

#[test]
fn the_choice_of_what_is_enough() {
    let mut state = with_rule(1);
    press(&mut state, Command::Target);
    insta::assert_snapshot!(text(&state, (80, 24)));
}

/// A case with a few cells of every class, a rule, something excluded and something without a decision.
fn everything() -> State {
    let mut state = reviewing(100);
    state.rule = Some(StopRule::CHOICES[0]);
    let classes: Vec<_> = state.table.iter().map(|(id, _)| id).collect();
    for &id in [&classes; 4].into_iter().flatten() {
        press(&mut state, Command::Class(id));
    }
    press(&mut state, Command::Exclude);
    state
}

#[test]
fn a_summary_of_every_class_with_its_flags_at_80x24() {
    let mut state = everything();
    press(&mut state, Command::Sign);
    let shot = shoot(&state, (80, 24), ColourDepth::Palette256, Shots::All, PictureMode::HalfBlock);
    assert!(shot.drawn.painted.summary.is_some(), "figures that do not fit could not be signed\n{}", shot.text);
    insta::assert_snapshot!(shot.text);
}

#[test]
fn a_summary_tells_every_flag_where_there_is_room() {
    let mut state = everything();
    press(&mut state, Command::Sign);
    let said = text(&state, (120, 50));
    for flag in state.flags() {
        let sentence = flag.sentence();
        let start = sentence.split(';').next().expect("a sentence");
        assert!(said.contains(start), "{start}\n{said}");
    }
}

#[test]
fn enlarged_the_denominators_stay_in_sight() {
    let mut state = midway();
    press(&mut state, Command::Zoom);
    let said = text(&state, (80, 24));
    for word in ["WBC 15/100", "excluded 1", "NRBC 6.7", "smudge 6.7 /100 WBC", "! 5 flags", "blasts 33.3% (11.8–61.6)"]
    {
        assert!(said.contains(word), "{word}\n{said}");
    }
}

#[test]
fn the_help_pane() {
    let mut state = midway();
    press(&mut state, Command::Help);
    insta::assert_snapshot!(text(&state, (80, 24)));
}

#[test]
fn the_text_report_lies_over_its_file_and_its_end_is_found() {
    let mut state = midway();
    let form = |name| crate::app::ExportForm { name, about: "a form", ending: "txt", asks: false };
    state.forms = vec![form("json"), form("text")];
    press(&mut state, Command::Export);
    insta::assert_snapshot!("the_forms_of_an_export", text(&state, (80, 24)));
    let mut asking = state.clone();
    asking.forms[0].asks = true;
    asking.particulars = vec![crate::app::Particular { field: None, label: "Patient's identifier".into() }];
    "json".chars().for_each(|c| drop(update(&mut asking, Event::Typed(Typed::Char(c)))));
    update(&mut asking, Event::Typed(Typed::Enter));
    let asked = text(&asking, (80, 24));
    assert!(asked.contains("┌ Patient's identifier; empty: none ─"), "{asked}");
    update(&mut state, Event::Typed(Typed::Enter));
    update(&mut state, Event::ExportPreview((1..=40).map(|i| format!("line {i} of the report")).collect()));
    for _ in 0..60 {
        update(&mut state, Event::Typed(Typed::Down));
    }
    insta::assert_snapshot!("the_text_report_before_it_is_written", text(&state, (80, 24)));
    let shot = shoot(&state, (80, 24), ColourDepth::Mono, Shots::All, PictureMode::HalfBlock);
    assert_eq!(shot.drawn.painted.cell, None, "nothing is decided under it");
    update(&mut state, Event::Painted(shot.drawn.painted));
    let scroll = state.preview.as_ref().map(|p| p.scroll);
    assert!(scroll.is_some_and(|s| (20..40).contains(&s)), "{scroll:?}");
}

#[test]
fn only_what_is_seen_counts_as_painted() {
    let mut state = midway();
    let here = state.review.as_ref().and_then(|r| r.current()).map(|c| c.id);
    let painted_cell = |state: &State, size, shots| {
        shoot(state, size, ColourDepth::Mono, shots, PictureMode::HalfBlock).drawn.painted.cell
    };
    let seen = painted_cell(&state, (80, 24), Shots::All);
    assert_eq!(seen, painted(&state).cell);
    assert_eq!(painted_cell(&state, (80, 24), Shots::None), None, "the picture is still on its way");
    assert_eq!(painted_cell(&state, (79, 24), Shots::All), None, "too small a screen");
    let lost = painted_cell(&state, (80, 24), Shots::Lost).expect("a message in its place");
    assert_eq!((Some(lost.cell), lost.sight), (here, crate::app::Sight::Message));
    press(&mut state, Command::Help);
    assert_eq!(painted_cell(&state, (80, 24), Shots::All), None, "help lies over it");
}

#[test]
fn a_lost_picture_says_what_to_do_in_its_place() {
    let shot = shoot(&midway(), (80, 24), ColourDepth::Mono, Shots::Lost, PictureMode::HalfBlock);
    for words in ["file not found:", "leukoscope", "import DIR"] {
        assert!(shot.text.contains(words), "{}", shot.text);
    }
}

#[test]
fn an_overlay_leaves_its_cells_alone_and_gives_way_to_popups() {
    let mode = PictureMode::Overlay { cell_px: (10, 20) };
    let mut state = midway();
    let shot = shoot(&state, (80, 24), ColourDepth::Truecolor, Shots::All, mode);
    let [overlay] = shot.drawn.pictures.as_slice() else { panic!("one picture") };
    assert_eq!((overlay.image.dimensions(), overlay.bytes), ((200, 200), None));
    let buffer = shot.terminal.backend().buffer();
    assert!(overlay.area.positions().all(|p| buffer[p].symbol() == " "));
    let again = |state: &State| shoot(state, (80, 24), ColourDepth::Truecolor, Shots::All, mode).drawn.pictures;
    assert_eq!(again(&state)[0].id, overlay.id);
    press(&mut state, Command::Help);
    assert!(again(&state).is_empty());
    press(&mut state, Command::Cancel);
    press(&mut state, Command::Search);
    assert_eq!(again(&state)[0].id, overlay.id, "what is typed stands beside it");
}

#[test]
fn every_thumbnail_is_a_picture_of_its_own_and_what_lies_over_one_takes_it_away() {
    let mode = PictureMode::Overlay { cell_px: (10, 20) };
    let shot = |state: &State, size| shoot(state, size, ColourDepth::Truecolor, Shots::All, mode);
    // The review: one large picture, and the strip.
    let mut wide = midway();
    update(&mut wide, Event::Resize(200, 60));
    let strip = shot(&wide, (200, 60)).drawn.pictures;
    assert!(strip.len() > 10 && strip.iter().filter(|w| w.bytes.is_none()).count() == 1, "{}", strip.len());
    // The gallery: as many pictures as thumbnails, in their places, each with pixels of its own and a price.
    let mut state = gallery();
    update(&mut state, Event::Resize(200, 60));
    let drawn = shot(&state, (200, 60)).drawn;
    assert_eq!(drawn.pictures.len(), drawn.painted.thumbs.len());
    let ids: std::collections::HashSet<_> = drawn.pictures.iter().map(|w| w.id).collect();
    assert_eq!(ids.len(), drawn.pictures.len());
    assert!(drawn.pictures.iter().all(|w| w.image.dimensions() == (120, 120) && w.bytes.is_some_and(|b| b > 5_000)));
    assert!(drawn.ahead.iter().all(|r| r.size == (120, 120)), "the next page as the frame will ask for it");
    press(&mut state, Command::Help);
    let shot = shot(&state, (200, 60));
    let buffer = shot.terminal.backend().buffer();
    let covered = |area: ratatui::layout::Rect| area.positions().any(|p| buffer[p].symbol() != " ");
    assert!(!shot.drawn.pictures.is_empty() && shot.drawn.pictures.len() < drawn.pictures.len());
    assert!(!shot.drawn.pictures.iter().any(|w| covered(w.area)), "beside the pane");
    assert!(!shot.text.contains('\u{10fffd}'), "no mark is left");
}

#[test]
fn the_map_of_a_suggestion_takes_the_pictures_place_once_it_is_there() {
    let mut state = midway();
    let (half, overlay) = (PictureMode::HalfBlock, PictureMode::Overlay { cell_px: (10, 20) });
    let shot = |state: &State, size, shots, mode| shoot(state, size, ColourDepth::Truecolor, shots, mode);
    let plain = shot(&state, (80, 24), Shots::All, half);
    assert_eq!((plain.drawn.map, plain.text.contains("speaks for")), (None, false));
    press(&mut state, Command::Explain);
    let class = state.review.as_ref().and_then(|r| r.suggestion()).map(|s| s.0).expect("a suggestion");
    let code = state.table.code(class).to_owned();
    let waiting = shot(&state, (80, 24), Shots::NoMaps, half);
    assert!(waiting.text.contains(&format!("reasons for {code} …")), "{}", waiting.text);
    assert_eq!(waiting.drawn.wanted.first().and_then(|r| r.explain), Some(class));
    assert_eq!(waiting.drawn.painted, plain.drawn.painted, "the plain picture stands there meanwhile");
    let there = shot(&state, (80, 24), Shots::All, half);
    assert!(there.text.contains(&format!("what speaks for {code}")) && there.drawn.wanted.is_empty(), "{}", there.text);
    assert_eq!(there.drawn.painted, plain.drawn.painted);
    let pixels =
        |shot: &Shot| shot.terminal.backend().buffer().content.iter().map(|c| (c.fg, c.bg)).collect::<Vec<_>>();
    assert_ne!(pixels(&there), pixels(&waiting));
    let wide = shot(&state, (200, 60), Shots::All, half);
    assert!(wide.text.contains(&format!("what speaks for {code}: integrated gradients")), "{}", wide.text);
    let lost = shot(&state, (80, 24), Shots::LostMaps, half);
    assert!(lost.text.contains("no map: not trained") && lost.drawn.painted == plain.drawn.painted, "{}", lost.text);
    let off = shot(&state, (80, 24), Shots::All, PictureMode::Off);
    assert!(off.text.contains("no map: pictures"), "{}", off.text);
    // Over a graphics protocol the map is another picture, and the plain one stays until it is there.
    let id = |shots| shot(&state, (80, 24), shots, overlay).drawn.pictures.first().map(|w| w.id).expect("one");
    assert_ne!(id(Shots::All), id(Shots::NoMaps));
    let meanwhile = id(Shots::NoMaps);
    press(&mut state, Command::Explain);
    let plain = shot(&state, (80, 24), Shots::NoMaps, overlay).drawn.pictures;
    assert_eq!(plain.first().map(|w| w.id), Some(meanwhile));
}

#[test]
fn too_small_a_screen_says_what_it_needs_and_what_it_has() {
    let said = text(&midway(), (60, 20));
    assert!(said.contains("needs 80 columns and 24 rows") && said.contains("60 and 20"), "{said}");
}

#[test]
fn names_from_outside_cannot_steer_the_terminal() {
    let mut case = loaded(3);
    case.record.name = "a\x1b[2Jb".to_owned();
    case.cells[0].path = "x\u{9b}31m.png".into();
    let mut state = State::new(ClassTable::default(), "R\u{202e}eve");
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    update(&mut state, Event::Failed("bad\x07bell".to_owned()));
    let said = text(&state, (120, 40));
    assert!(!said.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{said:?}");
    assert!(said.contains("\\u{1b}"));
}

#[test]
fn unreviewed_cells_of_a_label_show_no_reference() {
    let mut state = reviewing(4);
    assert!(!text(&state, (120, 40)).contains("label"));
    press(&mut state, Command::Exclude);
    assert!(!text(&state, (120, 40)).contains("label"));
    press(&mut state, Command::Previous);
    assert!(text(&state, (120, 40)).contains("reference: label 0"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Any screen at any size, with any popup.
    #[test]
    fn no_size_panics(columns in 0_u16..=300, rows in 0_u16..=100, popup in 0_usize..10, shots in 0_usize..5, depth in 0_usize..3) {
        let mut state = if popup == 7 { listing() } else { midway() };
        update(&mut state, Event::Resize(columns, rows));
        let command = [None, Some(Command::Help), Some(Command::Sign), Some(Command::Search), Some(Command::Note), Some(Command::Zoom), None, None, Some(Command::Explain), Some(Command::Target)];
        if let Some(command) = command[popup] {
            press(&mut state, command);
        }
        if popup == 2 {
            press(&mut state, Command::Confirm);
        }
        if popup == 6 {
            update(&mut state, Event::CaseLoaded(Box::new(loaded(0))));
        }
        let shots = [Shots::All, Shots::None, Shots::Lost, Shots::NoMaps, Shots::LostMaps][shots];
        let depth = [ColourDepth::Truecolor, ColourDepth::Palette256, ColourDepth::Mono][depth];
        for mode in [PictureMode::HalfBlock, PictureMode::Overlay { cell_px: (9, 18) }, PictureMode::Off] {
            shoot(&state, (columns, rows), depth, shots, mode);
        }
    }
}

/// The same review as thumbnails, two of them selected.
fn gallery() -> State {
    let mut state = flagged();
    for command in [Command::Gallery, Command::First, Command::NextGroup, Command::SelectNext] {
        press(&mut state, command);
    }
    state.notice = None;
    state
}

#[test]
fn the_gallery_at_80x24() {
    insta::assert_snapshot!(text(&gallery(), (80, 24)));
}

#[test]
fn the_gallery_at_200x60() {
    let mut state = gallery();
    update(&mut state, Event::Resize(200, 60));
    insta::assert_snapshot!(text(&state, (200, 60)));
}

#[test]
fn only_thumbnails_that_are_on_the_screen_can_be_decided_about() {
    let state = gallery();
    let shot = |pictures| shoot(&state, (80, 24), ColourDepth::Palette256, pictures, PictureMode::HalfBlock).drawn;
    let (all, none) = (shot(Shots::All), shot(Shots::None));
    assert!(!all.painted.thumbs.is_empty() && all.painted.cell.is_some() && all.wanted.is_empty());
    assert!(all.main.is_none() && !all.ahead.is_empty(), "the next page is asked for, and no large picture");
    assert!(none.painted.thumbs.is_empty() && none.painted.cell.is_none());
    assert_eq!(none.wanted.len(), all.painted.thumbs.len());
    let mut helped = state.clone();
    press(&mut helped, Command::Help);
    let drawn = shoot(&helped, (80, 24), ColourDepth::Palette256, Shots::All, PictureMode::HalfBlock).drawn;
    assert!(drawn.painted.thumbs.is_empty(), "nothing is decided under a pane");
}

#[test]
fn what_comes_first_and_which_cells_are_chosen_beside_the_picture() {
    let mut state = midway();
    press(&mut state, Command::Order);
    insta::assert_snapshot!("the_orders", text(&state, (80, 24)));
    update(&mut state, Event::Typed(Typed::Down));
    update(&mut state, Event::Typed(Typed::Enter));
    press(&mut state, Command::Filter);
    "open p<90%".chars().for_each(|c| drop(update(&mut state, Event::Typed(Typed::Char(c)))));
    insta::assert_snapshot!("the_filter", text(&state, (80, 24)));
    update(&mut state, Event::Typed(Typed::Enter));
    insta::assert_snapshot!("a_filtered_review", text(&state, (80, 24)));
}
