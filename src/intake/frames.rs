//! What a case's frames have in common: their usual size, the ones that do not fit in, and the scale.

use std::collections::BTreeMap;

use super::Reason;
use crate::domain::{FoundCell, Scale, ScaleSource, scale_for_frame, scales_differ};

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

/// The scale of a case: what the user gives, else what the files state, else the one that goes with the most common frame;
/// and what a person should know of it. `stated`: um per px as each cell's file says.
pub(super) fn scale(cells: &[FoundCell], stated: &[Option<f64>], given: Option<f64>) -> (Scale, Vec<String>) {
    let mut warnings = Vec::new();
    let by_file = most_common(stated.iter().flatten().map(|s| s.to_bits()));
    let by_file = by_file.map(|(bits, _)| f64::from_bits(bits));
    let frame = most_common(cells.iter().map(|c| (c.width, c.height))).map_or((0, 0), |(size, _)| size);
    let scale = Scale::known(given, by_file, frame);
    let guess = scale_for_frame(frame.0, frame.1);
    let (width, height) = frame;
    let n = |count: usize| format!("{count} of {} files", cells.len());
    let differs = |s: &&f64| scale.um_per_px.is_some_and(|used| scales_differ(**s, used));
    let others: Vec<f64> = stated.iter().flatten().filter(differs).copied().collect();
    if let (Some(used), Some(other)) = (scale.um_per_px, others.first()) {
        let files = n(others.len());
        warnings.push(match scale.source {
            ScaleSource::Given => format!("{files} state another scale ({other} um per px) than --um-per-px {used}, which is used as you say"),
            _ => format!(
                "{files} state another scale ({other} um per px) than the {used} that is used for all; if they are of another \
                 scanner, import them as a case of their own"
            ),
        });
    }
    match (scale.source, scale.um_per_px, guess.um_per_px) {
        (ScaleSource::File, Some(used), Some(guess)) if scales_differ(used, guess) => warnings.push(format!(
            "the files state {used} um per px, which is used; frames of {width} x {height} px would else be taken for {guess}"
        )),
        _ => {}
    }
    let silent = stated.iter().filter(|s| s.is_none()).count();
    if scale.source == ScaleSource::File && silent > 0 {
        warnings.push(format!("{} state no scale, and are taken at that of the others", n(silent)));
    }
    warnings.extend(two_scanners(cells, stated, &scale));
    if scale.source == ScaleSource::WholeFrame && !cells.is_empty() {
        warnings.push(format!(
            "frames of {width} x {height} px are of no known scanner: each whole frame is taken as the network's field; \
             say --um-per-px if you know the scale"
        ));
    }
    (scale, warnings)
}

/// The value that most have, and how many; of equals the largest.
fn most_common<T: Ord>(values: impl Iterator<Item = T>) -> Option<(T, usize)> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|(_, n)| *n)
}

/// Frames whose size is that of a scanner of another scale, where nothing but the size tells.
fn two_scanners(cells: &[FoundCell], stated: &[Option<f64>], scale: &Scale) -> Option<String> {
    let used = scale.um_per_px.filter(|_| scale.source == ScaleSource::Profile)?;
    let another = |cell: &FoundCell| {
        let own = scale_for_frame(cell.width, cell.height).um_per_px;
        own.filter(|own| scales_differ(*own, used)).map(|own| (cell.width, cell.height, own))
    };
    let silent = cells.iter().zip(stated).filter(|(_, stated)| stated.is_none());
    let others: Vec<_> = silent.filter_map(|(cell, _)| another(cell)).collect();
    let (width, height, own) = others.first()?;
    Some(format!(
        "{} of {} frames are of {width} x {height} px, as another scanner makes them ({own} um per px); all are taken at {used}: \
         import them as a case of their own",
        others.len(),
        cells.len()
    ))
}

/// Frames with no side shorter than this, in px: scanners' frames of one cell stay below 450.
const FIELD_PX: u32 = 480;
/// Such a frame that is narrower than this, in micrometres, is one cell in many px.
const CELL_UM: f64 = 28.0;
/// No frame of one cell is this wide, in micrometres, however few px it has.
const FIELD_UM: f64 = 110.0;
/// Cameras' frames are longer than high by at least this, and single cells' are about square.
const FIELD_RATIO: f64 = 1.25;
/// The smallest such frame of a camera.
const FIELD_LEAST_PX: u32 = 240;

