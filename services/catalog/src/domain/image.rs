//! Images in lessons: which kinds are taken, and what must be true of one. Kinds that can hold scripts,
//! such as SVG, are not taken.

use chrono::{DateTime, Utc};
use event::{FileReference, PersonId};
use uuid::Uuid;

use super::{Refusal, Unfit, limits};

/// What a lesson shows without the page becoming slow.
pub const BYTES: usize = 4 * 1024 * 1024;
/// In a course.
pub const MOST: i64 = 500;
const DESCRIPTION_CHARS: usize = 300;
/// Hexadecimal.
const HASH_CHARS: usize = 16;
/// On either side; a browser unpacks all of it.
const PIXELS: u32 = 8_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Kind {
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }

    #[must_use]
    pub fn of_media_type(text: &str) -> Option<Self> {
        [Self::Png, Self::Jpeg, Self::Gif, Self::Webp]
            .into_iter()
            .find(|kind| kind.media_type() == text)
    }

    /// From the content, whatever the name says.
    fn of(bytes: &[u8]) -> Option<Self> {
        match imagesize::image_type(bytes).ok()? {
            imagesize::ImageType::Png => Some(Self::Png),
            imagesize::ImageType::Jpeg => Some(Self::Jpeg),
            imagesize::ImageType::Gif => Some(Self::Gif),
            imagesize::ImageType::Webp => Some(Self::Webp),
            _ => None,
        }
    }
}

/// An image of a course.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    pub id: Uuid,
    pub kind: Kind,
    pub file: FileReference,
    pub width: u32,
    pub height: u32,
    /// For those who do not see it.
    pub description: String,
    pub uploaded_at: DateTime<Utc>,
    pub uploaded_by: PersonId,
}

impl Image {
    /// Where it is served, for a course with this key.
    #[must_use]
    pub fn address(&self, course: &str) -> String {
        address(course, &self.file.sha256, self.kind)
    }

    /// What stands in a lesson to show it.
    #[must_use]
    pub fn markdown(&self, course: &str) -> String {
        let description = self.description.replace(['[', ']', '\\'], "");
        format!("![{description}]({})", self.address(course))
    }
}

/// Where an image with this hash is served: no course has two whose hashes begin alike.
#[must_use]
pub fn address(course: &str, sha256: &str, kind: Kind) -> String {
    format!("/courses/{course}/images/{}.{}", short(sha256), kind.ending())
}

/// As much of a hash as stands in addresses.
#[must_use]
pub fn short(sha256: &str) -> &str {
    sha256.get(..HASH_CHARS).unwrap_or(sha256)
}

/// What an upload turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Measured {
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
}

/// Looks into an upload.
///
/// # Errors
/// When it is no image of a kind that is taken, or too large.
pub fn measure(bytes: &[u8]) -> Result<Measured, Refusal> {
    if bytes.len() > BYTES {
        return Err(Refusal::field("file", Unfit::ImageTooLarge { bytes: bytes.len() }));
    }
    let no_image = || Refusal::field("file", Unfit::NoImage);
    let kind = Kind::of(bytes).ok_or_else(no_image)?;
    let size = imagesize::blob_size(bytes).map_err(|_| no_image())?;
    let side =
        |pixels: usize| u32::try_from(pixels).ok().filter(|side| (1..=PIXELS).contains(side));
    match (side(size.width), side(size.height)) {
        (Some(width), Some(height)) => Ok(Measured { kind, width, height }),
        _ => Err(Refusal::field("file", Unfit::ImageTooWide { pixels: PIXELS })),
    }
}

/// # Errors
/// When it is blank or too long.
pub fn description(text: &str) -> Result<String, Refusal> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(Refusal::field("description", Unfit::NoDescription));
    }
    limits::at_most("description", &text, DESCRIPTION_CHARS)?;
    Ok(text)
}
