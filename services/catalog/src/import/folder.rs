//! Reading files that nobody has vouched for, from a folder of this machine or from an upload: within
//! the folder, regular, of bounded size, UTF-8.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Component, Path, PathBuf},
};

use super::ImportError;
use crate::domain::{image, said};

const FILE_BYTES: u64 = 1024 * 1024;
const ALL_BYTES: u64 = 32 * 1024 * 1024;
const ENTRIES: usize = 2_000;

/// A folder, and how much may still be read from it.
pub(super) struct Folder {
    /// As it was given, for messages.
    pub path: PathBuf,
    place: Place,
    left: u64,
}

enum Place {
    /// The folder without links, to see what leaves it.
    Disk(PathBuf),
    Upload(Upload),
}

/// Files that came in a request.
#[derive(Default)]
pub(super) struct Upload {
    /// Of the folder that they lie in; nothing for loose files.
    pub name: String,
    /// Of the course, where somebody gave it one and its files do not.
    pub title: Option<String>,
    /// By their paths, with `/` between parts.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The pictures among them, by their names.
    pub pictures: BTreeMap<String, Shown>,
}

/// A picture that came along: what tells where a course will serve it.
pub(super) struct Shown {
    pub hash: String,
    pub kind: image::Kind,
}

impl Folder {
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let root = path.canonicalize().map_err(|error| {
            let problem = said!(
                "cannot be opened: {error}; give the course's folder",
                "ne peut pas être ouvert : {error} ; donnez le dossier de la formation"
            );
            ImportError::new(path, None, problem)
        })?;
        if !root.is_dir() {
            let problem = said!(
                "this is a file: give the folder that holds course.toml, or the Markdown files",
                "ceci est un fichier : donnez le dossier qui contient course.toml ou les fichiers Markdown"
            );
            return Err(ImportError::new(path, None, problem));
        }
        Ok(Self { path: path.to_owned(), place: Place::Disk(root), left: ALL_BYTES })
    }

    pub fn uploaded(upload: Upload) -> Self {
        Self { path: PathBuf::new(), place: Place::Upload(upload), left: ALL_BYTES }
    }

    /// The files that came in a request, when all is read.
    pub fn into_upload(self) -> Upload {
        match self.place {
            Place::Disk(_) => Upload::default(),
            Place::Upload(upload) => upload,
        }
    }

    /// The folder's own name; nothing for files that came without one.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Disk(root) => {
                root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            Place::Upload(upload) => upload.name.clone(),
        }
    }

    /// As somebody called the course, where its files do not.
    pub fn title(&self) -> Option<&str> {
        match &self.place {
            Place::Disk(_) => None,
            Place::Upload(upload) => upload.title.as_deref(),
        }
    }

    pub fn is_upload(&self) -> bool {
        matches!(self.place, Place::Upload(_))
    }

    /// Whether something of this name is there, be it readable or not.
    pub fn has(&self, name: &str) -> bool {
        match &self.place {
            Place::Disk(_) => self.path.join(name).symlink_metadata().is_ok(),
            Place::Upload(upload) => upload.files.contains_key(name),
        }
    }

    /// The pictures that came along, by their names.
    pub fn pictures(&self) -> &BTreeMap<String, Shown> {
        static NONE: BTreeMap<String, Shown> = BTreeMap::new();
        match &self.place {
            Place::Disk(_) => &NONE,
            Place::Upload(upload) => &upload.pictures,
        }
    }

    /// The names of the files with this ending, by their leading numbers and then by name.
    pub fn files(&self, ending: &str) -> Result<Vec<String>, ImportError> {
        let mut names = match &self.place {
            Place::Disk(root) => self.on_disk(root, ending)?,
            Place::Upload(upload) => {
                let is_meant = |name: &&String| {
                    !name.contains('/')
                        && Path::new(name).extension().is_some_and(|found| found == ending)
                };
                upload.files.keys().filter(is_meant).cloned().collect()
            }
        };
        names.sort_by_cached_key(|name| (leading_number(name), name.clone()));
        Ok(names)
    }

    fn on_disk(&self, root: &Path, ending: &str) -> Result<Vec<String>, ImportError> {
        let unreadable = |error: std::io::Error| {
            let problem = said!(
                "cannot be listed: {error}; check its rights",
                "ne peut pas être parcouru : {error} ; vérifiez ses droits"
            );
            ImportError::new(&self.path, None, problem)
        };
        let mut names = Vec::new();
        for (index, entry) in root.read_dir().map_err(unreadable)?.enumerate() {
            if index >= ENTRIES {
                let problem = said!(
                    "holds more than {ENTRIES} files: give a folder with one course",
                    "contient plus de {ENTRIES} fichiers : donnez un dossier avec une seule formation"
                );
                return Err(ImportError::new(&self.path, None, problem));
            }
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let is_meant = Path::new(&name).extension().is_some_and(|found| found == ending);
            if !is_meant || name.as_encoded_bytes().starts_with(b".") || entry.path().is_dir() {
                continue;
            }
            let readable = name.into_string().ok().filter(|name| !name.contains(char::is_control));
            names.push(readable.ok_or_else(|| {
                let problem = said!(
                    "a file's name is not UTF-8, or holds control characters: rename it",
                    "le nom d’un fichier n’est pas en UTF-8 ou contient des caractères de contrôle : renommez-le"
                );
                ImportError::new(&self.path, None, problem)
            })?);
        }
        Ok(names)
    }

    /// The text of a file in the folder. `said` is where its name was read, for the message.
    pub fn read(
        &mut self,
        name: &str,
        said: Option<(&Path, usize)>,
    ) -> Result<String, ImportError> {
        let shown = self.path.join(name);
        let bytes = self.bytes(name, said)?;
        let size = bytes.len() as u64;
        if size > FILE_BYTES {
            let problem = said!(
                "is larger than {FILE_BYTES} bytes: split it into several lessons",
                "dépasse {FILE_BYTES} octets : divisez-le en plusieurs leçons"
            );
            return Err(ImportError::new(&shown, None, problem));
        }
        self.left = self.left.checked_sub(size).ok_or_else(|| {
            let problem = said!(
                "holds more than {ALL_BYTES} bytes of text: split the course",
                "contient plus de {ALL_BYTES} octets de texte : divisez la formation"
            );
            ImportError::new(&self.path, None, problem)
        })?;
        decode(&shown, bytes)
    }

    fn bytes(&self, name: &str, said: Option<(&Path, usize)>) -> Result<Vec<u8>, ImportError> {
        let resolved = self.resolve(name, said)?;
        if let Place::Upload(upload) = &self.place {
            return Ok(upload.files.get(name).cloned().unwrap_or_default());
        }
        read_bounded(&resolved, FILE_BYTES.min(self.left) + 1).map_err(|error| {
            let problem = said!(
                "cannot be read: {error}; check its rights",
                "ne peut pas être lu : {error} ; vérifiez ses droits"
            );
            ImportError::new(&self.path.join(name), None, problem)
        })
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
            let problem = said!(
                "“{}” leaves the course's folder: name a file within it",
                "« {} » sort du dossier de la formation : nommez un fichier qui s’y trouve",
                name.escape_debug()
            );
            return Err(ImportError::new(file, line, problem));
        }
        match &self.place {
            Place::Disk(root) => resolve_on_disk(root, name, &shown, (file, line)),
            Place::Upload(upload) if upload.files.contains_key(name) => Ok(shown),
            Place::Upload(_) => {
                let problem = said!(
                    "there is no file {name} among those that were uploaded: add it, or check the name",
                    "il n’y a pas de fichier {name} parmi ceux qui ont été déposés : ajoutez-le, ou vérifiez le nom"
                );
                Err(ImportError::new(file, line, problem))
            }
        }
    }
}

