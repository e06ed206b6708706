//! The rules of certificates: what one says, in which language, and what holds of it later.

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    catalog::{self, CertificateDesign},
    learning::{self, CourseCompleted},
};
use event::{CertificateId, CourseId, FileReference, Language, PersonId, QuizId, derived_uuid};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    design::{Activity, Design, Facts, Nature, Organisation, QuizResult},
};

/// One learner's certificate of one course.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Certificate {
    pub(crate) id: CertificateId,
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    pub(crate) state: State,
    pub(crate) facts: Facts,
    /// When it was decided, which is the date that is printed.
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) completed_at: DateTime<Utc>,
    pub(crate) pdf: Option<FileReference>,
    /// Characters that no font of ours draws; for operators.
    pub(crate) missing_glyphs: String,
    /// Why there is no PDF; for operators.
    pub(crate) failure: Option<String>,
    pub(crate) revocation: Option<Revocation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revocation {
    pub(crate) at: DateTime<Utc>,
    /// For the holder and administrators; gone when the holder is erased.
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its facts stand; its PDF is being made.
    Rendering,
    Issued,
    /// Its PDF could not be made; an operator can have it tried again from the dead letters.
    Failed,
    Revoked,
    /// Its holder was erased.
    Erased,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rendering => "rendering",
            Self::Issued => "issued",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Erased => "erased",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [Self::Rendering, Self::Issued, Self::Failed, Self::Revoked, Self::Erased];
        all.into_iter().find(|state| state.name() == name)
    }

    /// Whether the public page knows it: nobody was given the code of one that is not ready.
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Issued | Self::Revoked | Self::Erased)
    }
}

impl Certificate {
    /// The id of the one certificate that a learner can have of a course.
    pub(crate) fn id_of(learner: PersonId, course: CourseId) -> CertificateId {
        CertificateId(derived_uuid(course.0, &format!("certificate/{learner}")))
    }

    /// What its file is called on its holder's machine.
    pub(crate) fn file_name(&self) -> String {
        let facts = &self.facts;
        let name = format!("{} – {}", short(&facts.course), short(&facts.person));
        let allowed = |character: char| {
            if character.is_control() || "/\\:*?\"<>|".contains(character) {
                ' '
            } else {
                character
            }
        };
        let name: String = name.chars().map(allowed).collect();
        let words: Vec<&str> = name.split_whitespace().collect();
        format!("{}.pdf", words.join(" "))
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What a certificate needs of a course as of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) title: String,
    pub(crate) language: Language,
    pub(crate) objectives: Vec<String>,
    pub(crate) design: CertificateDesign,
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) quizzes: Vec<Quiz>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lesson {
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quiz {
    pub(crate) quiz: QuizId,
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) pass_percent: u32,
}

impl Outline {
    pub(crate) fn of(course: &catalog::Course) -> Self {
        let lessons = course.sections.iter().flat_map(|section| &section.lessons);
        Self {
            title: course.title.clone(),
            language: course.language,
            objectives: course.objectives.clone(),
            design: course.design,
            lessons: lessons
                .map(|place| Lesson {
                    title: place.title.clone(),
                    minutes: place.minutes,
                    required: place.required,
                })
                .collect(),
            quizzes: course
                .quizzes
                .iter()
                .map(|place| Quiz {
                    quiz: place.quiz,
                    title: place.title.clone(),
                    minutes: place.minutes,
                    pass_percent: place.pass_percent,
                })
                .collect(),
        }
    }
}

/// What a certificate needs of the person who gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) language: Language,
    pub(crate) time_zone: String,
}

/// What one issue adds to what is known of the course and the person.
pub(crate) struct Issuance<'a> {
    pub(crate) code: Code,
    pub(crate) now: DateTime<Utc>,
    pub(crate) organisation: &'a Organisation,
    pub(crate) base_url: &'a str,
}

