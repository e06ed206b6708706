//! Reading files that nobody has vouched for: within the folder, regular, of bounded size, UTF-8.

use std::{
    fs::File,
    io::Read as _,
    path::{Component, Path, PathBuf},
};

use super::ImportError;

const FILE_BYTES: u64 = 1024 * 1024;
const ALL_BYTES: u64 = 32 * 1024 * 1024;
const ENTRIES: usize = 2_000;

/// A folder, and how much may still be read from it.
pub(super) struct Folder {
    /// As it was given, for messages.
    pub path: PathBuf,
    /// Without links, to see what leaves it.
    root: PathBuf,
    left: u64,
}

impl Folder {
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let root = path.canonicalize().map_err(|error| {
            ImportError::new(
                path,
                None,
                format!("cannot be opened: {error}; give the course's folder"),
            )
        })?;
        if !root.is_dir() {
            return Err(ImportError::new(
                path,
                None,
                "this is a file: give the folder that holds course.toml, or the Markdown files",
            ));
        }
        Ok(Self { path: path.to_owned(), root, left: ALL_BYTES })
    }

    /// The folder's own name.
    pub fn name(&self) -> String {
        self.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Whether something of this name is there, be it readable or not.
    pub fn has(&self, name: &str) -> bool {
        self.path.join(name).symlink_metadata().is_ok()
    }

    /// The names of the files with this ending, by their leading numbers and then by name.
    pub fn files(&self, ending: &str) -> Result<Vec<String>, ImportError> {
        let unreadable = |error: std::io::Error| {
            ImportError::new(
                &self.path,
                None,
                format!("cannot be listed: {error}; check its rights"),
            )
        };
        let mut names = Vec::new();
        for (index, entry) in self.root.read_dir().map_err(unreadable)?.enumerate() {
            if index >= ENTRIES {
                return Err(ImportError::new(
                    &self.path,
                    None,
                    format!("holds more than {ENTRIES} files: give a folder with one course"),
                ));
            }
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let is_meant = Path::new(&name).extension().is_some_and(|found| found == ending);
            if !is_meant || name.as_encoded_bytes().starts_with(b".") || entry.path().is_dir() {
                continue;
            }
            let readable = name.into_string().ok().filter(|name| !name.contains(char::is_control));
            names.push(readable.ok_or_else(|| {
                let problem = "a file's name is not UTF-8, or holds control characters: rename it";
                ImportError::new(&self.path, None, problem)
            })?);
        }
        names.sort_by_cached_key(|name| (leading_number(name), name.clone()));
        Ok(names)
    }

    /// The text of a file in the folder. `said` is where its name was read, for the message.
    pub fn read(
        &mut self,
        name: &str,
        said: Option<(&Path, usize)>,
    ) -> Result<String, ImportError> {
        let shown = self.path.join(name);
        let resolved = self.resolve(name, said)?;
        let bytes = read_bounded(&resolved, FILE_BYTES.min(self.left) + 1).map_err(|error| {
            ImportError::new(&shown, None, format!("cannot be read: {error}; check its rights"))
        })?;
        let size = bytes.len() as u64;
        if size > FILE_BYTES {
            return Err(ImportError::new(
                &shown,
                None,
                format!("is larger than {FILE_BYTES} bytes: split it into several lessons"),
            ));
        }
        self.left = self.left.checked_sub(size).ok_or_else(|| {
            ImportError::new(
                &self.path,
                None,
                format!("holds more than {ALL_BYTES} bytes of text: split the course"),
            )
        })?;
        decode(&shown, bytes)
    }

    /// Where a file of the folder really lies. Refuses what leaves the folder or is no file.
    pub fn resolve(
        &self,
        name: &str,
        said: Option<(&Path, usize)>,
    ) -> Result<PathBuf, ImportError> {
        let shown = self.path.join(name);
        let (file, line) = said.map_or((shown.as_path(), None), |(file, line)| (file, Some(line)));
        if !is_inside(name) {
            return Err(ImportError::new(
                file,
                line,
                format!(
                    "“{}” leaves the course's folder: name a file within it",
                    name.escape_debug()
                ),
            ));
        }
        let resolved = self.root.join(name).canonicalize().map_err(|error| {
            ImportError::new(
                file,
                line,
                format!("there is no file {}: {error}; check the name", shown.display()),
            )
        })?;
        if !resolved.starts_with(&self.root) {
            return Err(ImportError::new(
                &shown,
                None,
                "is a link that leaves the course's folder: put the file itself there",
            ));
        }
        if !resolved.is_file() {
            return Err(ImportError::new(
                &shown,
                None,
                "is not a regular file: put a text file there",
            ));
        }
        Ok(resolved)
    }
}

/// 2 stands before 10, whatever the letters say; names without a number come last.
fn leading_number(name: &str) -> u64 {
    let end = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
    name[..end].parse().unwrap_or(u64::MAX)
}

/// Whether a name can only mean something below the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty()
        && !name.contains('\\')
        && !name.contains(char::is_control)
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

fn read_bounded(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes UTF-8, with or without a byte order mark, and any line ending.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, ImportError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        ImportError::new(path, line, "this line is not UTF-8: save the file as UTF-8")
    })?;
    if let Some(at) = text.find('\0') {
        let line = 1 + text[..at].matches('\n').count();
        return Err(ImportError::new(path, line, "this line holds a NUL character: take it out"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}
