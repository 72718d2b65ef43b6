//! What is said of cases and cells beside their classes: notes, and tags that come and go.

use std::collections::BTreeSet;

use super::CellId;

/// A remark on a case, or on one of its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its number; later remarks have greater ones.
    pub id: i64,
    /// The cell; `None`: the case.
    pub cell: Option<CellId>,
    /// Who said it.
    pub reviewer: String,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// What it does.
    pub kind: RemarkKind,
    /// The text, or the tag.
    pub text: String,
}

/// What a remark does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemarkKind {
    /// Says something.
    Note,
    /// Puts a tag on.
    Tag,
    /// Takes a tag off.
    Untag,
}

impl RemarkKind {
    /// The name that the database and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Tag => "tag",
            Self::Untag => "untag",
        }
    }
}

/// Longest tag, in characters.
const LONGEST: usize = 32;

/// A tag as it is kept: words joined by hyphens, in lower case; `None`: nothing is left, or too much.
pub fn tag(typed: &str) -> Option<String> {
    let words: Vec<String> = typed.split_whitespace().map(|w| w.trim_start_matches('#').to_lowercase()).collect();
    let tag = words.iter().filter(|w| !w.is_empty()).map(String::as_str).collect::<Vec<_>>().join("-");
    (!tag.is_empty() && tag.chars().count() <= LONGEST && !tag.chars().any(char::is_control)).then_some(tag)
}

/// The tags that a cell, or the case, has: put on and not taken off since. `remarks` must be in order of `id`.
pub fn tags(remarks: &[Remark], cell: Option<CellId>) -> BTreeSet<&str> {
    let mut tags = BTreeSet::new();
    for remark in remarks.iter().filter(|r| r.cell == cell) {
        match remark.kind {
            RemarkKind::Tag => _ = tags.insert(remark.text.as_str()),
            RemarkKind::Untag => _ = tags.remove(remark.text.as_str()),
            RemarkKind::Note => {}
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_and_go_and_each_has_its_own() {
        let remark = |id, cell: Option<i64>, kind, text: &str| Remark {
            id,
            cell: cell.map(CellId),
            reviewer: "ada".into(),
            at: String::new(),
            kind,
            text: text.into(),
        };
        let remarks = [
            remark(1, Some(1), RemarkKind::Tag, "auer-rod"),
            remark(2, None, RemarkKind::Tag, "teaching"),
            remark(3, Some(1), RemarkKind::Tag, "vacuoles"),
            remark(4, Some(1), RemarkKind::Untag, "auer-rod"),
            remark(5, Some(1), RemarkKind::Note, "look again"),
        ];
        assert_eq!(tags(&remarks, Some(CellId(1))).into_iter().collect::<Vec<_>>(), ["vacuoles"]);
        assert_eq!(tags(&remarks, None).into_iter().collect::<Vec<_>>(), ["teaching"]);
        assert!(tags(&remarks, Some(CellId(2))).is_empty());
    }

    #[test]
    fn a_tag_is_words_joined_by_hyphens() {
        assert_eq!(tag("  #Auer  rod "), Some("auer-rod".into()));
        assert_eq!((tag(" # "), tag(""), tag(&"x".repeat(40))), (None, None, None));
    }
}
