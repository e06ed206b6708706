//! Facts in, PDF out: pure, in process, and the same bytes for the same facts.
//!
//! It knows no clock, no file, no network. Words and layout are in `templates/*.typ`; the facts reach
//! them as data, never as markup. It blocks: call it where blocking is allowed.

mod page;
mod qr;
mod text;
mod world;

use std::collections::BTreeSet;

use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::text::TextItem;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::design::Facts;
use page::Page;
use world::CertificateWorld;

/// How many renderings typst's caches outlive: the fonts and templates are used by each and stay, one
/// certificate's own text goes soon.
const CACHE_AGE: usize = 10;

/// A certificate's file, and what an operator should know of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub pdf: Vec<u8>,
    /// Characters that none of our fonts can draw: the certificate is made all the same, with a box
    /// in their place, but somebody should know.
    pub missing_glyphs: Vec<char>,
    /// Whether the file conforms to PDF/A-2a and PDF/UA-1. It does unless a character was missing;
    /// then it is a tagged PDF 1.7.
    pub archival: bool,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(
        "the verification URL must begin with http:// or https:// and be short enough for a QR code: {0}"
    )]
    VerificationUrl(String),
    #[error("{0} is no date a certificate can bear")]
    Date(chrono::NaiveDate),
    #[error("the certificate takes {0} pages instead of one")]
    Pages(usize),
    /// The design or the logo is at fault, not the person's data.
    #[error("the certificate could not be laid out: {0}")]
    Layout(String),
}

/// Makes the certificate's file.
///
/// # Errors
/// When the verification URL fits in no QR code, the logo cannot be read, or the design is broken.
pub fn render(facts: &Facts) -> Result<Rendered, RenderError> {
    let rendered = lay_out(facts).and_then(|document| export(facts, &document));
    comemo::evict(CACHE_AGE);
    rendered
}

/// The page as a picture, for the screen: SVG that needs nothing else.
///
/// # Errors
/// As [`render`].
pub fn picture(facts: &Facts) -> Result<String, RenderError> {
    let document = lay_out(facts)?;
    let first = document.pages().first().ok_or(RenderError::Pages(0))?;
    let picture = typst_svg::svg(first, &typst_svg::SvgOptions::default());
    comemo::evict(CACHE_AGE);
    Ok(picture)
}

fn lay_out(facts: &Facts) -> Result<PagedDocument, RenderError> {
    let page = Page::of(facts)?;
    let world = CertificateWorld::new(facts, &page)?;
    let document: PagedDocument =
        typst::compile(&world).output.map_err(|all| layout_error(&all))?;
    match document.pages().len() {
        1 => Ok(document),
        pages => Err(RenderError::Pages(pages)),
    }
}

fn export(facts: &Facts, document: &PagedDocument) -> Result<Rendered, RenderError> {
    let missing_glyphs = missing_glyphs(document);
    let archival = [PdfStandard::A_2a, PdfStandard::Ua_1];
    // Both standards forbid a character without a glyph, and a few that mean nothing to a reader.
    let conforming = if missing_glyphs.is_empty() {
        typst_pdf::pdf(document, &options(facts, &archival)?).ok()
    } else {
        None
    };
    let archival = conforming.is_some();
    let pdf = match conforming {
        Some(pdf) => pdf,
        None => {
            typst_pdf::pdf(document, &options(facts, &[])?).map_err(|all| layout_error(&all))?
        }
    };
    Ok(Rendered { pdf, missing_glyphs, archival })
}

fn options(facts: &Facts, standards: &[PdfStandard]) -> Result<PdfOptions, RenderError> {
    let standards = PdfStandards::new(standards)
        .map_err(|error| RenderError::Layout(error.message().to_string()))?;
    Ok(PdfOptions {
        ident: Smart::Custom(facts.code.to_string()),
        creator: Smart::Custom(Some("Estrade".to_owned())),
        timestamp: Some(Timestamp::new_utc(midnight(facts)?)),
        standards,
        ..PdfOptions::default()
    })
}

fn midnight(facts: &Facts) -> Result<Datetime, RenderError> {
    let (year, month, day) = page::year_month_day(facts.issued);
    Datetime::from_ymd_hms(year, month, day, 0, 0, 0).ok_or(RenderError::Date(facts.issued))
}

fn layout_error(diagnostics: &[SourceDiagnostic]) -> RenderError {
    let messages: Vec<&str> =
        diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    RenderError::Layout(messages.join("; "))
}

fn missing_glyphs(document: &PagedDocument) -> Vec<char> {
    let mut missing = BTreeSet::new();
    for page in document.pages() {
        collect_missing(&page.frame, &mut missing);
    }
    missing.into_iter().collect()
}

fn collect_missing(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect_missing(&group.frame, missing),
            FrameItem::Text(text) => missing.extend(without_glyph(text)),
            _ => {}
        }
    }
}

fn without_glyph(text: &TextItem) -> impl Iterator<Item = char> {
    text.glyphs
        .iter()
        .filter(|glyph| glyph.id == 0)
        .filter_map(|glyph| text.text.get(glyph.range()))
        .flat_map(str::chars)
}

#[cfg(test)]
mod tests;
