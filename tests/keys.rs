//! How many keys a whole review of a real patient takes, with the suggestions of the default network: one cell after the
//! other, and through the gallery. Keys are pressed into the very reducer that the program runs, and frames are drawn
//! between them; what is decided is what the laboratory signed. The way to a cell is the shortest one: a person who looks
//! for it takes more.

mod common;
#[path = "common/reviewing.rs"]
mod reviewing;

use std::collections::{HashSet, VecDeque};

use common::{Lab, shared};
use leukoscope::{
    app::{Command, Event, Typed, update},
    domain::{ClassId, ClassTable, Ranking, Unlike, Verdict},
};
use reviewing::Reviewing;
use serde_json::Value;

/// Moves of the gallery that select nothing.
const MOVES: [Command; 10] = [
    Command::Next,
    Command::Previous,
    Command::Down,
    Command::Up,
    Command::NextGroup,
    Command::PreviousGroup,
    Command::PageDown,
    Command::PageUp,
    Command::First,
    Command::Last,
];

/// A patient's labels, `None` for what the laboratory put into no class, and what the network says of each cell.
struct Patient {
    labels: Vec<Option<ClassId>>,
    rankings: Vec<Ranking>,
}

impl Patient {
    fn of(name: &str) -> Option<Self> {
        let folder = shared()?.join("data/jhh/original").join(name);
        let (lab, table) = (Lab::new(), ClassTable::default());
        let output = lab.run(&["classify", "--top", "15", folder.to_str().expect("UTF-8")]).output().expect("it runs");
        let (mut labels, mut rankings) = (Vec::new(), Vec::new());
        for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let Some(top) = line["top"].as_array() else { continue };
            let pair = |t: &Value| {
                let code = t["class"].as_str().expect("a code");
                (table.by_code(code).expect("a class"), t["p"].as_f64().expect("a number") as f32)
            };
            let ranking = Ranking::new(&table, &top.iter().map(pair).collect::<Vec<_>>()).expect("a ranking");
            let unlike = line["unlike"].as_f64().zip(line["flagged"].as_bool());
            rankings.push(ranking.with_unlike(unlike.map(|(s, flagged)| Unlike { score: s as f32, flagged })));
            let path = std::path::Path::new(line["path"].as_str().expect("a path"));
            let label = path.parent().and_then(|p| p.file_name()).and_then(|n| n.to_str()).expect("a folder");
            labels.push(table.by_label(label));
        }
        Some(Self { labels, rankings })
    }

    fn review(&self, (columns, rows): (u16, u16)) -> Reviewing {
        Reviewing::of(self.rankings.clone(), columns, rows)
    }

    /// The key that decides for a cell's label.
    fn key(&self, cell: usize) -> Command {
        self.labels[cell].map_or(Command::Exclude, Command::Class)
    }

    /// Whether accepting the suggestion would be right, and is possible.
    fn suggested(&self, cell: usize) -> bool {
        let ranking = &self.rankings[cell];
        self.labels[cell] == Some(ranking.top().0) && !ranking.is_flagged()
    }

    fn check(&self, reviewing: &Reviewing) {
        let review = reviewing.state.review.as_ref().expect("a review");
        for (cell, label) in self.labels.iter().enumerate() {
            let wanted = label.map_or(Verdict::Excluded, Verdict::Class);
            assert_eq!(review.verdict(cell), Some(wanted), "cell {cell}");
        }
    }
}

/// A reviewer who counts keys.
struct Counting {
    reviewing: Reviewing,
    keys: usize,
}

impl Counting {
    fn press(&mut self, command: Command) {
        self.keys += 1;
        self.reviewing.step(command);
    }

    fn type_in(&mut self, typed: Typed) {
        self.keys += 1;
        update(&mut self.reviewing.state, Event::Typed(typed));
        self.reviewing.frame();
    }

    fn cursor(&self) -> usize {
        self.reviewing.state.review.as_ref().expect("a review").cursor
    }

