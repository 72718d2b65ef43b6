//! Pictures that cost few bytes: colours chosen so that many neighbouring character cells share a pair of them.
//!
//! A half-block picture in 24-bit colour costs about 38 bytes for each character cell whose colours differ from those of
//! the cell before, and 1 to 3 bytes for one that shares them. Two colours are enough for any pattern of halves (space,
//! lower half, upper half, full block). So each row of character cells is cut into runs of two colours each, where the cuts
//! are those that lose the least for the bytes that there are: a shortest path over the row (dynamic programming) whose
//! price for a byte is found by bisection.

use image::{Rgb, RgbImage};

use super::{
    palette::rgb256,
    picture::{ColourDepth, luminance},
};

/// How few bytes a picture shall cost, on which terminal. A graphics protocol's pictures are made to fit by its encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thrift {
    /// About so many.
    pub bytes: u32,
    /// The colours of the terminal decide what another pair costs.
    pub depth: ColourDepth,
}

/// Bytes of a half-block.
const BLOCK: f32 = 3.0;
/// Bytes that move the cursor to the start of a row of the picture.
const MOVE: f32 = 8.0;

impl Thrift {
    /// Bytes that another pair of colours costs.
    fn pair(self) -> f32 {
        match self.depth {
            ColourDepth::Truecolor => 37.0,
            ColourDepth::Palette256 => 20.0,
            ColourDepth::Mono => 0.0,
        }
    }

    /// The bytes that a picture of so many columns and rows costs when every character cell has colours of its own.
    pub fn whole(depth: ColourDepth, columns: u16, rows: u16) -> u32 {
        let cell = Self { bytes: 0, depth }.pair() + BLOCK;
        (f32::from(rows) * (MOVE + f32::from(columns) * cell)) as u32
    }

    /// `image`, one px to each half of a character cell, with as many pairs of colours as the bytes allow. Two at least in
    /// each row, so that a nucleus stands out however few the bytes are.
    pub fn apply(self, image: &RgbImage) -> RgbImage {
        let mut out = image.clone();
        if self.depth == ColourDepth::Mono || image.width() == 0 {
            return out;
        }
        let rows: Vec<Row> = (0..image.height().div_ceil(2)).map(|y| Row::of(image, y, self)).collect();
        let bytes_at = |price: f32| rows.iter().map(|r| r.cut(price).1).sum::<f32>();
        // A price of 0 buys everything; the greatest one buys a single pair a row.
        let (mut cheap, mut dear) = (0.0_f32, 65536.0_f32);
        if bytes_at(cheap) > self.bytes as f32 {
            for _ in 0..14 {
                let price = if cheap < 1.0 { dear.sqrt() } else { (cheap * dear).sqrt() };
                if bytes_at(price) > self.bytes as f32 { cheap = price } else { dear = price }
            }
        } else {
            dear = 0.0;
        }
        for (y, row) in rows.iter().enumerate() {
            row.paint(&mut out, 2 * y as u32, &row.cut(dear).0);
        }
        out
    }
}

/// A row of character cells, and what each run of them loses with two colours.
struct Row {
    cells: usize,
    pair: f32,
    /// The run of cells from `i` up to `j` is at `i * (cells + 1) + j`.
    runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Run {
    colours: [[u8; 3]; 2],
    /// Sum of squared differences over px and channels.
    loss: f32,
    /// Bytes of its symbols.
    bytes: f32,
}

impl Row {
    fn of(image: &RgbImage, y: u32, thrift: Thrift) -> Self {
        let cells = image.width() as usize;
        let halves: Vec<[Option<[u8; 3]>; 2]> = (0..image.width())
            .map(|x| [0, 1].map(|half| image.get_pixel_checked(x, 2 * y + half).map(|p| p.0)))
            .collect();
        let mut runs = vec![Run::default(); cells * (cells + 1)];
        for i in 0..cells {
            for j in i + 1..=cells {
                runs[i * (cells + 1) + j] = Run::of(&halves[i..j], thrift.depth);
            }
        }
        Self { cells, pair: thrift.pair(), runs }
    }

    fn run(&self, from: usize, to: usize) -> &Run {
        &self.runs[from * (self.cells + 1) + to]
    }

    /// The ends of the runs that are best at a price for a byte, and the bytes that they cost.
    fn cut(&self, price: f32) -> (Vec<usize>, f32) {
        let mut best: Vec<(f32, f32, usize)> = vec![(0.0, MOVE, 0)];
        for to in 1..=self.cells {
            let ending = (0..to).map(|from| {
                let (cost, bytes, _) = best[from];
                let run = self.run(from, to);
                let more = run.bytes + self.pair;
                (cost + run.loss + price * more, bytes + more, from)
            });
            let least = ending.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
            best.push(least);
        }
        let (mut ends, mut at) = (Vec::new(), self.cells);
        while at > 0 {
            ends.push(at);
            at = best[at].2;
        }
        ends.reverse();
        (ends, best[self.cells].1)
    }

