//! From things on sheets to a PDF/A-2a file.

use std::{collections::HashMap, num::NonZeroU16, sync::Arc};

use krilla::{
    Document, SerializeSettings,
    color::luma,
    configure::{Configuration, Validator},
    geom::{PathBuilder, Point, Rect, Size, Transform},
    image::Image,
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    tagging::{
        ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
        TagTree,
    },
};

use super::{
    PdfError,
    font::Fonts,
    sheet::{A4, Child, Placed, Role, Sheets, Thing},
};
use crate::export::page::Page;

/// Which thing on which sheet.
type Place = (usize, usize);

/// Writes the sheets.
pub(super) fn file(page: &Page, sheets: &Sheets<'_>, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let settings = SerializeSettings {
        configuration: Configuration::new_with_validator(Validator::A2_A),
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(page));
    let mut images: HashMap<*const Vec<u8>, Image> = HashMap::new();
    let mut drawn: HashMap<Place, Identifier> = HashMap::new();
    for (n, sheet) in sheets.sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(A4.0, A4.1).ok_or_else(|| PdfError("A4 is no size".into()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for (i, placed) in sheet.iter().enumerate() {
            let image = match &placed.thing {
                Thing::Image { jpeg, .. } => Some(image(&mut images, jpeg)?),
                _ => None,
            };
            let tag = match (&placed.part, &placed.thing) {
                (None, _) => ContentTag::Artifact(ArtifactType::Other),
                (Some(_), Thing::Text { .. }) => ContentTag::Span(SpanTag::empty()),
                (Some(_), _) => ContentTag::Other,
            };
            let id = surface.start_tagged(tag);
            draw(&mut surface, placed, image, fonts);
            surface.end_tagged();
            if placed.part.is_some() {
                drawn.insert((n, i), id);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(page.lang.clone()));
    for &root in &sheets.roots {
        tree.push(group(sheets, root, &drawn));
    }
    document.set_tag_tree(tree);
    document.finish().map_err(|e| PdfError(crate::domain::printable(&format!("{e:?}")).chars().take(300).collect()))
}

fn metadata(page: &Page) -> Metadata {
    let metadata = Metadata::new()
        .title(page.title.clone())
        .language(page.lang.clone())
        .creator(format!("leukoscope {}", env!("CARGO_PKG_VERSION")))
        .creation_date(date(&page.dated));
    match page.banners.first() {
        Some(banner) => metadata.description(format!("{}: {}", banner.word, banner.text)),
        None => metadata,
    }
}

/// The recorded time; of what is no time the year 2000, for PDF/A wants a date and the clock is not read.
fn date(at: &str) -> DateTime {
    // A damaged database may say anything of time.
    let at = at.parse::<jiff::Timestamp>().unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC);
    let small = |n: i8| u8::try_from(n).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or(1970))
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn image(images: &mut HashMap<*const Vec<u8>, Image>, jpeg: &Arc<Vec<u8>>) -> Result<Image, PdfError> {
    if let Some(image) = images.get(&Arc::as_ptr(jpeg)) {
        return Ok(image.clone());
    }
    let image = Image::from_jpeg(jpeg.to_vec().into(), false).map_err(PdfError)?;
    images.insert(Arc::as_ptr(jpeg), image.clone());
    Ok(image)
}

fn draw(surface: &mut Surface<'_>, placed: &Placed, image: Option<Image>, fonts: &Fonts) {
    let &Placed { x, y, ref thing, .. } = placed;
    match thing {
        Thing::Text { text, size, weight } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(0)));
            let glyphs = fonts.glyphs(text, *weight);
            surface.draw_glyphs(Point::from_xy(x, y), &glyphs, fonts.font(*weight), text, *size, false);
        }
        Thing::Rect { width, height, fill: grey, stroke: line } => {
            surface.set_fill(grey.map(fill));
            surface.set_stroke(line.map(|(grey, width)| stroke(grey, width)));
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(x, y, *width, *height) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Thing::Line { to, grey, width } => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroke(*grey, *width)));
            let mut path = PathBuilder::new();
            path.move_to(x, y);
            path.line_to(to.0, to.1);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Thing::Image { side, .. } => {
            if let (Some(image), Some(size)) = (image, Size::from_wh(*side, *side)) {
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image, size);
                surface.pop();
            }
        }
    }
}

fn fill(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn stroke(grey: u8, width: f32) -> Stroke {
    Stroke { paint: luma::Color::new(grey).into(), width, ..Stroke::default() }
}

/// A part and what is below it.
fn group(sheets: &Sheets<'_>, part: usize, drawn: &HashMap<Place, Identifier>) -> Node {
    let part = &sheets.parts[part];
    let mut group = TagGroup::new(kind(&part.role));
    for child in &part.children {
        match *child {
            Child::Part(id) => group.push(self::group(sheets, id, drawn)),
            Child::Thing(sheet, i) => {
                if let Some(&id) = drawn.get(&(sheet, i)) {
                    group.push(id);
                }
            }
        }
    }
    group.into()
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Caption => Tag::Caption.into(),
        Role::Table(summary) => Tag::Table.with_summary(Some(summary.clone())).into(),
        Role::HeadRow | Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::List => Tag::L(ListNumbering::None).into(),
        Role::Item => Tag::LI.into(),
        Role::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
    }
}
