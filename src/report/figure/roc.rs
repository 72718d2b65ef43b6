//! The ROC curves of the two questions that the paper asks.

use plotters::{
    prelude::{DrawingBackend, LineSeries},
    style::Color,
};

use super::{
    super::number::{range, three},
    Area, BLUE, Drawing, Drawn, Figure, FigureError, GREY, Px,
    axes::{Axes, dashed, note},
    render,
};
use crate::evaluate::{Binary, Evaluation, RocPoint};

struct Curves<'a> {
    panels: Vec<(&'static str, &'a Binary)>,
}

pub(super) fn figure(e: &Evaluation) -> Result<Option<Figure>, FigureError> {
    let panels: Vec<_> =
        [("Blast", &e.blast), ("Atypical", &e.atypical)].into_iter().filter(|p| !p.1.curve.is_empty()).collect();
    if panels.is_empty() {
        return Ok(None);
    }
    let sets: Vec<_> = panels.iter().map(|(name, b)| format!("{name}: {}", b.classes.join(" "))).collect();
    let caption = format!(
        "Sensitivity against the share of false positives for every threshold on the summed probability of the classes. {}. \
         AUC with its 95% interval.",
        sets.join("; ")
    );
    render("roc", "ROC: is it a blast, is it atypical", caption, &Curves { panels }).map(Some)
}

/// The points at which a curve turns; the others lie on the way.
fn corners(curve: &[RocPoint]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = curve.iter().map(|p| (p.false_positive, p.sensitivity)).collect();
    let turns = |w: &[(f64, f64)]| {
        let straight = (w[0].0 == w[1].0 && w[1].0 == w[2].0) || (w[0].1 == w[1].1 && w[1].1 == w[2].1);
        (!straight).then_some(w[1])
    };
    let ends = (points.first().copied(), points.last().copied());
    ends.0.into_iter().chain(points.windows(3).filter_map(turns)).chain(ends.1).collect()
}

impl Drawing for Curves<'_> {
    fn size(&self) -> (u32, u32) {
        (420 * self.panels.len() as u32, 430)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB> {
        for (part, (name, binary)) in area.split_evenly((1, self.panels.len())).iter().zip(&self.panels) {
            let axes = Axes {
                title: name,
                x: "1 - specificity",
                y: "sensitivity",
                xs: 0.0..1.0,
                ys: 0.0..1.0,
                labels: (6, 6),
                font: 12.0,
                powers_of_ten: false,
            };
            let mut chart = axes.draw(part, px)?;
            dashed(&mut chart, px, (0.0, 0.0), (1.0, 1.0), GREY)?;
            chart.draw_series(LineSeries::new(corners(&binary.curve), BLUE.stroke_width(px.width(2.0))))?;
            let auc = binary.auc;
            note(&mut chart, px, (0.36, 0.26), format!("AUC {}", three(auc.value)), 14.0)?;
            note(&mut chart, px, (0.36, 0.19), format!("95% interval {}", range(auc.ci95)), 12.0)?;
            let cells = format!("{} of {} cells", binary.positives, binary.positives + binary.negatives);
            note(&mut chart, px, (0.36, 0.13), cells, 12.0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_keeps_its_corners() {
        let point = |(false_positive, sensitivity)| RocPoint { threshold: 0.0, false_positive, sensitivity };
        let curve = [(0.0, 0.0), (0.0, 0.2), (0.0, 0.5), (0.1, 0.5), (0.3, 0.5), (0.4, 0.9), (1.0, 1.0)].map(point);
        assert_eq!(corners(&curve), [(0.0, 0.0), (0.0, 0.5), (0.3, 0.5), (0.4, 0.9), (1.0, 1.0)]);
    }
}
