//! The filter's language: words with spaces between, all of which have to hold; of several classes one.

use super::Facts;
use crate::domain::{BlastSet, Class, ClassId, ClassTable, Role, Verdict};

/// Which cells are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    text: String,
    /// One of these; empty: any.
    classes: Vec<ClassId>,
    terms: Vec<(bool, Term)>,
}

/// One word, other than a class.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Open,
    Done,
    Excluded,
    Changed,
    Unlike,
    Noted,
    Note(String),
    Tag(String),
    Class(Vec<ClassId>),
    Below(f32),
    Above(f32),
}

/// A word that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No such word.
    #[error("`{0}` is no class and no word of the filter: {WORDS}")]
    Word(String),
    /// No such probability.
    #[error("`{0}`: write a probability as p<0.7 or p>95%")]
    Probability(String),
}

/// The words, for whoever types.
const WORDS: &str = "open done excluded changed unlike noted blast atypical wbc p<0.7 p>95% #TAG note:TEXT, - for not";

impl Filter {
    /// The words, for whoever types.
    pub const WORDS: &str = WORDS;

    /// Reads a filter for a case in which `blasts` count as blasts; nothing typed lets every cell through.
    ///
    /// # Errors
    /// Names the first word that means nothing.
    pub fn parse(table: &ClassTable, blasts: &BlastSet, text: &str) -> Result<Self, FilterError> {
        let mut filter = Self { text: text.split_whitespace().collect::<Vec<_>>().join(" "), ..Self::default() };
        for word in text.split_whitespace() {
            let (negated, bare) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
            match (term(table, blasts, bare)?, negated) {
                (Term::Class(classes), false) => filter.classes.extend(classes),
                (term, _) => filter.terms.push((negated, term)),
            }
        }
        Ok(filter)
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets every cell through.
    pub fn is_all(&self) -> bool {
        self.classes.is_empty() && self.terms.is_empty()
    }

    /// Whether it asks what the network says.
    pub fn asks_suggestions(&self) -> bool {
        use Term::{Above, Below, Changed, Unlike};
        self.terms.iter().any(|(_, term)| matches!(term, Changed | Unlike | Below(_) | Above(_)))
    }

    /// Whether it asks what people wrote on cells.
    pub fn asks_remarks(&self) -> bool {
        self.terms.iter().any(|(_, term)| matches!(term, Term::Noted | Term::Note(_) | Term::Tag(_)))
    }

    /// Whether it lets a cell through.
    pub fn admits(&self, cell: &Facts<'_>) -> bool {
        let class = self.classes.is_empty() || goes_under(cell).is_some_and(|id| self.classes.contains(&id));
        class && self.terms.iter().all(|(negated, term)| term.holds(cell) != *negated)
    }
}

/// The class that a cell is looked for under: a guess as well, for it is to be found.
fn goes_under(cell: &Facts<'_>) -> Option<ClassId> {
    match cell.verdict {
        Some(Verdict::Excluded) => None,
        _ => cell.class().or_else(|| cell.ranking.map(|r| r.top().0)),
    }
}

impl Term {
    fn holds(&self, cell: &Facts<'_>) -> bool {
        let top = cell.ranking.map(|r| r.top());
        match self {
            Self::Open => cell.verdict.is_none(),
            Self::Done => cell.verdict.is_some(),
            Self::Excluded => cell.verdict == Some(Verdict::Excluded),
            Self::Changed => cell.verdict.zip(top).is_some_and(|(v, (class, _))| v != Verdict::Class(class)),
            Self::Unlike => cell.ranking.is_some_and(|r| r.is_flagged()),
            Self::Noted => !cell.notes.is_empty(),
            Self::Note(part) => cell.notes.iter().any(|n| n.to_lowercase().contains(part)),
            Self::Tag(tag) => cell.tags.contains(tag),
            Self::Class(classes) => goes_under(cell).is_some_and(|id| classes.contains(&id)),
            // A cell that the network has said nothing about is neither.
            Self::Below(p) => top.is_some_and(|t| t.1 < *p),
            Self::Above(p) => top.is_some_and(|t| t.1 > *p),
        }
    }
}

fn term(table: &ClassTable, blasts: &BlastSet, word: &str) -> Result<Term, FilterError> {
    let lower = word.to_lowercase();
    let all = |wanted: fn(&Class) -> bool| {
        Term::Class(table.iter().filter(|(_, class)| wanted(class)).map(|(id, _)| id).collect())
    };
    if let Some(part) = lower.strip_prefix("note:").filter(|part| !part.is_empty()) {
        return Ok(Term::Note(part.to_owned()));
    }
    if let Some(tag) = lower.strip_prefix('#').filter(|tag| !tag.is_empty()) {
        return Ok(Term::Tag(tag.to_owned()));
    }
    if let Some(rest) = lower.strip_prefix('p').filter(|r| r.starts_with(['<', '>'])) {
        let bound = probability(&rest[1..]).ok_or_else(|| FilterError::Probability(word.to_owned()))?;
        return Ok(if rest.starts_with('<') { Term::Below(bound) } else { Term::Above(bound) });
    }
    Ok(match lower.as_str() {
        "open" => Term::Open,
        "done" => Term::Done,
        "excluded" => Term::Excluded,
        "changed" => Term::Changed,
        "unlike" => Term::Unlike,
        "noted" => Term::Noted,
        "blast" | "blasts" => Term::Class(blasts.classes().to_vec()),
        "atypical" => all(|c| c.atypical),
        "wbc" => all(|c| c.role.is_wbc()),
        "nrbc" => all(|c| c.role == Role::Nrbc),
        "smudge" => all(|c| c.role == Role::Smudge),
        _ => match table.by_code(&word.to_uppercase()) {
            Some(id) => Term::Class(vec![id]),
            None => return Err(FilterError::Word(word.to_owned())),
        },
    })
}

/// `0.7` or `70%`.
fn probability(text: &str) -> Option<f32> {
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Ranking, Unlike};

