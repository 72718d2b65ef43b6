//! Exporting the case under review: in which form, with what beside the record, and to which file. What a form holds, and
//! writing it, is done outside.

use super::{Effect, Notice, Popup, Prompt, PromptKind, State};
use crate::domain::{CaseId, printable};

/// A form of an export, as the prompt lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportForm {
    /// What is typed, also on the command line.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Ending of its files.
    pub ending: &'static str,
    /// Whether it says whose blood it is: the patient and the laboratory's fields are asked for.
    pub asks: bool,
}

/// What such a form says beside the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Particular {
    /// The id of the laboratory's field; `None`: the patient's identifier.
    pub field: Option<String>,
    /// What is asked for.
    pub label: String,
}

/// What was typed for [`State::particulars`], in their order; for one case, and only as long as the program runs: a
/// patient's identifier is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The case.
    pub case: CaseId,
    /// Empty: not said.
    pub texts: Vec<String>,
}

impl Said {
    /// What was said of the patient.
    pub fn patient(&self, asked: &[Particular]) -> Option<String> {
        let (_, text) = asked.iter().zip(&self.texts).find(|(a, _)| a.field.is_none())?;
        (!text.is_empty()).then(|| text.clone())
    }

    /// The fields that were given, as `id=value`.
    pub fn fields(&self, asked: &[Particular]) -> Vec<String> {
        let pairs = asked.iter().zip(&self.texts).filter(|(_, text)| !text.is_empty());
        pairs.filter_map(|(a, text)| Some(format!("{}={text}", a.field.as_ref()?))).collect()
    }
}

/// The text report, to be read before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its lines.
    pub lines: Vec<String>,
    /// First line shown.
    pub scroll: usize,
}

/// The form that is shown before it is written.
const TEXT: &str = "text";

/// The forms that `typed` may mean, as indices of [`State::forms`]. Nothing typed: all of them, text first.
pub fn forms(state: &State, typed: &str) -> Vec<usize> {
    let typed = typed.trim().to_lowercase();
    let means =
        |&i: &usize| state.forms[i].name.starts_with(&typed) || state.forms[i].about.to_lowercase().contains(&typed);
    let mut found: Vec<usize> = (0..state.forms.len()).filter(means).collect();
    found.sort_by_key(|&i| (!state.forms[i].name.starts_with(&typed), state.forms[i].name != TEXT));
    found
}

pub(super) fn open(state: &mut State) {
    state.preview = None;
    state.popup = Some(Popup::Prompt(Prompt::new(PromptKind::Export)));
}

/// The form is chosen: the text is shown first, other forms ask for their file at once.
pub(super) fn choose(state: &mut State, typed: &str, marked: usize) -> Vec<Effect> {
    let Some(review) = &state.review else { return Vec::new() };
    let case = review.case.id;
    match forms(state, typed).get(marked) {
        None => state.notice = Some(Notice::NoChoice),
        Some(&form) if state.forms[form].name == TEXT => return vec![Effect::PreviewExport(case)],
        Some(&form) if state.forms[form].asks => ask_particular(state, form, 0),
        Some(&form) => ask(state, form),
    }
    Vec::new()
}

/// The text is there to be shown.
pub(super) fn previewed(state: &mut State, lines: Vec<String>) {
    // Whoever closed the prompt meanwhile wants no other one.
    let waiting = matches!(&state.popup, Some(Popup::Prompt(Prompt { kind: PromptKind::Export, .. })));
    let form = state.forms.iter().position(|f| f.name == TEXT);
    if let Some(form) = form.filter(|_| waiting) {
        ask(state, form);
        state.preview = Some(Preview { lines, scroll: 0 });
    }
}

/// Asks for the particular at `place`, and proposes what was said of this case before; for the file after the last one.
fn ask_particular(state: &mut State, form: usize, place: usize) {
    let Some(review) = &state.review else { return };
    if place >= state.particulars.len() {
        return ask(state, form);
    }
    let case = review.case.id;
    let said = state.said.take().filter(|s| s.case == case);
    let said = said.unwrap_or_else(|| Said { case, texts: vec![String::new(); state.particulars.len()] });
    let text = said.texts[place].clone();
    state.said = Some(said);
    state.popup = Some(Popup::Prompt(Prompt { text, ..Prompt::new(PromptKind::Particular { form, place }) }));
}

