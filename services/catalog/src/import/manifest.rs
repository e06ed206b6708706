//! A folder with `course.toml`, the lessons in `lessons/`, the questions in `*.gift`.
//!
//! ```toml
//! key = "queues-by-example"        # stable: the course's id follows from it
//! language = "en"                  # or "fr"
//! title = "Queues by example"
//! summary = "…"                    # optional, Markdown
//! objectives = ["…"]               # optional
//! minutes = 150                    # optional: otherwise the lessons' and quizzes' own
//! design = "achievement"           # or "certificat-de-realisation"
//!
//! [[section]]
//! key = "basics"
//! title = "From a click to a queue"
//! lessons = ["01-why-queues.md"]   # title, minutes and required stand in each one's front matter
//!
//! [[quiz]]
//! key = "final"
//! title = "Final quiz"
//! file = "final.gift"
//! required = true                  # optional
//! pass_percent = 60                # optional: 50
//! minutes = 20                     # optional
//! section = "basics"               # after which it stands; otherwise at the end
//! ```

use std::{
    collections::HashSet,
    ops::Range,
    path::{Path, PathBuf},
};

use contract::catalog::CertificateDesign;
use event::Language;
use serde::Deserialize;
use toml::Spanned;

use super::{
    CourseSource, ImportError, ImportErrors, LessonSource, QuizSource, SectionSource, all,
    bare::clean_all, folder::Folder, front_matter::Parted,
};
use crate::domain::{Obstacle, Refusal, Said, limits, said};

