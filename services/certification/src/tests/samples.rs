//! Events and people for the tests.

use chrono::TimeDelta;
use contract::{
    catalog::{
        CertificateDesign, Course, CoursePublished, CourseUpdated, CourseWithdrawn, LessonPlace,
        QuizPlace, Section, ids,
    },
    identity::{
        LegalMentions, Logo, OrganisationUpdated, Person, PersonErased, PersonRegistered,
        PersonUpdated,
    },
    learning::{CourseCompleted, QuizResult},
};
use event::{
    AttemptId, CourseId, EnrolmentId, Envelope, FileReference, Language, LessonId, OrganisationId,
    PersonId, Role, SectionId,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use bus::testing::{envelope, start};

use crate::design::Organisation;

pub(crate) const ADA: PersonId = PersonId(Uuid::from_u128(1));
pub(crate) const LAN: PersonId = PersonId(Uuid::from_u128(2));

pub(crate) fn course_id() -> CourseId {
    ids::course("queues")
}

pub(crate) fn organisation() -> Organisation {
    Organisation {
        name: "Coopérative des Deux Rives".to_owned(),
        representative: "Jeanne Petit".to_owned(),
        capacity: "Directrice".to_owned(),
        place: "Lyon".to_owned(),
        address: None,
        activity_number: None,
        retention_years: 3,
        logo: None,
        logo_file: None,
        mentions: None,
    }
}

/// Two required lessons of 15 and 20 minutes, an optional one of 30, a quiz of 15.
pub(crate) fn course(version: u64, title: &str) -> Course {
    let lesson = |number: u128, title: &str, minutes, required| LessonPlace {
        lesson: LessonId(Uuid::from_u128(number)),
        title: title.to_owned(),
        required,
        minutes,
    };
    let section = Section {
        section: SectionId(Uuid::from_u128(10)),
        title: "All".to_owned(),
        lessons: vec![
            lesson(11, "Sending", 15, true),
            lesson(12, "Receiving", 20, true),
            lesson(13, "Further reading", 30, false),
        ],
    };
    let course = course_id();
    let quiz = QuizPlace {
        quiz: ids::quiz(course, "final"),
        title: "Final quiz".to_owned(),
        required: true,
        pass_percent: 70,
        minutes: 15,
        section: None,
    };
    Course {
        course,
        version,
        key: "queues".to_owned(),
        language: Language::En,
        title: title.to_owned(),
        summary: String::new(),
        objectives: vec!["Send and receive".to_owned()],
        minutes: 80,
        design: CertificateDesign::Achievement,
        instructor: None,
        sections: vec![section],
        quizzes: vec![quiz],
        updated_at: start(),
    }
}

pub(crate) fn completed(learner: PersonId, course_version: u64) -> CourseCompleted {
    let course = course_id();
    CourseCompleted {
        enrolment: EnrolmentId(event::derived_uuid(course.0, &learner.to_string())),
        learner,
        course,
        course_version,
        enrolled_at: start() - TimeDelta::days(20),
        completed_at: start(),
        minutes: 50,
        lessons_read: 2,
        results: vec![QuizResult {
            quiz: ids::quiz(course, "final"),
            attempt: AttemptId(Uuid::from_u128(20)),
            mark: Decimal::new(175, 1),
            out_of: Decimal::from(20),
        }],
    }
}

fn person(person: PersonId, version: u64, name: &str, language: Language) -> Person {
    Person {
        person,
        version,
        name: name.to_owned(),
        mail: "somebody@example.org".to_owned(),
        language,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner],
        registered_at: start(),
    }
}

pub(crate) fn published(version: u64, title: &str) -> Envelope {
    envelope(&CoursePublished(course(version, title)))
}

pub(crate) fn updated(version: u64, title: &str) -> Envelope {
    envelope(&CourseUpdated(course(version, title)))
}

pub(crate) fn withdrawn(version: u64) -> Envelope {
    envelope(&CourseWithdrawn { course: course_id(), version, withdrawn_at: start() })
}

pub(crate) fn registered(id: PersonId, name: &str, language: Language) -> Envelope {
    envelope(&PersonRegistered(person(id, 1, name, language)))
}

pub(crate) fn renamed(id: PersonId, version: u64, name: &str) -> Envelope {
    envelope(&PersonUpdated(person(id, version, name, Language::Fr)))
}

pub(crate) fn erased(id: PersonId, version: u64) -> Envelope {
    envelope(&PersonErased { person: id, version, erased_at: start() })
}

/// A new event each time, as after enrolling once more.
pub(crate) fn completion(learner: PersonId, course_version: u64) -> Envelope {
    envelope(&completed(learner, course_version))
}

/// Whose platform it is.
pub(crate) fn told(version: u64, name: &str) -> Envelope {
    envelope(&whose(version, name, None))
}

pub(crate) fn told_with_logo(version: u64, logo: FileReference) -> Envelope {
    let logo = Logo { file: logo, media_type: "image/png".to_owned(), width: 8, height: 8 };
    envelope(&whose(version, "École du Fleuve", Some(logo)))
}

/// It says where it signs and for how long it keeps.
pub(crate) fn at_brest() -> OrganisationUpdated {
    OrganisationUpdated {
        place: Some("Brest".to_owned()),
        retention_years: Some(10),
        ..whose(1, "École du Fleuve", None)
    }
}

fn whose(version: u64, name: &str, logo: Option<Logo>) -> OrganisationUpdated {
    OrganisationUpdated {
        organisation: OrganisationId(Uuid::from_u128(30)),
        version,
        name: name.to_owned(),
        address: vec!["12 quai des Brumes".to_owned(), "29200 Brest".to_owned()],
        legal_mentions: LegalMentions {
            en: "A training provider in Brest.".to_owned(),
            fr: "Organisme de formation\nà Brest.".to_owned(),
        },
        activity_number: Some("53290123429".to_owned()),
        representative: Some("Siân Le Goff".to_owned()),
        capacity: None,
        logo,
        updated_at: start(),
        place: None,
        retention_years: None,
    }
}