    fn paint(&self, out: &mut RgbImage, y: u32, ends: &[usize]) {
        let (mut from, height) = (0, out.height());
        for &to in ends {
            let run = self.run(from, to);
            for x in from as u32..to as u32 {
                for y in [y, y + 1].into_iter().filter(|&y| y < height) {
                    let pixel = out.get_pixel_mut(x, y);
                    *pixel = Rgb(run.colours[nearer(pixel.0, run.colours)]);
                }
            }
            from = to;
        }
    }
}

impl Run {
    /// The two colours that lose little: the means of the px above and below the mean luminance, and once more of the px
    /// nearer to each.
    fn of(cells: &[[Option<[u8; 3]>; 2]], depth: ColourDepth) -> Self {
        let px = || cells.iter().flatten().flatten().copied();
        let mean = luminance(mean(px()));
        let split = |dark: bool| self::mean(px().filter(|&c| (luminance(c) < mean) == dark));
        let mut colours = [split(true), split(false)];
        if px().all(|c| luminance(c) >= mean) {
            colours[0] = colours[1];
        }
        let near = |of: usize, colours| self::mean(px().filter(|&c| nearer(c, colours) == of));
        if colours[0] != colours[1] {
            colours = [near(0, colours), near(1, colours)];
        }
        if depth == ColourDepth::Palette256 {
            colours = colours.map(rgb256);
        }
        let loss = px().map(|c| distance(c, colours[nearer(c, colours)])).sum();
        let plain = |cell: &[Option<[u8; 3]>; 2]| {
            let [upper, lower] = cell.map(|half| half.map(|c| nearer(c, colours)));
            upper == lower && upper == Some(1)
        };
        let bytes = cells.iter().map(|c| if plain(c) { 1.0 } else { BLOCK }).sum();
        Self { colours, loss, bytes }
    }
}

fn nearer(colour: [u8; 3], colours: [[u8; 3]; 2]) -> usize {
    usize::from(distance(colour, colours[1]) <= distance(colour, colours[0]))
}

fn distance(a: [u8; 3], b: [u8; 3]) -> f32 {
    a.iter().zip(b).map(|(&a, b)| (f32::from(a) - f32::from(b)).powi(2)).sum()
}

/// The mean colour; black for none.
fn mean(px: impl Iterator<Item = [u8; 3]>) -> [u8; 3] {
    let (mut sum, mut n) = ([0_u32; 3], 0);
    for c in px {
        sum.iter_mut().zip(c).for_each(|(s, v)| *s += u32::from(v));
        n += 1;
    }
    sum.map(|s| (s / n.max(1)) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dark disc on a light ground that is not quite even.
    fn disc(side: u32) -> RgbImage {
        let middle = side as f32 / 2.0 - 0.5;
        RgbImage::from_fn(side, side, |x, y| {
            let r = ((x as f32 - middle).powi(2) + (y as f32 - middle).powi(2)).sqrt();
            let shade = (x * 3 + y * 5) as u8 % 16;
            if r < 0.3 * side as f32 { Rgb([90 + shade, 50, 130]) } else { Rgb([230, 215 + shade, 225]) }
        })
    }

    /// Pairs of colours of all rows, as a terminal would be told them.
    fn pairs(image: &RgbImage) -> usize {
        let rows = (0..image.height() / 2).map(|y| {
            let (mut pair, mut count): (Vec<[u8; 3]>, usize) = (Vec::new(), 0);
            for x in 0..image.width() {
                let mut more: Vec<[u8; 3]> = [0, 1].map(|h| image.get_pixel(x, 2 * y + h).0).to_vec();
                more.retain(|c| !pair.contains(c));
                more.dedup();
                if count == 0 || pair.len() + more.len() > 2 {
                    pair = [0, 1].map(|h| image.get_pixel(x, 2 * y + h).0).to_vec();
                    pair.dedup();
                    count += 1;
                } else {
                    pair.extend(more);
                }
            }
            count
        });
        rows.sum()
    }

    fn error(a: &RgbImage, b: &RgbImage) -> f32 {
        a.pixels().zip(b.pixels()).map(|(a, b)| distance(a.0, b.0)).sum::<f32>() / a.pixels().len() as f32
    }

    #[test]
    fn fewer_bytes_buy_fewer_pairs_and_lose_more_but_never_the_cell() {
        let image = disc(12);
        let at = |bytes| Thrift { bytes, depth: ColourDepth::Truecolor }.apply(&image);
        let (much, some, little) = (at(10_000), at(700), at(1));
        assert_eq!(error(&image, &much), 0.0, "with bytes enough nothing is lost");
        assert!(pairs(&some) < pairs(&much) && pairs(&little) <= pairs(&some));
        assert_eq!(pairs(&little), 6, "one pair in each of six rows");
        assert!(error(&image, &some) <= error(&image, &little));
        for picture in [&much, &some, &little] {
            assert!(luminance(picture.get_pixel(6, 6).0) < 110.0 && luminance(picture.get_pixel(0, 0).0) > 190.0);
        }
        assert_eq!(at(700), some, "the same picture again");
    }

    #[test]
    fn odd_shapes_and_terminals_of_few_colours() {
        for (w, h) in [(1, 1), (3, 5), (20, 1), (0, 0)] {
            for depth in [ColourDepth::Truecolor, ColourDepth::Palette256, ColourDepth::Mono] {
                let image = RgbImage::from_pixel(w, h, Rgb([200, 100, 50]));
                assert_eq!(Thrift { bytes: 10, depth }.apply(&image).dimensions(), (w, h));
            }
        }
        let palette = Thrift { bytes: 300, depth: ColourDepth::Palette256 }.apply(&disc(12));
        assert!(palette.pixels().all(|p| rgb256(p.0) == p.0), "only colours that the terminal has");
        assert!(Thrift::whole(ColourDepth::Truecolor, 12, 6) > 2_500);
    }
}
