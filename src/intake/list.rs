//! Which files of a folder may be images. Nothing is followed out of the folder, and nothing but regular files is opened.

use std::{
    cmp::Ordering,
    ffi::OsStr,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use image::ImageFormat::{Jpeg, Png, WebP};
use walkdir::{DirEntry, WalkDir};

use super::{Reason, foreign, skip, tiff};
use crate::domain::{Refusal, natural_cmp};

/// Names that say "image". Those of formats that are not read here ([`foreign`]) belong to it: such a file is named, not
/// passed over.
const EXTENSIONS: &[&str] = &["jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "webp", "tif", "tiff", "btf", "tf8"];

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files that may be images, relative to the folder, in name order, numbers in names by their value.
    pub images: Vec<PathBuf>,
    /// What looked like an image or a folder and was left out, under its full path.
    pub refused: Vec<Refusal>,
    /// Links to images that the folder holds anyway, under their full paths.
    pub links: Vec<PathBuf>,
    /// Other files.
    pub ignored: usize,
    /// Folders of thumbnails, trash and the like, under their full paths, into which nobody looked.
    pub skipped: Vec<PathBuf>,
}

/// Lists a folder and the folders in it, but for those that systems keep for themselves. `folder` itself may be a link.
pub fn list(folder: &Path) -> Listing {
    let mut listing = Listing::default();
    let root = root(folder);
    let mut skipped = Vec::new();
    for entry in walker(&root).into_iter().filter_entry(|e| visible(e, &root, folder, &mut |p| skipped.push(p))) {
        listing.take_entry(&root, folder, entry);
    }
    skipped.sort_by(|a, b| name_order(a, b));
    listing.skipped = skipped;
    for path in listing.images.extract_if(.., |p| windows_path(p)) {
        listing.refused.push(Refusal { path: folder.join(path), reason: Reason::WindowsPath.to_string() });
    }
    listing.images.sort_by(|a, b| name_order(a, b));
    listing.refused.sort_by(|a, b| name_order(&a.path, &b.path));
    listing.links.sort_by(|a, b| name_order(a, b));
    listing
}

/// What [`list`] finds, one by one in the byte order of names, under full paths: no more than one folder's names are held.
/// `skipped` is told of folders into which nobody looks.
pub fn walk<F: FnMut(&Path) + Send>(
    folder: &Path,
    mut skipped: F,
) -> impl Iterator<Item = Result<PathBuf, Refusal>> + use<F> {
    let (root, folder) = (root(folder), folder.to_owned());
    let (base, named) = (root.clone(), folder.clone());
    let entries = walker(&root).sort_by_file_name().into_iter();
    entries.filter_entry(move |e| visible(e, &base, &named, &mut |p| skipped(&p))).filter_map(move |entry| {
        let mut one = Listing::default();
        one.take_entry(&root, &folder, entry);
        let image = one.images.pop().map(|p| Ok(folder.join(p)));
        image.or_else(|| one.refused.pop().map(Err))
    })
}

fn root(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn walker(root: &Path) -> WalkDir {
    WalkDir::new(root).min_depth(1).follow_links(false)
}

/// Whether an entry is looked at; `skipped` is told of a folder that is not, under its full path.
fn visible(entry: &DirEntry, root: &Path, folder: &Path, skipped: &mut dyn FnMut(PathBuf)) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    if !entry.file_type().is_dir() {
        return !skip::file(entry.file_name());
    }
    let hidden = skip::folder(entry.file_name());
    if hidden {
        skipped(folder.join(entry.path().strip_prefix(root).unwrap_or(entry.path())));
    }
    !hidden
}

impl Listing {
    fn take_entry(&mut self, root: &Path, folder: &Path, entry: walkdir::Result<DirEntry>) {
        match entry {
            Ok(entry) => self.take(root, folder, &entry),
            Err(e) => {
                let path = e.path().unwrap_or(root).to_owned();
                let reason = e.io_error().map_or(Reason::NotAFile, Reason::unreadable);
                self.refused.push(Refusal { path, reason: reason.to_string() });
            }
        }
    }

    fn take(&mut self, root: &Path, folder: &Path, entry: &DirEntry) {
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
        let shown = folder.join(&relative);
        let kind = entry.file_type();
        let named = has_image_name(entry.path());
        if kind.is_symlink() {
            self.take_link(root, shown, entry.path(), named);
        } else if kind.is_file() {
            if named || has_image_magic(entry.path()) {
                self.images.push(relative);
            } else {
                self.ignored += 1;
            }
        } else if !kind.is_dir() {
            // Pipes, sockets, devices: never opened.
            if named {
                self.refused.push(Refusal { path: shown, reason: Reason::NotAFile.to_string() });
            } else {
                self.ignored += 1;
            }
        }
    }

    fn take_link(&mut self, root: &Path, shown: PathBuf, link: &Path, named: bool) {
        let refuse = |reason: Reason| Refusal { path: shown.clone(), reason: reason.to_string() };
        match link.canonicalize() {
            Ok(target) if target.starts_with(root) => self.links.push(shown),
            Ok(target) if named || target.is_dir() || has_image_name(&target) => {
                self.refused.push(refuse(Reason::LinkOut))
            }
            Err(_) if named => self.refused.push(refuse(Reason::LinkBroken)),
            _ => self.ignored += 1,
        }
    }
}

/// Whether a file's name is a path of Windows: what is left of a folder where an archive was unpacked without its folders.
fn windows_path(path: &Path) -> bool {
    cfg!(not(windows)) && path.file_name().is_some_and(|n| n.as_encoded_bytes().contains(&b'\\'))
}

fn has_image_name(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str())) || foreign::has_name(path)
}

/// Whether a file without an image's name starts as an image does. BMP's two letters are too little to tell.
fn has_image_magic(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut f| f.read(&mut head)).unwrap_or(0);
    let head = &head[..read];
    tiff::is_tiff(head) || matches!(image::guess_format(head), Ok(Jpeg | Png | WebP))
}

/// Folder by folder, numbers in names by their value.
pub(super) fn name_order(a: &Path, b: &Path) -> Ordering {
    let (mut x, mut y) = (a.components(), b.components());
    loop {
        match (x.next(), y.next()) {
            (Some(p), Some(q)) => {
                let (p, q) = (p.as_os_str(), q.as_os_str());
                match natural_cmp(&p.to_string_lossy(), &q.to_string_lossy()).then_with(|| p.cmp(q)) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                }
            }
            (p, q) => return p.is_some().cmp(&q.is_some()),
        }
    }
}
