//! A small world: persons, a course, enrolments, and the service that hears of them.

use bus::{
    Envelope, Event, Files, Service,
    testing::{Scene, Tables, envelope, start},
};
use chrono::{DateTime, TimeDelta, Utc};
use contract::{
    assessment::{AttemptAwaitsMarking, AttemptGraded},
    catalog::{Course, CoursePublished, Lesson, LessonPublished, QuizPlace, ids},
    certification::{CertificateIssued, CertificateRevoked, RevocationCause},
    identity::{
        AddressChangeRequested, AddressChanged, ExportReady, InvitationWithdrawn, LegalMentions,
        OrganisationUpdated, PasswordResetRequested, Person, PersonErased, PersonInvited,
        PersonRegistered,
    },
    learning::{EnrolmentCancelled, LearnerEnrolled, MessageSent},
    own::AnnouncementChunk,
};
use event::{
    AddressChangeId, AttemptId, CertificateId, CourseId, EnrolmentId, ExportId, FileReference,
    InvitationId, Language, LessonId, MessageId, OrganisationId, PasswordResetId, PersonId, QuizId,
};
use ui::SealingKey;
use uuid::Uuid;

use crate::{Config, Mailer, PushConfig};

pub(crate) const BASE_URL: &str = "https://formation.example.org";
pub(crate) const TABLES: Tables = &[
    ("persons", "id, version, name, mail, language, time_zone, erased, hash"),
    ("courses", "id, described, course_key, title, quizzes, withdrawn, hash, instructor, language"),
    ("enrolment_changes", "enrolment, version, person, course, cancelled, hash"),
    ("deliveries", "fact, person, channel, kind, subject, course, state, reason"),
    ("inbox_items", "person, course, notice, read_at"),
    ("announcements", "lesson, course, title, text"),
    ("invitations", "id, version"),
    ("organisation", "id, version, name, address, mentions, hash"),
    ("bus_effect", "effect"),
];
/// Made anew at each telling.
pub(crate) const VOLATILE: &[&str] = &["delivery"];

pub(crate) fn key() -> SealingKey {
    SealingKey::new(&[7; 32])
}

pub(crate) fn config(mailer: Mailer) -> Config {
    let push = PushConfig { allow_private_endpoints: true, ..PushConfig::default() };
    Config::new(mailer, "formation@example.org", "Estrade", push).expect("a configuration")
}

/// The service, with its mails and files in a folder.
pub(crate) fn service_in(folder: &std::path::Path) -> Service {
    let files = Files::folder(&folder.join("files")).expect("a folder of files");
    crate::service(&config(Mailer::Folder(folder.join("mail"))), &files, &key(), BASE_URL)
}

/// The service, where no mail is sent.
pub(crate) fn service() -> Service {
    service_in(&std::env::temp_dir().join("estrade-notification-tests"))
}

pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

pub(crate) fn person_id(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(0xA000 + number))
}

pub(crate) fn person(number: u128, version: u64, name: &str) -> Person {
    Person {
        person: person_id(number),
        version,
        name: name.to_owned(),
        mail: format!("learner{number}@example.org"),
        language: if number.is_multiple_of(2) { Language::Fr } else { Language::En },
        time_zone: "Europe/Paris".to_owned(),
        roles: Vec::new(),
        registered_at: at(0),
    }
}

pub(crate) fn registered(number: u128) -> Envelope {
    envelope(&PersonRegistered(person(number, 1, "Nguyễn Thị Ánh")))
}

/// So early that the sessions of these tests began after it, as if they were let in just before: they go on.
pub(crate) fn erased(number: u128) -> Envelope {
    let erased_at = DateTime::UNIX_EPOCH;
    envelope(&PersonErased { person: person_id(number), version: 9, erased_at })
}

pub(crate) fn course_id() -> CourseId {
    ids::course("queues")
}

pub(crate) fn quiz_id() -> QuizId {
    ids::quiz(course_id(), "final")
}

