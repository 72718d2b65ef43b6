//! Choosing how many cells are enough: the target of the case, and the rule by which the reviewer stops. Also what stands
//! out in the case as far as it is decided.

use super::{Effect, Notice, Popup, Prompt, PromptKind, State};
use crate::domain::{Flag, StopRule, TARGETS, Tally, Verdict, target_name};

/// One of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnoughChoice {
    /// So many WBC for this case.
    Target(u64),
    /// This rule in this session, or none.
    Rule(Option<StopRule>),
}

impl EnoughChoice {
    /// What the list calls it.
    pub fn text(self) -> String {
        match self {
            Self::Target(400) => "2 x 200 WBC, two readers' count".to_owned(),
            Self::Target(wbc) => format!("{} WBC", target_name(wbc)),
            Self::Rule(Some(rule)) => format!("until blasts are clearly above or below {}%", rule.percent()),
            Self::Rule(None) => "no stop rule".to_owned(),
        }
    }

    /// Whether it is the one in use.
    pub fn holds(self, state: &State) -> bool {
        match self {
            Self::Target(wbc) => state.review.as_ref().is_some_and(|r| r.case.target == wbc),
            Self::Rule(rule) => state.rule == rule,
        }
    }

    /// The choices that hold what was typed; nothing typed: all of them.
    pub fn matching(typed: &str) -> Vec<Self> {
        let typed = typed.trim().to_lowercase();
        let rules = StopRule::CHOICES.into_iter().map(|rule| Self::Rule(Some(rule)));
        let all = TARGETS.into_iter().map(Self::Target).chain(rules).chain([Self::Rule(None)]);
        all.filter(|choice| choice.text().to_lowercase().contains(&typed)).collect()
    }
}

/// The list, with the case's target marked.
pub(super) fn open(state: &mut State) {
    let marked = EnoughChoice::matching("").iter().position(|choice| choice.holds(state)).unwrap_or(0);
    state.popup = Some(Popup::Prompt(Prompt { marked, ..Prompt::new(PromptKind::Enough) }));
}

pub(super) fn choose(state: &mut State, typed: &str, marked: usize) -> Vec<Effect> {
    let Some(review) = &state.review else {
        return Vec::new();
    };
    match EnoughChoice::matching(typed).get(marked) {
        None => state.notice = Some(Notice::NoChoice),
        // A signed version holds the target that it was counted to.
        Some(EnoughChoice::Target(_)) if review.is_signed() => {
            state.notice = Some(Notice::Signed(review.case.version.unwrap_or(1)));
        }
        Some(&EnoughChoice::Target(target)) => {
            let case = review.case.id;
            state.popup = None;
            return vec![Effect::SetTarget { case, target }];
        }
        Some(&EnoughChoice::Rule(rule)) => {
            state.popup = None;
            state.rule = rule;
            state.notice = Some(Notice::Rule(rule));
        }
    }
    Vec::new()
}

impl State {
    /// What stands out in the open case: in the decisions so far, in the network's suggestions that are not flagged, and
    /// between both.
    pub fn flags(&self) -> Vec<Flag> {
        let Some(review) = &self.review else {
            return Vec::new();
        };
        let suggestion = |i| review.ranking(i).filter(|r| !r.is_flagged()).map(|r| r.top().0);
        let cells = 0..review.cells.len();
        let suggested =
            Tally::of(&self.table, &review.case.blasts, cells.clone().map(|i| suggestion(i).map(Verdict::Class)));
        let pairs = cells.filter_map(|i| match review.verdict(i)? {
            Verdict::Class(class) => Some((class, suggestion(i)?)),
            Verdict::Excluded => None,
        });
        self.flag_rules.of_tallies(&self.table, &review.case.blasts, review.tally(), &suggested, pairs)
    }
}
