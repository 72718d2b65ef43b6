//! What a case's frames have in common: their usual size, the ones that do not fit in, and the scale.

use std::collections::BTreeMap;

use super::Reason;
use crate::domain::{FoundCell, Scale, ScaleSource, scale_for_frame};

/// Fewer frames say nothing of what is usual.
const ENOUGH: usize = 3;
/// When more frames than one in so many do not fit in, the case mixes sources, and nobody knows which ones are wrong.
const ONE_IN: usize = 5;

/// Which cells are out of line: a side more than twice, or less than half, the case's median. Either a few of them, with
/// reasons, or, when they are many, none and a warning.
pub(super) fn odd(cells: &[FoundCell]) -> (Vec<(usize, Reason)>, Option<String>) {
    if cells.len() < ENOUGH {
        return (Vec::new(), None);
    }
    let median = |side: fn(&FoundCell) -> u32| {
        let mut sides: Vec<_> = cells.iter().map(side).collect();
        let middle = sides.len() / 2;
        *sides.select_nth_unstable(middle).1
    };
    let (usual_width, usual_height) = (median(|c| c.width), median(|c| c.height));
    let off = |side: u32, usual: u32| u64::from(side) > 2 * u64::from(usual) || 2 * u64::from(side) < u64::from(usual);
    let odd: Vec<_> =
        cells.iter().enumerate().filter(|(_, c)| off(c.width, usual_width) || off(c.height, usual_height)).collect();
    if odd.len() > 1 && odd.len() * ONE_IN > cells.len() {
        let warning = format!(
            "{} of {} frames are far from the usual {usual_width} x {usual_height} px; if they are of another scanner, import \
             them as a case of their own, because one scale goes for all",
            odd.len(),
            cells.len()
        );
        return (Vec::new(), Some(warning));
    }
    let reason = |c: &FoundCell| Reason::OddFrame { width: c.width, height: c.height, usual_width, usual_height };
    (odd.into_iter().map(|(i, c)| (i, reason(c))).collect(), None)
}

/// The scale of a case: what the user gives, else the one that goes with the most common frame; and a warning when it is
/// not known.
pub(super) fn scale(cells: &[FoundCell], given: Option<f64>) -> (Scale, Option<String>) {
    if let Some(um_per_px) = given {
        return (Scale::given(um_per_px), None);
    }
    let mut sizes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for cell in cells {
        *sizes.entry((cell.width, cell.height)).or_default() += 1;
    }
    let (width, height) = sizes.into_iter().max_by_key(|s| s.1).map_or((0, 0), |s| s.0);
    let scale = scale_for_frame(width, height);
    let warning = (scale.source == ScaleSource::WholeFrame && !cells.is_empty()).then(|| {
        format!(
            "frames of {width} x {height} px are of no known scanner: each whole frame is taken as the network's field; \
             say --um-per-px if you know the scale"
        )
    });
    (scale, warning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sha256Hash;

    fn cells(sizes: &[(u32, u32, usize)]) -> Vec<FoundCell> {
        let cell = |&(width, height, n): &(u32, u32, usize)| {
            let cell =
                FoundCell { path: "x".into(), sha256: Sha256Hash([0; 32]), width, height, label: None, class: None };
            vec![cell; n]
        };
        sizes.iter().flat_map(cell).collect()
    }

    #[test]
    fn an_overview_among_cells_is_odd_and_siblings_are_not() {
        let all = cells(&[
            (360, 363, 90),
            (376, 365, 1),
            (440, 365, 1),
            (408, 384, 1),
            (2920, 2964, 1),
            (100, 363, 1),
            (720, 726, 1),
        ]);
        let (odd, warning) = odd(&all);
        assert_eq!((odd.iter().map(|o| o.0).collect::<Vec<_>>(), warning), (vec![93, 94], None));
        let text = odd[0].1.to_string();
        assert!(text.contains("2920 x 2964 px among frames of about 360 x 363"), "{text}");
    }

    #[test]
    fn many_odd_frames_are_another_scanner() {
        let (none, warning) = odd(&cells(&[(360, 363, 6), (1000, 1000, 4)]));
        assert!(none.is_empty() && warning.expect("a warning").contains("4 of 10"));
        assert_eq!(odd(&cells(&[(360, 363, 1), (3000, 3000, 1)])).0.len(), 0, "two frames have no usual size");
        assert_eq!(odd(&cells(&[(360, 363, 2), (3000, 3000, 1)])).0.len(), 1);
    }

    #[test]
    fn the_scale_is_given_or_of_the_most_common_frame() {
        let frames = cells(&[(400, 400, 1), (360, 363, 2)]);
        assert_eq!(scale(&frames, Some(0.2)), (Scale::given(0.2), None));
        assert_eq!(scale(&frames, None).0.um_per_px, Some(0.10));
        assert_eq!(scale(&frames[..1], None).0.um_per_px, Some(0.071));
        let (unknown, warning) = scale(&cells(&[(192, 192, 2)]), None);
        assert_eq!(unknown.source, ScaleSource::WholeFrame);
        assert!(warning.expect("a warning").contains("--um-per-px"));
    }
}
