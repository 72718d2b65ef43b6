//! The confusion matrix: shares of each label's cells as colour, counts as numbers.

use plotters::{
    prelude::{DrawingBackend, Rectangle, Text},
    style::{
        Color, RGBColor, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, Drawing, Drawn, Figure, FigureError, GREY, INK, PALE, Px, render};
use crate::evaluate::{ClassResults, Confusion};

/// Width and height of a cell.
const CELL: (f64, f64) = (46.0, 36.0);
const TOP: f64 = 64.0;
const RIGHT: f64 = 86.0;
const BOTTOM: f64 = 14.0;

struct Matrix<'a> {
    table: &'a Confusion,
    /// Places of the classes that the labels or the network have.
    used: Vec<usize>,
    left: f64,
}

pub(super) fn figure(name: &'static str, title: &'static str, results: &ClassResults) -> Result<Figure, FigureError> {
    let table = &results.confusion;
    let used: Vec<usize> =
        (0..table.labels().len()).filter(|&i| table.row_total(i) + table.column_total(i) > 0).collect();
    let longest = used.iter().map(|&i| row_name(table, i).len()).max().unwrap_or(0);
    let matrix = Matrix { table, used, left: 34.0 + 7.2 * longest as f64 };
    let caption = "Rows are the labels (number of cells), columns what the network says. Colour and percentage: share of the row; \
                   the diagonal holds the sensitivities. Small numbers: cells."
        .to_owned();
    render(name, title, caption, &matrix)
}

fn row_name(table: &Confusion, i: usize) -> String {
    format!("{} ({})", table.labels()[i], table.row_total(i))
}

/// White over blue to almost black.
fn shade(share: f64) -> RGBColor {
    let stops = [(247.0, 251.0, 255.0), (107.0, 174.0, 214.0), (8.0, 48.0, 107.0)];
    let at = (2.0 * share).clamp(0.0, 2.0);
    let (a, b) = if at <= 1.0 { (stops[0], stops[1]) } else { (stops[1], stops[2]) };
    let mix = |a: f64, b: f64| (a + (b - a) * (at - if at <= 1.0 { 0.0 } else { 1.0 })).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Labels of merged classes are broken, so that they fit over a column.
fn column_lines(label: &str) -> Vec<&str> {
    label.split('+').collect()
}

impl Matrix<'_> {
    fn top(&self) -> f64 {
        let most = self.used.iter().map(|&i| column_lines(&self.table.labels()[i]).len()).max().unwrap_or(1);
        TOP + 13.0 * (most as f64 - 1.0)
    }
}

impl Drawing for Matrix<'_> {
    fn size(&self) -> (u32, u32) {
        let n = self.used.len() as f64;
        ((self.left + n * CELL.0 + RIGHT) as u32, (self.top() + (n * CELL.1).max(160.0) + BOTTOM) as u32)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let middle = Pos::new(HPos::Center, VPos::Center);
        let text = |what: String, x: f64, y: f64, size: f64, colour: RGBColor| {
            area.draw(&Text::new(what, (px.of(x), px.of(y)), px.text(size, colour).pos(middle)))
        };
        let (n, top) = (self.used.len() as f64, self.top());
        text("network".into(), self.left + n * CELL.0 / 2.0, 16.0, 14.0, INK)?;
        let upwards = px.text_upwards(14.0, INK).pos(middle);
        area.draw(&Text::new("label", (px.of(16.0), px.of(top + n * CELL.1 / 2.0)), upwards))?;
        for (r, &row) in self.used.iter().enumerate() {
            let y = top + r as f64 * CELL.1;
            let right = px.text(12.5, INK).pos(Pos::new(HPos::Right, VPos::Center));
            let at = (px.of(self.left - 7.0), px.of(y + CELL.1 / 2.0));
            area.draw(&Text::new(row_name(self.table, row), at, right))?;
            let lines = column_lines(&self.table.labels()[row]);
            for (l, line) in lines.iter().rev().enumerate() {
                let x = self.left + (r as f64 + 0.5) * CELL.0;
                text((*line).to_owned(), x, top - 14.0 - 13.0 * l as f64, 12.5, INK)?;
            }
            for (c, &column) in self.used.iter().enumerate() {
                let (x, cells) = (self.left + c as f64 * CELL.0, self.table.counts()[row][column]);
                let share = cells as f64 / self.table.row_total(row).max(1) as f64;
                let corners = [(px.of(x), px.of(y)), (px.of(x + CELL.0), px.of(y + CELL.1))];
                area.draw(&Rectangle::new(corners, shade(share).filled()))?;
                area.draw(&Rectangle::new(corners, px.line(PALE, 1.0)))?;
                if cells > 0 {
                    let colour = if share > 0.55 { WHITE } else { INK };
                    text(percent(share), x + CELL.0 / 2.0, y + 0.36 * CELL.1, 12.5, colour)?;
                    text(cells.to_string(), x + CELL.0 / 2.0, y + 0.74 * CELL.1, 9.5, colour)?;
                }
            }
        }
        self.legend(area, px)
    }
}

impl Matrix<'_> {
    /// The colours from 0 to 100%.
    fn legend<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let (x, y) = (self.left + self.used.len() as f64 * CELL.0 + 20.0, self.top());
        let height = 150.0;
        for step in 0..50 {
            let (from, to) = (f64::from(step) / 50.0, f64::from(step + 1) / 50.0);
            let corners =
                [(px.of(x), px.of(y + height * (1.0 - to))), (px.of(x + 14.0), px.of(y + height * (1.0 - from)))];
            area.draw(&Rectangle::new(corners, shade(from).filled()))?;
        }
        let frame = [(px.of(x), px.of(y)), (px.of(x + 14.0), px.of(y + height))];
        area.draw(&Rectangle::new(frame, px.line(GREY, 1.0)))?;
        for share in [0.0, 0.5, 1.0] {
            let at = (px.of(x + 20.0), px.of(y + height * (1.0 - share)));
            let left = px.text(11.0, INK).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(format!("{:.0}%", 100.0 * share), at, left))?;
        }
        Ok(())
    }
}

/// Whole percent; what is there is never shown as nothing, nor what is not whole as all.
fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 0.5 => "<1".into(),
        p if p > 99.5 && p < 100.0 => ">99".into(),
        p => format!("{p:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_hides_nothing() {
        assert_eq!([0.001, 0.999, 1.0, 0.456].map(percent), ["<1", ">99", "100", "46"]);
        assert_eq!((shade(0.0), shade(1.0)), (RGBColor(247, 251, 255), RGBColor(8, 48, 107)));
        assert_eq!(shade(0.5), RGBColor(107, 174, 214));
    }
}
