//! Why an edit is refused, in English for programs and in both languages for people.

use event::{Language, LessonId};
use serde::{Deserialize, Serialize};

use super::{image, limits};

/// The same in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Said {
    pub english: String,
    pub french: String,
}

impl Said {
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::En => &self.english,
            Language::Fr => &self.french,
        }
    }

    /// With the name of what it is about before it.
    #[must_use]
    pub fn of(self, subject: &str) -> Self {
        Self {
            english: format!("{subject}: {}", self.english),
            french: format!("{subject} : {}", self.french),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.english)
    }
}

/// `said!("{count} left", "il en reste {count}")`
macro_rules! said {
    ($english:literal, $french:literal $(, $value:expr)* $(,)?) => {
        $crate::domain::Said {
            english: format!($english $(, $value)*),
            french: format!($french $(, $value)*),
        }
    };
}
pub(crate) use said;

/// Why an edit is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{field}: {reason}")]
    Field { field: &'static str, reason: Unfit },
    /// Not in the present state.
    #[error("{0}")]
    State(#[from] Obstacle),
    /// The version that was to be changed is no longer the present one.
    #[error(
        "this was changed by somebody else in the meantime: read it again, then repeat your change"
    )]
    Stale,
    #[error("there is no such {0} here")]
    Missing(&'static str),
    #[error("this course is another instructor's; ask them or an administrator")]
    NotYours,
    #[error("only whoever teaches this course, or an administrator, hands it over")]
    NotYoursToGive,
}

impl Refusal {
    pub(crate) fn field(field: &'static str, reason: Unfit) -> Self {
        Self::Field { field, reason }
    }

    /// For people.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Field { reason, .. } => reason.said(),
            Self::State(obstacle) => obstacle.said(),
            Self::Stale => said!(
                "Somebody else changed this in the meantime: look at what is there now, then repeat your change.",
                "Quelqu’un d’autre a modifié ceci entre-temps : regardez ce qui s’y trouve maintenant, puis refaites votre modification."
            ),
            Self::Missing(_) => {
                said!("This is not there, or no longer.", "Ceci n’existe pas, ou plus.")
            }
            Self::NotYours => said!(
                "This course is another instructor’s; ask them or an administrator.",
                "Cette formation appartient à un autre formateur ; adressez-vous à lui ou à un administrateur."
            ),
            Self::NotYoursToGive => said!(
                "Only whoever teaches this course, or an administrator, hands it over.",
                "Seul le formateur de cette formation, ou un administrateur, peut la transmettre."
            ),
        }
    }
}

impl From<Refusal> for Said {
    /// With the field's name before it.
    fn from(refusal: Refusal) -> Self {
        let said = refusal.said();
        match refusal {
            Refusal::Field { field, .. } => said.of(field),
            _ => said,
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    Empty,
    NotOneLine,
    TooLong {
        count: usize,
        limit: usize,
    },
    Nul,
    TooMany {
        count: usize,
        limit: usize,
    },
    EmptyObjective,
    TooMuch {
        limit: u32,
    },
    NotANumber,
    NoText,
    TooLarge {
        bytes: usize,
    },
    NoKey,
    /// A course, or a quiz in its course, has it already.
    KeyTaken {
        key: String,
    },
    NoSection,
    NotOffered,
    NoDescription,
    NoImage,
    ImageTooLarge {
        bytes: usize,
    },
    ImageTooWide {
        pixels: u32,
    },
    TooManyImages,
    Successor(NoSuccessor),
}

/// Why a course cannot be given to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoSuccessor {
    /// The address is nobody's here.
    Unknown,
    MayNotTeach,
    TeachesIt,
}

impl NoSuccessor {
    fn said(self) -> Said {
        match self {
            Self::Unknown => said!(
                "nobody has an account with this address: check it",
                "personne n’a de compte avec cette adresse : vérifiez-la"
            ),
            Self::MayNotTeach => said!(
                "this person may not teach yet: an administrator gives them the role instructor first",
                "cette personne ne peut pas encore enseigner : un administrateur doit d’abord lui donner le rôle de formateur"
            ),
            Self::TeachesIt => said!(
                "this person teaches the course already",
                "cette personne enseigne déjà cette formation"
            ),
        }
    }
}

impl From<NoSuccessor> for Refusal {
    /// They are named by their address.
    fn from(reason: NoSuccessor) -> Self {
        Self::field("mail", Unfit::Successor(reason))
    }
}

impl Unfit {
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Empty => said!("this must not be empty", "ce champ ne doit pas être vide"),
            Self::NotOneLine => said!(
                "this must be one line, without control characters",
                "ceci doit tenir sur une ligne, sans caractères de contrôle"
            ),
            Self::TooLong { count, limit } => said!(
                "this has {count} characters, at most {limit} are taken: shorten it",
                "ce texte compte {count} caractères pour {limit} au plus : raccourcissez-le"
            ),
            Self::Nul => said!(
                "this holds a NUL character: take it out",
                "ceci contient un caractère nul : retirez-le"
            ),
            Self::TooMany { count, limit } => said!(
                "there are {count}, at most {limit} are taken",
                "il y en a {count}, pour {limit} au plus"
            ),
            Self::EmptyObjective => said!(
                "an objective is empty: fill it in or drop it",
                "un objectif est vide : complétez-le ou retirez-le"
            ),
            Self::TooMuch { limit } => {
                said!("at most {limit} are taken", "{limit} au plus")
            }
            Self::NotANumber => said!(
                "write a whole number, such as 20",
                "écrivez un nombre entier, par exemple 20"
            ),
            Self::NoText => said!(
                "a lesson needs a text, in Markdown",
                "une leçon a besoin d’un texte, en Markdown"
            ),
            Self::TooLarge { bytes } => too_large(*bytes),
            Self::NoKey => no_key(),
            Self::KeyTaken { key } => said!(
                "the key “{key}” is taken already: write another one",
                "la clé « {key} » est déjà prise : écrivez-en une autre"
            ),
            Self::NoSection => said!(
                "there is no such section in this course: add one first",
                "cette section n’existe pas dans cette formation : ajoutez-la d’abord"
            ),
            Self::NotOffered => said!("choose one of the list", "choisissez dans la liste"),
            Self::NoDescription => said!(
                "describe the image in a few words, for those who do not see it",
                "décrivez l’image en quelques mots, pour les personnes qui ne la voient pas"
            ),
            Self::NoImage => said!(
                "this is no image that can be shown: choose a PNG, JPEG, GIF or WebP file",
                "ce fichier n’est pas une image affichable : choisissez un fichier PNG, JPEG, GIF ou WebP"
            ),
            Self::ImageTooLarge { bytes } => said!(
                "this image has {bytes} bytes, at most {} are taken: make it smaller",
                "cette image pèse {bytes} octets pour {} au plus : réduisez-la",
                image::BYTES
            ),
            Self::ImageTooWide { pixels } => said!(
                "an image has at most {pixels} pixels on either side: make it smaller",
                "une image a au plus {pixels} pixels de côté : réduisez-la"
            ),
            Self::TooManyImages => said!(
                "a course has at most {} images: delete one that no lesson shows",
                "une formation a au plus {} images : supprimez-en une qu’aucune leçon ne montre",
                image::MOST
            ),
            Self::Successor(reason) => reason.said(),
        }
    }
}

