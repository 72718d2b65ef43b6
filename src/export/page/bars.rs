//! The bar of each row, with its interval and its reference range, and the axis above: geometry, and SVG.

use super::model::Values;

/// Size of a bar's drawing in SVG user units.
pub(super) const SVG: (f64, f64) = (160.0, 12.0);

/// The right end of the axis for the largest value that is shown: a round number of percent.
pub(super) fn axis(largest: f64) -> f64 {
    [10.0, 20.0, 40.0, 60.0, 80.0, 100.0].into_iter().find(|end| largest <= *end).unwrap_or(100.0)
}

/// Marks of an axis, both ends among them.
pub(super) fn ticks(axis: f64) -> Vec<f64> {
    (0..=4).map(|i| axis * f64::from(i) / 4.0).collect()
}

/// What a bar consists of, as fractions of the axis.
pub(super) struct Bar {
    /// The share.
    pub share: f64,
    /// Both ends of its interval.
    pub interval: [f64; 2],
    /// Both ends of the reference range.
    pub reference: Option<[f64; 2]>,
}

impl Bar {
    /// `None`: there is no share.
    pub fn of(values: &Values, axis: f64) -> Option<Self> {
        let at = |x: f64| (x / axis).clamp(0.0, 1.0);
        Some(Self {
            share: at(values.percent?),
            interval: values.ci95?.map(at),
            // A range of nothing but 0 has no width to be seen.
            reference: values.reference.map(|r| r.map(at)).filter(|[low, high]| low < high),
        })
    }
}

/// A bar as SVG with its meaning in words; without a share an empty text. Grey levels and outlines only: it reads the same
/// in black and white.
pub(super) fn svg(values: &Values, axis: f64, words: &str) -> String {
    let Some(bar) = Bar::of(values, axis) else { return String::new() };
    let (w, h) = SVG;
    let x = |f: f64| format!("{:.1}", 1.0 + f * (w - 2.0));
    let wide = |a: f64, b: f64| format!("{:.1}", (b - a) * (w - 2.0));
    let mut out = format!("<svg class=\"bar\" role=\"img\" viewBox=\"0 0 {w} {h}\"><title>{}</title>", escape(words));
    if let Some([low, high]) = bar.reference {
        let (x, wide) = (x(low), wide(low, high));
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"0.5\" width=\"{wide}\" height=\"11\" fill=\"#e4e4e4\" stroke=\"#8a8a8a\" stroke-width=\"0.6\"/>"
        ));
    }
    out.push_str(&format!(
        "<rect x=\"{}\" y=\"3.5\" width=\"{}\" height=\"5\" fill=\"#3c3c3c\"/>",
        x(0.0),
        wide(0.0, bar.share)
    ));
    let [low, high] = bar.interval.map(x);
    out.push_str(&format!(
        "<path d=\"M{low} 6H{high}M{low} 3V9M{high} 3V9\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.2\"/>\
         <path d=\"M{low} 6H{high}M{low} 3V9M{high} 3V9\" fill=\"none\" stroke=\"#000\" stroke-width=\"1\"/></svg>"
    ));
    out
}

/// The axis as SVG.
pub(super) fn axis_svg(axis: f64) -> String {
    let (w, _) = SVG;
    let mut out = format!("<svg class=\"axis\" aria-hidden=\"true\" viewBox=\"0 0 {w} 11\">");
    for tick in ticks(axis) {
        let f = tick / axis;
        let anchor = if f < 0.1 {
            "start"
        } else if f > 0.9 {
            "end"
        } else {
            "middle"
        };
        out.push_str(&format!(
            "<text x=\"{:.1}\" y=\"9\" font-size=\"9\" text-anchor=\"{anchor}\">{tick}</text>",
            1.0 + f * (w - 2.0)
        ));
    }
    out.push_str("</svg>");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_lies_on_its_axis_and_says_what_it_shows() {
        assert_eq!((axis(3.0), axis(41.0), axis(250.0)), (10.0, 60.0, 100.0));
        assert_eq!(ticks(60.0), [0.0, 15.0, 30.0, 45.0, 60.0]);
        let values = Values { percent: Some(30.0), ci95: Some([15.0, 200.0]), reference: Some([0.0, 60.0]) };
        let bar = Bar::of(&values, 60.0).expect("a share");
        assert_eq!((bar.share, bar.interval, bar.reference), (0.5, [0.25, 1.0], Some([0.0, 1.0])));
        let svg = svg(&values, 60.0, "a < b & \"c\"");
        assert!(svg.contains("role=\"img\"") && svg.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"), "{svg}");
        assert!(super::svg(&Values::default(), 60.0, "").is_empty());
    }
}