/// A warning where most frames look like whole fields of view, in which a cell is one of many things.
pub(super) fn fields(cells: &[FoundCell], stated: &[Option<f64>], scale: &Scale) -> Option<String> {
    let known = |own: Option<f64>| own.or(scale.um_per_px.filter(|_| scale.source == ScaleSource::Given));
    let field = |(cell, own): &(&FoundCell, &Option<f64>)| {
        let (short, long) = (cell.width.min(cell.height), cell.width.max(cell.height));
        let wide = f64::from(long) >= FIELD_RATIO * f64::from(short) && short >= FIELD_LEAST_PX;
        let um = known(**own).map(|um| f64::from(short) * um);
        let large = short >= FIELD_PX && um.is_none_or(|um| um >= CELL_UM);
        wide || large || um.is_some_and(|um| um > FIELD_UM)
    };
    let n = cells.iter().zip(stated).filter(field).count();
    (2 * n > cells.len()).then(|| {
        format!(
            "these look like whole fields: {n} of {} pictures are larger than a scanner's frame of one cell; each would be one \
             \"cell\" here, so cut the cells out, one a file, and import those instead",
            cells.len()
        )
    })
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

    /// The scale where no file states one.
    fn unstated(cells: &[FoundCell], given: Option<f64>) -> (Scale, Vec<String>) {
        scale(cells, &vec![None; cells.len()], given)
    }

    #[test]
    fn the_scale_is_given_or_of_the_most_common_frame() {
        let frames = cells(&[(400, 400, 1), (360, 363, 2)]);
        assert_eq!(unstated(&frames, Some(0.2)), (Scale::given(0.2), vec![]));
        let (two, warnings) = unstated(&frames, None);
        assert_eq!((two.um_per_px, warnings.len()), (Some(0.10), 1));
        assert!(warnings[0].contains("1 of 3 frames are of 400 x 400 px, as another scanner"), "{warnings:?}");
        assert_eq!(unstated(&frames[..1], None).0.um_per_px, Some(0.071));
        let (unknown, warnings) = unstated(&cells(&[(192, 192, 2)]), None);
        assert_eq!(unknown.source, ScaleSource::WholeFrame);
        assert!(warnings[0].contains("--um-per-px"));
    }

    #[test]
    fn what_files_state_goes_before_a_guess_and_after_what_the_user_says_and_contradictions_are_said() {
        let frames = cells(&[(400, 400, 4)]);
        let all = [Some(0.25); 4];
        let (by_file, warnings) = scale(&frames, &all, None);
        assert_eq!((by_file.um_per_px, by_file.source), (Some(0.25), ScaleSource::File));
        assert!(warnings.len() == 1 && warnings[0].contains("would else be taken for 0.071"), "{warnings:?}");
        let (given, warnings) = scale(&frames, &all, Some(0.1));
        assert_eq!(given, Scale::given(0.1));
        assert!(warnings[0].contains("4 of 4 files state another scale (0.25 um per px) than --um-per-px 0.1"));
        assert_eq!(scale(&frames, &all, Some(0.2501)).1, Vec::<String>::new(), "as good as the same");
        let (most, warnings) = scale(&frames, &[Some(0.1), Some(0.25), Some(0.25), None], None);
        assert_eq!(most.um_per_px, Some(0.25));
        assert!(warnings[0].contains("1 of 4 files state another scale (0.1"), "{warnings:?}");
        assert!(warnings[2].contains("1 of 4 files state no scale"), "{warnings:?}");
    }

    #[test]
    fn whole_fields_are_noticed_and_frames_of_scanners_are_not() {
        let says = |sizes: &[(u32, u32, usize)], stated: Option<f64>| {
            let cells = cells(sizes);
            let stated = vec![stated; cells.len()];
            fields(&cells, &stated, &scale(&cells, &stated, None).0)
        };
        for sizes in [(640, 480), (575, 575), (2592, 1944), (320, 240)] {
            let warning = says(&[(sizes.0, sizes.1, 9), (360, 363, 2)], None).expect("a warning");
            assert!(warning.contains("whole fields: 9 of 11"), "{warning}");
        }
        for size in [192, 208, 256, 360, 400, 450] {
            assert_eq!(says(&[(size, size, 5)], None), None);
        }
        assert_eq!(says(&[(360, 363, 5), (440, 365, 2), (2920, 2964, 1)], None), None);
        assert_eq!(says(&[(500, 500, 5)], Some(0.05)), None, "25 um");
        assert!(says(&[(400, 400, 5)], Some(0.5)).is_some(), "200 um");
    }
}
