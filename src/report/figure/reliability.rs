//! The reliability curve, and how many cells stand behind each of its points.

use plotters::{
    prelude::{Circle, DrawingBackend, LineSeries, PathElement, Rectangle},
    style::Color,
};

use super::{
    Area, BLUE, Drawing, Drawn, Figure, FigureError, GREY, Px,
    axes::{Axes, dashed, note},
    render,
};
use crate::evaluate::{BINS, Evaluation, Reliability};

struct Curve<'a>(&'a Reliability);

pub(super) fn figure(e: &Evaluation) -> Result<Figure, FigureError> {
    let caption = format!(
        "Share of right answers against the mean probability of the top class, in {BINS} bins of equal width, with exact 95% \
         intervals that take cells as independent. On the dashed line a probability means what it says. Below: cells in each bin."
    );
    render("reliability", "Reliability", caption, &Curve(&e.reliability))
}

impl Drawing for Curve<'_> {
    fn size(&self) -> (u32, u32) {
        (460, 560)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let (upper, lower) = area.split_vertically(px.of(410.0));
        let axes = Axes {
            title: "",
            x: "",
            y: "share of right answers",
            xs: 0.0..1.0,
            ys: 0.0..1.0,
            labels: (6, 6),
            font: 12.0,
            powers_of_ten: false,
        };
        let mut chart = axes.draw(&upper, px)?;
        dashed(&mut chart, px, (0.0, 0.0), (1.0, 1.0), GREY)?;
        let bins = &self.0.bins;
        let bar = |b: &crate::evaluate::Bin| {
            PathElement::new([(b.confidence, b.ci95.lower), (b.confidence, b.ci95.upper)], px.line(BLUE, 1.2))
        };
        chart.draw_series(bins.iter().map(bar))?;
        let line = LineSeries::new(bins.iter().map(|b| (b.confidence, b.accuracy)), BLUE.stroke_width(px.width(1.6)));
        chart.draw_series(line)?;
        chart.draw_series(bins.iter().map(|b| Circle::new((b.confidence, b.accuracy), px.of(3.5), BLUE.filled())))?;
        note(&mut chart, px, (0.72, 0.1), format!("ECE {:.3}", self.0.ece), 14.0)?;
        let most = bins.iter().map(|b| b.n).max().unwrap_or(1) as f64;
        let axes = Axes {
            title: "",
            x: "probability of the top class",
            y: "cells",
            xs: 0.0..1.0,
            ys: 0.0..1.1 * most,
            labels: (6, 4),
            font: 12.0,
            powers_of_ten: false,
        };
        let mut chart = axes.draw(&lower, px)?;
        let column = |b: &crate::evaluate::Bin| {
            Rectangle::new([(b.above + 0.004, 0.0), (b.up_to - 0.004, b.n as f64)], BLUE.mix(0.6).filled())
        };
        chart.draw_series(bins.iter().map(column)).map(|_| ())
    }
}
