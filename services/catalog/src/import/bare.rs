//! A bare folder: one course. Its Markdown files, each with a `title:` in its front matter, are the
//! lessons of one section, in the order of their names; its GIFT files are quizzes for practice, which
//! nobody must pass.

use std::path::Path;

use event::Language;

use super::{
    CourseSource, ImportError, ImportErrors, LessonSource, NOTED, QuizSource, SectionSource, all,
    clean::{Cleaned, Links, clean},
    folder::Folder,
    front_matter::Parted,
};
use crate::domain::{Obstacle, Refusal, Said, limits, said};

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

pub(super) fn read(folder: &mut Folder) -> Result<CourseSource, ImportErrors> {
    let quizzes = all(folder.files("gift")?.iter().map(|name| quiz(folder, name)))?;
    let mut course = Bare { language: None, lessons: Vec::new(), quizzes, notes: Vec::new() };
    let mut wrong = Vec::new();
    for name in folder.files("md")? {
        wrong.extend(course.take(folder, name).err());
    }
    if wrong.is_empty() { course.finish(folder) } else { Err(ImportErrors(wrong)) }
}

fn quiz(folder: &Folder, name: &str) -> Result<QuizSource, ImportError> {
    let file = folder.path.join(name);
    let key = limits::slug(name.trim_end_matches(".gift"));
    limits::key(&key).map_err(|refusal| ImportError::new(&file, None, rename(refusal)))?;
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
    language: Option<Language>,
    /// With their file names.
    lessons: Vec<(String, LessonSource)>,
    quizzes: Vec<QuizSource>,
    notes: Vec<Said>,
}

impl Bare {
    fn take(&mut self, folder: &mut Folder, name: String) -> Result<(), ImportError> {
        let path = folder.path.join(&name);
        let stem = name.trim_end_matches(".md");
        let key = limits::slug(stem);
        if NO_LESSONS.contains(&key.as_str()) {
            self.notes.push(said!(
                "{}: left out, it is about the material, not of it",
                "{} : laissé de côté, il parle du matériel sans en faire partie",
                path.display()
            ));
            return Ok(());
        }
        let content = folder.read(&name, None)?;
        let parted = Parted::of(&path, &content)?;
        let Some((title, line)) = parted.get("title") else {
            self.notes.push(said!(
                "{}: left out, its front matter has no “title:”",
                "{} : laissé de côté, son en-tête n’a pas de « title: »",
                path.display()
            ));
            return Ok(());
        };
        let title = limits::title("title", title)
            .map_err(|refusal| ImportError::new(&path, line, refusal))?;
        limits::key(&key).map_err(|refusal| ImportError::new(&path, None, rename(refusal)))?;
        if let Some((other, _)) = self.lessons.iter().find(|(_, lesson)| lesson.key == key) {
            let problem = said!(
                "has the same key “{key}” as {other}: rename one of them",
                "a la même clé « {key} » que {other} : renommez l’un des deux"
            );
            return Err(ImportError::new(&path, None, problem));
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
            let problem = Refusal::from(Obstacle::TooManyLessons);
            return Err(ImportError::new(&folder.path, None, problem));
        }
        Ok(())
    }

    fn finish(mut self, folder: &Folder) -> Result<CourseSource, ImportErrors> {
        if self.lessons.is_empty() && self.quizzes.is_empty() {
            let problem = said!(
                "holds neither a course.toml nor a Markdown file with “title:” in its front matter nor a \
                 GIFT file: give a course's folder",
                "ne contient ni course.toml, ni fichier Markdown avec « title: » dans son en-tête, ni \
                 fichier GIFT : donnez le dossier d’une formation"
            );
            return Err(ImportError::new(&folder.path, None, problem).into());
        }
        let (key, title) = self.called(folder)?;
        let lessons = clean_all(&key, folder, "", self.lessons, &mut self.notes)?;
        Ok(CourseSource {
            language: self.language.unwrap_or_default(),
            title: title.clone(),
            summary: String::new(),
            objectives: Vec::new(),
            minutes: lessons.iter().map(|lesson| lesson.minutes).sum::<u32>().min(limits::MINUTES),
            design: contract::catalog::CertificateDesign::default(),
            sections: vec![SectionSource { key: "lessons".to_owned(), title, lessons }],
            quizzes: self.quizzes,
            is_bare: true,
            key,
            notes: self.notes,
        })
    }

    /// Its key and its title: as somebody says, or else its folder's name. Without either it is called as its
    /// first lesson.
    fn called(&self, folder: &Folder) -> Result<(String, String), ImportError> {
        let name = folder.name();
        let first = self.lessons.first().filter(|_| name.is_empty());
        let title = folder.title().or(first.map(|(_, lesson)| lesson.title.as_str()));
        let key = limits::slug(title.unwrap_or(&name));
        limits::key(&key).map_err(|_| ImportError::new(&folder.path, None, no_key(folder)))?;
        let title = title.map_or_else(|| title_of(&key), str::to_owned);
        Ok((key, title))
    }
}

fn no_key(folder: &Folder) -> Said {
    if folder.is_upload() {
        return said!(
            "no key can be made for this course: give it a title with letters (a to z) or digits, or write a course.toml",
            "cette formation n’a pas de titre dont une clé puisse être tirée : donnez-lui-en un avec des lettres (a à z) ou des chiffres, ou écrivez un course.toml"
        );
    }
    said!(
        "no key can be made of this folder's name: rename it with letters and digits, or write a course.toml",
        "aucune clé ne peut être tirée du nom de ce dossier : renommez-le avec des lettres et des chiffres, ou écrivez un course.toml"
    )
}

/// Cleans the lessons, which takes all their names; and sees that something is left of each. They lie in
/// this folder within the course's. Notes the pictures that they lack.
pub(super) fn clean_all(
    course: &str,
    folder: &Folder,
    within: &str,
    lessons: Vec<(String, LessonSource)>,
    notes: &mut Vec<Said>,
) -> Result<Vec<LessonSource>, ImportErrors> {
    let names: Vec<(String, String)> =
        lessons.iter().map(|(name, lesson)| (name.clone(), lesson.key.clone())).collect();
    let lessons_by_name = names.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    let pictures = folder.pictures();
    let links = Links { course, lessons: lessons_by_name, pictures, within };
    all(lessons.into_iter().map(|(name, lesson)| {
        let path = folder.path.join(within).join(name);
        let Cleaned { text, missing } = clean(&lesson.text, &links);
        let left = NOTED.saturating_sub(notes.len());
        notes.extend(missing.iter().take(left).map(|picture| lacking(&path, picture)));
        limits::lesson_text(&text).map_err(|refusal| ImportError::new(&path, None, refusal))?;
        Ok(LessonSource { text, ..lesson })
    }))
}

fn lacking(lesson: &Path, picture: &str) -> Said {
    said!(
        "{}: shows {}, which did not come along",
        "{} : montre l’image {}, qui n’a pas été reprise",
        lesson.display(),
        picture.escape_debug()
    )
}

fn rename(refusal: Refusal) -> Said {
    let why = Said::from(refusal);
    Said {
        english: format!("rename the file: {}", why.english),
        french: format!("renommez le fichier : {}", why.french),
    }
}

/// `shell-novice` reads “Shell novice”.
fn title_of(key: &str) -> String {
    let words = key.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
