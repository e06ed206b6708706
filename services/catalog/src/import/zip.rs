//! Opening a ZIP archive that nobody has vouched for. The sizes that it claims are believed of nothing:
//! each file is unpacked up to a limit, and all together up to another, so that a small archive cannot
//! become a large memory. Encrypted, split and larger archives (ZIP64), and methods but stored and
//! deflated, are refused.

use std::io::Read as _;

use flate2::{Crc, read::DeflateDecoder};

use crate::domain::{Said, said};

/// One file, unpacked.
pub(super) struct Entry {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An archive's files.
pub(super) struct Opened {
    pub entries: Vec<Entry>,
    /// The names of those that were not wanted, which are not unpacked.
    pub passed_over: Vec<String>,
}

/// How much is unpacked.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub entries: usize,
    pub file: usize,
    pub all: usize,
}

/// Whether these bytes begin like an archive.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Unpacks the files whose names are `wanted`; of folders nothing is said.
pub(super) fn open(
    archive: &[u8],
    bounds: Bounds,
    wanted: impl Fn(&str) -> bool,
) -> Result<Opened, Said> {
    let directory = Directory::find(archive).ok_or_else(broken)?;
    if directory.entries > bounds.entries {
        return Err(said!(
            "the archive holds more than {} files: put one course into it",
            "l’archive contient plus de {} fichiers : mettez-y une seule formation",
            bounds.entries
        ));
    }
    let mut opened = Opened { entries: Vec::new(), passed_over: Vec::new() };
    let (mut left, mut at) = (bounds.all, directory.at);
    for _ in 0..directory.entries {
        let (header, next) = Header::read(archive, at).ok_or_else(broken)?;
        at = next;
        if header.name.ends_with(['/', '\\']) {
            continue;
        }
        if !wanted(&header.name) {
            opened.passed_over.push(header.name);
            continue;
        }
        let bytes = header.unpack(archive, bounds.file.min(left))?;
        left -= bytes.len();
        opened.entries.push(Entry { name: header.name, bytes });
    }
    Ok(opened)
}

/// Where the list of files begins, and how many it names.
struct Directory {
    at: usize,
    entries: usize,
}

impl Directory {
    /// It is named at the end, before a comment of at most 65,535 bytes.
    fn find(archive: &[u8]) -> Option<Self> {
        const SIZE: usize = 22;
        let last = archive.len().checked_sub(SIZE)?;
        let first = last.saturating_sub(usize::from(u16::MAX));
        let at = (first..=last).rev().find(|at| archive[*at..].starts_with(b"PK\x05\x06"))?;
        let entries = u16_at(archive, at + 10)?;
        let begins = u32_at(archive, at + 16)?;
        let is_whole = u16_at(archive, at + 4)? == 0 && entries != u16::MAX && begins != u32::MAX;
        is_whole.then_some(Self { at: begins as usize, entries: entries.into() })
    }
}

/// What the list says of one file.
struct Header {
    name: String,
    encrypted: bool,
    method: u16,
    crc: u32,
    packed: usize,
    /// Of its own header, before its content.
    local: usize,
}

impl Header {
    /// And where the next one begins.
    fn read(archive: &[u8], at: usize) -> Option<(Self, usize)> {
        const SIZE: usize = 46;
        if !archive.get(at..)?.starts_with(b"PK\x01\x02") {
            return None;
        }
        let length = |field: usize| u16_at(archive, at + field).map(usize::from);
        let end = at + SIZE + length(28)?;
        let name = archive.get(at + SIZE..end)?;
        let header = Self {
            name: String::from_utf8_lossy(name).into_owned(),
            encrypted: u16_at(archive, at + 8)? & 1 == 1,
            method: u16_at(archive, at + 10)?,
            crc: u32_at(archive, at + 16)?,
            packed: u32_at(archive, at + 20)? as usize,
            local: u32_at(archive, at + 42)? as usize,
        };
        Some((header, end + length(30)? + length(32)?))
    }

    fn unpack(&self, archive: &[u8], most: usize) -> Result<Vec<u8>, Said> {
        let name = self.name.escape_debug();
        if self.encrypted {
            return Err(said!(
                "“{name}” is encrypted: pack it without a password",
                "« {name} » est chiffré : archivez-le sans mot de passe"
            ));
        }
        let packed = self.content(archive).ok_or_else(broken)?;
        let limit = most as u64 + 1;
        let mut bytes = Vec::new();
        let unpacked = match self.method {
            0 => packed.take(limit).read_to_end(&mut bytes),
            8 => DeflateDecoder::new(packed).take(limit).read_to_end(&mut bytes),
            _ => {
                return Err(said!(
                    "“{name}” is packed in a way that is not read here: make an ordinary ZIP archive",
                    "« {name} » est compressé d’une façon qui n’est pas lue ici : faites une archive ZIP ordinaire"
                ));
            }
        };
        if unpacked.is_err() {
            return Err(broken());
        }
        if bytes.len() > most {
            return Err(said!(
                "“{name}” unpacks to more than is taken: make it smaller, or leave it out",
                "« {name} » dépasse, une fois décompressé, ce qui est accepté : réduisez-le ou retirez-le"
            ));
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if crc.sum() == self.crc { Ok(bytes) } else { Err(broken()) }
    }

    /// Its own header repeats the name, with fields of another length perhaps.
    fn content<'a>(&self, archive: &'a [u8]) -> Option<&'a [u8]> {
        const SIZE: usize = 30;
        if !archive.get(self.local..)?.starts_with(b"PK\x03\x04") {
            return None;
        }
        let name = usize::from(u16_at(archive, self.local + 26)?);
        let extra = usize::from(u16_at(archive, self.local + 28)?);
        let begins = self.local + SIZE + name + extra;
        archive.get(begins..begins.checked_add(self.packed)?)
    }
}

fn broken() -> Said {
    said!(
        "the archive is damaged or of a kind that is not read here: make an ordinary ZIP archive anew",
        "l’archive est endommagée ou d’un genre qui n’est pas lu ici : refaites une archive ZIP ordinaire"
    )
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
