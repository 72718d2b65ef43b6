//! The report of a case: one [`Page`] computed from its record, written as HTML through a template and as PDF.
//!
//! Everything here is pure: pictures, reference ranges, the laboratory's words and the history come from the caller, and
//! no clock is read, so that the same record gives the same bytes. Figures of networks are not here but in
//! [`crate::report`].

mod agreement;
mod bars;
mod compose;
mod gallery;
mod history;
mod html;
mod model;
mod pdf;
mod picture;
mod words;

pub use self::{
    compose::Material,
    gallery::{FIELD_UM, Representative, representatives},
    html::{SHIPPED_TEMPLATE, TemplateProblem, to_html},
    model::{Agreement, Banner, Change, Comment, Field, Group, Page, PerHundred, Row, Shot, Version},
    pdf::{Pdf, PdfError, outline, to_pdf},
    picture::{BAR_UM, Picture, Sizes},
};
