//! One change of stain, light or sharpness, the same for every picture: how a network does on slides that differ in a known
//! way. Random changes, for training, are in [`Augment`](super::Augment).

use std::{fmt, str::FromStr};

use image::RgbImage;

use super::{quality, stain};
use crate::train::random::Draw;

/// What is changed, and how far. Written as `stain=1.5,blur=0.5`.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Factor of the stain's strength, in optical density.
    pub stain: f64,
    /// Factor of the light.
    pub light: f64,
    /// How much warmer the light is: red is multiplied by 1 + warm and blue divided by it.
    pub warm: f64,
    /// Standard deviation of a Gaussian blur, in um.
    pub blur_um: f64,
    /// Standard deviation of the sensor's noise, in grey levels of 255.
    pub noise: f64,
}

/// Names, values that change nothing, and bounds.
const SETTINGS: [(&str, f64, [f64; 2]); 5] = [
    ("stain", 1.0, [0.1, 5.0]),
    ("light", 1.0, [0.1, 3.0]),
    ("warm", 0.0, [-0.5, 0.5]),
    ("blur", 0.0, [0.0, 10.0]),
    ("noise", 0.0, [0.0, 64.0]),
];

impl FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut values = SETTINGS.map(|(_, plain, _)| plain);
        for part in text.split(',') {
            let names = "stain, light, warm, blur and noise can be shifted, such as stain=1.5,blur=0.4";
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is no shift; {names}"))?;
            let place = SETTINGS.iter().position(|s| s.0 == name.trim());
            let place = place.ok_or_else(|| format!("`{}` cannot be shifted; {names}", name.trim()))?;
            let [least, most] = SETTINGS[place].2;
            let number = value.trim().parse::<f64>().ok().filter(|v| (least..=most).contains(v));
            values[place] = number.ok_or_else(|| format!("{name} is `{value}`; use {least} to {most}"))?;
        }
        let [stain, light, warm, blur_um, noise] = values;
        Ok(Self { stain, light, warm, blur_um, noise })
    }
}

impl fmt::Display for Shift {
    /// As it is written on a command line, without what changes nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = [self.stain, self.light, self.warm, self.blur_um, self.noise];
        let changed = SETTINGS.iter().zip(values).filter(|(s, v)| s.1 != *v);
        let parts: Vec<String> = changed.map(|(s, v)| format!("{}={v}", s.0)).collect();
        f.write_str(&parts.join(","))
    }
}

impl Shift {
    /// Changes a frame whose px are `um_per_px` wide: stain, then light, then what lens and sensor do.
    pub fn apply(&self, frame: &mut RgbImage, um_per_px: f64) {
        if frame.is_empty() {
            return;
        }
        if (self.stain, self.light, self.warm) != (1.0, 1.0, 0.0) {
            let warm = 1.0 + self.warm;
            stain::restain(frame, &stain::Look::fixed(self.stain, [warm, 1.0, 1.0 / warm].map(|c| c * self.light)));
        }
        quality::blur(frame, self.blur_um / um_per_px);
        quality::noise(frame, self.noise, &mut Draw::new(1, 0));
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn frame() -> RgbImage {
        RgbImage::from_fn(40, 40, |x, _| if x < 8 { Rgb([100, 50, 150]) } else { Rgb([240, 230, 220]) })
    }

    fn shifted(text: &str) -> RgbImage {
        let mut frame = frame();
        text.parse::<Shift>().expect("a shift").apply(&mut frame, 0.1);
        frame
    }

    #[test]
    fn each_shift_does_what_it_says() {
        assert_eq!(shifted("stain=1"), frame());
        // (101 / 241)^2 * 241 - 1, and the empty field as it was.
        let stained = shifted("stain=2");
        assert_eq!((stained.get_pixel(0, 0)[0], *stained.get_pixel(20, 0)), (41, Rgb([240, 230, 220])));
        assert_eq!(*shifted("light=0.5").get_pixel(20, 0), Rgb([120, 115, 110]));
        let warm = *shifted("warm=-0.2").get_pixel(20, 0);
        assert!(warm[0] < 200 && warm[2] == 255, "{warm:?}");
        let blurred = shifted("blur=0.4");
        assert!(blurred.get_pixel(7, 20)[0] > 120 && blurred.get_pixel(30, 20) == &Rgb([240, 230, 220]));
        assert_ne!(shifted("noise=5"), frame());
    }

    #[test]
    fn a_shift_reads_as_it_is_written() {
        for text in ["stain=1.5", "light=0.8,blur=0.4", "stain=0.5,light=0.9,warm=-0.1,blur=0.2,noise=4"] {
            assert_eq!(text.parse::<Shift>().expect("a shift").to_string(), text);
        }
        for (text, wanted) in [
            ("stain", "is no shift"),
            ("hue=1", "`hue` cannot be shifted; stain, light, warm, blur and noise"),
            ("stain=9", "use 0.1 to 5"),
            ("blur=NaN", "blur is `NaN`"),
        ] {
            assert!(text.parse::<Shift>().expect_err("refused").contains(wanted), "{text}");
        }
    }
}