    fn undecided(&self) -> Vec<usize> {
        let review = self.reviewing.state.review.as_ref().expect("a review");
        (0..review.cells.len()).filter(|&c| review.verdict(c).is_none()).collect()
    }

    /// The fewest moves to one of `cells`.
    fn way(&self, cells: &HashSet<usize>) -> Vec<Command> {
        let mut seen = HashSet::from([self.cursor()]);
        let mut ways = VecDeque::from([(self.reviewing.state.clone(), Vec::new())]);
        while let Some((state, way)) = ways.pop_front() {
            let at = state.review.as_ref().expect("a review").cursor;
            if cells.contains(&at) {
                return way;
            }
            for step in MOVES {
                let mut next = state.clone();
                update(&mut next, Event::Command(step));
                if seen.insert(next.review.as_ref().expect("a review").cursor) {
                    ways.push_back((next, [&way[..], &[step]].concat()));
                }
            }
        }
        panic!("no way to {cells:?}")
    }

    /// Selects the cells that come next, are not decided yet and take the same key, and presses it.
    fn decide_run(&mut self, patient: &Patient) {
        let key = patient.key(self.cursor());
        let review = self.reviewing.state.review.as_ref().expect("a review");
        let gallery = review.gallery.as_ref().expect("a gallery");
        let place = gallery.place(self.cursor()).expect("in the gallery");
        let like =
            |&&cell: &&usize| patient.key(cell) == key && !patient.suggested(cell) && review.verdict(cell).is_none();
        let run = gallery.cells()[place + 1..].iter().take_while(like).count();
        (0..run).for_each(|_| self.press(Command::SelectNext));
        self.press(key);
    }
}

#[test]
fn keys_a_cell_of_a_real_patient() {
    for name in ["Patient_24", "Patient_08"] {
        let Some(patient) = Patient::of(name) else {
            eprintln!("skipped: the patients' cells are not on this machine");
            return;
        };
        let cells = patient.labels.len();
        let right = (0..cells).filter(|&c| patient.suggested(c)).count();
        for size in [(80, 24), (200, 60)] {
            let mut one = Counting { reviewing: patient.review(size), keys: 0 };
            for cell in 0..cells {
                assert_eq!(one.cursor(), cell, "a decision moves on to the next cell");
                one.press(if patient.suggested(cell) { Command::Accept } else { patient.key(cell) });
            }
            one.press(Command::Sign);
            one.keys += 1; // `y`: the signature itself is the database's business.
            patient.check(&one.reviewing);

            let mut all = Counting { reviewing: patient.review(size), keys: 0 };
            // The doubtful ones first, so that corrections lie together.
            all.press(Command::Order);
            all.type_in(Typed::Down);
            all.type_in(Typed::Enter);
            all.press(Command::Gallery);
            loop {
                let open = all.undecided();
                let wrong: HashSet<usize> = open.iter().copied().filter(|&c| !patient.suggested(c)).collect();
                let goal = if wrong.is_empty() { open.iter().copied().collect() } else { wrong.clone() };
                if goal.is_empty() {
                    break;
                }
                all.way(&goal).into_iter().for_each(|step| all.press(step));
                if wrong.is_empty() {
                    let before = open.len();
                    all.press(Command::AcceptGroup);
                    if all.undecided().len() == before {
                        all.press(Command::PageDown);
                    }
                } else {
                    all.decide_run(&patient);
                }
            }
            all.press(Command::Sign);
            all.keys += 1;
            patient.check(&all.reviewing);
            let a_cell = |keys: usize| keys as f64 / cells as f64;
            println!(
                "{name}, {}x{}: {cells} cells, {right} suggestions right and not flagged; one by one {:.2} keys a cell, \
                 gallery {:.2}",
                size.0,
                size.1,
                a_cell(one.keys),
                a_cell(all.keys)
            );
            assert!(a_cell(one.keys) <= 1.2, "{}", one.keys);
            assert!(all.keys < one.keys, "the gallery is there to save keys: {} and {}", all.keys, one.keys);
        }
    }
}
