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
        let (mut names, mut labels, mut rankings) = (Vec::new(), Vec::new(), Vec::new());
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
            names.push(path.file_name().and_then(|n| n.to_str()).expect("UTF-8").to_owned());
            let label = path.parent().and_then(|p| p.file_name()).and_then(|n| n.to_str()).expect("a folder");
            labels.push(table.by_label(label));
        }
        // In the order in which the program shows the case.
        lab.run(&["import", folder.to_str().expect("UTF-8")]).output().expect("it runs");
        let export = lab.json(&["export", name]);
        let shown = export["cells"].as_array().expect("cells").iter().map(|c| c["path"].as_str().expect("a path"));
        let order: Vec<usize> =
            shown.filter_map(|path| names.iter().position(|n| path.ends_with(n.as_str()))).collect();
        assert_eq!(order.len(), names.len());
        let rankings = order.iter().map(|&i| rankings[i].clone()).collect();
        Some(Self { labels: order.into_iter().map(|i| labels[i]).collect(), rankings })
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

    /// Keys of a review through the gallery, as scanned or the doubtful cells first, so that corrections lie together.
    fn through_the_gallery(&self, size: (u16, u16), doubtful_first: bool) -> usize {
        let mut all = Counting { reviewing: self.review(size), keys: 0 };
        if doubtful_first {
            all.press(Command::Order);
            all.type_in(Typed::Down);
            all.type_in(Typed::Enter);
        }
        all.press(Command::Gallery);
        loop {
            if let Some((group, key)) = all.misnamed(self) {
                all.way(&group).into_iter().for_each(|step| all.press(step));
                all.press(Command::SelectGroup);
                all.press(key);
                continue;
            }
            let open = all.undecided();
            let wrong: HashSet<usize> = (0..self.labels.len()).filter(|&c| all.is_wrong(self, c)).collect();
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
                all.decide_run(self);
            }
        }
        all.press(Command::Sign);
        all.keys += 1;
        self.check(&all.reviewing);
        all.keys
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

    /// Whether a cell is decided wrongly, or would be by accepting its suggestion.
    fn is_wrong(&self, patient: &Patient, cell: usize) -> bool {
        let review = self.reviewing.state.review.as_ref().expect("a review");
        match review.verdict(cell) {
            None => !patient.suggested(cell),
            Some(verdict) => verdict != patient.labels[cell].map_or(Verdict::Excluded, Verdict::Class),
        }
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

    /// A group in which most cells belong to one class that is not suggested, and that class's key: moving all of them there
    /// and correcting the rest takes fewer keys than the reverse.
    fn misnamed(&self, patient: &Patient) -> Option<(HashSet<usize>, Command)> {
        let review = self.reviewing.state.review.as_ref().expect("a review");
        review.gallery.as_ref().expect("a gallery").groups().iter().find_map(|(_, cells)| {
            // What is moved with the group takes the decided cells along.
            let open = cells.iter().all(|&c| review.verdict(c).is_none());
            let count = |key| cells.iter().filter(|&&c| patient.key(c) == key).count();
            let most = cells.iter().map(|&c| patient.key(c)).max_by_key(|&key| count(key))?;
            let right = cells.iter().filter(|&&c| patient.suggested(c)).count();
            (open && 2 + cells.len() - count(most) < 1 + cells.len() - right)
                .then(|| (cells.iter().copied().collect(), most))
        })
    }

    /// Selects the cells that come next, are not decided yet and take the same key, and presses it.
    fn decide_run(&mut self, patient: &Patient) {
        let key = patient.key(self.cursor());
        let review = self.reviewing.state.review.as_ref().expect("a review");
        let gallery = review.gallery.as_ref().expect("a gallery");
        let place = gallery.place(self.cursor()).expect("in the gallery");
        let like = |&&cell: &&usize| patient.key(cell) == key && self.is_wrong(patient, cell);
        let run = gallery.cells()[place + 1..].iter().take_while(like).count();
        (0..run).for_each(|_| self.press(Command::SelectNext));
        self.press(key);
    }
}

#[test]
fn keys_a_cell_of_a_real_patient() {
    for name in ["Patient_24", "Patient_26", "Patient_60", "Patient_103"] {
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

            let a_cell = |keys: usize| keys as f64 / cells as f64;
            println!(
                "{name}, {}x{}: {cells} cells, {right} suggestions right and not flagged; one by one {:.2} keys a cell, \
                 gallery {:.2}, the doubtful first {:.2}",
                size.0,
                size.1,
                a_cell(one.keys),
                a_cell(patient.through_the_gallery(size, false)),
                a_cell(patient.through_the_gallery(size, true))
            );
            assert!(a_cell(one.keys) <= 1.2, "{}", one.keys);
        }
    }
}
