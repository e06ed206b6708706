//! A bare folder: one course. Its Markdown files, each with a `title:` in its front matter, are the
//! lessons of one section, in the order of their names; its GIFT files are quizzes for practice, which
//! nobody must pass.

use event::Language;

use super::{
    CourseSource, ImportError, LessonSource, QuizSource, SectionSource,
    clean::{Links, clean},
    folder::Folder,
    front_matter::Parted,
};
use crate::domain::limits;

/// Of the whole mark, for a quiz of which nobody said it.
const PASS_PERCENT: u32 = 50;

/// About a project, not of it.
const NO_LESSONS: &[&str] = &[
    "license",
    "licence",
    "copying",
    "readme",
    "contributing",
    "code-of-conduct",
    "conduct",
    "changelog",
    "citation",
    "authors",
    "security",
];

pub(super) fn read(folder: &mut Folder) -> Result<CourseSource, ImportError> {
    let key = limits::slug(&folder.name());
    limits::key(&key).map_err(|_| {
        ImportError::new(
            &folder.path,
            None,
            "no key can be made of this folder's name: rename it with letters and digits, or write a course.toml",
        )
    })?;
    let quizzes =
        folder.files("gift")?.iter().map(|name| quiz(folder, name)).collect::<Result<_, _>>()?;
    let mut course = Bare { key, language: None, lessons: Vec::new(), quizzes, notes: Vec::new() };
    for name in folder.files("md")? {
        course.take(folder, name)?;
    }
    course.finish(folder)
}

fn quiz(folder: &Folder, name: &str) -> Result<QuizSource, ImportError> {
    let file = folder.path.join(name);
    let key = limits::slug(name.trim_end_matches(".gift"));
    limits::key(&key)
        .map_err(|refusal| ImportError::new(&file, None, format!("rename the file: {refusal}")))?;
    Ok(QuizSource {
        title: title_of(&key),
        key,
        file,
        required: false,
        pass_percent: PASS_PERCENT,
        minutes: 0,
        section: None,
    })
}

struct Bare {
    key: String,
    language: Option<Language>,
    /// With their file names.
    lessons: Vec<(String, LessonSource)>,
    quizzes: Vec<QuizSource>,
    notes: Vec<String>,
}

impl Bare {
    fn take(&mut self, folder: &mut Folder, name: String) -> Result<(), ImportError> {
        let path = folder.path.join(&name);
        let stem = name.trim_end_matches(".md");
        let key = limits::slug(stem);
        if NO_LESSONS.contains(&key.as_str()) {
            self.notes
                .push(format!("{}: left out, it is about the material, not of it", path.display()));
            return Ok(());
        }
        let content = folder.read(&name, None)?;
        let parted = Parted::of(&path, &content)?;
        let Some((title, line)) = parted.get("title") else {
            self.notes
                .push(format!("{}: left out, its front matter has no “title:”", path.display()));
            return Ok(());
        };
        let title = limits::title("title", title)
            .map_err(|refusal| ImportError::new(&path, line, refusal.to_string()))?;
        limits::key(&key).map_err(|refusal| {
            ImportError::new(&path, None, format!("rename the file: {refusal}"))
        })?;
        if let Some((other, _)) = self.lessons.iter().find(|(_, lesson)| lesson.key == key) {
            return Err(ImportError::new(
                &path,
                None,
                format!("has the same key “{key}” as {other}: rename one of them"),
            ));
        }
        self.language = self.language.or_else(|| parted.get("language")?.0.parse().ok());
        let minutes = match parted.minutes(&path, "minutes")? {
            Some(minutes) => minutes,
            None => {
                parted.minutes(&path, "teaching")?.unwrap_or(0)
                    + parted.minutes(&path, "exercises")?.unwrap_or(0)
            }
        };
        let required = parted.get("required").is_none_or(|(value, _)| value != "false");
        let text = parted.text.to_owned();
        self.lessons.push((name, LessonSource { key, title, text, minutes, required }));
        if self.lessons.len() > limits::LESSONS {
            return Err(ImportError::new(
                &folder.path,
                None,
                format!("holds more than {} lessons: split the course", limits::LESSONS),
            ));
        }
        Ok(())
    }

    fn finish(self, folder: &Folder) -> Result<CourseSource, ImportError> {
        if self.lessons.is_empty() && self.quizzes.is_empty() {
            return Err(ImportError::new(
                &folder.path,
                None,
                "holds neither a course.toml nor a Markdown file with “title:” in its front matter nor a \
                 GIFT file: give a course's folder",
            ));
        }
        let lessons = clean_all(&self.key, &folder.path, self.lessons)?;
        let title = title_of(&self.key);
        Ok(CourseSource {
            language: self.language.unwrap_or_default(),
            title: title.clone(),
            summary: String::new(),
            objectives: Vec::new(),
            minutes: lessons.iter().map(|lesson| lesson.minutes).sum::<u32>().min(limits::MINUTES),
            design: contract::catalog::CertificateDesign::default(),
            sections: vec![SectionSource { key: "lessons".to_owned(), title, lessons }],
            quizzes: self.quizzes,
            key: self.key,
            notes: self.notes,
        })
    }
}

/// Cleans the lessons, which takes all their names; and sees that something is left of each.
pub(super) fn clean_all(
    course: &str,
    folder: &std::path::Path,
    lessons: Vec<(String, LessonSource)>,
) -> Result<Vec<LessonSource>, ImportError> {
    let names: Vec<(String, String)> =
        lessons.iter().map(|(name, lesson)| (name.clone(), lesson.key.clone())).collect();
    let lessons_by_name = names.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    let links = Links { course, lessons: lessons_by_name };
    let mut cleaned = Vec::with_capacity(lessons.len());
    for (name, lesson) in lessons {
        let text = clean(&lesson.text, &links);
        limits::lesson_text(&text)
            .map_err(|refusal| ImportError::new(&folder.join(name), None, refusal.to_string()))?;
        cleaned.push(LessonSource { text, ..lesson });
    }
    Ok(cleaned)
}

/// `shell-novice` reads “Shell novice”.
fn title_of(key: &str) -> String {
    let words = key.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
