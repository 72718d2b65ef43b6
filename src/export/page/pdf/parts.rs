//! What stands where on the sheets, section by section, in the order of the template.

use super::{
    font::{Fonts, Weight},
    sheet::{A4, BOTTOM, MM, Role, SIDE, Sheets, TOP, Thing, WIDE},
};
use crate::export::page::{
    bars::Bar,
    model::{Field, Group, Page, Row, Shot},
};

use Weight::{Bold, Regular};

/// Sizes of letters in pt.
const TITLE: f32 = 13.0;
const HEAD: f32 = 9.6;
const TEXT: f32 = 8.2;
const SMALL: f32 = 7.0;
/// Height of a row of a table.
const ROW: f32 = 4.25 * MM;
/// Sides of the gallery's pictures: the largest that leave the page on one sheet, else the smallest, of which twelve fit in a row.
const SHOTS: [f32; 4] = [22.0 * MM, 19.0 * MM, 16.5 * MM, 14.2 * MM];
/// Between pictures, and between groups.
const GAP: f32 = 0.6 * MM;
const GROUP_GAP: f32 = 2.6 * MM;
/// Right ends of the columns of figures, left ends of the others: class, cells, percent, interval, reference, verdict, bar.
const COLUMNS: [f32; 7] = [0.0, 51.0 * MM, 66.0 * MM, 93.0 * MM, 112.0 * MM, 115.0 * MM, 142.0 * MM];

/// Lays the page out.
pub(super) fn lay_out<'a>(page: &Page, fonts: &'a Fonts) -> Sheets<'a> {
    let [larger @ .., smallest] = SHOTS;
    let fits = larger.into_iter().map(|shot| with(page, fonts, shot)).find(|sheets| sheets.sheets.len() == 1);
    fits.unwrap_or_else(|| with(page, fonts, smallest))
}

/// The page with pictures of that side.
fn with<'a>(page: &Page, fonts: &'a Fonts, shot: f32) -> Sheets<'a> {
    let mut s = Sheets::new(fonts, shot);
    s.part(Role::Section, |s| {
        header(s, page);
        banners(s, page);
        fields(s, &page.fields);
    });
    s.part(Role::Section, |s| differential(s, page));
    s.part(Role::Section, |s| flags(s, page));
    if !page.comments.is_empty() {
        s.part(Role::Section, |s| comments(s, page));
    }
    if !page.gallery.is_empty() {
        s.part(Role::Section, |s| gallery(s, page));
    }
    s.part(Role::Section, |s| agreement(s, page));
    if !page.versions.is_empty() {
        s.part(Role::Section, |s| versions(s, page));
    }
    s.part(Role::Section, |s| footer(s, page));
    numbers(&mut s, page);
    s
}

fn header(s: &mut Sheets<'_>, page: &Page) {
    let lines: Vec<&str> =
        [&page.laboratory].into_iter().chain(&page.address).map(String::as_str).filter(|l| !l.is_empty()).collect();
    let height = (1.25 * TITLE).max(1.25 * TEXT * lines.len() as f32);
    let base = s.y + height - 0.2 * TITLE;
    s.part(Role::Heading(1, page.title.clone()), |s| s.text(SIDE, base, "Differential blood count", TITLE, Bold));
    if !lines.is_empty() {
        s.part(Role::Paragraph, |s| {
            for (i, line) in lines.iter().enumerate() {
                let up = 1.25 * TEXT * (lines.len() - 1 - i) as f32;
                s.text_right(SIDE + WIDE, base - up, line, TEXT, if i == 0 { Bold } else { Regular });
            }
        });
    }
    s.y += height + 1.2;
    s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 0, 1.2);
    s.y += 2.5;
}