pub(crate) fn course(version: u64, title: &str) -> Course {
    Course {
        course: course_id(),
        version,
        key: "queues".to_owned(),
        language: Language::En,
        title: title.to_owned(),
        summary: String::new(),
        objectives: Vec::new(),
        minutes: 60,
        design: Default::default(),
        instructor: None,
        sections: Vec::new(),
        quizzes: vec![QuizPlace {
            quiz: quiz_id(),
            title: "What did you learn?".to_owned(),
            required: true,
            pass_percent: 60,
            minutes: 10,
            section: None,
        }],
        updated_at: at(0),
    }
}

pub(crate) fn published(version: u64, title: &str) -> Envelope {
    envelope(&CoursePublished(course(version, title)))
}

pub(crate) fn enrolment_id(number: u128) -> EnrolmentId {
    EnrolmentId(Uuid::from_u128(0xE000 + number))
}

pub(crate) fn enrolled(number: u128, version: u64, minutes: i64) -> Envelope {
    envelope(&LearnerEnrolled {
        enrolment: enrolment_id(number),
        version,
        learner: person_id(number),
        course: course_id(),
        enrolled_at: at(minutes),
    })
}

pub(crate) fn cancelled(number: u128, version: u64, minutes: i64) -> Envelope {
    envelope(&EnrolmentCancelled {
        enrolment: enrolment_id(number),
        version,
        learner: person_id(number),
        course: course_id(),
        cancelled_at: at(minutes),
    })
}

pub(crate) fn graded(number: u128, version: u64, mark: i64, passed: bool) -> Envelope {
    envelope(&AttemptGraded {
        attempt: AttemptId(Uuid::from_u128(0xB000 + number)),
        version,
        quiz: quiz_id(),
        course: course_id(),
        learner: person_id(number),
        number: 1,
        mark: rust_decimal::Decimal::new(mark, 1),
        out_of: rust_decimal::Decimal::new(200, 1),
        passed,
        graded_at: at(20),
    })
}

pub(crate) fn certified(number: u128, pdf: FileReference) -> Envelope {
    envelope(&CertificateIssued {
        certificate: CertificateId(Uuid::from_u128(0xC000 + number)),
        learner: person_id(number),
        course: course_id(),
        enrolment: enrolment_id(number),
        code: "7KQ2-M9XD-0B4T-HV3N".to_owned(),
        language: Language::En,
        issued_at: at(30),
        pdf,
        replaces: None,
    })
}

/// Of the one that is certified; replaced by another, or for a cause.
pub(crate) fn revoked(number: u128, replaced_by: Option<u128>) -> Envelope {
    let certificate = |number: u128| CertificateId(Uuid::from_u128(0xC000 + number));
    envelope(&CertificateRevoked {
        certificate: certificate(number),
        learner: person_id(number),
        course: course_id(),
        reason: "Ánh asked to be called otherwise".to_owned(),
        revoked_at: at(35),
        replaced_by: replaced_by.map(certificate),
        cause: Some(replaced_by.map_or(RevocationCause::Mistake, |_| RevocationCause::Replaced)),
    })
}

/// An essay of a learner, given in so many minutes after the beginning.
pub(crate) fn awaits_marking(number: u128, minutes: i64) -> Envelope {
    envelope(&AttemptAwaitsMarking {
        attempt: AttemptId(Uuid::from_u128(0xB000 + number)),
        quiz: quiz_id(),
        course: course_id(),
        learner: person_id(number),
        awaiting: Vec::new(),
        at: at(minutes),
    })
}

/// The course, with somebody who teaches it.
pub(crate) fn taught(version: u64, instructor: u128) -> Envelope {
    let taught = Course { instructor: Some(person_id(instructor)), ..course(version, "Queues") };
    envelope(&CoursePublished(taught))
}

pub(crate) fn some_pdf() -> FileReference {
    FileReference { key: "certificates/a.pdf".to_owned(), sha256: "00".to_owned(), size: 1 }
}

pub(crate) fn lesson_id(number: u128) -> LessonId {
    LessonId(Uuid::from_u128(0xD000 + number))
}

pub(crate) fn lesson(number: u128, minutes: i64, initial: bool) -> Envelope {
    envelope(&LessonPublished(Lesson {
        lesson: lesson_id(number),
        course: course_id(),
        version: 1,
        title: "Dead letters".to_owned(),
        text: String::new(),
        minutes: 5,
        required: true,
        published_at: at(minutes),
        initial,
    }))
}

