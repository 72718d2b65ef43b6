//! How large a pixel is, in micrometres.

use serde::{Deserialize, Serialize};

/// Where a scale came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleSource {
    /// The user said so (`--um-per-px`).
    Given,
    /// The image files themselves say so.
    File,
    /// A known scanner's frame size.
    Profile,
    /// Nothing is known: the whole frame is taken as the network's field.
    WholeFrame,
}

/// The scale of a case's images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Micrometres per pixel; `None`: unknown, the shorter side of each frame is taken as the network's field.
    pub um_per_px: Option<f64>,
    /// Where it came from.
    pub source: ScaleSource,
}

impl Scale {
    /// A scale that the user gave.
    pub fn given(um_per_px: f64) -> Self {
        Self { um_per_px: Some(um_per_px), source: ScaleSource::Given }
    }

    /// The scale of a picture of `size` px: the one that the user gave, else the one that its file states, else the one that
    /// goes with its size.
    pub fn known(given: Option<f64>, stated: Option<f64>, (width, height): (u32, u32)) -> Self {
        match (given, stated) {
            (Some(um_per_px), _) => Self::given(um_per_px),
            (None, Some(um_per_px)) => Self { um_per_px: Some(um_per_px), source: ScaleSource::File },
            (None, None) => scale_for_frame(width, height),
        }
    }
}

/// Whether two scales are told apart: by more than files round them by.
pub fn scales_differ(a: f64, b: f64) -> bool {
    (a / b).ln().abs() > 0.02
}

/// The scale that goes with a frame of `width` x `height` px.
///
/// CellaVision frames are 360 to 440 px wide and 363 to 408 px high at 0.10 um per px (measured on isolated red cells,
/// which are about 74 px wide); LMU's are exactly 400 x 400 px at 0.071 um per px.
pub fn scale_for_frame(width: u32, height: u32) -> Scale {
    let um_per_px = match (width, height) {
        (400, 400) => Some(0.071),
        (360..=440, 360..=440) => Some(0.10),
        _ => None,
    };
    let source = if um_per_px.is_some() { ScaleSource::Profile } else { ScaleSource::WholeFrame };
    Scale { um_per_px, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_known_scanners_have_a_scale_and_others_do_not() {
        for (w, h) in [(360, 363), (360, 365), (440, 365), (408, 384), (360, 400)] {
            assert_eq!(scale_for_frame(w, h).um_per_px, Some(0.10), "{w}x{h}");
        }
        assert_eq!(scale_for_frame(400, 400).um_per_px, Some(0.071));
        for (w, h) in [(192, 192), (2920, 2964), (0, 0), (360, 100)] {
            assert_eq!(scale_for_frame(w, h).source, ScaleSource::WholeFrame, "{w}x{h}");
        }
    }
}
