//! Writing a finished export to where it was asked for: a file whole or not at all, with the rights that it had; pipes and devices are
//! written through.

use std::{
    fs::{self, File, Metadata},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// Why something was not written. The sentence stands behind the path.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nothing can be written there; nothing changed.
    #[error("{0}")]
    Place(String),
    /// Writing failed, and what was there before is still there.
    #[error("{0}; the file is as it was")]
    Kept(io::Error),
    /// Writing failed where a pipe or a device had a part of it already.
    #[error("{0}; what went there is cut short")]
    Cut(io::Error),
}

impl WriteError {
    /// Whether another place has to be named; nothing was tried.
    pub fn is_place(&self) -> bool {
        matches!(self, Self::Place(_))
    }

    fn place(why: &str) -> Self {
        Self::Place(why.to_owned())
    }
}

/// Where something is to be written.
#[derive(Debug)]
enum Target {
    /// A regular file, links followed, and what it is now if it is there.
    File(PathBuf, Option<Box<Metadata>>),
    /// A pipe, a device, or a descriptor of this process that is a regular file.
    Through(PathBuf),
}

impl Target {
    fn of(path: &Path) -> Result<Self, WriteError> {
        if path.as_os_str().is_empty() {
            return Err(WriteError::place("names no file; give one"));
        }
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => Err(WriteError::place("is a folder; add a file's name")),
            Ok(_) if is_descriptor(path) => Ok(Self::Through(path.to_owned())),
            Ok(meta) if !meta.is_file() => through(path, &meta),
            Ok(meta) if meta.permissions().readonly() => {
                Err(WriteError::place("is write-protected; name another file, or take the protection away"))
            }
            Ok(meta) => Ok(Self::File(
                fs::canonicalize(path).map_err(|e| WriteError::Place(e.to_string()))?,
                Some(Box::new(meta)),
            )),
            Err(e) if e.kind() == io::ErrorKind::NotFound => new_file(path),
            Err(e) => Err(WriteError::Place(format!("{e}; name another file"))),
        }
    }
}

/// A file that is not there yet.
fn new_file(path: &Path) -> Result<Target, WriteError> {
    if path.symlink_metadata().is_ok() {
        return Err(WriteError::place("is a link to something that is not there; name a file"));
    }
    if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(WriteError::place("names a folder that is not there; add a file's name"));
    }
    if !folder(path).is_dir() {
        return Err(WriteError::place("its folder is not there; make it first"));
    }
    Ok(Target::File(path.to_owned(), None))
}

/// What is no regular file: pipes and character devices take what they are given.
fn through(path: &Path, meta: &Metadata) -> Result<Target, WriteError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if meta.file_type().is_fifo() || meta.file_type().is_char_device() {
            return Ok(Target::Through(path.to_owned()));
        }
    }
    let _ = (path, meta);
    Err(WriteError::place("is no file, pipe or terminal; name a file"))
}

/// Whether a path is one of this process's descriptors, as `/dev/stdout` is: what is written there belongs behind what it holds.
fn is_descriptor(path: &Path) -> bool {
    let mut place = path.to_owned();
    for _ in 0..8 {
        let folder = place.parent().unwrap_or(Path::new(""));
        if folder == Path::new("/dev/fd") || (folder.starts_with("/proc") && folder.ends_with("fd")) {
            return true;
        }
        match fs::read_link(&place) {
            Ok(next) => place = folder.join(next),
            Err(_) => return false,
        }
    }
    false
}

/// A file that is being written: a temporary one beside its place, which it takes when it is kept. Dropped it leaves nothing. What goes
/// to a pipe or a device waits in memory until then.
#[derive(Debug)]
pub struct Draft(To);

#[derive(Debug)]
enum To {
    Beside { file: io::BufWriter<NamedTempFile>, path: PathBuf, before: Option<Box<Metadata>> },
    Through { bytes: Vec<u8>, path: PathBuf },
}

impl Draft {
    /// Begins a file that is to stand at `path`.
    ///
    /// # Errors
    /// [`WriteError::Place`] when nothing can be written there.
    pub fn new(path: &Path) -> Result<Self, WriteError> {
        let (path, before) = match Target::of(path)? {
            Target::File(path, before) => (path, before),
            Target::Through(path) => return Ok(Self(To::Through { bytes: Vec::new(), path })),
        };
        let beside = tempfile::Builder::new().prefix(".leukoscope-").tempfile_in(folder(&path));
        // The kind alone: the error itself names the temporary file, which is nobody's business.
        let file = beside.map_err(|e| match e.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                WriteError::Place(format!("its folder takes no file ({}); name another one", e.kind()))
            }
            kind => WriteError::Kept(kind.into()),
        })?;
        Ok(Self(To::Beside { file: io::BufWriter::new(file), path, before }))
    }

    /// Syncs it to disk and puts it in its place: whatever goes wrong, the file there is the old one or the new one. A new file is its
    /// owner's alone, one that was there keeps its owner and its rights, as far as this user may give them.
    ///
    /// # Errors
    /// The first error of the file system.
    pub fn keep(self) -> Result<(), WriteError> {
        match self.0 {
            To::Through { bytes, path } => write_through(&path, &bytes).map_err(WriteError::Cut),
            To::Beside { file, path, before } => put(file, &path, before.as_deref()).map_err(WriteError::Kept),
        }
    }
}