/// What the certificate says from now on and for good. Dates are those of the holder's time zone.
pub(crate) fn facts(
    completed: &CourseCompleted,
    outline: &Outline,
    holder: &Holder,
    issuance: &Issuance<'_>,
) -> Facts {
    let design = design(outline.design);
    let day = |time| local_day(time, &holder.time_zone);
    Facts {
        design,
        language: language(design, holder.language, outline.language),
        person: holder.name.clone(),
        employer: None,
        course: outline.title.clone(),
        nature: Nature::Training,
        code: issuance.code,
        verification_url: format!("{}/verify/{}", issuance.base_url, issuance.code),
        issued: day(issuance.now),
        started: day(completed.enrolled_at.min(completed.completed_at)),
        completed: day(completed.completed_at),
        minutes: completed.minutes,
        objectives: outline.objectives.clone(),
        results: results(completed, outline),
        activities: activities(completed, outline),
        organisation: issuance.organisation.clone(),
    }
}

/// Without what tells who the holder is; the course, the code and the dates stay.
pub(crate) fn anonymous(facts: Facts) -> Facts {
    Facts {
        person: String::new(),
        employer: None,
        results: Vec::new(),
        activities: Vec::new(),
        ..facts
    }
}

fn design(design: CertificateDesign) -> Design {
    match design {
        CertificateDesign::Achievement => Design::Achievement,
        CertificateDesign::CertificatDeRealisation => Design::CertificatDeRealisation,
    }
}

/// A certificate of achievement speaks its holder's language. The certificat de réalisation is read
/// by French funders and authorities: it is in French, unless neither the holder nor the course is;
/// it is then a courtesy translation, and says so.
fn language(design: Design, holder: Language, course: Language) -> Language {
    match (design, holder, course) {
        (Design::Achievement, holder, _) => holder,
        (Design::CertificatDeRealisation, Language::En, Language::En) => Language::En,
        (Design::CertificatDeRealisation, _, _) => Language::Fr,
    }
}

fn local_day(time: DateTime<Utc>, zone: &str) -> NaiveDate {
    let zone = ui::time_zone(zone).unwrap_or(ui::Tz::UTC);
    time.with_timezone(&zone).date_naive()
}

/// In the course's order; a quiz that the course does not have has no title to print.
fn results(completed: &CourseCompleted, outline: &Outline) -> Vec<QuizResult> {
    let result = |quiz: &Quiz| {
        let result = result_of(completed, quiz)?;
        Some(QuizResult { title: quiz.title.clone(), mark: result.mark, out_of: result.out_of })
    };
    outline.quizzes.iter().filter_map(result).collect()
}

/// What was surely done: a completion says how many lessons were read and not which, so optional
/// ones are listed only if all were. Passed quizzes count, so that the times add up.
fn activities(completed: &CourseCompleted, outline: &Outline) -> Vec<Activity> {
    let has_read_all = outline.lessons.len() <= completed.lessons_read as usize;
    let lessons = outline
        .lessons
        .iter()
        .filter(|lesson| lesson.required || has_read_all)
        .map(|lesson| (&lesson.title, lesson.minutes));
    let quizzes = outline
        .quizzes
        .iter()
        .filter(|quiz| quiz.minutes > 0 && has_passed(completed, quiz))
        .map(|quiz| (&quiz.title, quiz.minutes));
    lessons
        .chain(quizzes)
        .map(|(title, minutes)| Activity { title: title.clone(), minutes })
        .collect()
}

fn has_passed(completed: &CourseCompleted, quiz: &Quiz) -> bool {
    let Some(result) = result_of(completed, quiz) else {
        return false;
    };
    let percent = result.mark.checked_mul(Decimal::ONE_HUNDRED);
    let needed = result.out_of.checked_mul(Decimal::from(quiz.pass_percent));
    matches!((percent, needed), (Some(percent), Some(needed)) if percent >= needed)
}

