//! Reading a file and hashing it, within limits; and every reason for leaving one out.

use std::{fs::File, io::Read, path::Path};

use sha2::{Digest, Sha256};

use crate::domain::{Sha256Hash, printable};

/// How large a file or picture may be. What is larger is no picture of a cell, and would cost memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub max_file_bytes: u64,
    /// Pixels of a picture.
    pub max_pixels: u64,
    /// Pixels of its longer side.
    pub max_side: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_file_bytes: 64 << 20, max_pixels: 25_000_000, max_side: 10_000 }
    }
}

/// A file's bytes and their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadImage {
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Why a file is no picture that can be used, as a clause that follows the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A folder, pipe, socket or device.
    #[error("is not a regular file")]
    NotAFile,
    /// There is nothing in it.
    #[error("is empty; copy it again from the scanner")]
    Empty,
    /// It is larger than the limit.
    #[error("has {mib} MiB; a picture of one cell has at most {max_mib} MiB")]
    FileTooLarge {
        /// Its size.
        mib: u64,
        /// The limit.
        max_mib: u64,
    },
    /// It is not in a format that is read here.
    #[error("is {0}, not a JPEG, PNG, BMP, WebP or TIFF image")]
    NotAnImage(&'static str),
    /// It is in a format that is known, and not read here.
    #[error("is {name}, not a JPEG, PNG, BMP, WebP or TIFF image; {remedy}")]
    Foreign {
        /// The format's name.
        name: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// It holds several pictures, and nobody knows which one is the cell.
    #[error("holds {0} pictures, and one file is one cell here; save each of them as a file of its own")]
    Pages(usize),
    /// The colours are pictures of their own.
    #[error(
        "holds {0} channels as pictures of their own, and nothing says which colours they are; save it as one RGB picture \
         (in ImageJ: Image > Type > RGB Color)"
    )]
    Channels(usize),
    /// Nothing tells which of its samples are black and white.
    #[error("is a {format} image whose brightness cannot be told: {what}; save it with 8 bits a channel")]
    Depth {
        /// Its format.
        format: &'static str,
        /// What is known of its samples.
        what: String,
    },
    /// Another file is the picture.
    #[error("is grey and beside it lies {0} in colour: a mask, and no picture of a cell")]
    Mask(String),
    /// Its end is missing.
    #[error("is truncated: {0}; copy it again from the scanner")]
    Truncated(&'static str),
    /// It cannot be decoded.
    #[error("is a damaged {format} image: {what}")]
    Damaged {
        /// Its format.
        format: &'static str,
        /// What the decoder says.
        what: String,
    },
    /// It is an image of a kind that the decoders do not know.
    #[error("is a {format} image of a kind that is not read here: {what}; convert it to PNG")]
    Unsupported {
        /// Its format.
        format: &'static str,
        /// What the decoder says.
        what: String,
    },
    /// Its header says that it is larger than the limit, or has no pixels.
    #[error(
        "says that it has {width} x {height} px; a picture of one cell has 1 to {max_side} px a side and at most {max_pixels} px"
    )]
    Size {
        /// Width in px.
        width: u32,
        /// Height in px.
        height: u32,
        /// The limit of a side.
        max_side: u32,
        /// The limit of the area.
        max_pixels: u64,
    },
    /// It is out of line with the other pictures of its case.
    #[error(
        "has {width} x {height} px among frames of about {usual_width} x {usual_height}; not a single cell's picture?"
    )]
    OddFrame {
        /// Width in px.
        width: u32,
        /// Height in px.
        height: u32,
        /// The case's median width.
        usual_width: u32,
        /// The case's median height.
        usual_height: u32,
    },
    /// A symbolic link that leads out of the folder.
    #[error("is a link that leads out of the folder, and is not followed; copy the file into the folder")]
    LinkOut,
    /// A symbolic link to nothing.
    #[error("is a link to something that is not there")]
    LinkBroken,
    /// A row of an annotation file that is not one.
    #[error("{0}")]
    Annotation(String),
    /// A path of Windows as a file's name.
    #[error(
        "has a folder of Windows in its name, so that the files of several patients may lie in one folder; unpack the archive again with \
         a program that makes its folders (bsdtar -xf, 7z x)"
    )]
    WindowsPath,
    /// It lies beside the folders of the patients.
    #[error("lies beside the patients' folders and belongs to none; import it with --layout flat")]
    Stray,
}

impl Reason {
    pub(super) fn unreadable(error: &std::io::Error) -> Self {
        Self::Unreadable(printable(&error.to_string()).into_owned())
    }
}

/// Reads a file and hashes it; not more than the limit of it.
///
/// # Errors
/// When it cannot be read, is empty, too large, or something else than a regular file.
pub fn read_image(path: &Path, limits: &Limits) -> Result<ReadImage, Reason> {
    // Asked before opening: opening a pipe would wait for its writer.
    let meta = std::fs::metadata(path).map_err(|e| Reason::unreadable(&e))?;
    if !meta.is_file() {
        return Err(Reason::NotAFile);
    }
    let too_large =
        |bytes: u64| Reason::FileTooLarge { mib: bytes.div_ceil(1 << 20), max_mib: limits.max_file_bytes >> 20 };
    if meta.len() > limits.max_file_bytes {
        return Err(too_large(meta.len()));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    let file = File::open(path).map_err(|e| Reason::unreadable(&e))?;
    // The file may have grown since.
    file.take(limits.max_file_bytes + 1).read_to_end(&mut bytes).map_err(|e| Reason::unreadable(&e))?;
    match bytes.len() as u64 {
        0 => Err(Reason::Empty),
        n if n > limits.max_file_bytes => Err(too_large(n)),
        _ => Ok(ReadImage { sha256: Sha256Hash(Sha256::digest(&bytes).into()), bytes }),
    }
}