fn put(file: io::BufWriter<NamedTempFile>, path: &Path, before: Option<&Metadata>) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(before) = before {
        keep_rights(file.as_file(), path, before)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    // The rename is on disk only once its folder is; where a folder cannot be opened (Windows) the system sees to it.
    if let Ok(folder) = File::open(folder(path)) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Gives `file` the owner, the access list and the mode of what it is to replace. The owner only if this user may; the mode always.
fn keep_rights(file: &File, path: &Path, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let now = file.metadata()?;
        if now.gid() != before.gid() {
            let _ = fchown(file, None, Some(before.gid()));
        }
        if now.uid() != before.uid() {
            let _ = fchown(file, Some(before.uid()), None);
        }
    }
    file.set_permissions(before.permissions())?;
    #[cfg(target_os = "linux")]
    {
        // Longer lists than the kernel's own limit do not exist.
        let mut list = vec![0_u8; 1 << 16];
        if let Ok(n) = rustix::fs::getxattr(path, c"system.posix_acl_access", &mut list[..]) {
            let flags = rustix::fs::XattrFlags::empty();
            let _ = rustix::fs::fsetxattr(file, c"system.posix_acl_access", &list[..n], flags);
        }
    }
    let _ = path;
    Ok(())
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().append(is_descriptor(path)).write(true).open(path);
    if file.is_err() && is_stdout(path) {
        // A socket cannot be opened by its name.
        let mut out = io::stdout().lock();
        return out.write_all(bytes).and_then(|()| out.flush());
    }
    let file = file.as_mut().map_err(|e| io::Error::from(e.kind()))?;
    file.write_all(bytes)?;
    file.flush()
}

fn is_stdout(path: &Path) -> bool {
    [Path::new("/dev/stdout"), Path::new("/dev/fd/1"), Path::new("/proc/self/fd/1")].contains(&path)
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            To::Beside { file, .. } => file.write(bytes),
            To::Through { bytes: all, .. } => all.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            To::Beside { file, .. } => file.flush(),
            To::Through { .. } => Ok(()),
        }
    }
}

/// Writes `bytes` to `path`, a file whole or not at all, as a [`Draft`] that is kept.
///
/// # Errors
/// As [`Draft::new`] and [`Draft::keep`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut draft = Draft::new(path)?;
    draft.write_all(bytes).map_err(WriteError::Kept)?;
    draft.keep()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("case.json");
        write_file(&path, b"one").expect("written");
        write_file(&path, b"two").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"two");
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_is_no_place_for_a_file_is_said_before_anything_is_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let says = |path: &Path| {
            let error = write_file(path, b"x").expect_err("no place");
            assert!(error.is_place(), "{error}");
            error.to_string()
        };
        assert!(says(&dir.path().join("none/case.json")).contains("folder is not there"));
        assert!(says(&dir.path().join("none/")).contains("add a file's name"));
        assert!(says(dir.path()).contains("is a folder"));
        assert!(says(Path::new("")).contains("names no file"));
        assert!(says(&dir.path().join("n".repeat(300))).contains("name another file"));
        let protected = dir.path().join("kept.json");
        fs::write(&protected, "kept").expect("written");
        let mut rights = fs::metadata(&protected).expect("a file").permissions();
        rights.set_readonly(true);
        fs::set_permissions(&protected, rights).expect("set");
        assert!(says(&protected).contains("write-protected"));
        assert_eq!(fs::read(&protected).expect("read"), b"kept");
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn an_existing_file_keeps_its_mode_a_new_one_is_its_owners_and_a_link_stays_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().expect("a folder");
        let (file, link, new) = (dir.path().join("a.json"), dir.path().join("link"), dir.path().join("new"));
        fs::write(&file, "old").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        symlink(&file, &link).expect("linked");
        write_file(&link, b"through the link").expect("written");
        write_file(&new, b"new").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&new)), (0o644, 0o600));
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"through the link");
        symlink(dir.path().join("nowhere"), dir.path().join("dangling")).expect("linked");
        let error = write_file(&dir.path().join("dangling"), b"x").expect_err("no place").to_string();
        assert!(error.contains("link to something that is not there"), "{error}");
    }
}