fn banners(s: &mut Sheets<'_>, page: &Page) {
    for b in &page.banners {
        s.y += 1.5;
        let (top, inset) = (s.y, 2.0 * MM);
        let word = s.fonts.width(&b.word, HEAD, Bold) + 3.0 * MM;
        s.part(Role::Paragraph, |s| {
            let base = top + 0.25 * HEAD + 0.98 * TEXT;
            s.text(SIDE + inset, base, &format!("{} ", b.word), HEAD, Bold);
            s.y += 0.25 * HEAD;
            s.paragraph(SIDE + inset + word, WIDE - word - 2.0 * inset, &b.text, TEXT, Regular);
        });
        s.y += 0.4 * HEAD;
        s.frame((SIDE, top), (WIDE, s.y - top), 1.5);
        s.y += 1.5;
    }
}

/// Names and values in two columns, read from left to right.
fn fields(s: &mut Sheets<'_>, fields: &[Field]) {
    s.y += 1.5;
    let half = WIDE / 2.0;
    for pair in fields.chunks(2) {
        let top = s.y;
        let mut low = top;
        for (i, f) in pair.iter().enumerate() {
            let x = SIDE + half * i as f32;
            s.y = top;
            s.part(Role::Paragraph, |s| {
                let label = format!("{}: ", f.label);
                let wide = s.fonts.width(&label, TEXT, Regular).max(21.0 * MM);
                s.text(x, top + 1.28 * TEXT - 0.3 * TEXT, &label, TEXT, Regular);
                s.paragraph(x + wide, half - wide - 2.0 * MM, &f.value, TEXT, Bold);
            });
            low = low.max(s.y);
        }
        s.y = low + 0.4;
    }
}

fn heading(s: &mut Sheets<'_>, text: &str, room: f32) {
    s.need(HEAD * 2.0 + room);
    s.y += 0.55 * HEAD;
    s.y += 1.1 * HEAD;
    let base = s.y - 0.2 * HEAD;
    s.part(Role::Heading(2, text.to_owned()), |s| s.text(SIDE, base, text, HEAD, Bold));
    s.y += 0.8;
    s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 120, 0.5);
    s.y += 0.8;
}

fn differential(s: &mut Sheets<'_>, page: &Page) {
    heading(s, "Differential", 3.0 * ROW);
    let summary = format!("{} WBC by class, with percent, exact 95% interval and reference range", page.wbc);
    s.part(Role::Table(summary), |s| {
        s.part(Role::HeadRow, |s| head(s, page));
        for r in &page.rows {
            row(s, page, r, false);
        }
        row(s, page, &page.blasts, true);
    });
    s.y += 1.0;
    s.part(Role::Paragraph, |s| {
        let mut text = format!("{} WBC counted (target {}).", page.wbc, page.target);
        for p in &page.per_hundred {
            let mut name = p.name.clone();
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let reference = if p.reference.is_empty() { String::new() } else { format!("; {}", p.reference) };
            text.push_str(&format!(" {name}: {} per 100 WBC ({}{reference}).", p.per_100, p.count));
        }
        s.paragraph(SIDE, WIDE, &text, TEXT, Bold);
    });
    let outside: Vec<_> = page.outside.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let mut small = format!("Outside every denominator: {}. ", outside.join(", "));
    if !page.not_found.is_empty() {
        small.push_str(&format!("{} ", page.not_found));
    }
    small.push_str("Bar: share; line: exact 95% interval");
    if !page.ranges_source.is_empty() {
        small.push_str(&format!("; grey field: reference range ({})", page.ranges_source));
    }
    small.push('.');
    if page.uncertain {
        small.push_str(" Uncertain: the interval reaches into the reference range.");
    }
    s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, &small, SMALL, Regular));
}

fn head(s: &mut Sheets<'_>, page: &Page) {
    s.y += SMALL;
    let base = s.y + ROW - 1.3 * MM;
    let names = ["Class", "Cells", "% of WBC", "exact 95% interval", "Reference, %", "Against reference"];
    for (i, name) in names.iter().enumerate() {
        s.part(Role::ColumnHead, |s| figure_or_text(s, i, base, name, SMALL, Bold));
    }
    s.part(Role::ColumnHead, |s| {
        s.text(SIDE + COLUMNS[6], base - SMALL, "Percent", SMALL, Bold);
        let wide = WIDE - COLUMNS[6];
        for &tick in &page.ticks {
            let text = format!("{tick} ");
            let at = SIDE + COLUMNS[6] + wide * (tick / page.axis) as f32;
            let width = s.fonts.width(text.trim_end(), SMALL, Regular);
            let x = (at - width / 2.0).clamp(SIDE + COLUMNS[6], SIDE + WIDE - width);
            s.text(x, base, &text, SMALL, Regular);
        }
    });
    s.y += ROW;
    s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 0, 0.8);
}

