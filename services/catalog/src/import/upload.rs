//! A course that comes in a request: a ZIP archive, or several files. What is not Markdown, questions, an
//! image or `course.toml` is left out, and said.

use std::{collections::BTreeMap, path::Path};

use super::{
    CourseSource, ImportError, ImportErrors, NOTED,
    folder::{Folder, Shown, Upload, is_inside},
    read, zip,
};
use crate::domain::{
    Said, hash,
    image::{self, Measured},
    said,
};

/// Of a request.
pub const BYTES: usize = 24 * 1024 * 1024;
const BOUNDS: zip::Bounds =
    zip::Bounds { entries: 2_000, file: 4 * 1024 * 1024, all: 48 * 1024 * 1024 };

/// A file as a browser sends it.
pub struct Received {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Of which course the files are.
pub enum Target {
    /// Of the one whose key they say. Where they have no `course.toml`, this is its title, if somebody gave one.
    Any { title: Option<String> },
    /// Of the one with this key, which they must have.
    Course { key: String },
}

/// What was read of an upload.
pub struct Files {
    pub source: CourseSource,
    pub questions: Vec<Questions>,
    pub pictures: Vec<Picture>,
    /// Names of files that are of no kind that is read.
    pub left_out: Vec<String>,
    /// What else was left out, and why.
    pub notes: Vec<Said>,
}

/// A file of questions for a quiz of the course.
pub struct Questions {
    /// The quiz's.
    pub key: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An image that lessons may show.
pub struct Picture {
    pub measured: Measured,
    pub bytes: Vec<u8>,
    pub description: String,
}

/// Reads an upload. Takes its time: call it off the async threads.
///
/// # Errors
/// All that is wrong, each with its file and line.
pub fn read_files(received: Vec<Received>, target: &Target) -> Result<Files, ImportErrors> {
    let mut heap = Heap::unpack(received)?;
    let (mut pictures, mut shown, mut notes) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (name, bytes) in heap.take_pictures() {
        match image::measure(&bytes) {
            Ok(measured) => {
                shown.insert(name.clone(), Shown { hash: hash(&bytes), kind: measured.kind });
                pictures.push(Picture { measured, bytes, description: stem(&name) });
            }
            Err(refusal) => notes.push(refusal.said().of(&name)),
        }
    }
    let (name, title) = match target {
        Target::Any { title } => (heap.name, title.clone()),
        Target::Course { key } => (key.clone(), None),
    };
    let upload = Upload { name, title, files: heap.files, pictures: shown };
    let mut folder = Folder::uploaded(upload);
    let source = read(&mut folder)?;
    if let Target::Course { key } = target
        && *key != source.key
    {
        return Err(another_course(key, &source.key).into());
    }
    notes.extend(source.notes.iter().cloned());
    notes.truncate(NOTED);
    let questions = questions(&source, folder.into_upload());
    Ok(Files { source, questions, pictures, left_out: heap.left_out, notes })
}

fn another_course(key: &str, found: &str) -> ImportError {
    let problem = said!(
        "these files are of the course “{found}”, and this one is “{key}”: import them as a course of their own, or change the key",
        "ces fichiers sont ceux de la formation « {found} », et celle-ci est « {key} » : importez-les comme une autre formation, ou changez la clé"
    );
    ImportError::new(Path::new("course.toml"), None, problem)
}

fn questions(source: &CourseSource, mut upload: Upload) -> Vec<Questions> {
    let taken = source.quizzes.iter().filter_map(|quiz| {
        let name = quiz.file.to_string_lossy().into_owned();
        let bytes = upload.files.remove(&name)?;
        Some(Questions { key: quiz.key.clone(), name, bytes })
    });
    taken.collect()
}

/// The files by their names within the course's folder.
struct Heap {
    /// Of the folder, or of the archive, for a course without `course.toml`.
    name: String,
    files: BTreeMap<String, Vec<u8>>,
    left_out: Vec<String>,
}

impl Heap {
    fn unpack(received: Vec<Received>) -> Result<Self, ImportErrors> {
        let mut heap = Self { name: String::new(), files: BTreeMap::new(), left_out: Vec::new() };
        let mut left = BOUNDS.all;
        for file in received {
            let name = file.name.replace('\\', "/");
            if !zip::is_zip(&file.bytes) {
                heap.add(name, file.bytes);
                continue;
            }
            let bounds = zip::Bounds { all: left, ..BOUNDS };
            let (is_taken, archive) = (|name: &str| kind(name).is_some(), Path::new(&name));
            let opened = zip::open(&file.bytes, bounds, is_taken)
                .map_err(|problem| ImportError::new(archive, None, problem))?;
            heap.name = stem(&name);
            for name in opened.passed_over {
                heap.leave_out(&name.replace('\\', "/"));
            }
            for entry in opened.entries {
                left -= entry.bytes.len().min(left);
                heap.add(entry.name.replace('\\', "/"), entry.bytes);
            }
        }
        if heap.files.is_empty() {
            return Err(ImportError::new(Path::new(&heap.name), None, nothing()).into());
        }
        heap.strip_folder();
        heap.lay_flat_lessons();
        Ok(heap)
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) {
        if kind(&name).is_some() && is_inside(&name) && !is_hidden(&name) {
            self.files.insert(name, bytes);
        } else {
            self.leave_out(&name);
        }
    }

