//! One scan: its blocks, read for their length alone.

use super::{
    Damage, EARLY,
    bits::{Bits, Huffman},
};

/// A few bytes too many before a marker are an encoder's sloppiness, more are data of a picture that is not this one.
const SLOPPY: usize = 4;

/// One component of the frame.
pub(super) struct Component {
    pub id: u8,
    h: usize,
    v: usize,
    /// Blocks across and down that the component has of itself.
    size: (usize, usize),
    /// Blocks in a row, filled up to whole units.
    stride: usize,
    /// For progressive frames: which coefficients of each block are not zero.
    set: Vec<u64>,
    /// How many low bits of each coefficient are still to come; 255: all.
    to_come: [u8; 64],
}

/// What the frame's header says.
pub(super) struct Frame {
    progressive: bool,
    units: (usize, usize),
    pub components: Vec<Component>,
}

/// What a scan's header says.
pub(super) struct Scan {
    /// Places in the frame, with the tables for DC and AC.
    pub components: Vec<(usize, usize, usize)>,
    pub first: usize,
    pub last: usize,
    pub high: u8,
    pub low: u8,
}

impl Frame {
    pub fn new(width: usize, height: usize, progressive: bool, sampling: &[(u8, usize, usize)]) -> Self {
        let most = |side: fn(&(u8, usize, usize)) -> usize| sampling.iter().map(side).max().unwrap_or(1);
        let (h_most, v_most) = (most(|s| s.1), most(|s| s.2));
        let units = (width.div_ceil(8 * h_most), height.div_ceil(8 * v_most));
        let component = |&(id, h, v): &(u8, usize, usize)| {
            let size = ((width * h).div_ceil(h_most).div_ceil(8), (height * v).div_ceil(v_most).div_ceil(8));
            let stride = units.0 * h;
            let blocks = if progressive { stride * units.1 * v } else { 0 };
            Component { id, h, v, size, stride, set: vec![0; blocks], to_come: [255; 64] }
        };
        Self { progressive, units, components: sampling.iter().map(component).collect() }
    }

    /// Whether every coefficient of every component came, to its last bit.
    pub fn is_complete(&self) -> bool {
        self.components.iter().all(|c| c.to_come.iter().all(|n| *n == 0))
    }
}

/// Walks a scan whose data start at `at`; where the marker after it is.
pub(super) fn walk(
    bytes: &[u8],
    at: usize,
    frame: &mut Frame,
    scan: &Scan,
    tables: &[[Option<Huffman>; 4]; 2],
    restart: usize,
) -> Result<usize, Damage> {
    let alone = scan.components.len() == 1;
    let (across, down) = match scan.components[0] {
        (place, ..) if alone => frame.components[place].size,
        _ => frame.units,
    };
    let mut walker = Walker { bits: Bits::new(bytes, at), end_of_band: 0 };
    let (mut done, mut mark) = (0, 0_u8);
    for y in 0..down {
        for x in 0..across {
            if restart > 0 && done == restart {
                let (left, marker) = walker.bits.finish();
                if bytes.get(marker + 1) != Some(&(0xd0 + mark)) || left > SLOPPY {
                    return Err(broken(y, down, bytes.get(marker + 1)));
                }
                walker = Walker { bits: Bits::new(bytes, marker + 2), end_of_band: 0 };
                (done, mark) = (0, (mark + 1) % 8);
            }
            done += 1;
            for &(place, dc, ac) in &scan.components {
                let c = &mut frame.components[place];
                let (h, v) = if alone { (1, 1) } else { (c.h, c.v) };
                for (i, j) in (0..v).flat_map(|j| (0..h).map(move |i| (i, j))) {
                    let block = (y * v + j) * c.stride + x * h + i;
                    let tables =
                        (tables[0].get(dc).and_then(Option::as_ref), tables[1].get(ac).and_then(Option::as_ref));
                    let read = match frame.progressive {
                        false => walker.sequential(tables),
                        true => walker.progressive(scan, tables, &mut c.set[block]),
                    };
                    if !read? {
                        return Err(nonsense(y, down));
                    }
                }
            }
        }
    }
    for &(place, ..) in &scan.components {
        let c = &mut frame.components[place];
        let band = if frame.progressive { scan.first..=scan.last } else { 0..=63 };
        c.to_come[band].fill(if frame.progressive { scan.low } else { 0 });
    }
    let (left, marker) = walker.bits.finish();
    if left > SLOPPY { Err(nonsense(down - 1, down)) } else { Ok(marker) }
}