/// The columns of figures end where the others begin.
fn figure_or_text(s: &mut Sheets<'_>, column: usize, base: f32, text: &str, size: f32, weight: Weight) {
    // A cell of a table is never empty: it would be no cell to those who hear it.
    let text = if text.is_empty() { "-" } else { text };
    let x = SIDE + COLUMNS[column];
    if (1..=4).contains(&column) {
        s.text_right(x, base, text, size, weight)
    } else {
        s.text(x, base, text, size, weight)
    }
}

fn row(s: &mut Sheets<'_>, page: &Page, r: &Row, sum: bool) {
    let code = if r.code.is_empty() { String::new() } else { format!(" ({})", r.code) };
    let name_w = if sum { Bold } else { Regular };
    // The column of the cells is right-aligned and its figures are short.
    let names = s.lines(&format!("{}{code}", r.name), TEXT, name_w, COLUMNS[1] - 7.0 * MM);
    let step = 1.2 * TEXT;
    let height = ROW + step * (names.len() - 1) as f32;
    s.need(height);
    let (top, base) = (s.y, s.y + ROW - 1.25 * MM);
    if sum {
        s.rule((SIDE, top), (SIDE + WIDE, top), 0, 0.8);
    }
    s.part(Role::Row, |s| {
        s.part(Role::RowHead, |s| {
            let last = names.len() - 1;
            for (i, line) in names.iter().enumerate() {
                let end = if i < last { " " } else { "" };
                s.text(SIDE, base + step * i as f32, &format!("{line}{end}"), TEXT, name_w);
            }
        });
        let weight = if sum { Bold } else { Regular };
        let reference = if r.reference.is_empty() { "none" } else { &r.reference };
        for (i, text) in [&r.count.to_string(), &r.percent, &r.interval, reference].into_iter().enumerate() {
            s.part(Role::Cell, |s| figure_or_text(s, i + 1, base, text, TEXT, weight));
        }
        let weight = if r.outside { Bold } else { weight };
        s.part(Role::Cell, |s| figure_or_text(s, 5, base, &r.verdict, TEXT, weight));
        s.part(Role::Cell, |s| bar(s, page, r, top));
    });
    s.y += height;
    s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 190, 0.3);
}

fn bar(s: &mut Sheets<'_>, page: &Page, r: &Row, top: f32) {
    let Some(bar) = Bar::of(&r.values, page.axis) else {
        return s.text(SIDE + COLUMNS[6], top + ROW - 1.25 * MM, "-", TEXT, Regular);
    };
    let (x0, wide) = (SIDE + COLUMNS[6], WIDE - COLUMNS[6]);
    let x = |f: f64| x0 + wide * f as f32;
    let middle = top + ROW / 2.0;
    let alt = format!("Bar to {}%, interval {}", r.percent, r.interval);
    s.part(Role::Figure(alt), |s| {
        let mut rect = |from: f32, to: f32, half: f32, fill: u8, stroke| {
            let (width, height) = ((to - from).max(0.3), 2.0 * half);
            s.thing(from, middle - half, Thing::Rect { width, height, fill: Some(fill), stroke });
        };
        if let Some([low, high]) = bar.reference {
            rect(x(low), x(high), 1.6 * MM, 228, Some((140, 0.4)));
        }
        rect(x0, x(bar.share), 0.75 * MM, 60, None);
        let [low, high] = bar.interval.map(x);
        for (grey, width) in [(255, 1.5), (0, 0.7)] {
            let mut line = |from: (f32, f32), to| s.thing(from.0, from.1, Thing::Line { to, grey, width });
            line((low, middle), (high, middle));
            for end in [low, high] {
                line((end, middle - 0.9 * MM), (end, middle + 0.9 * MM));
            }
        }
    });
}