fn result_of<'a>(completed: &'a CourseCompleted, quiz: &Quiz) -> Option<&'a learning::QuizResult> {
    completed.results.iter().find(|result| result.quiz == quiz.quiz)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::tests::samples;

    fn made(outline: &Outline, completed: &CourseCompleted, holder: &Holder) -> Facts {
        let organisation = samples::organisation();
        let issuance = Issuance {
            code: "7KQ2-M9XD-0B4T-HV3N".parse().unwrap(),
            now: "2026-11-22T23:30:00Z".parse().unwrap(),
            organisation: &organisation,
            base_url: "https://formation.example",
        };
        facts(completed, outline, holder, &issuance)
    }

    fn holder(language: Language) -> Holder {
        Holder {
            name: "Nguyễn Thị Lan".to_owned(), language, time_zone: "Europe/Paris".to_owned()
        }
    }

    #[test]
    fn the_facts_are_the_courses_and_the_holders() {
        let outline = Outline::of(&samples::course(1, "Queues"));
        let facts = made(&outline, &samples::completed(samples::ADA, 1), &holder(Language::Fr));
        assert_eq!(facts.person, "Nguyễn Thị Lan");
        assert_eq!(facts.course, "Queues");
        assert_eq!(facts.language, Language::Fr);
        assert_eq!(facts.design, Design::Achievement);
        assert_eq!(facts.verification_url, "https://formation.example/verify/7KQ2-M9XD-0B4T-HV3N");
        assert_eq!(facts.minutes, 50);
        assert_eq!(facts.results.len(), 1);
        assert_eq!(facts.results[0].title, "Final quiz");
        assert_eq!(facts.results[0].mark, Decimal::new(175, 1));
    }

    #[test]
    fn the_dates_are_the_holders() {
        let outline = Outline::of(&samples::course(1, "Queues"));
        let completed = samples::completed(samples::ADA, 1);
        let paris = made(&outline, &completed, &holder(Language::Fr));
        assert_eq!(paris.issued, "2026-11-23".parse().unwrap());
        let nowhere = Holder { time_zone: "Nowhere/At-All".to_owned(), ..holder(Language::Fr) };
        let utc = made(&outline, &completed, &nowhere);
        assert_eq!(utc.issued, "2026-11-22".parse().unwrap());
    }

    #[test]
    fn only_what_was_surely_done_is_listed_and_the_times_add_up() {
        let outline = Outline::of(&samples::course(1, "Queues"));
        let mut completed = samples::completed(samples::ADA, 1);
        let titles = |completed: &CourseCompleted| -> Vec<String> {
            let facts = made(&outline, completed, &holder(Language::En));
            let activities = facts.activities.into_iter();
            activities.map(|activity| activity.title).collect()
        };
        assert_eq!(titles(&completed), ["Sending", "Receiving", "Final quiz"]);
        let facts = made(&outline, &completed, &holder(Language::En));
        let sum: u32 = facts.activities.iter().map(|activity| activity.minutes).sum();
        assert_eq!(sum, facts.minutes);

        completed.lessons_read = 3;
        completed.results[0].mark = Decimal::ONE;
        assert_eq!(titles(&completed), ["Sending", "Receiving", "Further reading"]);
    }

    #[test]
    fn the_french_document_is_french_unless_neither_side_is() {
        use Language::{En, Fr};
        let realisation = Design::CertificatDeRealisation;
        assert_eq!(language(Design::Achievement, En, Fr), En);
        assert_eq!(language(Design::Achievement, Fr, En), Fr);
        assert_eq!(language(realisation, En, En), En);
        assert_eq!(language(realisation, En, Fr), Fr);
        assert_eq!(language(realisation, Fr, En), Fr);
    }

    #[test]
    fn an_erased_holders_facts_name_nobody() {
        let outline = Outline::of(&samples::course(1, "Queues"));
        let completed = samples::completed(samples::ADA, 1);
        let facts = anonymous(made(&outline, &completed, &holder(Language::Fr)));
        let text = serde_json::to_string(&facts).unwrap();
        assert!(!text.contains("Nguyễn"));
        assert_eq!(facts.course, "Queues");
        assert!(facts.results.is_empty());
    }

    #[test]
    fn every_state_reads_back() {
        for name in ["rendering", "issued", "failed", "revoked", "erased"] {
            assert_eq!(State::parse(name).unwrap().name(), name);
        }
        assert_eq!(State::parse("lost"), None);
    }
}
