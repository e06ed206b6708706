//! Copies of who takes which course, and the page of a course for those who do.

use bus::{
    step,
    testing::{Scene, Tables, assert_order_does_not_matter, envelope, start},
};
use chrono::{DateTime, TimeDelta};
use contract::{
    catalog::CopiesCompared,
    identity::{self, PERSONS, PersonErased},
    learning::{self, CourseCompleted, ENROLMENTS, EnrolmentCancelled, LearnerEnrolled},
    step::{GONE, Stamp, hash},
};
use event::{CourseId, EnrolmentId, Envelope, Event as _, Language, PersonId, Role};
use serde_json::json;
use uuid::Uuid;

use crate::site::{Site, site};

const TABLES: Tables = &[
    ("enrolment_copy", "enrolment, learner, course, version, active, changed_at, hash"),
    ("completion_copy", "enrolment, completed_at"),
    ("learner", "person, erased"),
];

const ANA: PersonId = PersonId(Uuid::from_u128(0xa));
const BO: PersonId = PersonId(Uuid::from_u128(0xb));
const COURSE: CourseId = CourseId(Uuid::from_u128(0xc0));

fn seat(learner: PersonId, course: CourseId) -> EnrolmentId {
    EnrolmentId(Uuid::from_u128(learner.0.as_u128() ^ course.0.as_u128()))
}

fn taken(learner: PersonId, course: CourseId, version: u64) -> LearnerEnrolled {
    LearnerEnrolled {
        enrolment: seat(learner, course),
        version,
        learner,
        course,
        enrolled_at: start(),
    }
}

fn enrolled(learner: PersonId, course: CourseId, version: u64) -> Envelope {
    envelope(&taken(learner, course, version))
}

fn cancelled(learner: PersonId, course: CourseId, version: u64) -> Envelope {
    envelope(&EnrolmentCancelled {
        enrolment: seat(learner, course),
        version,
        learner,
        course,
        cancelled_at: start() + TimeDelta::days(1),
    })
}

fn completed(learner: PersonId, course: CourseId, days: i64) -> Envelope {
    envelope(&CourseCompleted {
        enrolment: seat(learner, course),
        learner,
        course,
        course_version: 1,
        enrolled_at: start(),
        completed_at: start() + TimeDelta::days(days),
        minutes: 0,
        lessons_read: 0,
        results: Vec::new(),
    })
}

/// So early that the sessions of these tests began after it, as if they were let in just before: they go on.
fn erased(person: PersonId) -> Envelope {
    envelope(&PersonErased { person, version: 2, erased_at: DateTime::UNIX_EPOCH })
}

#[tokio::test]
async fn copies_are_the_same_in_any_order() {
    let other = CourseId(Uuid::from_u128(0xd0));
    let events = [
        enrolled(ANA, COURSE, 1),
        cancelled(ANA, COURSE, 2),
        enrolled(ANA, COURSE, 3),
        completed(ANA, COURSE, 2),
        completed(ANA, COURSE, 3),
        enrolled(ANA, other, 1),
        cancelled(ANA, other, 2),
        enrolled(BO, COURSE, 1),
        completed(BO, COURSE, 2),
        erased(BO),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn what_is_told_anew_changes_nothing_and_what_comes_late_neither() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[enrolled(ANA, COURSE, 3), completed(ANA, COURSE, 2)]).await;
    let before = scene.state(&[]).await;
    scene.deliver(&[enrolled(ANA, COURSE, 3), cancelled(ANA, COURSE, 2)]).await;
    scene.deliver_together(&[completed(ANA, COURSE, 2), enrolled(ANA, COURSE, 1)]).await;
    assert_eq!(scene.state(&[]).await, before);
}

/// The seat stays, or it would be missed: whose it was goes, also from what is told afterwards.
#[tokio::test]
async fn erasing_leaves_a_seat_that_is_nobodys() {
    let scene = Scene::new(crate::service(), &TABLES[..1]).await;
    scene.deliver(&[enrolled(BO, COURSE, 1), erased(BO), cancelled(BO, COURSE, 2)]).await;
    let state = scene.state(&[]).await;
    assert!(state.contains("NULL") && !state.contains(&quoted(BO.0)), "{state}");
    assert!(state.contains(&quoted(seat(BO, COURSE).0)), "{state}");
}