/// Paragraphs with a mark before them.
fn list(s: &mut Sheets<'_>, items: &[String]) {
    s.part(Role::List, |s| {
        for item in items {
            s.part(Role::Item, |s| s.paragraph(SIDE, WIDE, &format!("\u{2022} {item}"), TEXT, Regular));
        }
    });
}

fn flags(s: &mut Sheets<'_>, page: &Page) {
    heading(s, "Flags", ROW);
    if page.flags.is_empty() {
        s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, "None.", TEXT, Regular));
    } else {
        list(s, &page.flags.iter().map(|(origin, said)| format!("{said} ({origin})")).collect::<Vec<_>>());
    }
}

fn comments(s: &mut Sheets<'_>, page: &Page) {
    heading(s, "Comments", ROW);
    let by = |by: &str| if by.is_empty() { String::new() } else { format!(" ({by})") };
    list(s, &page.comments.iter().map(|c| format!("{}: {}{}", c.on, c.text, by(&c.by))).collect::<Vec<_>>());
}

fn gallery(s: &mut Sheets<'_>, page: &Page) {
    let shot = s.shot;
    let tall = 1.3 * SMALL + shot + 1.5 * SMALL;
    heading(s, "Representative cells", tall + 2.0 * SMALL);
    s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, &page.gallery_note, SMALL, Regular));
    let mut x = SIDE;
    s.y += 1.0;
    for g in &page.gallery {
        let title = s.fonts.shown(&format!("{}, {} of {}", g.name, g.shots.len(), g.count), &mut s.lacking);
        let pictures = g.shots.len() as f32 * (shot + GAP) - GAP;
        let wide = pictures.max(s.fonts.width(&title, SMALL, Bold));
        if x > SIDE && x + wide > SIDE + WIDE + 0.1 {
            x = SIDE;
            s.y += tall;
        }
        s.need(tall);
        group(s, g, &title, x);
        x += wide + GROUP_GAP;
    }
    s.y += tall;
}

fn group(s: &mut Sheets<'_>, g: &Group, title: &str, x: f32) {
    let (top, side) = (s.y + 1.3 * SMALL, s.shot);
    s.part(Role::Heading(3, g.name.clone()), |s| s.text(x, top - 0.35 * SMALL, title, SMALL, Bold));
    for (i, shot) in g.shots.iter().enumerate() {
        let x = x + i as f32 * (side + GAP);
        match shot.src.is_empty() {
            true => gone(s, shot, x, top),
            false => s.part(Role::Figure(shot.alt.clone()), |s| {
                s.thing(x, top, Thing::Image { jpeg: shot.jpeg.clone(), side });
            }),
        }
        s.frame((x, top), (side, side), 0.3);
        let mark = if shot.flagged { " unlike" } else { "" };
        let caption = format!("{}{mark}", shot.number);
        let width = s.fonts.width(&caption, SMALL, Regular);
        let at = x + (side - width) / 2.0;
        s.part(Role::Caption, |s| s.text(at, top + side + 0.95 * SMALL, &caption, SMALL, Regular));
    }
}

/// Why there is no picture, in its place.
fn gone(s: &mut Sheets<'_>, shot: &Shot, x: f32, top: f32) {
    let (size, inset, side) = (5.0, 0.6 * MM, s.shot);
    let lines = s.lines(&shot.missing, size, Regular, side - 2.0 * inset);
    let fit = ((side - inset) / (1.15 * size)) as usize;
    s.part(Role::Paragraph, |s| {
        for (i, line) in lines.iter().take(fit).enumerate() {
            s.text(x + inset, top + 1.15 * size * (i + 1) as f32, &format!("{line} "), size, Regular);
        }
    });
}

