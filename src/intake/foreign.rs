//! Files that are pictures, or hold some, and are not read here: each by its name, with what to do about it.

use std::{ffi::OsStr, path::Path};

use super::Reason;

/// For slides and microscopes' own files.
pub(super) const SLIDE: &str =
    "export its pictures as TIFF, PNG or JPEG files from the scanner's program, one cell a file";
/// For photographs.
pub(super) const PHOTOGRAPH: &str = "save it as TIFF, PNG or JPEG";
const UNPACK: &str = "unpack it first, and name the folder";

/// How a file of some format starts: bytes at an offset, its name, and what to do.
type Magic = (usize, &'static [u8], &'static str, &'static str);

const MAGIC: &[Magic] = &[
    (0, b"GIF8", "a GIF image", PHOTOGRAPH),
    (4, b"ftypavif", "an AVIF image", PHOTOGRAPH),
    (4, b"ftypavis", "an AVIF image", PHOTOGRAPH),
    (4, b"ftypheic", "a HEIC image", PHOTOGRAPH),
    (4, b"ftypheix", "a HEIC image", PHOTOGRAPH),
    (4, b"ftyphevc", "a HEIC image", PHOTOGRAPH),
    (4, b"ftypmif1", "a HEIF image", PHOTOGRAPH),
    (4, b"ftypmsf1", "a HEIF image", PHOTOGRAPH),
    (4, b"ftypcrx ", "a raw photograph (Canon CR3)", PHOTOGRAPH),
    (4, b"ftyp", "a film", PHOTOGRAPH),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image", PHOTOGRAPH),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image", PHOTOGRAPH),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image", PHOTOGRAPH),
    (0, b"\xff\x0a", "a JPEG XL image", PHOTOGRAPH),
    (0, b"\xff\xd8\xff\xf7", "a JPEG-LS image", PHOTOGRAPH),
    (0, b"II\xbc\x01", "a JPEG XR image", PHOTOGRAPH),
    (0, b"ZISRAWFILE", "a Zeiss CZI file", SLIDE),
    (128, b"DICM", "a DICOM file", SLIDE),
    (0, b"\x70\0\0\0", "a Leica LIF file", SLIDE),
    (0, b"\xda\xce\xbe\x0a", "a Nikon ND2 file", SLIDE),
    (0, b"\0\0\0\x0cjP  \x0d\x0a\x87\x0a\0\0", "a Nikon ND2 file", SLIDE),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a compound file (Zeiss ZVI, Olympus OIB, or of an office program)",
        SLIDE,
    ),
    (0, b"SIS\0", "an Olympus VSI file", SLIDE),
    (0, b"8BPS", "a Photoshop document", PHOTOGRAPH),
    (0, b"gimp xcf", "a GIMP image", PHOTOGRAPH),
    (0, b"FUJIFILMCCD-RAW", "a raw photograph (Fujifilm RAF)", PHOTOGRAPH),
    (0, b"IIU\0", "a raw photograph (Panasonic RW2)", PHOTOGRAPH),
    (0, b"IIRO", "a raw photograph (Olympus ORF)", PHOTOGRAPH),
    (0, b"IIRS", "a raw photograph (Olympus ORF)", PHOTOGRAPH),
    (0, b"MMOR", "a raw photograph (Olympus ORF)", PHOTOGRAPH),
    (8, b"CR\x02", "a raw photograph (Canon CR2)", PHOTOGRAPH),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", SLIDE),
    (0, b"SIMPLE  =", "a FITS image", PHOTOGRAPH),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR image", PHOTOGRAPH),
    (0, b"#?RADIANCE", "a Radiance HDR image", PHOTOGRAPH),
    (0, b"qoif", "a QOI image", PHOTOGRAPH),
    (0, b"DDS ", "a DDS image", PHOTOGRAPH),
    (0, b"farbfeld", "a farbfeld image", PHOTOGRAPH),
    (0, b"\0\0\x01\0", "an icon (ICO)", PHOTOGRAPH),
    (0, b"RIFF", "a RIFF file (sound or film)", PHOTOGRAPH),
    (0, b"\x1a\x45\xdf\xa3", "a film", PHOTOGRAPH),
    (0, b"\x93NUMPY", "an array of NumPy", PHOTOGRAPH),
    (0, b"%PDF", "a PDF document", "save its pictures as TIFF, PNG or JPEG files"),
    (0, b"PK\x03\x04", "a ZIP archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", UNPACK),
    (0, b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (0, b"BZh", "a bzip2 archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
];

/// Endings of names, the name of the format, and what to do. The formats that are told by their first bytes are here too,
/// so that a folder's walk takes such files in hand at all.
const ENDINGS: &[(&[&str], &str, &str)] = &[
    (&["czi"], "a Zeiss CZI file", SLIDE),
    (&["zvi"], "a Zeiss ZVI file", SLIDE),
    (&["dcm", "dicom"], "a DICOM file", SLIDE),
    (&["lif", "lof", "xlef"], "a Leica LIF file", SLIDE),
    (&["scn"], "a Leica slide (SCN)", SLIDE),
    (&["svs"], "an Aperio slide (SVS)", SLIDE),
    (&["ndpi", "ndpis", "vms", "vmu"], "a Hamamatsu slide", SLIDE),
    (&["mrxs"], "a 3DHISTECH slide (MRXS)", SLIDE),
    (&["vsi", "ets"], "an Olympus slide (VSI)", SLIDE),
    (&["oib", "oif", "oir"], "an Olympus FluoView file", SLIDE),
    (&["nd2"], "a Nikon ND2 file", SLIDE),
    (&["bif"], "a Ventana slide (BIF)", SLIDE),
    (&["isyntax"], "a Philips slide (iSyntax)", SLIDE),
    (&["svslide"], "a Sakura slide", SLIDE),
    (&["sdpc", "kfb", "tron", "mdsx", "dsx"], "a slide scanner's file", SLIDE),
    (&["ims", "h5", "hdf5"], "an HDF5 file", SLIDE),
    (&["dng"], "a raw photograph (DNG)", PHOTOGRAPH),
    (&["cr2", "cr3", "crw"], "a raw photograph (Canon)", PHOTOGRAPH),
    (&["nef", "nrw"], "a raw photograph (Nikon)", PHOTOGRAPH),
    (&["arw", "sr2"], "a raw photograph (Sony)", PHOTOGRAPH),
    (&["orf"], "a raw photograph (Olympus)", PHOTOGRAPH),
    (&["raf"], "a raw photograph (Fujifilm)", PHOTOGRAPH),
    (&["rw2", "pef", "srw"], "a raw photograph", PHOTOGRAPH),
    (&["heic", "heif", "hif"], "a HEIC image", PHOTOGRAPH),
    (&["avif"], "an AVIF image", PHOTOGRAPH),
    (&["jp2", "j2k", "jpx", "jpf", "j2c", "jpc"], "a JPEG 2000 image", PHOTOGRAPH),
    (&["jxl"], "a JPEG XL image", PHOTOGRAPH),
    (&["jxr", "wdp", "hdp"], "a JPEG XR image", PHOTOGRAPH),
    (&["jls"], "a JPEG-LS image", PHOTOGRAPH),
    (&["gif"], "a GIF image", PHOTOGRAPH),
    (&["psd", "psb"], "a Photoshop document", PHOTOGRAPH),
    (&["xcf"], "a GIMP image", PHOTOGRAPH),
    (&["tga"], "a Targa image", PHOTOGRAPH),
    (&["pgm", "ppm", "pnm", "pbm", "pam"], "a Netpbm image", PHOTOGRAPH),
    (&["exr"], "an OpenEXR image", PHOTOGRAPH),
    (&["hdr"], "a Radiance HDR image", PHOTOGRAPH),
    (&["fits", "fit"], "a FITS image", PHOTOGRAPH),
    (&["ico"], "an icon (ICO)", PHOTOGRAPH),
    (&["qoi"], "a QOI image", PHOTOGRAPH),
    (&["pdf"], "a PDF document", "save its pictures as TIFF, PNG or JPEG files"),
    (&["zip"], "a ZIP archive", UNPACK),
    (&["rar"], "a RAR archive", UNPACK),
    (&["7z"], "a 7-Zip archive", UNPACK),
    (&["tar", "tgz", "gz"], "a tar or gzip archive", UNPACK),
];

/// What the bytes are, if they are of a format that is known and not read.
pub(super) fn of(bytes: &[u8]) -> Option<Reason> {
    let is = |(at, magic, ..): &&Magic| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    let netpbm = || matches!(bytes, [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t', ..]);
    let found = MAGIC.iter().find(is).map(|&(.., name, remedy)| Reason::Foreign { name, remedy });
    found.or_else(|| netpbm().then_some(Reason::Foreign { name: "a Netpbm image", remedy: PHOTOGRAPH }))
}

/// What a file is by its name, where its bytes do not tell: a slide of which only the name is known.
pub(super) fn named(path: &Path) -> Option<Reason> {
    let ending = ending(path)?;
    let (_, name, remedy) = ENDINGS.iter().find(|(endings, ..)| endings.contains(&ending.as_str()))?;
    Some(Reason::Foreign { name, remedy })
}

/// Whether the name's ending is of such a format.
pub(super) fn has_name(path: &Path) -> bool {
    named(path).is_some()
}

fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_not_read_are_called_by_their_names() {
        let mut dicom = vec![0; 128];
        dicom.extend(b"DICM");
        for (bytes, name) in [
            (&b"ZISRAWFILE\0\0"[..], "Zeiss CZI"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
            (b"P6\n12 12 255\n", "Netpbm"),
            (&dicom, "DICOM"),
        ] {
            let reason = of(bytes).expect("a foreign file").to_string();
            assert!(reason.contains(name) && reason.contains("not a JPEG, PNG, BMP, WebP or TIFF image; "), "{reason}");
        }
        assert!(named(Path::new("a/SMEAR.MRXS")).expect("a slide").to_string().contains("3DHISTECH"));
        assert_eq!((of(b"Dear colleague"), named(Path::new("a.txt"))), (None, None));
    }
}