fn resolve_on_disk(
    root: &Path,
    name: &str,
    shown: &Path,
    (file, line): (&Path, Option<usize>),
) -> Result<PathBuf, ImportError> {
    let resolved = root.join(name).canonicalize().map_err(|error| {
        let there = shown.display();
        let problem = said!(
            "there is no file {there}: {error}; check the name",
            "il n’y a pas de fichier {there} : {error} ; vérifiez le nom"
        );
        ImportError::new(file, line, problem)
    })?;
    if !resolved.starts_with(root) {
        let problem = said!(
            "is a link that leaves the course's folder: put the file itself there",
            "est un lien qui sort du dossier de la formation : mettez-y le fichier lui-même"
        );
        return Err(ImportError::new(shown, None, problem));
    }
    if !resolved.is_file() {
        let problem = said!(
            "is not a regular file: put a text file there",
            "n’est pas un fichier ordinaire : mettez-y un fichier texte"
        );
        return Err(ImportError::new(shown, None, problem));
    }
    Ok(resolved)
}

/// 2 stands before 10, whatever the letters say; names without a number come last.
fn leading_number(name: &str) -> u64 {
    let end = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
    name[..end].parse().unwrap_or(u64::MAX)
}

/// Whether a name can only mean something below the folder.
pub(super) fn is_inside(name: &str) -> bool {
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
        let problem = said!(
            "this line is not UTF-8: save the file as UTF-8",
            "cette ligne n’est pas en UTF-8 : enregistrez le fichier en UTF-8"
        );
        ImportError::new(path, line, problem)
    })?;
    if let Some(at) = text.find('\0') {
        let line = 1 + text[..at].matches('\n').count();
        let problem = said!(
            "this line holds a NUL character: take it out",
            "cette ligne contient un caractère nul : retirez-le"
        );
        return Err(ImportError::new(path, line, problem));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}