fn agreement(s: &mut Sheets<'_>, page: &Page) {
    heading(s, "Decisions and suggestions", ROW);
    let mut text = page.agreement.sentence.clone();
    let changes = &page.agreement.changes;
    if !changes.is_empty() {
        let said: Vec<String> =
            changes.iter().take(16).map(|c| format!("{} \u{2192} {} ({})", c.from, c.to, c.count)).collect();
        text.push_str(&format!(" Suggested \u{2192} decided: {}", said.join(", ")));
        if changes.len() > 16 {
            text.push_str(&format!(", and {} other kinds", changes.len() - 16));
        }
        text.push('.');
    }
    s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, &text, TEXT, Regular));
}

fn versions(s: &mut Sheets<'_>, page: &Page) {
    const AT: [f32; 5] = [0.0, 33.0 * MM, 68.0 * MM, 94.0 * MM, 122.0 * MM];
    heading(s, "Versions", 2.0 * ROW);
    let step = 1.28 * TEXT;
    s.part(Role::Table("Signed versions and reopenings, oldest first".into()), |s| {
        s.part(Role::HeadRow, |s| {
            s.y += step;
            let base = s.y - 0.3 * TEXT;
            for (x, name) in AT.into_iter().zip(["Version", "When", "Who", "Counted", "Reason"]) {
                s.part(Role::ColumnHead, |s| s.text(SIDE + x, base, name, SMALL, Bold));
            }
        });
        s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 0, 0.5);
        for v in &page.versions {
            let name = format!("{}{}", v.name, if v.shown { " (this one)" } else { "" });
            let ends = AT.into_iter().skip(1).chain([WIDE + 2.0 * MM]);
            let texts = [&name, &v.at, &v.by, &v.counts, &v.reason];
            let cells: Vec<(f32, Vec<String>)> = AT
                .into_iter()
                .zip(ends)
                .zip(texts)
                .map(|((from, to), text)| (from, s.lines(text, TEXT, Regular, to - from - 2.0 * MM)))
                .collect();
            let tallest = cells.iter().map(|c| c.1.len()).max().unwrap_or(1);
            s.need(step * tallest as f32);
            let top = s.y;
            s.part(Role::Row, |s| {
                for (i, (x, lines)) in cells.iter().enumerate() {
                    s.part(if i == 0 { Role::RowHead } else { Role::Cell }, |s| {
                        for (k, line) in lines.iter().enumerate() {
                            let base = top + step * (k + 1) as f32 - 0.3 * TEXT;
                            let end = if k + 1 < lines.len() { " " } else { "" };
                            s.text(SIDE + x, base, &format!("{line}{end}"), TEXT, Regular);
                        }
                    });
                }
            });
            s.y = top + step * tallest as f32;
        }
    });
    for line in &page.amends {
        s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, line, TEXT, Regular));
    }
}

fn footer(s: &mut Sheets<'_>, page: &Page) {
    s.need(4.0 * SMALL);
    s.y += 0.8 * SMALL;
    s.rule((SIDE, s.y), (SIDE + WIDE, s.y), 120, 0.5);
    let origin: Vec<String> = page.origin.iter().map(|f| format!("{}: {}.", f.label, f.value)).collect();
    let text = format!("{} {}", origin.join(" "), page.footer);
    s.part(Role::Paragraph, |s| s.paragraph(SIDE, WIDE, &text, SMALL, Regular));
}

/// Which sheet of how many, of which case and in which state, at the foot of each where there are several: a sheet that is
/// found alone must say so.
fn numbers(s: &mut Sheets<'_>, page: &Page) {
    let total = s.sheets.len();
    if total < 2 {
        return;
    }
    let word = page.banners.first().map_or_else(String::new, |b| format!("{}, ", b.word));
    let last = std::mem::take(&mut s.sheets);
    for (i, things) in last.into_iter().enumerate() {
        s.sheets.push(things);
        let text = format!("{word}{}, sheet {} of {total}", page.case, i + 1);
        s.text_right(SIDE + WIDE, A4.1 - BOTTOM + 1.4 * SMALL, &text, SMALL, Regular);
    }
    s.y = TOP;
}