/// A particular is typed.
pub(super) fn say(state: &mut State, form: usize, place: usize, text: String) {
    if printable(&text) != text {
        state.notice = Some(Notice::NotPlain);
        return;
    }
    if let Some(kept) = state.said.as_mut().and_then(|s| s.texts.get_mut(place)) {
        *kept = text;
    }
    ask_particular(state, form, place + 1);
}

fn ask(state: &mut State, form: usize) {
    let Some(review) = &state.review else { return };
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = review.case.name.chars().map(plain).collect();
    let text = format!("{}.{}", name.trim_start_matches(['.', '-']), state.forms[form].ending);
    state.popup = Some(Popup::Prompt(Prompt { text, ..Prompt::new(PromptKind::ExportTo(form)) }));
}

/// The file is named; `replace`: it was said that one is there.
pub(super) fn write(state: &mut State, form: usize, path: String, replace: bool) -> Vec<Effect> {
    let (Some(review), Some(form)) = (&state.review, state.forms.get(form)) else { return Vec::new() };
    if path.is_empty() {
        state.notice = Some(Notice::EmptyText("the file's name"));
        return Vec::new();
    }
    let case = review.case.id;
    let said = state.said.clone().filter(|s| form.asks && s.case == case);
    vec![Effect::Export { case, form: form.name, path, replace, said }]
}

/// A file of that name is there: the next enter replaces it, unless something else is typed.
pub(super) fn exists(state: &mut State, path: &str) {
    if let Some(Popup::Prompt(prompt)) = &mut state.popup
        && matches!(prompt.kind, PromptKind::ExportTo(_))
    {
        prompt.marked = 1;
        state.notice = Some(Notice::FileExists(path.to_owned()));
    }
}

/// It is written.
pub(super) fn done(state: &mut State, what: String) {
    close(state);
    state.notice = Some(Notice::Written(what));
}

/// Closes the prompt and what it showed.
pub(super) fn close(state: &mut State) {
    state.preview = None;
    let Some(Popup::Prompt(prompt)) = &state.popup else { return };
    if matches!(prompt.kind, PromptKind::Export | PromptKind::Particular { .. } | PromptKind::ExportTo(_)) {
        state.popup = None;
    }
}

