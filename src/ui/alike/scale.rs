//! Pictures of different frames at the same um to a column of the screen.

/// Side of the field that look-alikes are shown in, in um: a leukocyte is 12 to 20 um wide.
pub(super) const FIELD: f64 = 22.0;

/// A frame: its sides in px, and its scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub size: (u32, u32),
    pub um_per_px: Option<f64>,
}

impl Frame {
    /// Its shorter side in um, where its scale is known.
    pub fn side(&self) -> Option<f64> {
        let um = self.um_per_px.filter(|um| *um > 0.0)?;
        Some(f64::from(self.size.0.min(self.size.1)) * um)
    }

    /// How much of the frame to show in a box of so many px, in percent of its sides, and how large, so that the box is `field`
    /// um wide: a smaller frame leaves a margin. All of it, as large as the box, where `field` or the scale is unknown.
    pub fn fit(&self, box_px: (u32, u32), field: Option<f64>) -> (u8, (u32, u32)) {
        let Some((um, side, field)) = self.um_per_px.zip(self.side()).zip(field).map(|((u, s), f)| (u, s, f)) else {
            return (100, box_px);
        };
        let percent = (100.0 * field / side).round().clamp(1.0, 100.0);
        let px_per_um = f64::from(box_px.0.min(box_px.1)) / field;
        let shown = |side: u32, most: u32| {
            let px = f64::from(side) * percent / 100.0 * um * px_per_um;
            (px.round() as u32).clamp(1, most.max(1))
        };
        (percent as u8, (shown(self.size.0, box_px.0), shown(self.size.1, box_px.1)))
    }
}

/// The field that two frames can both show; `None`: the scale of one is unknown.
pub(super) fn common(a: Frame, b: Frame) -> Option<f64> {
    a.side().zip(b.side()).map(|(a, b)| a.min(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_frames_come_to_the_same_um_a_px() {
        let original = Frame { size: (360, 363), um_per_px: Some(0.1) };
        let crop = Frame { size: (192, 192), um_per_px: Some(0.1333) };
        let lmu = Frame { size: (400, 400), um_per_px: Some(0.071) };
        for field in [22.0, 25.6, 36.0] {
            for frame in [original, crop, lmu] {
                let (percent, (width, _)) = frame.fit((300, 300), Some(field));
                let um = f64::from(frame.size.0) * f64::from(percent) / 100.0 * frame.um_per_px.expect("known");
                let um_per_px = um / f64::from(width);
                assert!((um_per_px / (field / 300.0) - 1.0).abs() < 0.012, "{frame:?} {field}: {um_per_px}");
                assert!(percent <= 100 && width <= 300);
            }
        }
        assert_eq!(common(original, crop).map(|f| f.round()), Some(26.0));
    }

    #[test]
    fn without_a_scale_the_whole_frame_fills_the_box() {
        let unknown = Frame { size: (50, 80), um_per_px: None };
        assert_eq!(unknown.fit((20, 20), Some(22.0)), (100, (20, 20)));
        assert_eq!(unknown.side(), None);
        let known = Frame { size: (360, 363), um_per_px: Some(0.1) };
        assert_eq!((common(unknown, known), known.fit((20, 20), None)), (None, (100, (20, 20))));
    }
}
