//! Sensitivity and precision of each class against the number of images that the network was trained on.

use plotters::{
    prelude::{Circle, DrawingBackend, EmptyElement, PathElement, Text},
    style::Color,
};

use super::{
    super::learned::Learned,
    Area, BLUE, Drawing, Drawn, Figure, FigureError, INK, Px,
    axes::{Axes, Chart},
    render,
};
use crate::evaluate::{ClassFigures, Estimate};

/// Width of a panel, and height of the figure.
const PANEL: (u32, u32) = (440, 400);
/// Size of a class's code beside its point, and about the width of one of its letters.
const CODE: (f64, f64) = (11.0, 7.6);

/// One figure of a class.
type Pick = fn(&ClassFigures) -> Estimate;

struct Panels<'a> {
    classes: &'a [Learned<'a>],
    /// Whether there are intervals, or means over folds.
    folds: bool,
}

/// `None`: the network's record says nothing of any class.
pub(super) fn figure(classes: &[Learned<'_>], folds: usize) -> Result<Option<Figure>, FigureError> {
    if classes.is_empty() {
        return Ok(None);
    }
    let folds = folds > 1;
    let bars = if folds {
        "the values are means over folds, the bars their standard deviation"
    } else {
        "the bars are 95% intervals"
    };
    let caption = format!(
        "A point is a class with labelled cells; across, on a scale of powers of ten, images of it that the network was trained \
         on; {bars}. Classes without a training image stand at the left edge."
    );
    render(
        "training-images",
        "Sensitivity and precision against the number of training images",
        caption,
        &Panels { classes, folds },
    )
    .map(Some)
}

/// The place of a number of images on the axis; none are put before the first one.
fn place(images: u64) -> f64 {
    if images == 0 { -0.5 } else { (images as f64).log10() }
}

impl Panels<'_> {
    /// Value and bar of a figure.
    fn shown(&self, estimate: Estimate) -> Option<(f64, Option<(f64, f64)>)> {
        match estimate.folds.filter(|_| self.folds) {
            Some(f) => Some((f.mean, f.sd.map(|sd| ((f.mean - sd).max(0.0), (f.mean + sd).min(1.0))))),
            None => Some((estimate.value?, estimate.ci95.map(|i| (i.lower, i.upper)))),
        }
    }

    fn panel<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px, title: &str, pick: Pick) -> Drawn<DB> {
        let places = self.classes.iter().map(|c| place(c.images));
        let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let xs = low.floor().min(low - 0.1)..(high + 0.35).max(low + 1.0);
        let axes = Axes {
            title,
            x: "training images",
            y: "",
            ys: 0.0..1.04,
            labels: ((xs.end - xs.start).ceil() as usize + 1, 6),
            xs,
            font: 12.0,
            powers_of_ten: true,
        };
        let mut chart = axes.draw(area, px)?;
        let points: Vec<_> = self
            .classes
            .iter()
            .filter_map(|c| self.shown(pick(c.class)).map(|(y, bar)| (place(c.images), y, bar, c.class.label.as_str())))
            .collect();
        let bars = points.iter().filter_map(|&(x, _, bar, _)| bar.map(|(from, to)| [(x, from), (x, to)]));
        chart.draw_series(bars.map(|ends| PathElement::new(ends, BLUE.mix(0.45).stroke_width(px.width(1.2)))))?;
        chart.draw_series(points.iter().map(|&(x, y, ..)| Circle::new((x, y), px.of(3.5), BLUE.filled())))?;
        let named: Vec<_> = points.iter().map(|&(x, y, _, code)| (x, y, code)).collect();
        codes(&mut chart, px, &named)
    }
}

/// A rectangle: left, top, right, bottom.
type Frame = [f64; 4];

fn overlap(a: Frame, b: Frame) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// The place of a code beside a point, so that it covers no other point and no code before it, if that can be.
fn beside(at: (f64, f64), width: f64, taken: &[Frame]) -> (f64, f64) {
    let height = CODE.0;
    let (right, left, middle) = (6.0, -6.0 - width, -width / 2.0);
    let (level, above, below) = (-height / 2.0, -height - 5.0, 5.0);
    let places = [(right, level), (left, level), (middle, above), (middle, below), (right, above), (right, below)];
    let frame = |(x, y): (f64, f64)| [at.0 + x, at.1 + y, at.0 + x + width, at.1 + y + height];
    places.into_iter().find(|&p| !taken.iter().any(|t| overlap(frame(p), *t))).unwrap_or(places[0])
}

fn codes<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, px: Px, points: &[(f64, f64, &str)]) -> Drawn<DB> {
    let unit = f64::from(px.of(1.0));
    let on_page = |x: f64, y: f64| {
        let (x, y) = chart.backend_coord(&(x, y));
        (f64::from(x) / unit, f64::from(y) / unit)
    };
    let at: Vec<_> = points.iter().map(|&(x, y, _)| on_page(x, y)).collect();
    let dot = |&(x, y): &(f64, f64)| [x - 4.0, y - 4.0, x + 4.0, y + 4.0];
    let mut taken: Vec<Frame> = at.iter().map(dot).collect();
    let mut texts = Vec::new();
    for (&(x, y, code), &on_page) in points.iter().zip(&at) {
        let width = CODE.1 * code.chars().count() as f64;
        let (dx, dy) = beside(on_page, width, &taken);
        taken.push([on_page.0 + dx, on_page.1 + dy, on_page.0 + dx + width, on_page.1 + dy + CODE.0]);
        texts.push((x, y, code.to_owned(), (px.of(dx), px.of(dy))));
    }
    chart
        .draw_series(
            texts
                .into_iter()
                .map(|(x, y, code, by)| EmptyElement::at((x, y)) + Text::new(code, by, px.text(CODE.0, INK))),
        )
        .map(|_| ())
}

impl Drawing for Panels<'_> {
    fn size(&self) -> (u32, u32) {
        (2 * PANEL.0, PANEL.1)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        let parts = area.split_evenly((1, 2));
        let panels: [(&str, Pick); 2] = [("Sensitivity", |c| c.sensitivity), ("Precision", |c| c.precision)];
        parts.iter().zip(panels).try_for_each(|(part, (title, pick))| self.panel(part, px, title, pick))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_make_room_for_each_other() {
        let first = beside((50.0, 50.0), 20.0, &[]);
        assert_eq!(first, (6.0, -5.5));
        // Its own point takes no room from it; a neighbour at the right does.
        let own = [46.0, 46.0, 54.0, 54.0];
        assert_eq!(beside((50.0, 50.0), 20.0, &[own]), first);
        assert_eq!(beside((50.0, 50.0), 20.0, &[own, [58.0, 46.0, 66.0, 54.0]]).0, -26.0);
        let everywhere = [0.0, 0.0, 100.0, 100.0];
        assert_eq!(beside((50.0, 50.0), 20.0, &[everywhere]), first, "where there is no room it is at the right");
    }

    #[test]
    fn powers_of_ten_are_a_unit_apart_and_nothing_comes_before_one() {
        assert_eq!((place(1), place(100)), (0.0, 2.0));
        assert!(place(0) < place(1));
    }
}
