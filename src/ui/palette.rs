//! The nearest of xterm's 256 colours.
//!
//! Only the 6x6x6 cube (16..=231) and the greys (232..=255) are used: the first sixteen are the user's own.

/// Levels of one channel of the cube.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The index of the colour nearest to `rgb`: the better one of the best in the cube and the best grey.
pub fn xterm256(rgb: [u8; 3]) -> u8 {
    let steps = rgb.map(nearest_level);
    let cube = steps.map(|s| LEVELS[usize::from(s)]);
    let mean = rgb.iter().map(|&c| u32::from(c)).sum::<u32>() / 3;
    // The 24 greys are 8, 18, .., 238.
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = [8 + 10 * step; 3];
    if distance(rgb, grey) < distance(rgb, cube) { 232 + step } else { 16 + 36 * steps[0] + 6 * steps[1] + steps[2] }
}

fn nearest_level(value: u8) -> u8 {
    let nearest = (0..6_u8).min_by_key(|&i| LEVELS[usize::from(i)].abs_diff(value));
    nearest.expect("six levels are not none")
}

/// Squared distance, the channels weighted by how well the eye tells them apart.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let weights = [3, 6, 2];
    (0..3).map(|i| weights[i] * u32::from(a[i].abs_diff(b[i])).pow(2)).sum()
}

/// The nearest colour that a terminal of 256 colours has.
pub(super) fn rgb256(rgb: [u8; 3]) -> [u8; 3] {
    rgb_of(xterm256(rgb))
}

/// The colour that an index of the cube or of the greys stands for.
fn rgb_of(index: u8) -> [u8; 3] {
    match index {
        232.. => [8 + 10 * (index - 232); 3],
        _ => {
            let i = index - 16;
            [i / 36, i / 6 % 6, i % 6].map(|s| LEVELS[usize::from(s)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_the_palette_is_its_own_nearest() {
        for index in 16..=255_u8 {
            assert_eq!(rgb_of(xterm256(rgb_of(index))), rgb_of(index), "{index}");
        }
    }

    proptest::proptest! {
        /// No other colour of the palette is nearer than the one chosen, but for the rounding of the grey step.
        #[test]
        fn the_choice_is_near_the_best(r: u8, g: u8, b: u8) {
            let best = (16..=255_u8).map(|i| distance([r, g, b], rgb_of(i))).min().expect("not empty");
            let chosen = distance([r, g, b], rgb_of(xterm256([r, g, b])));
            proptest::prop_assert!(chosen <= best + 11 * 20 * 20, "{} against {}", chosen, best);
        }
    }
}
