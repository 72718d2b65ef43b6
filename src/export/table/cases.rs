//! The columns of the table of cases.

use super::{Column, Datum, Kind, Row, integer, of_case, text};
use crate::{
    domain::{ClassTable, Role, Share},
    export::{Count, Summary},
};

/// The columns for the classes of `table`, in their order; a row a case, in the version that holds.
pub fn cases(table: &ClassTable) -> Vec<Column> {
    let mut columns = of_case();
    columns.extend([
        of("phantom", Kind::Flag, "", "the cells are drawings of the program", |s| Some(Datum::Flag(s.phantom))),
        of("reviewer", Kind::Text, "", "who signed", |s| s.reviewer.clone().and_then(text)),
        of("signed_at", Kind::Time, "", "when it was signed", |s| s.signed_at.clone().and_then(text)),
        of("reason", Kind::Text, "", "why this version corrects an earlier one", |s| s.reason.clone().and_then(text)),
        of("model", Kind::Text, "", "SHA-256 of the network that suggested", |s| {
            s.model.and_then(|m| text(m.to_string()))
        }),
        of("target", Kind::Integer, "cells", "WBC that were to be counted", |s| integer(s.target)),
        of("wbc", Kind::Integer, "cells", "WBC counted: the denominator of every percentage", |s| integer(s.wbc())),
        of("excluded", Kind::Integer, "cells", "taken out of every count", |s| integer(s.excluded)),
        of("unreviewed", Kind::Integer, "cells", "without a decision", |s| integer(s.unreviewed)),
        of("nrbc_per_100_wbc", Kind::Real, "per 100 WBC", "erythroblasts", |s| per_100(s, Role::Nrbc)),
        of("smudge_per_100_wbc", Kind::Real, "per 100 WBC", "smudge cells", |s| per_100(s, Role::Smudge)),
    ]);
    columns.extend(shares("blasts", "all cells of the classes in blast_classes together", Summary::blasts));
    let about = "classes that count as blasts in the case, or did when it was signed, separated by spaces";
    columns.push(of("blast_classes", Kind::Text, "", about, |s| text(s.blast_names().codes().join(" "))));
    for (_, class) in table.iter() {
        let (code, counted) = (class.code.clone(), class.role.is_wbc());
        let find = move |s: &Summary| s.counts.iter().find(|c| c.class == code).cloned();
        let count = find.clone();
        columns.push(Column::new(
            format!("{}_count", class.code),
            Kind::Integer,
            "cells",
            class.name.clone(),
            move |r| count(r.case).and_then(|c| integer(c.count)),
        ));
        if counted {
            columns.extend(shares(&class.code, &class.name, move |s| find(s).and_then(|c| s.share(&c))));
        }
    }
    let codes: Vec<String> = table.iter().map(|(_, c)| c.code.clone()).collect();
    columns.push(Column::new(
        "other_classes",
        Kind::Text,
        "",
        "counts of a signed version in classes that the class table no longer has: CODE=cells, separated by spaces",
        move |r| {
            let other = |c: &&Count| c.count > 0 && !codes.contains(&c.class);
            let parts: Vec<String> =
                r.case.counts.iter().filter(other).map(|c| format!("{}={}", c.class, c.count)).collect();
            (!parts.is_empty()).then(|| parts.join(" ")).and_then(text)
        },
    ));
    columns
}

/// Percent of the WBC with its exact interval, in three columns.
fn shares(code: &str, name: &str, share: impl Fn(&Summary) -> Option<Share> + Clone + Send + 'static) -> [Column; 3] {
    let column = |end: &str, about: String, pick: fn(Share) -> f64| {
        let share = share.clone();
        Column::new(format!("{code}_{end}"), Kind::Real, "% of WBC", about, move |r| {
            share(r.case).map(|s| Datum::Real(pick(s)))
        })
    };
    [
        column("percent", format!("{name}, share of the WBC"), |s| s.percent()),
        column("ci95_low", format!("{name}, lower end of the exact 95% interval (Clopper-Pearson)"), |s| {
            100.0 * s.ci95.lower
        }),
        column("ci95_high", format!("{name}, upper end of the exact 95% interval"), |s| 100.0 * s.ci95.upper),
    ]
}

fn per_100(summary: &Summary, role: Role) -> Option<Datum> {
    summary.per_100_wbc(role).map(Datum::Real)
}

fn of(name: &str, kind: Kind, unit: &'static str, about: &str, get: fn(&Summary) -> Option<Datum>) -> Column {
    Column::new(name, kind, unit, about, move |row: &Row<'_>| get(row.case))
}
