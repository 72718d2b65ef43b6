//! Bland and Altman's plot of the patients' differentials, a panel for each class.

use plotters::{
    prelude::{Circle, DrawingBackend, LineSeries, Text},
    style::{
        Color,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    Area, BLUE, Drawing, Drawn, Figure, FigureError, GREY, INK, ORANGE, Px,
    axes::{Axes, dashed, label},
    render,
};
use crate::evaluate::{Agreement, Evaluation, LEAST_WBC};

const COLUMNS: usize = 4;
const PANEL: (u32, u32) = (240, 210);
/// For the words beside and below all panels.
const EDGE: u32 = 26;

struct Panels<'a>(&'a [Agreement]);

pub(super) fn figure(e: &Evaluation) -> Result<Option<Figure>, FigureError> {
    if e.differential.is_empty() {
        return Ok(None);
    }
    let caption = format!(
        "A point is a patient with {LEAST_WBC} labelled WBC or more. Across: mean of the network's and the labels' percentage of \
         WBC; up: the network's less the labels', in percentage points. Full line: bias; dashed: limits of agreement (bias +- \
         1.96 sd; Bland and Altman 1986). The axes differ from panel to panel."
    );
    render("bland-altman", "Differential of each patient: network less labels", caption, &Panels(&e.differential))
        .map(Some)
}

/// A little more than a range, and never nothing.
fn padded(low: f64, high: f64) -> std::ops::Range<f64> {
    let room = 0.08 * (high - low).max(1.0);
    low - room..high + room
}

impl Drawing for Panels<'_> {
    fn size(&self) -> (u32, u32) {
        let columns = self.0.len().min(COLUMNS) as u32;
        (EDGE + PANEL.0 * columns, EDGE + PANEL.1 * self.0.len().div_ceil(COLUMNS) as u32)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let columns = self.0.len().min(COLUMNS);
        let (width, height) = area.dim_in_pixel();
        let edge = px.of(f64::from(EDGE));
        let middle = Pos::new(HPos::Center, VPos::Center);
        let below = (width as i32 / 2, height as i32 - edge / 2);
        area.draw(&Text::new("mean of network and labels, % of WBC", below, px.text(13.0, INK).pos(middle)))?;
        let beside = (edge / 2, height as i32 / 2);
        area.draw(&Text::new(
            "network less labels, percentage points",
            beside,
            px.text_upwards(13.0, INK).pos(middle),
        ))?;
        let (panels, _) = area.split_vertically(height as i32 - edge);
        let (_, panels) = panels.split_horizontally(edge);
        let parts = panels.split_evenly((self.0.len().div_ceil(COLUMNS), columns));
        for (a, part) in self.0.iter().zip(&parts) {
            let low = a.points.iter().map(|p| p.1).fold(a.limits.lower, f64::min);
            let high = a.points.iter().map(|p| p.1).fold(a.limits.upper, f64::max);
            let most = a.points.iter().map(|p| p.0).fold(1.0, f64::max);
            let xs = 0.0..1.05 * most;
            let title = format!(
                "{}   {} ({} to {})",
                a.label,
                label(a.bias, 1),
                label(a.limits.lower, 1),
                label(a.limits.upper, 1)
            );
            let axes = Axes {
                title: &title,
                x: "",
                y: "",
                xs: xs.clone(),
                ys: padded(low, high),
                labels: (5, 5),
                font: 10.0,
                powers_of_ten: false,
            };
            let mut chart = axes.draw(part, px)?;
            let across = |y: f64| [(xs.start, y), (xs.end, y)];
            chart.draw_series(LineSeries::new(across(0.0), px.line(GREY, 1.0)))?;
            chart.draw_series(LineSeries::new(across(a.bias), px.line(ORANGE, 1.6)))?;
            for limit in [a.limits.lower, a.limits.upper] {
                dashed(&mut chart, px, across(limit)[0], across(limit)[1], ORANGE)?;
            }
            chart.draw_series(a.points.iter().map(|p| Circle::new(*p, px.of(2.5), BLUE.mix(0.7).filled())))?;
        }
        Ok(())
    }
}