fn nonsense(y: usize, down: usize) -> Damage {
    Damage::Nonsense(format!("its data make no sense from about {}% of its height on", 100 * y / down.max(1)))
}

/// A restart marker is not where it should be: the data end, or a part of them is missing.
fn broken(y: usize, down: usize, marker: Option<&u8>) -> Damage {
    match marker {
        Some(0xd0..=0xd7) => nonsense(y, down),
        _ => EARLY,
    }
}

struct Walker<'a> {
    bits: Bits<'a>,
    /// Blocks that have nothing more in this band.
    end_of_band: u32,
}

type Tables<'t> = (Option<&'t Huffman>, Option<&'t Huffman>);

/// `Ok(false)`: the bits make no sense.
impl Walker<'_> {
    fn sequential(&mut self, (dc, ac): Tables<'_>) -> Result<bool, Damage> {
        let (Some(dc), Some(ac)) = (dc, ac) else { return Ok(false) };
        if !self.difference(dc)? {
            return Ok(false);
        }
        let mut k = 1;
        while k < 64 {
            let Some(symbol) = self.bits.symbol(ac)? else { return Ok(false) };
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            match (run, size) {
                (15, 0) => k += 16,
                (_, 0) => break,
                _ => {
                    k += run + 1;
                    if k > 64 {
                        return Ok(false);
                    }
                    self.bits.number(size)?;
                }
            }
        }
        Ok(true)
    }

    fn difference(&mut self, dc: &Huffman) -> Result<bool, Damage> {
        match self.bits.symbol(dc)? {
            Some(size @ 0..=15) => self.bits.number(u32::from(size)).map(|_| true),
            _ => Ok(false),
        }
    }

    fn progressive(&mut self, scan: &Scan, (dc, ac): Tables<'_>, set: &mut u64) -> Result<bool, Damage> {
        match (scan.first, scan.high, dc, ac) {
            (0, 0, Some(dc), _) => self.difference(dc),
            (0, 1.., ..) => self.bits.number(1).map(|_| true),
            (_, 0, _, Some(ac)) => self.band(scan, ac, set),
            (_, 1.., _, Some(ac)) => self.refined_band(scan, ac, set),
            _ => Ok(false),
        }
    }

    fn band(&mut self, scan: &Scan, ac: &Huffman, set: &mut u64) -> Result<bool, Damage> {
        if self.end_of_band > 0 {
            self.end_of_band -= 1;
            return Ok(true);
        }
        let mut k = scan.first;
        while k <= scan.last {
            let Some(symbol) = self.bits.symbol(ac)? else { return Ok(false) };
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            match (run, size) {
                (15, 0) => k += 16,
                (run, 0) => {
                    self.end_of_band = (1 << run) - 1 + self.bits.number(run as u32)?;
                    break;
                }
                _ => {
                    k += run;
                    if k > scan.last {
                        return Ok(false);
                    }
                    self.bits.number(size)?;
                    *set |= 1 << k;
                    k += 1;
                }
            }
        }
        Ok(true)
    }

    fn refined_band(&mut self, scan: &Scan, ac: &Huffman, set: &mut u64) -> Result<bool, Damage> {
        let mut k = scan.first;
        while self.end_of_band == 0 && k <= scan.last {
            let Some(symbol) = self.bits.symbol(ac)? else { return Ok(false) };
            let (mut run, size) = (usize::from(symbol >> 4), symbol & 15);
            match (run, size) {
                (15, 0) => {}
                (_, 0) => {
                    self.end_of_band = (1 << run) + self.bits.number(run as u32)?;
                    break;
                }
                (_, 1) => _ = self.bits.number(1)?,
                _ => return Ok(false),
            }
            // Over coefficients that are there already, one bit each, and over so many that are not.
            while k <= scan.last {
                if *set >> k & 1 == 1 {
                    self.bits.number(1)?;
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                k += 1;
            }
            if size == 1 {
                if k > scan.last {
                    return Ok(false);
                }
                *set |= 1 << k;
            }
            k += 1;
        }
        if self.end_of_band > 0 {
            while k <= scan.last {
                if *set >> k & 1 == 1 {
                    self.bits.number(1)?;
                }
                k += 1;
            }
            self.end_of_band -= 1;
        }
        Ok(true)
    }
}
