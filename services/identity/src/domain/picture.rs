//! Pictures that people upload. What a file is, its content says, not its name. SVG is refused: it is a
//! document that may hold scripts.

use imagesize::ImageType;

use super::{Invalid, Reason};

/// Bytes.
pub(crate) const LARGEST: usize = 512 * 1024;
const SMALLEST_SIDE: usize = 16;
const LARGEST_SIDE: usize = 4_096;

/// What was found out about a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) kind: Kind,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Png,
    Jpeg,
    Webp,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }
}

/// Looks at the first bytes, and at the size that they claim.
pub(crate) fn look(bytes: &[u8]) -> Result<Picture, Invalid> {
    let wrong = |reason| Invalid { field: "logo", reason };
    if bytes.len() > LARGEST {
        return Err(wrong(Reason::PictureLarge));
    }
    let kind = match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => Kind::Png,
        Ok(ImageType::Jpeg) => Kind::Jpeg,
        Ok(ImageType::Webp) => Kind::Webp,
        _ => return Err(wrong(Reason::PictureKind)),
    };
    let size = imagesize::blob_size(bytes).map_err(|_| wrong(Reason::PictureKind))?;
    let side = |pixels: usize| {
        let fits = (SMALLEST_SIDE..=LARGEST_SIDE).contains(&pixels);
        u32::try_from(pixels).ok().filter(|_| fits).ok_or(wrong(Reason::PictureSize))
    };
    Ok(Picture { kind, width: side(size.width)?, height: side(size.height)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn the_content_decides() {
        let seen = look(&png(480, 160)).unwrap();
        assert_eq!(seen, Picture { kind: Kind::Png, width: 480, height: 160 });
        let reason = |bytes: &[u8]| look(bytes).unwrap_err().reason;
        for bytes in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n",
        ] {
            assert_eq!(reason(bytes), Reason::PictureKind);
        }
        assert_eq!(reason(&png(5_000, 160)), Reason::PictureSize);
        assert_eq!(reason(&png(1, 1)), Reason::PictureSize);
        assert_eq!(reason(&png(u32::MAX, u32::MAX)), Reason::PictureSize);
        let mut large = png(480, 160);
        large.resize(LARGEST + 1, 0);
        assert_eq!(reason(&large), Reason::PictureLarge);
    }
}
