//! Transparency. A micrograph has none: what a file says of it is laid on white, or is nothing that was meant.

/// Lays `rgb` on white where `alpha`, a byte a pixel, says that it is transparent. An alpha that is the same everywhere
/// (all zero, as some writers leave it) says nothing, and the picture is opaque.
pub(super) fn lay(rgb: &mut [u8], alpha: &[u8], premultiplied: bool) {
    if alpha.iter().all(|a| *a == alpha[0]) {
        return;
    }
    for (pixel, &a) in rgb.chunks_exact_mut(3).zip(alpha) {
        for c in pixel {
            let colour = u32::from(*c) * if premultiplied { 255 } else { u32::from(a) };
            *c = ((colour + 255 * (255 - u32::from(a)) + 127) / 255).min(255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_is_laid_on_white() {
        let mut rgb = [0, 100, 200].repeat(3);
        lay(&mut rgb, &[0, 128, 255], false);
        assert_eq!(rgb, [255, 255, 255, 127, 177, 227, 0, 100, 200]);
        let mut rgb = vec![0, 0, 0, 0, 50, 100, 0, 100, 200];
        lay(&mut rgb, &[0, 128, 255], true);
        assert_eq!(rgb, [255, 255, 255, 127, 177, 227, 0, 100, 200], "the same, multiplied before");
    }

    #[test]
    fn an_alpha_that_tells_no_pixel_from_another_is_none() {
        for all in [0, 1, 128, 255] {
            let mut rgb = [0, 100, 200].repeat(3);
            lay(&mut rgb, &[all; 3], false);
            assert_eq!(rgb, [0, 100, 200].repeat(3));
        }
    }
}
