//! All that typst may see while it lays out one certificate: our templates, our fonts, the facts.
//! No file, no package, no network, no clock.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::page::{self, Page};
use super::{RenderError, qr};
use crate::design::Facts;

macro_rules! embedded {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../", $folder, "/", $name)).as_slice())),*]
    };
}

/// The order matters nowhere: the templates name the families they want, first to last.
const FONTS: &[(&str, &[u8])] = embedded!("fonts":
    "EBGaramond-Italic.otf",
    "EBGaramond-Regular.otf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansAdlam-Regular.ttf",
    "NotoSansNKo-Regular.ttf",
    "NotoSansOriya-Regular.ttf",
    "NotoSansThaana-Regular.ttf",
    "NotoSansTifinagh-Regular.ttf",
    "NotoSerif-Regular.ttf",
    "NotoSerifArmenian-Regular.ttf",
    "NotoSerifBengali-Regular.ttf",
    "NotoSerifCJK-Regular.otf",
    "NotoSerifDevanagari-Regular.ttf",
    "NotoSerifEthiopic-Regular.ttf",
    "NotoSerifGeorgian-Regular.ttf",
    "NotoSerifGujarati-Regular.ttf",
    "NotoSerifGurmukhi-Regular.ttf",
    "NotoSerifHebrew-Regular.ttf",
    "NotoSerifKannada-Regular.ttf",
    "NotoSerifKhmer-Regular.ttf",
    "NotoSerifLao-Regular.ttf",
    "NotoSerifMalayalam-Regular.ttf",
    "NotoSerifMyanmar-Regular.ttf",
    "NotoSerifSinhala-Regular.ttf",
    "NotoSerifTamil-Regular.ttf",
    "NotoSerifTelugu-Regular.ttf",
    "NotoSerifThai-Regular.ttf",
    "NotoSerifTibetan-Regular.ttf",
);

const TEMPLATES: &[(&str, &[u8])] = embedded!("templates":
    "achievement.typ",
    "common.typ",
    "realisation.typ",
    "rosette.svg",
    "words.typ",
);

/// What every certificate shares: read once, kept for ever.
struct Stage {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    templates: Vec<Template>,
}

struct Template {
    path: String,
    bytes: Bytes,
    source: Option<Source>,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        FONTS.iter().flat_map(|(_, bytes)| Font::iter(Bytes::new(*bytes))).collect();
    Stage {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        templates: TEMPLATES.iter().map(|(name, bytes)| template(name, bytes)).collect(),
    }
});

fn template(name: &str, bytes: &'static [u8]) -> Template {
    let source = std::str::from_utf8(bytes)
        .ok()
        .filter(|_| name.ends_with(".typ"))
        .zip(VirtualPath::new(name).ok())
        .map(|(text, path)| {
            Source::new(RootedPath::new(VirtualRoot::Project, path).intern(), text.to_owned())
        });
    Template { path: format!("/{name}"), bytes: Bytes::new(bytes), source }
}

/// One certificate's world.
pub(super) struct CertificateWorld {
    stage: &'static Stage,
    main: Source,
    today: Datetime,
    data: Bytes,
    qr: Bytes,
    logo: Option<(&'static str, Bytes)>,
}

impl CertificateWorld {
    pub(super) fn new(facts: &Facts, page: &Page) -> Result<Self, RenderError> {
        let stage = &*STAGE;
        let path = page::template(facts.design);
        let main = stage
            .templates
            .iter()
            .find(|template| template.path == path)
            .and_then(|template| template.source.clone())
            .ok_or_else(|| RenderError::Layout(format!("{path} is missing")))?;
        let data =
            serde_json::to_vec(page).map_err(|error| RenderError::Layout(error.to_string()))?;
        let (year, month, day) = page::year_month_day(facts.issued);
        let logo = facts.organisation.logo.as_ref();
        Ok(Self {
            stage,
            main,
            today: Datetime::from_ymd(year, month, day).ok_or(RenderError::Date(facts.issued))?,
            data: Bytes::new(data),
            qr: Bytes::from_string(qr::svg(&facts.verification_url)?),
            logo: logo
                .map(|logo| (page::logo_path(logo.format()), Bytes::new(logo.bytes().to_vec()))),
        })
    }

    fn template(&self, path: &str) -> Option<&Template> {
        self.stage.templates.iter().find(|template| template.path == path)
    }
}

/// The path inside the project; a package has none here.
fn project_path(id: FileId) -> FileResult<&'static str> {
    let path = id.get();
    match path.root() {
        VirtualRoot::Project => Ok(path.vpath().get_with_slash()),
        VirtualRoot::Package(_) => Err(FileError::AccessDenied),
    }
}

impl World for CertificateWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.stage.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.stage.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let path = project_path(id)?;
        self.template(path)
            .and_then(|template| template.source.clone())
            .ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = project_path(id)?;
        match path {
            "/data.json" => return Ok(self.data.clone()),
            "/qr.svg" => return Ok(self.qr.clone()),
            _ => {}
        }
        let logo = self.logo.as_ref().filter(|(logo, _)| *logo == path).map(|(_, bytes)| bytes);
        logo.or_else(|| self.template(path).map(|template| &template.bytes))
            .cloned()
            .ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.stage.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Some(self.today)
    }
}
