//! One plot with axes, as all figures but the confusion matrix have them.

use std::ops::Range;

use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::types::RangedCoordf64,
    prelude::{Cartesian2d, DashedLineSeries, DrawingAreaErrorKind, DrawingBackend, Text},
    style::{
        RGBColor, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, Drawn, GREY, INK, PALE, Px};

/// A plot of two numbers.
pub(super) type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What is on the axes.
pub(super) struct Axes<'a> {
    pub title: &'a str,
    pub x: &'a str,
    pub y: &'a str,
    pub xs: Range<f64>,
    pub ys: Range<f64>,
    /// About so many labels on the axes.
    pub labels: (usize, usize),
    /// Of the axes' labels; descriptions and titles are a little larger.
    pub font: f64,
    /// Whether the numbers across are powers of ten, and are labelled with what they stand for.
    pub powers_of_ten: bool,
}

impl Axes<'_> {
    /// Draws the axes, and answers with the plot to draw on.
    pub fn draw<'a, DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        px: Px,
    ) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
        let font = self.font;
        let (heading, body) = area.split_vertically(px.of(if self.title.is_empty() { 0.0 } else { 2.3 * font }));
        if !self.title.is_empty() {
            let middle = px.text(font + 3.0, INK).pos(Pos::new(HPos::Center, VPos::Center));
            let (width, height) = heading.dim_in_pixel();
            heading.draw(&Text::new(self.title, (width as i32 / 2, height as i32 / 2), middle))?;
        }
        let mut chart = ChartBuilder::on(&body)
            .margin(px.of(8.0))
            .margin_right(px.of(16.0))
            .x_label_area_size(px.of(if self.x.is_empty() { 1.9 * font } else { 3.5 * font }))
            .y_label_area_size(px.of(if self.y.is_empty() { 3.4 * font } else { 4.9 * font }))
            .build_cartesian_2d(self.xs.clone(), self.ys.clone())?;
        let digits = |range: &Range<f64>, labels: usize| {
            let step = (range.end - range.start) / labels as f64;
            if step >= 0.9 { 0 } else { (-step.log10()).ceil().max(1.0) as usize }
        };
        let (xd, yd) = (digits(&self.xs, self.labels.0), digits(&self.ys, self.labels.1));
        chart
            .configure_mesh()
            .x_labels(self.labels.0)
            .y_labels(self.labels.1)
            .x_label_formatter(&|v| if self.powers_of_ten { power(*v) } else { label(*v, xd) })
            .y_label_formatter(&|v| label(*v, yd))
            .x_desc(self.x)
            .y_desc(self.y)
            .label_style(px.text(font, INK))
            .axis_desc_style(px.text(font + 1.0, INK))
            .axis_style(px.line(GREY, 1.0))
            .bold_line_style(px.line(PALE, 1.0))
            .light_line_style(px.line(WHITE, 1.0))
            .max_light_lines(0)
            .set_all_tick_mark_size(px.of(4.0))
            .draw()?;
        Ok(chart)
    }
}

/// Ten to the power of a whole number; before one there are none at all, and between them there is no label.
fn power(exponent: f64) -> String {
    let whole = (exponent - exponent.round()).abs() < 1e-6;
    if whole && exponent > -0.5 { label(10_f64.powf(exponent.round()), 0) } else { String::new() }
}

/// A number without a negative zero.
pub(super) fn label(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.trim_start_matches(['-', '0', '.']).is_empty() { text.trim_start_matches('-').to_owned() } else { text }
}

/// A dashed line.
pub(super) fn dashed<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    px: Px,
    from: (f64, f64),
    to: (f64, f64),
    colour: RGBColor,
) -> Drawn<DB> {
    let series = DashedLineSeries::new([from, to], px.of(5.0), px.of(4.0), px.line(colour, 1.2));
    chart.draw_series(series).map(|_| ())
}

/// A text that starts at a place of the plot.
pub(super) fn note<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    px: Px,
    at: (f64, f64),
    text: String,
    size: f64,
) -> Drawn<DB> {
    chart.draw_series(std::iter::once(Text::new(text, at, px.text(size, INK)))).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_powers_are_labelled() {
        assert_eq!([0.0, 3.0, 2.5, -1.0].map(power), ["1", "1000", "", ""]);
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!((label(-0.0001, 2), label(-0.01, 2), label(0.0, 0)), ("0.00".into(), "-0.01".into(), "0".into()));
    }
}
