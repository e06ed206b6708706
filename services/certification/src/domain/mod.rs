//! The rules of certificates: what one says, in which language, and what holds of it later.

mod certificate;
mod issuer;
mod outline;

pub(crate) use certificate::{Cause, Certificate, Revocation, State};
use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    catalog::CertificateDesign,
    learning::{self, CourseCompleted},
};
use event::Language;
pub(crate) use issuer::{Issuer, Told, sample};
pub(crate) use outline::Outline;
use outline::Quiz;
use rust_decimal::Decimal;

use crate::{
    code::Code,
    design::{Activity, Design, Facts, Nature, QuizResult},
};

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
    pub(crate) issuer: &'a Issuer,
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
    let language = language(design, holder.language, outline.language);
    let day = |time| local_day(time, &holder.time_zone);
    Facts {
        design,
        language,
        person: holder.name.clone(),
        employer: None,
        course: outline.title.clone(),
        course_language: Some(outline.language),
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
        organisation: issuance.issuer.in_language(language),
    }
}

/// What a certificate says that is issued in another's place: what was done stays, who it was done by
/// and who says so are as they are now.
pub(crate) fn renewed(facts: &Facts, holder: &Holder, issuance: &Issuance<'_>) -> Facts {
    let language = language(facts.design, holder.language, facts.language);
    Facts {
        language,
        person: holder.name.clone(),
        code: issuance.code,
        verification_url: format!("{}/verify/{}", issuance.base_url, issuance.code),
        issued: local_day(issuance.now, &holder.time_zone),
        organisation: issuance.issuer.in_language(language),
        ..facts.clone()
    }
}

/// What an administrator looks for, without capitals and accents.
pub(crate) fn folded(text: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    let lower: String = plain.flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
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
        let issuer = Issuer::of(&samples::organisation(), None);
        let issuance = Issuance {
            code: "7KQ2-M9XD-0B4T-HV3N".parse().unwrap(),
            now: "2026-11-22T23:30:00Z".parse().unwrap(),
            issuer: &issuer,
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
    fn the_language_of_the_course_is_kept_and_may_be_missing() {
        let outline = Outline::of(&samples::course(1, "Queues"));
        let facts = made(&outline, &samples::completed(samples::ADA, 1), &holder(Language::Fr));
        assert_eq!(facts.course_language, Some(Language::En));
        let mut before = serde_json::to_value(&facts).unwrap();
        before.as_object_mut().unwrap().remove("course_language");
        let before: Facts = serde_json::from_value(before).unwrap();
        assert_eq!(before, Facts { course_language: None, ..facts });
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
    fn what_is_looked_for_has_neither_capitals_nor_accents() {
        assert_eq!(folded("  Nguyễn Thị LAN  Œuvre"), "nguyen thi lan œuvre");
    }

    #[test]
    fn every_cause_reads_back() {
        for cause in Cause::CHOSEN.into_iter().chain([Cause::Replaced]) {
            assert_eq!(Cause::parse(cause.name()), Some(cause));
        }
        assert_eq!(Cause::chosen("replaced"), None);
    }

    #[test]
    fn every_state_reads_back() {
        for name in ["rendering", "issued", "failed", "revoked", "erased"] {
            assert_eq!(State::parse(name).unwrap().name(), name);
        }
        assert_eq!(State::parse("lost"), None);
    }
}