fn too_large(bytes: usize) -> Said {
    let limit = limits::TEXT_BYTES;
    said!(
        "this has {bytes} bytes, at most {limit} are taken: split the lesson",
        "ce texte pèse {bytes} octets pour {limit} au plus : divisez la leçon"
    )
}

fn no_key() -> Said {
    let limit = limits::KEY_CHARS;
    said!(
        "a key has at most {limit} small letters (a to z), digits and single hyphens between them, such as \
         “queues-by-example”, and is no id",
        "une clé a au plus {limit} lettres minuscules (a à z), chiffres et traits d’union isolés, comme \
         « initiation-aux-files », et n’est pas un identifiant"
    )
}

/// What stands in the way in the present state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    NothingToLearn,
    TooManySections,
    TooManyLessons,
    TooManyQuizzes,
    TooManyEver,
    LastLesson,
    LessonKeyTaken { key: String, lesson: LessonId },
    SectionInUse,
    WasPublished,
}

impl Obstacle {
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::NothingToLearn => said!(
                "this course has neither a published lesson nor a quiz: publish a lesson, then the course",
                "cette formation n’a ni leçon publiée ni quiz : publiez une leçon, puis la formation"
            ),
            Self::TooManySections => said!(
                "a course has at most {} sections",
                "une formation a au plus {} sections",
                limits::SECTIONS
            ),
            Self::TooManyLessons => said!(
                "a course has at most {} lessons",
                "une formation a au plus {} leçons",
                limits::LESSONS
            ),
            Self::TooManyQuizzes => said!(
                "a course has at most {} quizzes",
                "une formation a au plus {} quiz",
                limits::QUIZZES
            ),
            Self::TooManyEver => said!(
                "this course would have had more than {} lessons over time: import it under another key",
                "cette formation aurait compté plus de {} leçons au fil du temps : importez-la sous une autre clé",
                limits::LESSONS_EVER
            ),
            Self::LastLesson => said!(
                "this is the last lesson that the course shows: withdraw the course instead",
                "c’est la dernière leçon que montre la formation : retirez plutôt la formation"
            ),
            Self::LessonKeyTaken { key, lesson } => said!(
                "another lesson of this course has the key “{key}”: give another “key”, or change that lesson ({lesson})",
                "une autre leçon de cette formation a la clé « {key} » : donnez un autre titre, ou modifiez cette leçon ({lesson})"
            ),
            Self::SectionInUse => said!(
                "this section still holds lessons or quizzes: move or delete them first",
                "cette section contient encore des leçons ou des quiz : déplacez-les ou supprimez-les d’abord"
            ),
            Self::WasPublished => said!(
                "this course was published once: withdraw it instead of deleting it",
                "cette formation a déjà été publiée : retirez-la au lieu de la supprimer"
            ),
        }
    }
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.said().english)
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.said().english)
    }
}

impl std::error::Error for Obstacle {}
