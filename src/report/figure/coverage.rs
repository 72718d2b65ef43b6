//! Accuracy on what remains to the network against the share left to the human.

use plotters::{
    prelude::{Circle, DrawingBackend, LineSeries},
    style::Color,
};

use super::{
    super::evaluation::SHARES,
    Area, BLUE, Drawing, Drawn, Figure, FigureError, Px,
    axes::{Axes, note},
    render,
};
use crate::evaluate::{CoveragePoint, Evaluation, leaving};

/// The curve is drawn at so many shares; more would be finer than its line.
const STEPS: u32 = 200;
/// It ends where fewer cells remain: their accuracy jumps with every one of them.
const LEAST_CELLS: f64 = 20.0;

struct Curve<'a> {
    all: &'a [CoveragePoint],
    cells: f64,
}

pub(super) fn figure(e: &Evaluation) -> Result<Figure, FigureError> {
    let caption =
        "The cells whose top class has the least probability go to the human first; the curve is the accuracy on the \
                   rest. It starts with all cells at the left; at the right, few cells remain and it means little."
            .to_owned();
    render(
        "left-to-human",
        "Accuracy against the share left to the human",
        caption,
        &Curve { all: &e.coverage, cells: e.n as f64 },
    )
}

impl Drawing for Curve<'_> {
    fn size(&self) -> (u32, u32) {
        (560, 400)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let enough = |p: &CoveragePoint| p.left_to_human == 0.0 || (1.0 - p.left_to_human) * self.cells >= LEAST_CELLS;
        let shares = (0..=STEPS).map(|i| f64::from(i) / f64::from(STEPS));
        let mut drawn: Vec<_> = shares.filter_map(|s| leaving(self.all, s)).filter(enough).collect();
        drawn.dedup();
        let least = drawn.iter().map(|p| p.accuracy).fold(1.0, f64::min);
        let floor = ((least - 0.02) * 10.0).floor().max(0.0) / 10.0;
        let axes = Axes {
            title: "",
            x: "% of the cells left to the human",
            y: "accuracy on the rest",
            xs: 0.0..100.0,
            ys: floor..1.0,
            labels: (6, 6),
            font: 12.0,
            powers_of_ten: false,
        };
        let mut chart = axes.draw(area, px)?;
        let at = |p: &CoveragePoint| (100.0 * p.left_to_human, p.accuracy);
        chart.draw_series(LineSeries::new(drawn.iter().map(at), BLUE.stroke_width(px.width(2.0))))?;
        let marked: Vec<_> = SHARES.into_iter().filter_map(|s| leaving(self.all, s)).filter(enough).collect();
        chart.draw_series(marked.iter().map(|p| Circle::new(at(p), px.of(3.5), BLUE.filled())))?;
        for (share, point) in SHARES.into_iter().zip(&marked).filter(|(s, _)| [0.0, 0.1, 0.2, 0.5].contains(s)) {
            let (x, y) = at(point);
            let below = 0.055 * (1.0 - floor);
            note(
                &mut chart,
                px,
                (x + 1.0, y - 0.3 * below),
                format!("{:.3} at {:.0}%", point.accuracy, 100.0 * share),
                11.0,
            )?;
        }
        Ok(())
    }
}
