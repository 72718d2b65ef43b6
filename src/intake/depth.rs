//! Samples of more than eight bits: which value is white.
//!
//! A camera of 12 bits writes 0 to 4095 into samples of 16, and a decoder that takes 65535 for white makes the picture
//! black. Only the file can say; where it does not, a picture that uses its samples' whole range is taken as it is, and
//! any other refused: its brightness, and with it the stain, would be a guess.

use super::Reason;

/// The kind of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Whole numbers of so many bits.
    Whole(u32),
    Float,
}

/// The smallest and the largest sample of the colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    least: f64,
    most: f64,
    finite: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Self { least: f64::INFINITY, most: f64::NEG_INFINITY, finite: true }
    }
}

impl Seen {
    /// Whether no sample is larger than `top`.
    pub fn up_to(&self, top: f64) -> bool {
        self.most <= top
    }

    pub fn add(&mut self, value: f64) {
        self.finite &= value.is_finite();
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }
}

/// A bright background reaches at least this part of the range; a darker picture was not written for that range.
const BRIGHT: f64 = 0.25;

/// The value that is white: what the file says (`said`: the largest sample, or the largest that is shown), else the whole
/// range if the picture is bright in it.
pub(super) fn largest(format: &'static str, kind: Kind, seen: Seen, said: Option<f64>) -> Result<f64, Reason> {
    let Seen { least, most, finite } = seen;
    let refuse = |what: String| Err(Reason::Depth { format, what });
    if !finite || least < 0.0 {
        return refuse("some of its samples are negative or no numbers".into());
    }
    // A largest sample that was counted, not set, is somewhat below the largest that there can be.
    let said = said.filter(|s| *s > 0.0 && s.is_finite()).map(|s| match kind {
        Kind::Float if s <= 1.0 => 1.0,
        _ => 2_f64.powf((s + 1.0).log2().ceil()) - 1.0,
    });
    match (said, kind) {
        (Some(said), _) if most <= said && most > said / 16.0 => Ok(said),
        (Some(said), _) => refuse(format!("it says that its samples go up to {said}, and they go up to {most}")),
        (None, Kind::Whole(bits)) => {
            let top = 2_f64.powi(bits as i32) - 1.0;
            if most > top * BRIGHT {
                return Ok(top);
            }
            refuse(format!("its {bits}-bit samples go up to {most}, and nothing says which value is white"))
        }
        (None, Kind::Float) if most <= 1.0 && most > BRIGHT => Ok(1.0),
        (None, Kind::Float) => {
            refuse(format!("its floating-point samples go up to {most}, and nothing says which value is white"))
        }
    }
}

/// A sample as eight bits, where `top` is white.
pub(super) fn scaled(value: f64, top: f64) -> u8 {
    (value * 255.0 / top).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn white(kind: Kind, most: f64, said: Option<f64>) -> Result<f64, String> {
        let mut seen = Seen::default();
        [0.0, most].into_iter().for_each(|v| seen.add(v));
        largest("PNG", kind, seen, said).map_err(|e| e.to_string())
    }

    #[test]
    fn white_is_what_the_file_says_or_the_whole_range_of_a_bright_picture_and_never_a_guess() {
        assert_eq!(white(Kind::Whole(16), 60_000.0, None), Ok(65_535.0));
        assert_eq!(white(Kind::Whole(16), 3824.0, Some(4095.0)), Ok(4095.0));
        assert_eq!(white(Kind::Whole(16), 3824.0, Some(3824.0)), Ok(4095.0), "counted, not set");
        assert_eq!(white(Kind::Float, 0.9, None), Ok(1.0));
        assert_eq!(white(Kind::Float, 243.0, Some(243.5)), Ok(255.0));
        for (kind, most, said) in [
            (Kind::Whole(16), 3824.0, None),
            (Kind::Whole(16), 5000.0, Some(4095.0)),
            (Kind::Whole(16), 200.0, Some(65_535.0)),
            (Kind::Whole(32), 255.0, None),
            (Kind::Float, 243.0, None),
            (Kind::Float, f64::NAN, None),
            (Kind::Float, f64::INFINITY, None),
        ] {
            let says = white(kind, most, said).expect_err("a guess");
            assert!(says.contains("save it with 8 bits"), "{says}");
        }
    }
}
