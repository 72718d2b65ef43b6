//! Reading a file of text: settings, manifests, annotations, predictions. Never more of it than a limit, and nothing that would wait.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use crate::domain::printable;

/// Most bytes of a file of settings: classes, ranges, keymap, recipe, template. The shipped ones have a few thousand.
pub const SETTINGS_BYTES: u64 = 16 << 20;
/// Most bytes of a list of images: a manifest, annotations. A million rows have less.
pub const LIST_BYTES: u64 = 256 << 20;

/// Why a file is no text that can be used, as a clause that follows the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// It cannot be read.
    #[error("cannot be read: {0}; check the path")]
    Unreadable(String),
    /// A folder.
    #[error("is a folder, not a file; name the file in it")]
    Folder,
    /// A named pipe, a socket or a device: reading it might never end.
    #[error("is no regular file; write what it holds into a file and name that")]
    NotAFile,
    /// It is larger than the limit.
    #[error("has more than {0} MiB, which no such file needs; is it the right one?")]
    TooLarge(u64),
    /// There is nothing in it.
    #[error("is empty; is it the right one?")]
    Empty,
    /// It is no UTF-8.
    #[error("is not text in UTF-8; save it as UTF-8")]
    NotText,
}

/// Reads a file of text, at most `most` bytes of it, without the mark that some editors put in front. What was handed to the program
/// as an open pipe (`/dev/stdin`, `/dev/fd/63`) is read as well.
///
/// # Errors
/// Why it is no text that can be used.
pub fn read_text(path: &Path, most: u64) -> Result<String, TextProblem> {
    let text = String::from_utf8(read_bytes(path, most)?).map_err(|_| TextProblem::NotText)?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// The same for a file whose encoding is still to be told.
///
/// # Errors
/// As [`read_text`].
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, TextProblem> {
    let unreadable = |e: std::io::Error| TextProblem::Unreadable(printable(&e.to_string()).into_owned());
    // Asked before opening: opening a pipe that has a name waits for its writer.
    let meta = fs::metadata(path).map_err(unreadable)?;
    if meta.is_dir() {
        return Err(TextProblem::Folder);
    }
    if !meta.is_file() && !is_open_pipe(path, &meta) {
        return Err(TextProblem::NotAFile);
    }
    let too_large = || TextProblem::TooLarge(most >> 20);
    if meta.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    // The file may have grown since, and a pipe says nothing of its length.
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    if bytes.is_empty() {
        return Err(TextProblem::Empty);
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_open_pipe(path: &Path, meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let ours = ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|place| path.starts_with(place));
    ours && meta.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_open_pipe(_: &Path, _: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_limit_and_no_further() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("a.toml");
        fs::write(&file, "\u{feff}schema = 1\n").expect("written");
        assert_eq!(read_text(&file, SETTINGS_BYTES).as_deref(), Ok("schema = 1\n"));
        fs::write(&file, [b'x'; 3]).expect("written");
        assert_eq!(read_text(&file, 2), Err(TextProblem::TooLarge(0)));
        fs::write(&file, b"\xff\xfea\0").expect("written");
        assert_eq!(read_text(&file, 9), Err(TextProblem::NotText));
        fs::write(&file, "").expect("written");
        assert_eq!(read_text(&file, 9), Err(TextProblem::Empty));
        assert_eq!(read_text(dir.path(), 9), Err(TextProblem::Folder));
        let gone = read_text(&dir.path().join("gone"), 9).expect_err("nothing there").to_string();
        assert!(gone.starts_with("cannot be read") && gone.ends_with("check the path"), "{gone}");
    }

    #[cfg(unix)]
    #[test]
    fn what_may_never_end_is_not_opened() {
        assert_eq!(read_text(Path::new("/dev/zero"), 9), Err(TextProblem::NotAFile));
        let dir = tempfile::tempdir().expect("a folder");
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        assert_eq!(read_text(&pipe, 9), Err(TextProblem::NotAFile));
    }
}
