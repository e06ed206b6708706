//! A ZIP archive in memory: as much of the format (APPNOTE 6.3) as handing over a few files takes. No
//! ZIP64: what would not fit is refused.

use std::io::Write;

use chrono::{DateTime, Datelike, Timelike, Utc};
use flate2::{Compression, Crc, write::DeflateEncoder};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// 2.0: deflated.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const DEFLATED: u16 = 8;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("too much for one archive")]
    TooLarge(#[from] std::num::TryFromIntError),
    #[error("{0}")]
    Deflating(#[from] std::io::Error),
}

/// An archive that is being made.
pub(crate) struct Archive {
    bytes: Vec<u8>,
    central: Vec<u8>,
    entries: u16,
    /// As MS-DOS wrote it, time before date.
    modified: [u16; 2],
}

impl Archive {
    /// All its files bear this time.
    pub(crate) fn new(at: DateTime<Utc>) -> Self {
        Self { bytes: Vec::new(), central: Vec::new(), entries: 0, modified: dos_time(at) }
    }

    /// `name` may hold slashes, for folders.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), ArchiveError> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content)?;
        let packed = encoder.finish()?;
        let mut crc = Crc::new();
        crc.update(content);
        let offset = u32::try_from(self.bytes.len())?;
        let described = Described {
            crc: crc.sum(),
            packed: u32::try_from(packed.len())?,
            size: u32::try_from(content.len())?,
            name: u16::try_from(name.len())?,
            modified: self.modified,
        };
        put(&mut self.bytes, LOCAL);
        described.write(&mut self.bytes);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(&packed);
        put(&mut self.central, CENTRAL);
        put_short(&mut self.central, VERSION);
        described.write(&mut self.central);
        // No comment, first disk, no attributes.
        self.central.extend_from_slice(&[0; 10]);
        put(&mut self.central, offset);
        self.central.extend_from_slice(name.as_bytes());
        self.entries = self
            .entries
            .checked_add(1)
            .ok_or(std::io::ErrorKind::FileTooLarge)
            .map_err(std::io::Error::from)?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        let (offset, size) = (u32::try_from(self.bytes.len())?, u32::try_from(self.central.len())?);
        self.bytes.extend_from_slice(&self.central);
        put(&mut self.bytes, END);
        put(&mut self.bytes, 0);
        put_short(&mut self.bytes, self.entries);
        put_short(&mut self.bytes, self.entries);
        put(&mut self.bytes, size);
        put(&mut self.bytes, offset);
        put_short(&mut self.bytes, 0);
        Ok(self.bytes)
    }
}

/// What stands of a file both before it and in the table at the end.
struct Described {
    crc: u32,
    packed: u32,
    size: u32,
    name: u16,
    modified: [u16; 2],
}

impl Described {
    fn write(&self, to: &mut Vec<u8>) {
        for short in [VERSION, FLAGS, DEFLATED, self.modified[0], self.modified[1]] {
            put_short(to, short);
        }
        for long in [self.crc, self.packed, self.size] {
            put(to, long);
        }
        put_short(to, self.name);
        // No extra field.
        put_short(to, 0);
    }
}

fn put(to: &mut Vec<u8>, number: u32) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn put_short(to: &mut Vec<u8>, number: u16) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn dos_time(at: DateTime<Utc>) -> [u16; 2] {
    let short = |number: u32| u16::try_from(number).unwrap_or(0);
    let year = short(u32::try_from(at.year() - 1980).unwrap_or(0).min(127));
    let time = short(at.hour()) << 11 | short(at.minute()) << 5 | short(at.second() / 2);
    [time, year << 9 | short(at.month()) << 5 | short(at.day())]
}

/// Opens what is made here, for tests.
#[cfg(test)]
pub(crate) mod reading {
    #![allow(clippy::unwrap_used, clippy::missing_panics_doc)]
    use std::{collections::BTreeMap, io::Read};

    use flate2::read::DeflateDecoder;

    /// The files by name, as the table at the end says.
    pub(crate) fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let end = bytes.len() - 22;
        let short =
            |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
        let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let (count, mut at) = (short(end + 10), long(end + 16));
        let mut files = BTreeMap::new();
        for _ in 0..count {
            let (packed, size, name) = (long(at + 20), long(at + 24), short(at + 28));
            let local = long(at + 42);
            let content = local + 30 + short(local + 26) + short(local + 28);
            let mut unpacked = Vec::new();
            DeflateDecoder::new(&bytes[content..content + packed])
                .read_to_end(&mut unpacked)
                .unwrap();
            assert_eq!(unpacked.len(), size);
            let title = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
            files.insert(title, unpacked);
            at += 46 + name;
        }
        files
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let mut archive = Archive::new(DateTime::UNIX_EPOCH);
        archive.add("résumé.json", b"{}").unwrap();
        archive.add("documents/a.pdf", &[7; 10_000]).unwrap();
        let bytes = archive.finish().unwrap();
        let files = reading::files(&bytes);
        assert_eq!(files["résumé.json"], b"{}");
        assert_eq!(files["documents/a.pdf"], [7; 10_000]);
        assert!(bytes.len() < 1_000);
    }
}