/// As SQLite writes an id.
fn quoted(id: Uuid) -> String {
    format!("X'{}'", id.simple().to_string().to_uppercase())
}

#[tokio::test]
async fn copies_are_held_against_their_owners() {
    let scene = Scene::new(crate::service(), TABLES).await;
    let known = taken(ANA, COURSE, 1);
    scene.deliver(&[envelope(&known)]).await;
    let missing = Stamp { id: Uuid::from_u128(0xffff), version: 1, hash: "abc".to_owned() };
    let same = Stamp { id: known.enrolment.0, version: 1, hash: hash(&known) };
    let gone = Stamp { id: BO.0, version: 2, hash: GONE.to_owned() };
    scene
        .deliver(&[
            envelope(&learning::Digest(digest(ENROLMENTS, vec![same, missing]))),
            envelope(&identity::Digest(digest(PERSONS, vec![gone]))),
        ])
        .await;
    let told = scene.published().await;
    let answers: Vec<step::Compared> = told
        .iter()
        .filter(|told| told.event_type == CopiesCompared::TYPE)
        .map(|told| serde_json::from_str::<CopiesCompared>(&told.data).unwrap().0)
        .collect();
    for (kind, queue, compared) in
        [(ENROLMENTS, "catalog.copy-enrolment", 2), (PERSONS, "catalog.copy-person", 1)]
    {
        let answer = answers.iter().find(|answer| answer.kind == kind).unwrap();
        assert_eq!((answer.queue.as_str(), answer.compared), (queue, compared), "{answer:?}");
        assert_eq!((answer.missing, answer.asked.len()), (1, 1), "{answer:?}");
    }
}

fn digest(kind: &str, entries: Vec<Stamp>) -> step::Digest {
    step::Digest {
        run: Uuid::from_u128(1),
        kind: kind.to_owned(),
        page: 1,
        last: true,
        after: Uuid::nil(),
        to: Uuid::max(),
        entries,
    }
}

/// A course that is published, and its id.
async fn published(site: &Site) -> CourseId {
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    let course = site.get("/api/v1/courses/queues", None).await.json();
    course["course"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_is_enrolled_goes_on_instead_of_enrolling() {
    let site = site().await;
    let course = published(&site).await;
    let (ana, bo) = (
        site.session_of(ANA, Role::Learner, Language::En),
        site.session_of(BO, Role::Learner, Language::En),
    );
    let page = async |token: &str| site.get("/courses/queues", Some(token)).await.text;
    let may_enrol = |page: &str| page.contains("/enrol\"") && !page.contains("/learning?course=");
    assert!(may_enrol(&page(&ana).await));

    site.scene.deliver(&[enrolled(ANA, course, 1)]).await;
    let seen = page(&ana).await;
    assert!(seen.contains(&format!("href=\"/learning?course={course}")), "{seen}");
    assert!(seen.contains("enrolled since 15 January 2027"), "{seen}");
    assert!(!seen.contains("/enrol\""), "{seen}");
    assert!(may_enrol(&page(&bo).await), "somebody else");
    let nobody = site.get("/courses/queues", None).await.text;
    assert!(nobody.contains("href=\"/sign-in?next="), "{nobody}");

    site.scene.deliver(&[completed(ANA, course, 2)]).await;
    let seen = page(&ana).await;
    assert!(seen.contains("completed this course on 17 January 2027"), "{seen}");
    let french = site.session_of(ANA, Role::Learner, Language::Fr);
    assert!(page(&french).await.contains("Continuer"));

    site.scene.deliver(&[cancelled(ANA, course, 2)]).await;
    assert!(may_enrol(&page(&ana).await), "whoever gave the seat up may take it again");
    site.scene.deliver(&[enrolled(ANA, course, 3), erased(ANA)]).await;
    assert!(may_enrol(&page(&ana).await), "who was erased has no seat");
}