pub(super) const FILE: &str = "course.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    key: Spanned<String>,
    language: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    summary: Option<Spanned<String>>,
    #[serde(default)]
    objectives: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    minutes: Option<Spanned<u32>>,
    #[serde(default)]
    design: CertificateDesign,
    #[serde(default, rename = "section")]
    sections: Vec<SectionEntry>,
    #[serde(default, rename = "quiz")]
    quizzes: Vec<QuizEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionEntry {
    key: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    lessons: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuizEntry {
    key: Spanned<String>,
    title: Spanned<String>,
    file: Spanned<String>,
    #[serde(default = "yes")]
    required: bool,
    #[serde(default = "half")]
    pass_percent: Spanned<u32>,
    #[serde(default)]
    minutes: Option<Spanned<u32>>,
    #[serde(default)]
    section: Option<Spanned<String>>,
}

/// The sections and quizzes of a manifest that cannot be read as one.
#[derive(Deserialize)]
struct Entries {
    #[serde(default, rename = "section")]
    sections: Vec<Spanned<toml::Table>>,
    #[serde(default, rename = "quiz")]
    quizzes: Vec<Spanned<toml::Table>>,
}

fn yes() -> bool {
    true
}

fn half() -> Spanned<u32> {
    Spanned::new(0..0, 50)
}

pub(super) fn read(folder: &mut Folder) -> Result<CourseSource, ImportErrors> {
    let content = folder.read(FILE, None)?;
    let reader = Reader { file: folder.path.join(FILE), content };
    let manifest = reader.parse()?;
    let language: Language = reader.check(&manifest.language, |code| language(code))?;
    reader.check(&manifest.key, |key| limits::key(key))?;
    let key = manifest.key.into_inner();
    let mut notes = Vec::new();
    let sections = reader.sections(folder, &key, manifest.sections, &mut notes)?;
    let quizzes = reader.quizzes(folder, &sections, manifest.quizzes)?;
    let worked: u32 = minutes_of(&sections, &quizzes);
    Ok(CourseSource {
        key,
        language,
        title: reader.check(&manifest.title, |title| limits::title("title", title))?,
        summary: reader.optional(manifest.summary.as_ref(), |text| {
            limits::at_most("summary", text, limits::SUMMARY_CHARS).map(|()| text.trim().to_owned())
        })?,
        objectives: reader.optional(manifest.objectives.as_ref(), |list| {
            limits::objectives(list).map(|()| list.clone())
        })?,
        minutes: match manifest.minutes {
            Some(minutes) => reader.check(&minutes, |minutes| limits::minutes(*minutes))?,
            None => worked.min(limits::MINUTES),
        },
        design: manifest.design,
        sections,
        quizzes,
        is_bare: false,
        notes,
    })
}

fn minutes_of(sections: &[SectionSource], quizzes: &[QuizSource]) -> u32 {
    let lessons = sections.iter().flat_map(|section| &section.lessons).map(|lesson| lesson.minutes);
    lessons.chain(quizzes.iter().map(|quiz| quiz.minutes)).sum()
}

/// The manifest's text, by which an error finds its line.
struct Reader {
    file: PathBuf,
    content: String,
}

impl Reader {
    fn parse(&self) -> Result<Manifest, ImportError> {
        toml::from_str(&self.content).map_err(|error| {
            let line = error.span().map(|span| self.line(span.start));
            ImportError::new(&self.file, line, self.unread(&error))
        })
    }

    /// Of a field that is missing or unknown in words of ours; what else the parser says is English.
    fn unread(&self, error: &toml::de::Error) -> Said {
        let message = error.message().trim();
        // “missing field `key`”, “unknown field `keys`, expected one of `key`, `title`”.
        let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        match names.as_slice() {
            [field] if message.starts_with("missing field") => self.missing(field, error.span()),
            [field, known @ ..] if message.starts_with("unknown field") => said!(
                "“{}” is not known here: correct it, or take it out; the known fields are {}",
                "« {} » n’est pas connu ici : corrigez-le ou retirez-le ; les champs connus sont {}",
                field.escape_debug(),
                known.join(", ")
            ),
            _ => {
                let foreign = ui::titled(message);
                said!("it cannot be read: {message}", "ce fichier ne peut pas être lu : {foreign}")
            }
        }
    }

    fn missing(&self, field: &str, place: Option<Range<usize>>) -> Said {
        let Some(entry) = place.and_then(|place| self.entry(&place)) else {
            return said!(
                "“{field}” is missing: write {field} = \"…\" at the top of the file",
                "« {field} » manque : écrivez {field} = \"…\" au début du fichier"
            );
        };
        said!(
            "{entry} has no “{field}”: write {field} = \"…\" below it",
            "{entry} n’a pas de « {field} » : écrivez {field} = \"…\" en dessous"
        )
    }

    /// The section or quiz that stands there, as the file says it: `[[section]] "Basics"`.
    fn entry(&self, place: &Range<usize>) -> Option<String> {
        let entries: Entries = toml::from_str(&self.content).ok()?;
        let find = |kind: &str, entries: &[Spanned<toml::Table>]| {
            let entry = entries.iter().find(|entry| entry.span() == *place)?.get_ref();
            let name = ["title", "key"].iter().find_map(|field| entry.get(*field)?.as_str());
            let name = name.map(|name| format!(" {name:?}")).unwrap_or_default();
            Some(format!("[[{kind}]]{name}"))
        };
        find("section", &entries.sections).or_else(|| find("quiz", &entries.quizzes))
    }

    fn line(&self, at: usize) -> usize {
        let before = self.content.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    fn error<T>(&self, place: &Spanned<T>, problem: impl Into<Said>) -> ImportError {
        ImportError::new(&self.file, self.line(place.span().start), problem)
    }

    fn check<T, U, E: Into<Said>>(
        &self,
        value: &Spanned<T>,
        check: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<U, ImportError> {
        check(value.get_ref()).map_err(|refusal| self.error(value, refusal))
    }

    fn optional<T, U: Default>(
        &self,
        value: Option<&Spanned<T>>,
        check: impl FnOnce(&T) -> Result<U, Refusal>,
    ) -> Result<U, ImportError> {
        value.map_or_else(|| Ok(U::default()), |value| self.check(value, check))
    }

    /// A key that is well formed and new among its siblings.
    fn key(
        &self,
        key: &Spanned<String>,
        seen: &mut HashSet<String>,
    ) -> Result<String, ImportError> {
        self.check(key, |key| limits::key(key))?;
        if !seen.insert(key.get_ref().clone()) {
            let problem = said!(
                "the key “{}” stands twice: change one",
                "la clé « {} » figure deux fois : changez-en une",
                key.get_ref()
            );
            return Err(self.error(key, problem));
        }
        Ok(key.get_ref().clone())
    }

    fn sections(
        &self,
        folder: &mut Folder,
        course: &str,
        entries: Vec<SectionEntry>,
        notes: &mut Vec<Said>,
    ) -> Result<Vec<SectionSource>, ImportErrors> {
        let lessons = entries.iter().map(|entry| entry.lessons.len()).sum::<usize>();
        if entries.len() > limits::SECTIONS || lessons > limits::LESSONS {
            let problem = said!(
                "a course has at most {} sections and {} lessons: split it",
                "une formation a au plus {} sections et {} leçons : divisez-la",
                limits::SECTIONS,
                limits::LESSONS
            );
            return Err(ImportError::new(&self.file, None, problem).into());
        }
        if lessons == 0 {
            let problem = said!(
                "names no lesson: add [[section]] with key, title and lessons = [\"01-first.md\"]",
                "ne nomme aucune leçon : ajoutez [[section]] avec key, title et lessons = [\"01-first.md\"]"
            );
            return Err(ImportError::new(&self.file, None, problem).into());
        }
        let read = self.lessons(folder, &entries)?;
        let mut cleaned = clean_all(course, folder, "lessons", read, notes)?.into_iter();
        let sections = entries.into_iter().map(|entry| {
            Ok(SectionSource {
                title: self.check(&entry.title, |title| limits::title("title", title))?,
                lessons: cleaned.by_ref().take(entry.lessons.len()).collect(),
                key: entry.key.into_inner(),
            })
        });
        all(sections)
    }

    /// All lessons, with the names of their files.
    fn lessons(
        &self,
        folder: &mut Folder,
        entries: &[SectionEntry],
    ) -> Result<Vec<(String, LessonSource)>, ImportErrors> {
        let (mut keys, mut names) = (HashSet::new(), HashSet::new());
        let mut read = Vec::new();
        for entry in entries {
            if let Err(error) = self.key(&entry.key, &mut keys) {
                read.push(Err(error));
            }
            for name in &entry.lessons {
                read.push(self.new_lesson(folder, name, &mut names));
            }
        }
        all(read)
    }

    fn new_lesson(
        &self,
        folder: &mut Folder,
        name: &Spanned<String>,
        seen: &mut HashSet<String>,
    ) -> Result<(String, LessonSource), ImportError> {
        let lesson = self.lesson(folder, name)?;
        if !seen.insert(lesson.key.clone()) {
            let problem = said!(
                "the lesson “{}” stands twice: drop one",
                "la leçon « {} » figure deux fois : retirez-en une",
                lesson.key
            );
            return Err(self.error(name, problem));
        }
        Ok((name.get_ref().clone(), lesson))
    }

    /// Reads one lesson; its title is in its front matter, or its first heading.
    fn lesson(
        &self,
        folder: &mut Folder,
        name: &Spanned<String>,
    ) -> Result<LessonSource, ImportError> {
        let said = (self.file.as_path(), self.line(name.span().start));
        let stem = name.get_ref().strip_suffix(".md").ok_or_else(|| {
            let problem = said!(
                "“{}” does not end in .md: lessons are Markdown",
                "« {} » ne se termine pas par .md : les leçons sont en Markdown",
                name.get_ref().escape_debug()
            );
            self.error(name, problem)
        })?;
        let key = limits::slug(stem);
        self.check(name, |_| limits::key(&key))?;
        let inner = format!("lessons/{}", name.get_ref());
        let content = folder.read(&inner, Some(said))?;
        let path = folder.path.join(&inner);
        let parted = Parted::of(&path, &content)?;
        let (title, line, text) = title_of(&path, &parted)?;
        let title = limits::title("title", title)
            .map_err(|refusal| ImportError::new(&path, line, refusal))?;
        Ok(LessonSource {
            key,
            title,
            text: text.to_owned(),
            minutes: parted.minutes(&path, "minutes")?.unwrap_or(0),
            required: required(&path, &parted)?,
        })
    }

    fn quizzes(
        &self,
        folder: &Folder,
        sections: &[SectionSource],
        entries: Vec<QuizEntry>,
    ) -> Result<Vec<QuizSource>, ImportErrors> {
        if entries.len() > limits::QUIZZES {
            let problem = Refusal::from(Obstacle::TooManyQuizzes);
            return Err(ImportError::new(&self.file, None, problem).into());
        }
        let mut keys = HashSet::new();
        all(entries.iter().map(|entry| self.quiz(folder, sections, entry, &mut keys)))
    }

    fn quiz(
        &self,
        folder: &Folder,
        sections: &[SectionSource],
        entry: &QuizEntry,
        keys: &mut HashSet<String>,
    ) -> Result<QuizSource, ImportError> {
        if let Some(section) = &entry.section
            && !sections.iter().any(|known| known.key == *section.get_ref())
        {
            let problem = said!(
                "there is no section “{}”: name one of this file",
                "il n’y a pas de section « {} » : nommez-en une de ce fichier",
                section.get_ref()
            );
            return Err(self.error(section, problem));
        }
        if *entry.pass_percent.get_ref() > 100 {
            let problem = said!(
                "“pass_percent” is of the whole mark: 0 to 100",
                "« pass_percent » est un pourcentage de la note entière : de 0 à 100"
            );
            return Err(self.error(&entry.pass_percent, problem));
        }
        let said = (self.file.as_path(), self.line(entry.file.span().start));
        Ok(QuizSource {
            key: self.key(&entry.key, keys)?,
            title: self.check(&entry.title, |title| limits::title("title", title))?,
            file: folder.resolve(entry.file.get_ref(), Some(said))?,
            required: entry.required,
            pass_percent: *entry.pass_percent.get_ref(),
            minutes: self.optional(entry.minutes.as_ref(), |minutes| limits::minutes(*minutes))?,
            section: entry.section.as_ref().map(|section| section.get_ref().clone()),
        })
    }
}

/// The title, its line, and the text without it.
fn title_of<'a>(
    path: &Path,
    parted: &Parted<'a>,
) -> Result<(&'a str, usize, &'a str), ImportError> {
    if let Some((title, line)) = parted.get("title") {
        return Ok((title, line, parted.text));
    }
    let text = parted.text.trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.strip_prefix("# ") {
        Some(title) => Ok((title, 1, rest)),
        None => Err(ImportError::new(
            path,
            1,
            said!(
                "the lesson has no title: write “title: …” between two lines “---” at the top",
                "la leçon n’a pas de titre : écrivez « title: … » entre deux lignes « --- » au début"
            ),
        )),
    }
}

fn language(code: &str) -> Result<Language, Said> {
    code.parse().map_err(|error: String| {
        let code = code.escape_debug();
        said!("{error}", "la langue est « fr » ou « en », et non « {code} »")
    })
}

fn required(path: &Path, parted: &Parted<'_>) -> Result<bool, ImportError> {
    match parted.get("required") {
        None | Some(("true", _)) => Ok(true),
        Some(("false", _)) => Ok(false),
        Some((value, line)) => {
            let problem = said!(
                "“required” is true or false, not “{value}”",
                "« required » vaut true ou false, et non « {value} »"
            );
            Err(ImportError::new(path, line, problem))
        }
    }
}