pub(super) fn scroll(state: &mut State, down: bool) {
    if let Some(preview) = &mut state.preview {
        preview.scroll = if down { preview.scroll + 1 } else { preview.scroll.saturating_sub(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{Command, Event, Painted, Typed, fixture::reviewing, update},
        domain::CaseId,
    };

    fn state() -> State {
        let form = |name, ending| ExportForm { name, about: "", ending, asks: name == "fhir" };
        let mut state = State {
            forms: vec![form("json", "json"), form("text", "txt"), form("html", "html"), form("fhir", "fhir.json")],
            ..reviewing(3)
        };
        if let Some(review) = &mut state.review {
            review.case.name = "../Demo 7/x".into();
        }
        assert_eq!(update(&mut state, Event::Command(Command::Export)), []);
        state
    }

    fn enter(state: &mut State) -> Vec<Effect> {
        update(state, Event::Typed(Typed::Enter))
    }

    fn prompt(state: &State) -> &Prompt {
        let Some(Popup::Prompt(prompt)) = &state.popup else { panic!("a prompt") };
        prompt
    }

    #[test]
    fn the_text_is_first_and_is_read_before_it_is_written() {
        let mut state = state();
        assert_eq!(enter(&mut state), [Effect::PreviewExport(CaseId(7))]);
        update(&mut state, Event::ExportPreview((0..50).map(|i| i.to_string()).collect()));
        assert_eq!((prompt(&state).kind, prompt(&state).text.as_str()), (PromptKind::ExportTo(1), "Demo-7-x.txt"));
        update(&mut state, Event::Typed(Typed::Down));
        assert_eq!(state.preview.as_ref().map(|p| p.scroll), Some(1));
        // The frame says where the end is.
        update(&mut state, Event::Painted(Painted { scroll: Some(0), ..Painted::default() }));
        assert_eq!(state.preview.as_ref().map(|p| p.scroll), Some(0));
        update(&mut state, Event::Typed(Typed::Esc));
        assert_eq!((&state.popup, &state.preview), (&None, &None));
        update(&mut state, Event::ExportPreview(vec!["late".into()]));
        assert_eq!(state.popup, None, "who left wants no prompt");
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_that_was_said_twice() {
        let mut state = state();
        "html".chars().for_each(|c| drop(update(&mut state, Event::Typed(Typed::Char(c)))));
        assert_eq!(enter(&mut state), []);
        let export = |replace, path: &str| Effect::Export {
            case: CaseId(7),
            form: "html",
            path: path.into(),
            replace,
            said: None,
        };
        assert_eq!(enter(&mut state), [export(false, "Demo-7-x.html")]);
        update(&mut state, Event::ExportExists("Demo-7-x.html".into()));
        assert_eq!(state.notice, Some(Notice::FileExists("Demo-7-x.html".into())));
        update(&mut state, Event::Typed(Typed::Char('5')));
        assert_eq!(enter(&mut state), [export(false, "Demo-7-x.html5")], "another name is another question");
        update(&mut state, Event::ExportExists("Demo-7-x.html5".into()));
        assert_eq!(enter(&mut state), [export(true, "Demo-7-x.html5")]);
        update(&mut state, Event::Failed("disk full".into()));
        assert!(state.popup.is_some(), "the path can be corrected");
        update(&mut state, Event::Exported("wrote it".into()));
        assert_eq!((&state.popup, &state.notice), (&None, &Some(Notice::Written("wrote it".into()))));
        update(&mut state, Event::Command(Command::Export));
        update(&mut state, Event::Typed(Typed::Char('q')));
        assert_eq!((enter(&mut state), &state.notice), (vec![], &Some(Notice::NoChoice)));
    }

    #[test]
    fn whose_blood_it_is_is_asked_once_and_only_for_what_says_it() {
        let mut state = state();
        let particular = |field: Option<&str>| Particular { field: field.map(str::to_owned), label: "x".into() };
        state.particulars = vec![particular(None), particular(Some("specimen")), particular(Some("slide"))];
        let typed = |state: &mut State, text: &str| {
            text.chars().for_each(|c| drop(update(state, Event::Typed(Typed::Char(c)))));
            enter(state)
        };
        typed(&mut state, "fhir");
        assert_eq!(prompt(&state).kind, PromptKind::Particular { form: 3, place: 0 });
        typed(&mut state, "47\u{202e}11");
        assert_eq!(state.notice, Some(Notice::NotPlain));
        update(&mut state, Event::Typed(Typed::Clear));
        typed(&mut state, " 4711 ");
        typed(&mut state, "");
        typed(&mut state, "2/2");
        let effects = enter(&mut state);
        let [Effect::Export { path, said: Some(said), .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(path, "Demo-7-x.fhir.json");
        assert_eq!(said.patient(&state.particulars).as_deref(), Some("4711"));
        assert_eq!(said.fields(&state.particulars), ["slide=2/2"]);
        update(&mut state, Event::Exported("wrote it".into()));
        update(&mut state, Event::Command(Command::Export));
        typed(&mut state, "fhir");
        assert_eq!(prompt(&state).text, "4711", "said before");
        // Another case is another patient.
        if let Some(review) = &mut state.review {
            review.case.id = CaseId(8);
        }
        update(&mut state, Event::Typed(Typed::Esc));
        update(&mut state, Event::Command(Command::Export));
        typed(&mut state, "fhir");
        assert_eq!(prompt(&state).text, "");
    }
}
