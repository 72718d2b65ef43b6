//! Curves of a training run as lines of text, for a terminal that no session owns.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    symbols::Marker,
    text::Line,
    widgets::{Axis, Block, Chart, Dataset, GraphType, Widget},
};

/// A curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its points, x ascending.
    pub points: Vec<(f64, f64)>,
}

/// Markers in the order of the series: without colours they have to look different.
const MARKERS: [Marker; 2] = [Marker::Braille, Marker::Dot];

/// `series` over a common x from 0 on, drawn into `height` lines of `width` columns; empty when there is nothing to draw.
/// The title names each series with its last value.
pub fn curves(series: &[Series], width: u16, height: u16) -> Vec<String> {
    let points = || series.iter().flat_map(|s| &s.points).filter(|p| p.0.is_finite() && p.1.is_finite());
    let last_x = points().map(|p| p.0).fold(0.0_f64, f64::max);
    let (low, high) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p.1), b.max(p.1)));
    if last_x <= 0.0 || high < low || width < 12 || height < 4 {
        return Vec::new();
    }
    // A level curve still needs a scale.
    let margin = ((high - low) * 0.05).max(1e-3);
    let (low, high) = ((low - margin).max(0.0), high + margin);
    let title: Vec<String> = series
        .iter()
        .zip(["line", "dots"])
        .filter_map(|(s, how)| Some(format!("{} {:.3} ({how})", s.name, s.points.last()?.1)))
        .collect();
    let data = series.iter().zip(MARKERS).map(|(s, marker)| {
        let kind = if marker == Marker::Braille { GraphType::Line } else { GraphType::Scatter };
        Dataset::default().marker(marker).graph_type(kind).data(&s.points)
    });
    let label = |v: f64| Line::from(format!("{v:.2}"));
    let chart = Chart::new(data.collect())
        .block(Block::new().title(title.join(", ")))
        .legend_position(None)
        .x_axis(
            Axis::default().bounds([0.0, last_x]).labels([Line::from("0"), Line::from(format!("{last_x:.1} epochs"))]),
        )
        .y_axis(Axis::default().bounds([low, high]).labels([label(low), label(high)]))
        .style(Style::new());
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    chart.render(area, &mut buffer);
    (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(f64, f64)]) -> Series {
        Series { name: "loss".into(), points: points.to_vec() }
    }

    #[test]
    fn a_falling_curve_falls_on_the_screen() {
        let lines = curves(&[series(&[(0.0, 2.0), (1.0, 1.0), (2.0, 0.5)])], 40, 9);
        assert_eq!((lines.len(), lines[0].chars().count()), (9, 40));
        assert!(lines[0].starts_with("loss 0.500 (line)"), "{}", lines.join("\n"));
        let drawn = |line: &String| line.chars().position(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        let (top, bottom) = (lines.iter().find_map(drawn), lines.iter().rev().find_map(drawn));
        assert!(top.expect("drawn") < bottom.expect("drawn"), "{}", lines.join("\n"));
    }

    #[test]
    fn nothing_to_draw_is_no_line_and_odd_points_do_no_harm() {
        assert!(curves(&[series(&[])], 40, 9).is_empty());
        assert!(curves(&[series(&[(0.0, 1.0)])], 40, 9).is_empty());
        assert!(curves(&[series(&[(1.0, 1.0)])], 5, 9).is_empty());
        for width in 12..60 {
            curves(&[series(&[(1.0, f64::NAN), (2.0, 1.0)]), series(&[(1.0, 1.0), (2.0, 1.0)])], width, 6);
        }
    }
}
