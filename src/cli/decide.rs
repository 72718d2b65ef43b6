//! `decide`: decisions from stdin, one JSON object a line, by the same rules as the interface.
//!
//! Each line is answered on stdout only after its transaction is committed.

use std::{
    collections::HashMap,
    io::{self, BufRead},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Context, Failure, Outcome, args::DecideArgs, context, output, predict::Suggestions, read::Destination};
use crate::{
    domain::{
        Action, CaseRecord, CellId, CellNumber, CellRecord, ClassId, ClassTable, current, printable, redoable,
        same_person, undoable,
    },
    store::{NewDecision, Store},
};

/// A line longer than this is not a decision.
const MAX_LINE: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    cell: Option<Value>,
    cell_id: Option<i64>,
    action: String,
    class: Option<String>,
}

impl Request {
    /// What the answer names the cell by as long as it is not found: the words of the line.
    fn named(&self) -> Named {
        Named { cell: self.cell.clone().unwrap_or(Value::Null), cell_id: self.cell_id }
    }
}

/// How an answer names its cell: by its number, and by its id in the database where the line did.
#[derive(Clone, Default)]
struct Named {
    cell: Value,
    cell_id: Option<i64>,
}

impl Named {
    fn answer(self, rest: Value) -> Value {
        let mut answer = json!({ "cell": self.cell });
        let id = self.cell_id.map(|id| json!({ "cell_id": id }));
        for part in id.into_iter().chain([rest]) {
            if let (Value::Object(answer), Value::Object(part)) = (&mut answer, part) {
                answer.extend(part);
            }
        }
        answer
    }
}

/// Records what stdin says.
pub fn run(context: &Context, args: &DecideArgs) -> Result<Outcome, Failure> {
    let reviewer = context::reviewer(&args.reviewer)?;
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    let cells = store.cells(case.id).map_err(Failure::usage)?;
    let suggestions = Suggestions::new(context, &store, &args.network, case.clone(), cells.clone())?;
    let into = Destination::of(&store, &case, &reviewer, args)?;
    let mut session = Session {
        cells: CellIndex::new(&case, &cells),
        table: &context.table,
        store,
        case,
        into,
        reviewer,
        suggestions,
    };
    let mut refused = false;
    let mut input = io::stdin().lock();
    for number in 1_u64.. {
        let Some(line) = read_line(&mut input, number)? else { break };
        let answer = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => session.line(&line)?,
            Err(reason) => Err((Named::default(), reason)),
        };
        let answer = answer.unwrap_or_else(|(named, reason)| {
            refused = true;
            output::complain(&format!("stdin:{number}: {reason}"));
            named.answer(json!({ "recorded": false, "error": reason }))
        });
        output::print(&output::json_line(&answer))?;
    }
    Ok(Outcome::refused(refused))
}

/// One line of stdin, `None` at its end; a line that is too long or not UTF-8 is a reason to refuse it.
fn read_line(input: &mut impl BufRead, number: u64) -> Result<Option<Result<String, String>>, Failure> {
    let fail = |e: io::Error| Failure::midway(format!("stdin:{number}: {e}; the decisions before this line are kept"));
    let mut bytes = Vec::new();
    let read = io::Read::take(&mut *input, MAX_LINE).read_until(b'\n', &mut bytes).map_err(fail)?;
    if read == 0 {
        return Ok(None);
    }
    if read as u64 == MAX_LINE && bytes.last() != Some(&b'\n') {
        let mut rest = Vec::new();
        while io::Read::take(&mut *input, MAX_LINE).read_until(b'\n', &mut rest).map_err(fail)? > 0 {
            if rest.last() == Some(&b'\n') {
                break;
            }
            rest.clear();
        }
        return Ok(Some(Err(format!("the line is longer than {MAX_LINE} bytes; one decision a line"))));
    }
    Ok(Some(String::from_utf8(bytes).map_err(|_| "the line is not UTF-8; write JSON in UTF-8".into())))
}

/// The cells of a case by the names that a script may use.
struct CellIndex {
    by_number: HashMap<u64, (CellId, CellNumber)>,
    by_id: HashMap<i64, (CellId, CellNumber)>,
    by_path: HashMap<String, (CellId, CellNumber)>,
}

impl CellIndex {
    /// By number in the case, by id in the database, by path relative to the case's folder, and by absolute path.
    fn new(case: &CaseRecord, cells: &[CellRecord]) -> Self {
        let names = |c: &CellRecord| {
            [c.path.to_string_lossy().into_owned(), case.root.join(&c.path).to_string_lossy().into_owned()]
                .map(|p| (p, (c.id, c.number)))
        };
        Self {
            by_number: cells.iter().map(|c| (c.number.get().into(), (c.id, c.number))).collect(),
            by_id: cells.iter().map(|c| (c.id.0, (c.id, c.number))).collect(),
            by_path: cells.iter().flat_map(names).collect(),
        }
    }

    fn find(&self, request: &Request) -> Option<(CellId, CellNumber)> {
        let Some(name) = &request.cell else { return self.by_id.get(&request.cell_id?).copied() };
        match name {
            Value::Number(n) => self.by_number.get(&n.as_u64()?).copied(),
            Value::String(path) => {
                self.by_path.get(path).or_else(|| self.by_path.get(path.trim_start_matches("./"))).copied()
            }
            _ => None,
        }
    }
}