    #[test]
    fn words_hold_together_and_classes_one_of_them() {
        let table = ClassTable::default();
        let id = |code| table.by_code(code).expect("a code");
        let ranking = |code, p| Ranking::new(&table, &[(id(code), p), (id("ART"), 1.0 - p)]).expect("probabilities");
        let (sure, unsure) = (ranking("NGS", 0.98), ranking("MYO", 0.6));
        let guess = ranking("EOS", 0.9).with_unlike(Some(Unlike { score: 1.0, flagged: true }));
        let note = ["Auer rod?".to_owned()];
        let tags = ["auer-rod".to_owned()];
        let cell = |ranking, verdict, notes| Facts { verdict, ranking, notes, tags: &[] };
        let cells = [
            cell(Some(&sure), None, &[][..]),
            cell(Some(&unsure), None, &note[..]),
            cell(Some(&unsure), Some(Verdict::Class(id("MON"))), &[][..]),
            cell(Some(&sure), Some(Verdict::Excluded), &[][..]),
            cell(Some(&guess), None, &[][..]),
            Facts { tags: &tags, ..cell(None, None, &[][..]) },
        ];
        let found = |text: &str| -> Vec<usize> {
            let filter = Filter::parse(&table, &BlastSet::of_table(&table), text).expect("a filter");
            (0..cells.len()).filter(|&i| filter.admits(&cells[i])).collect()
        };
        assert_eq!(found("  "), [0, 1, 2, 3, 4, 5]);
        assert_eq!(found("myo"), [1]);
        assert_eq!(found("NGS mon"), [0, 2]);
        assert_eq!(found("open"), [0, 1, 4, 5]);
        assert_eq!(found("done"), [2, 3]);
        assert_eq!(found("excluded"), [3]);
        assert_eq!(found("changed"), [2, 3]);
        assert_eq!(found("unlike"), [4]);
        assert_eq!(found("eos"), [4], "a guess is found as well");
        assert_eq!(found("noted"), [1]);
        assert_eq!(found("note:auer"), [1]);
        assert_eq!(found("#Auer-rod"), [5]);
        assert_eq!(found("p<70%"), [1, 2]);
        assert_eq!(found("open p>0.9"), [0]);
        assert_eq!(found("-ngs open"), [1, 4, 5]);
        assert_eq!(found("blast"), [1]);
        assert_eq!(found("wbc done"), [2]);
        assert!(Filter::parse(&table, &BlastSet::of_table(&table), "").expect("all").is_all());
        assert_eq!(
            Filter::parse(&table, &BlastSet::of_table(&table), " open   MYO ").expect("a filter").text(),
            "open MYO"
        );
    }

    #[test]
    fn what_means_nothing_is_named() {
        let table = ClassTable::default();
        assert_eq!(
            Filter::parse(&table, &BlastSet::of_table(&table), "open blats"),
            Err(FilterError::Word("blats".into()))
        );
        assert_eq!(
            Filter::parse(&table, &BlastSet::of_table(&table), "p<seven"),
            Err(FilterError::Probability("p<seven".into()))
        );
        assert_eq!(
            Filter::parse(&table, &BlastSet::of_table(&table), "p>1.5"),
            Err(FilterError::Probability("p>1.5".into()))
        );
    }
}
