//! Folders and files that a system keeps beside a user's own: thumbnails, trash, snapshots, metadata. Their pictures are
//! copies of others, or were thrown away.

use std::ffi::OsStr;

/// Folders, in lower case. Those whose names start with a dot are passed over anyway.
const FOLDERS: &[&str] = &[
    // Synology, QNAP, NetApp, Netatalk.
    "@eadir",
    "#recycle",
    "#snapshot",
    "@recycle",
    "@recently-snapshot",
    "@tmp",
    "@sharebin",
    "@__thumb",
    "~snapshot",
    "network trash folder",
    "temporary items",
    "recycle.bin",
    // Windows.
    "$recycle.bin",
    "recycler",
    "recycled",
    "system volume information",
    // macOS archives, Linux file systems, NFS.
    "__macosx",
    "lost+found",
    "thumbnails.db",
];

/// Files, in lower case.
const FILES: &[&str] = &["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"];

/// Whether a folder of that name is passed over.
pub(super) fn folder(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || FOLDERS.contains(&name.as_str()) || name.starts_with("synofile_thumb")
}

/// Whether a file of that name is: hidden ones, among them the `._` files in which macOS keeps what it knows of others.
pub(super) fn file(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || name.starts_with("synofile_thumb") || FILES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_keep_is_passed_over_and_what_users_keep_is_not() {
        for name in ["@eaDir", "#recycle", "$RECYCLE.BIN", ".Trash-1000", "__MACOSX", ".@__thumb", "lost+found", "@tmp"]
        {
            assert!(folder(OsStr::new(name)), "{name}");
        }
        for name in ["Thumbs.db", "._cell.jpg", ".DS_Store", "desktop.ini", "SYNOFILE_THUMB_M.jpg"] {
            assert!(file(OsStr::new(name)), "{name}");
        }
        for name in ["MYO", "P1", "@home", "#12", "thumbnails", "recycled cells"] {
            assert!(!folder(OsStr::new(name)), "{name}");
        }
        assert!(!file(OsStr::new("cell.jpg")));
    }
}
