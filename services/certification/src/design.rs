//! What a certificate says and which design says it. The facts are gathered once, when the
//! certificate is issued, and kept as JSON: whatever changes later, the same page can be made again.
//!
//! No layout here, and no words: those are in `templates/`.

use chrono::NaiveDate;
use event::{FileReference, Language};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Which page is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// A4 landscape, to be framed.
    #[default]
    Achievement,
    /// The French ministry's one-page « certificat de réalisation », which funders ask for.
    CertificatDeRealisation,
}

impl Design {
    pub(crate) const ALL: [Self; 2] = [Self::Achievement, Self::CertificatDeRealisation];

    /// Width and height of its page, in points.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::Achievement => (842, 595),
            Self::CertificatDeRealisation => (595, 842),
        }
    }

    /// In addresses and in the names of texts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Achievement => "achievement",
            Self::CertificatDeRealisation => "realisation",
        }
    }
}

/// The four kinds of action that the ministry's form distinguishes (Code du travail, L6313-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    #[default]
    Training,
    SkillsAssessment,
    /// « Validation des acquis de l'expérience »
    AccreditationOfExperience,
    Apprenticeship,
}

/// Everything a certificate says, frozen at issue. All text is data: whatever it holds, it prints
/// literally.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Facts {
    pub design: Design,
    /// A certificat de réalisation in English is a courtesy translation, and says so.
    pub language: Language,
    pub person: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    pub course: String,
    /// Of the course's title and of those within it; none of a certificate from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_language: Option<Language>,
    #[serde(default)]
    pub nature: Nature,
    pub code: Code,
    /// The public page that says whether this certificate holds; the QR code leads there.
    pub verification_url: String,
    pub issued: NaiveDate,
    pub started: NaiveDate,
    pub completed: NaiveDate,
    pub minutes: u32,
    #[serde(default)]
    pub objectives: Vec<String>,
    #[serde(default)]
    pub results: Vec<QuizResult>,
    #[serde(default)]
    pub activities: Vec<Activity>,
    pub organisation: Organisation,
}

/// The mark of one quiz.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuizResult {
    pub title: String,
    pub mark: Decimal,
    pub out_of: Decimal,
}

/// One thing done in the course and the time it is estimated to take, as distance learning must show.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Activity {
    pub title: String,
    pub minutes: u32,
}

/// Who issues the certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Organisation {
    pub name: String,
    pub representative: String,
    /// In what capacity the representative signs, such as "Head of training".
    pub capacity: String,
    pub place: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The declaration of activity's number. Printing it obliges to print the sentence of article
    /// L6352-12 with it, and the design does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_number: Option<String>,
    /// For how many years the supporting documents are kept; longer with European money.
    #[serde(default = "usual_retention")]
    pub retention_years: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    /// A logo in the file store, which is read when the page is made: so that not every certificate
    /// keeps the picture once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_file: Option<FileReference>,
    /// What the law wants it to say of itself, in the certificate's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<String>,
}

fn usual_retention() -> u8 {
    3
}

/// A picture's bytes, of a format the designs can show. Kept in the facts as base64.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Logo {
    format: LogoFormat,
    bytes: Vec<u8>,
}

/// The formats a logo may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogoFormat {
    Png,
    Jpeg,
    Svg,
    Webp,
}

impl LogoFormat {
    /// Of a file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Svg => "svg",
            Self::Webp => "webp",
        }
    }
}

/// The file is no logo that a design can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    #[error("the logo is neither PNG, nor JPEG, nor WebP, nor SVG: save it as one of these")]
    Format,
    #[error("the logo is larger than {} KiB: make it smaller", Logo::LARGEST / 1024)]
    Size,
    #[error("the logo is not base64")]
    Encoding,
}

impl Logo {
    /// Bytes.
    pub const LARGEST: usize = 512 * 1024;

    /// Takes a file's bytes and looks what they are; the name is not believed.
    ///
    /// # Errors
    /// When they are too many, or of no known format.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, LogoError> {
        if bytes.len() > Self::LARGEST {
            return Err(LogoError::Size);
        }
        let format = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            LogoFormat::Png
        } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            LogoFormat::Jpeg
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            LogoFormat::Webp
        } else if is_svg(&bytes) {
            LogoFormat::Svg
        } else {
            return Err(LogoError::Format);
        };
        Ok(Self { format, bytes })
    }

    #[must_use]
    pub fn format(&self) -> LogoFormat {
        self.format
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        text.starts_with('<') && text.contains("<svg")
    })
}

impl TryFrom<String> for Logo {
    type Error = LogoError;

    fn try_from(text: String) -> Result<Self, LogoError> {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .map_err(|_| LogoError::Encoding)?;
        Self::parse(bytes)
    }
}

impl From<Logo> for String {
    fn from(logo: Logo) -> Self {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(logo.bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn a_logo_is_known_by_its_bytes() {
        let svg = b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
        assert_eq!(Logo::parse(svg).unwrap().format(), LogoFormat::Svg);
        assert_eq!(Logo::parse(vec![0xFF, 0xD8, 0xFF, 0xE0]).unwrap().format(), LogoFormat::Jpeg);
        assert_eq!(Logo::parse(b"MZ".to_vec()), Err(LogoError::Format));
        assert_eq!(Logo::parse(vec![0; Logo::LARGEST + 1]), Err(LogoError::Size));
    }

    #[test]
    fn a_logo_keeps_through_json() {
        let logo = Logo::parse(b"\x89PNG\r\n\x1a\nrest".to_vec()).unwrap();
        let json = serde_json::to_string(&logo).unwrap();
        assert_eq!(serde_json::from_str::<Logo>(&json).unwrap(), logo);
        assert!(serde_json::from_str::<Logo>("\"*\"").is_err());
    }
}