    fn leave_out(&mut self, name: &str) {
        if self.left_out.len() < NOTED && !is_hidden(name) {
            self.left_out.push(name.escape_debug().to_string());
        }
    }

    /// An archive often holds one folder, and the course in it.
    fn strip_folder(&mut self) {
        let first = self.files.keys().next().and_then(|name| name.split_once('/'));
        let Some(folder) = first.map(|(folder, _)| format!("{folder}/")) else { return };
        if folder == "lessons/" || !self.files.keys().all(|name| name.starts_with(&folder)) {
            return;
        }
        let files = std::mem::take(&mut self.files);
        self.files = files
            .into_iter()
            .map(|(name, bytes)| (name[folder.len()..].to_owned(), bytes))
            .collect();
        self.name = folder.trim_end_matches('/').to_owned();
    }

    /// A browser sends several files without their folders: then the lessons that `course.toml` names lie
    /// beside it.
    fn lay_flat_lessons(&mut self) {
        let has_folder = self.files.keys().any(|name| name.starts_with("lessons/"));
        if has_folder || !self.files.contains_key(super::manifest::FILE) {
            return;
        }
        let files = std::mem::take(&mut self.files);
        let place = |name: String| {
            let is_lesson = kind(&name) == Some(Kind::Lesson) && !name.contains('/');
            if is_lesson { format!("lessons/{name}") } else { name }
        };
        self.files = files.into_iter().map(|(name, bytes)| (place(name), bytes)).collect();
    }

    fn take_pictures(&mut self) -> BTreeMap<String, Vec<u8>> {
        let (pictures, files) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|(name, _)| kind(name) == Some(Kind::Picture));
        self.files = files;
        pictures
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Manifest,
    Lesson,
    Questions,
    Picture,
}

fn kind(name: &str) -> Option<Kind> {
    let ending = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "toml" => Some(Kind::Manifest),
        "md" => Some(Kind::Lesson),
        "gift" => Some(Kind::Questions),
        "png" | "jpg" | "jpeg" | "gif" | "webp" => Some(Kind::Picture),
        _ => None,
    }
}

/// What an operating system puts into archives for itself. A name that leads out of the folder is none of it.
fn is_hidden(name: &str) -> bool {
    let is_own = |part: &str| part.starts_with('.') && !matches!(part, "." | "..");
    name.split('/').any(|part| is_own(part) || part == "__MACOSX")
}

fn stem(name: &str) -> String {
    let stem = Path::new(name).file_stem();
    stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn nothing() -> Said {
    said!(
        "holds neither lessons (.md) nor questions (.gift) nor a course.toml: choose the course's files, or a ZIP archive of its folder",
        "ne contient ni leçons (.md), ni questions (.gift), ni course.toml : choisissez les fichiers de la formation, ou une archive ZIP de son dossier"
    )
}
