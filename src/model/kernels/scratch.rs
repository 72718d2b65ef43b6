//! Memory that a thread keeps between layers and pictures, so that computing allocates nothing after the first picture.

/// Bytes of the widest vector, which is also a cache line: a vector that crosses two lines costs two loads.
const ALIGNMENT: usize = 64;

/// A buffer that grows, never shrinks, and begins at a cache line.
#[derive(Debug, Default)]
pub struct Buffer(Vec<f32>);

impl Buffer {
    /// `length` values, whatever they were before.
    pub fn get(&mut self, length: usize) -> &mut [f32] {
        let padded = length + ALIGNMENT / size_of::<f32>();
        if self.0.len() < padded {
            // Not `resize`: what it held is of no use, and need not be copied.
            self.0 = vec![0.0; padded];
        }
        let start = self.start();
        &mut self.0[start..][..length]
    }

    /// The first `length` values of what [`Buffer::get`] gave.
    pub fn read(&self, length: usize) -> &[f32] {
        &self.0[self.start()..][..length]
    }

    fn start(&self) -> usize {
        self.0.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT / size_of::<f32>())
    }
}

/// What computing a layer takes beside its input and output.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What will be read next.
    pub ahead: super::Ahead,
    /// A panel of a pointwise convolution.
    pub(super) panel: Buffer,
    /// The padded planes of a group.
    pub(super) planes: Buffer,
    /// The padded planes of a group's gradient.
    pub(super) gradient: Buffer,
    /// Sums of a block, with the positions between rows.
    pub(super) sums: Buffer,
    /// Pieces of pictures: the gradient of the output, the input, and its gradient.
    pub(super) pieces: [Buffer; 3],
    /// A row of a plane that is computed on the way.
    pub(super) row: Buffer,
}