struct Session<'a> {
    table: &'a ClassTable,
    store: Store,
    case: CaseRecord,
    into: Destination,
    cells: CellIndex,
    reviewer: String,
    suggestions: Suggestions<'a>,
}

type Answer = Result<Value, (Named, String)>;

impl Session<'_> {
    /// Carries one line out; the inner `Err` refuses this line only.
    fn line(&mut self, line: &str) -> Result<Answer, Failure> {
        let request: Request = match serde_json::from_str(line) {
            Ok(request) => request,
            Err(e) => return Ok(Err((Named::default(), format!("{e}; write {{\"cell\":…,\"action\":…}}")))),
        };
        if request.cell.is_some() == request.cell_id.is_some() {
            let reason = "name the cell once: \"cell\" is its number in the case or its path, \"cell_id\" its id in the database";
            return Ok(Err((request.named(), reason.to_owned())));
        }
        let Some((cell, number)) = self.cells.find(&request) else {
            let case = printable(&self.case.name);
            let reason = match (&request.cell, request.cell_id) {
                (Some(Value::Number(n)), _) => {
                    format!("case {case} has no cell {n}: its cells are numbered 1 to {}", self.cells.by_number.len())
                }
                (Some(name), _) => {
                    format!("case {case} has no cell {}; `export` lists them", printable(&name.to_string()))
                }
                (None, id) => format!("case {case} has no cell of the id {}; `export` lists them", id.unwrap_or(0)),
            };
            return Ok(Err((request.named(), reason)));
        };
        let named = Named { cell: json!(number), cell_id: request.cell_id };
        let refuse = |reason: String| Ok(Err((named.clone(), reason)));
        let suggested = match &self.into {
            Destination::Reading(reading) if !reading.suggestions => {
                Err("the reading is without suggestions".to_owned())
            }
            _ => self.suggestions.of(&mut self.store, cell)?.map(|r| (r.top(), r.is_flagged())),
        };
        let action = match self.action(&request, cell, &suggested)? {
            Ok(action) => action,
            Err(reason) => return refuse(reason),
        };
        let decision = NewDecision {
            case: self.case.id,
            cell,
            reviewer: self.reviewer.clone(),
            action,
            network: suggested.is_ok().then(|| self.suggestions.network()),
            suggested: suggested.ok().map(|s| s.0),
        };
        match self.into.record(&self.store, &decision) {
            Ok(d) => Ok(Ok(named.answer(json!({ "seq": d.seq, "recorded": true })))),
            Err(e) if e.is_refusal() => refuse(e.to_string()),
            Err(e) => Err(Failure::midway(format!("{e}; every line answered so far is kept"))),
        }
    }

    fn action(
        &self,
        request: &Request,
        cell: CellId,
        suggested: &Result<((ClassId, f32), bool), String>,
    ) -> Result<Result<Action, String>, Failure> {
        if request.class.is_some() && request.action != "reclassify" {
            return Ok(Err(format!("`class` goes with reclassify, not with {}", printable(&request.action))));
        }
        let found = |d: Option<&crate::domain::Decision>, what: &str, make: fn(i64) -> Action| {
            d.map(|d| make(d.seq))
                .ok_or_else(|| format!("{} has no decision on this cell to {what}", printable(&self.reviewer)))
        };
        Ok(match request.action.as_str() {
            "accept" => match suggested {
                Err(e) => Err(format!("nothing to accept: {e}")),
                // As in the interface: a guess is agreed with by naming its class.
                Ok(((class, _), true)) => Err(format!(
                    "not accepted: the picture is unlike the training data and {} is a guess; if you agree, reclassify with that class",
                    self.table.code(*class)
                )),
                Ok(((class, _), false)) => Ok(Action::Accept(*class)),
            },
            "reclassify" => match request.class.as_deref().map(|code| (code, self.table.by_code(code))) {
                Some((_, Some(id))) => Ok(Action::Reclassify(id)),
                Some((code, None)) => Err(format!("`{}` is no class; `export` lists their codes", printable(code))),
                None => Err("reclassify needs a class: add \"class\":CODE".into()),
            },
            "exclude" => Ok(Action::Exclude),
            "first" | "second" => self.into.reader(cell, request.action == "second"),
            "undo" | "redo" => {
                let log = self.into.log(&self.store, self.case.id).map_err(Failure::midway)?;
                let of_cell: Vec<_> = log.into_iter().filter(|d| d.cell == cell).collect();
                if request.action == "redo" {
                    found(redoable(&of_cell, &self.reviewer), "redo", Action::Redo)
                } else if let Some(other) =
                    current(&of_cell).get(&cell).filter(|d| !same_person(&d.reviewer, &self.reviewer))
                {
                    Err(format!("the decision that holds is {}'s; reclassify instead", printable(&other.reviewer)))
                } else {
                    found(undoable(&of_cell, &self.reviewer), "undo", Action::Undo)
                }
            }
            other => Err(format!("`{}` is no action; use accept, reclassify, exclude, undo or redo", printable(other))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_the_next_one_is_read_whole() {
        let long = "x".repeat(3 * MAX_LINE as usize);
        let text = format!("a\n{long}\nb");
        let mut input = io::BufReader::new(text.as_bytes());
        let mut next = || read_line(&mut input, 1).expect("memory does not fail");
        assert_eq!(next(), Some(Ok("a\n".into())));
        assert!(next().expect("a line").is_err());
        assert_eq!(next(), Some(Ok("b".into())));
        assert_eq!(next(), None);
    }
}