pub(crate) fn message(number: u128, minutes: i64) -> Envelope {
    envelope(&MessageSent {
        message: MessageId(Uuid::from_u128(0xE000 + number)),
        course: course_id(),
        author: person_id(99),
        subject: "The next session".to_owned(),
        text: "We meet on **Tuesday**.".to_owned(),
        sent_at: at(minutes),
    })
}

pub(crate) fn forgot_password(number: u128) -> Envelope {
    envelope(&PasswordResetRequested {
        person: person_id(number),
        reset: PasswordResetId(Uuid::from_u128(0xF000 + number)),
        link: key().seal_link("/new-password?token=secret").unwrap(),
        requested_at: at(40),
        expires_at: at(100),
    })
}

pub(crate) fn wants_address(number: u128) -> Envelope {
    envelope(&AddressChangeRequested {
        person: person_id(number),
        change: AddressChangeId(Uuid::from_u128(0xF400 + number)),
        mail: format!("other{number}@example.org"),
        link: key().seal_link("/account/address?token=secret").unwrap(),
        requested_at: at(40),
        expires_at: at(100),
    })
}

pub(crate) fn has_changed_address(number: u128) -> Envelope {
    envelope(&AddressChanged {
        person: person_id(number),
        change: AddressChangeId(Uuid::from_u128(0xF400 + number)),
        former_mail: format!("former{number}@example.org"),
        changed_at: at(45),
    })
}

pub(crate) fn exported(number: u128) -> Envelope {
    envelope(&ExportReady {
        export: ExportId(Uuid::from_u128(0xF100 + number)),
        person: person_id(number),
        ready_at: at(40),
        expires_at: at(40 + 7 * 24 * 60),
    })
}

pub(crate) fn invitation_id() -> InvitationId {
    InvitationId(Uuid::from_u128(0xF200))
}

pub(crate) fn invited(version: u64) -> Envelope {
    envelope(&PersonInvited {
        invitation: invitation_id(),
        version,
        name: "Łucja O’Brien".to_owned(),
        mail: "lucja@example.org".to_owned(),
        language: Language::Fr,
        link: key().seal_link(&format!("/invitation?token=secret{version}")).unwrap(),
        roles: Vec::new(),
        invited_by: None,
        invited_at: at(0),
        expires_at: at(14 * 24 * 60),
    })
}

pub(crate) fn invitation_withdrawn(version: u64) -> Envelope {
    let (invitation, withdrawn_at) = (invitation_id(), at(60));
    envelope(&InvitationWithdrawn { invitation, version, withdrawn_at })
}

pub(crate) fn organisation(version: u64, name: &str) -> Envelope {
    envelope(&OrganisationUpdated {
        organisation: OrganisationId(Uuid::from_u128(0xF300)),
        version,
        name: name.to_owned(),
        address: vec!["12 quai des Brumes".to_owned(), "29200 Brest".to_owned()],
        legal_mentions: LegalMentions {
            en: "A training provider in Brest.".to_owned(),
            fr: "Organisme de formation à Brest.".to_owned(),
        },
        activity_number: None,
        representative: None,
        capacity: None,
        logo: None,
        updated_at: at(0),
        place: None,
        retention_years: None,
    })
}

/// Gives events, and then what the service publishes for itself, until nothing new is published.
pub(crate) async fn deliver(scene: &Scene, events: &[Envelope], together: bool) {
    give(scene, events, together).await;
    let mut told: Vec<event::EventId> = Vec::new();
    loop {
        let published = scene.published().await;
        let fresh: Vec<Envelope> = published
            .into_iter()
            .filter(|it| it.event_type == AnnouncementChunk::TYPE && !told.contains(&it.id))
            .collect();
        if fresh.is_empty() {
            return;
        }
        told.extend(fresh.iter().map(|it| it.id));
        give(scene, &fresh, together).await;
    }
}

async fn give(scene: &Scene, events: &[Envelope], together: bool) {
    if together {
        scene.deliver_together(events).await;
    } else {
        scene.deliver(events).await;
    }
}
