//! Copies of persons, and courses that go from one instructor to another.

use std::path::Path;

use axum::http::{Method, StatusCode};
use bus::testing::{Scene, Tables, assert_order_does_not_matter, envelope, start};
use contract::{
    catalog::{CourseUpdated, CourseWithdrawn, QuizPlaced},
    identity::{Person, PersonErased, PersonRegistered, PersonUpdated},
    learning::LearnerEnrolled,
};
use event::{CourseId, EnrolmentId, Envelope, Event as _, Language, PersonId, Role};
use serde_json::json;
use uuid::Uuid;

use super::authoring::{publish, written};
use crate::site::{Answer, Site, site};

const TABLES: Tables = &[
    ("person_copy", "person, version, erased, name, mail, teaches, hash"),
    ("enrolment_copy", "enrolment, learner, course, version, active, changed_at, hash"),
    ("learner", "person, erased"),
];

const ANA: PersonId = PersonId(Uuid::from_u128(0xa));
const BO: PersonId = PersonId(Uuid::from_u128(0xb));
const CY: PersonId = PersonId(Uuid::from_u128(0xc));

fn person(person: PersonId, version: u64, name: &str, role: Role) -> Person {
    Person {
        person,
        version,
        name: name.to_owned(),
        mail: format!("{name}@Example.org"),
        language: Language::En,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner, role],
        registered_at: start(),
    }
}

fn registered(id: PersonId, name: &str, role: Role) -> Envelope {
    envelope(&PersonRegistered(person(id, 1, name, role)))
}

fn updated(id: PersonId, name: &str, role: Role) -> Envelope {
    envelope(&PersonUpdated(person(id, 2, name, role)))
}

fn erased(person: PersonId) -> Envelope {
    envelope(&PersonErased { person, version: 3, erased_at: start() })
}

fn enrolled(learner: PersonId) -> Envelope {
    envelope(&LearnerEnrolled {
        enrolment: EnrolmentId(learner.0),
        version: 1,
        learner,
        course: CourseId(Uuid::from_u128(0xc0)),
        enrolled_at: start(),
    })
}

#[tokio::test]
async fn copies_of_persons_are_the_same_in_any_order() {
    let events = [
        registered(ANA, "Ana", Role::Learner),
        updated(ANA, "Anna", Role::Instructor),
        registered(BO, "Bo", Role::Administrator),
        updated(BO, "Bo", Role::Learner),
        erased(BO),
        enrolled(BO),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

/// Nothing of them stays but that there was somebody, also if they are told anew afterwards.
#[tokio::test]
async fn who_is_erased_has_neither_name_nor_address() {
    let scene = Scene::new(crate::service(), &TABLES[..1]).await;
    let known = registered(BO, "Bo", Role::Instructor);
    scene.deliver(&[known.clone(), erased(BO), updated(BO, "Bo", Role::Instructor), known]).await;
    let state = scene.state(&[]).await;
    assert!(!state.to_lowercase().contains("bo@"), "{state}");
    assert!(state.contains("'gone'"), "{state}");
}

/// Ana and Bo, who teach, and Cy, who does not.
async fn with_people() -> (Site, String, String) {
    let site = site().await;
    let people = [
        registered(ANA, "Ana", Role::Instructor),
        registered(BO, "Bo", Role::Instructor),
        registered(CY, "Cy", Role::Learner),
    ];
    site.scene.deliver(&people).await;
    let ana = site.session_of(ANA, Role::Instructor, Language::En);
    let bo = site.session_of(BO, Role::Instructor, Language::En);
    (site, ana, bo)
}

/// Answers the page that says whose address it is with yes.
async fn confirmed(site: &Site, address: &str, token: &str, asked: &Answer) -> Answer {
    let [mail, person, seen] = ["mail", "person", "seen"].map(|field| asked.value(field));
    let fields = [("mail", mail.as_str()), ("person", &person), ("seen", &seen)];
    site.submit(address, token, &fields).await
}

#[tokio::test]
async fn a_course_is_given_to_somebody_else_who_teaches() {
    let (site, ana, bo) = with_people().await;
    let (course, lesson) = written(&site, &ana).await;
    publish(&site, &course, &ana).await;
    let address = format!("{course}/hand-over");
    let page = site.get(&course, Some(&ana)).await.text;
    assert!(page.contains("Instructor: Ana") && page.contains(&address), "{page}");
    assert_eq!(site.get(&address, Some(&bo)).await.status, StatusCode::FORBIDDEN);

    let seen = site.scene.published().await.len();
    let asked = site.submit(&address, &ana, &[("mail", " BO@example.ORG ")]).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text.contains("to Bo (bo@example.org)"), "{}", asked.text);
    assert!(asked.text.contains("You lose all of this"), "{}", asked.text);
    assert!(site.told_since(seen).await.is_empty(), "asking gives nothing away");

    let done = confirmed(&site, &address, &ana, &asked).await.location();
    assert_eq!(done, "/teaching?done=handed-over");
    let list = site.get(&done, Some(&ana)).await.text;
    assert!(list.contains("The course is handed over") && !list.contains("Files d’attente"));
    let told = site.told_since(seen).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].open::<CourseUpdated>().unwrap().0.instructor, Some(BO));
    for page in [&course, &lesson, &address] {
        assert_eq!(site.get(page, Some(&ana)).await.status, StatusCode::FORBIDDEN, "{page}");
        assert_eq!(site.get(page, Some(&bo)).await.status, StatusCode::OK, "{page}");
    }
    let again = confirmed(&site, &address, &ana, &asked).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_keeps_the_questions_of_a_draft_hears_whose_it_is() {
    let (site, ana, bo) = with_people().await;
    let administrator = site.sign_in(Role::Administrator);
    let (course, _) = written(&site, &ana).await;
    let quiz = [("title", "Check"), ("pass_percent", "70"), ("section", "")];
    site.submit(&format!("{course}/quizzes"), &ana, &quiz).await.location();
    let seen = site.scene.published().await.len();
    let address = format!("{course}/hand-over");
    let asked = site.submit(&address, &administrator, &[("mail", "bo@example.org")]).await;
    assert!(asked.text.contains("Administrators keep it"), "{}", asked.text);
    let done = confirmed(&site, &address, &administrator, &asked).await.location();
    assert_eq!(done, format!("{course}?done=handed-over"));
    assert!(site.get(&done, Some(&administrator)).await.text.contains("Instructor: Bo"));
    let told = site.scene.published().await;
    let [before, after] =
        [&told[seen - 1], &told[seen]].map(|told| told.open::<QuizPlaced>().unwrap());
    assert_eq!((before.instructor, after.instructor), (Some(ANA), Some(BO)));
    assert!(before.version < after.version && told.len() == seen + 1, "{told:?}");
    assert_eq!(site.get(&course, Some(&ana)).await.status, StatusCode::NOT_FOUND, "a draft");
    assert_eq!(site.get(&course, Some(&bo)).await.status, StatusCode::OK);
}

/// It has learners and marks still, which are for whoever teaches it.
#[tokio::test]
async fn of_a_withdrawn_course_too_the_others_hear_whose_it_is() {
    let (site, ana, bo) = with_people().await;
    let (course, _) = written(&site, &ana).await;
    publish(&site, &course, &ana).await;
    site.submit(&format!("{course}/withdraw"), &ana, &[]).await.location();
    let told = site.scene.published().await;
    let (seen, version) = (told.len(), told.last().unwrap().sequence.unwrap());
    let address = format!("{course}/hand-over");
    let asked = site.submit(&address, &ana, &[("mail", "bo@example.org")]).await;
    confirmed(&site, &address, &ana, &asked).await.location();
    let told = site.told_since(seen).await;
    let types: Vec<&str> = told.iter().map(|told| told.event_type.as_str()).collect();
    assert_eq!(types, [CourseUpdated::TYPE, CourseWithdrawn::TYPE]);
    assert_eq!(told[0].open::<CourseUpdated>().unwrap().0.instructor, Some(BO));
    let sequences: Vec<_> = told.iter().map(|told| told.sequence.unwrap()).collect();
    assert_eq!(sequences, [version + 1, version + 2], "it is gone again, in the end");
    publish(&site, &course, &bo).await;
    let back = site.scene.published().await.pop().unwrap();
    assert!(back.sequence.unwrap() > version + 2, "{back:?}");
}

#[tokio::test]
async fn it_is_given_to_nobody_who_may_not_teach_and_by_nobody_whose_it_is_not() {
    let (site, ana, bo) = with_people().await;
    let (course, _) = written(&site, &ana).await;
    let address = format!("{course}/hand-over");
    let asked = site.submit(&address, &ana, &[("mail", "bo@example.org")]).await;
    site.scene.deliver(&[updated(BO, "Bo", Role::Learner)]).await;
    for (mail, reason) in [
        ("nobody@example.org", "Nobody has an account with this address"),
        ("", "Nobody has an account with this address"),
        ("cy@example.org", "This person may not teach yet"),
        ("bo@example.org", "This person may not teach yet"),
        ("ana@example.org", "This person teaches the course already"),
    ] {
        let refused = site.submit(&address, &ana, &[("mail", mail)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{mail}");
        assert!(refused.text.contains(reason), "{mail}: {}", refused.text);
        assert!(refused.text.contains("href=\"#mail\""), "beside its field: {}", refused.text);
    }
    let late = confirmed(&site, &address, &ana, &asked).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "the role went meanwhile");
    let french = site.session_of(ANA, Role::Instructor, Language::Fr);
    let refused = site.submit(&address, &french, &[("mail", "cy@example.org")]).await;
    assert!(refused.text.contains("ne peut pas encore enseigner"), "{}", refused.text);
    assert_eq!(site.submit(&address, &bo, &[]).await.status, StatusCode::NOT_FOUND, "a draft");
    site.scene.deliver(&[erased(ANA)]).await;
    let administrator = site.sign_in(Role::Administrator);
    let page = site.get(&course, Some(&administrator)).await.text;
    assert!(page.contains("an account that was erased"), "{page}");
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_looked_at_again() {
    let (site, ana, _) = with_people().await;
    let (course, _) = written(&site, &ana).await;
    let address = format!("{course}/hand-over");
    let asked = site.submit(&address, &ana, &[("mail", "bo@example.org")]).await;
    site.submit(&format!("{course}/sections"), &ana, &[("title", "More")]).await.location();
    let quiz = [("title", "Check"), ("pass_percent", "70"), ("section", "")];
    site.submit(&format!("{course}/quizzes"), &ana, &quiz).await.location();
    let late = confirmed(&site, &address, &ana, &asked).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    assert_eq!(site.get(&course, Some(&ana)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_nobodys_is_given_away_by_administrators_alone() {
    let (site, ana, bo) = with_people().await;
    let administrator = site.sign_in(Role::Administrator);
    let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/en"));
    let source = crate::import::read_folder(demo).unwrap();
    let imported = crate::import::import(&site.scene.db, &source).await.unwrap();
    let course = format!("/teaching/{}", imported.course);
    let address = format!("{course}/hand-over");
    let page = site.get(&course, Some(&ana)).await.text;
    assert!(page.contains("any instructor may edit it") && !page.contains(&address), "{page}");
    assert_eq!(site.get(&address, Some(&ana)).await.status, StatusCode::FORBIDDEN);
    let asked = site.submit(&address, &administrator, &[("mail", "bo@example.org")]).await;
    confirmed(&site, &address, &administrator, &asked).await.location();
    assert_eq!(site.get(&course, Some(&ana)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get(&course, Some(&bo)).await.status, StatusCode::OK);
    let again = crate::import::import(&site.scene.db, &source).await.unwrap();
    assert_eq!(again.outcome, crate::import::Outcome::Unchanged);
    assert_eq!(
        site.get(&course, Some(&bo)).await.status,
        StatusCode::OK,
        "files take it from nobody"
    );
}

#[tokio::test]
async fn programs_hand_over_as_people_do() {
    let (site, ana, bo) = with_people().await;
    let administrator = site.sign_in(Role::Administrator);
    site.draft(&ana).await;
    let path = "/api/v1/courses/queues/instructor";
    let tag = site.get("/api/v1/courses/queues", Some(&ana)).await.header("etag").unwrap();
    let to = |mail: &str| Some(json!({ "mail": mail }));
    let put = async |token: &str, mail: &str, tag: Option<&str>| {
        site.ask_if(Method::PUT, path, Some(token), to(mail), tag).await
    };
    assert_eq!(put(&bo, "bo@example.org", None).await.status, StatusCode::NOT_FOUND, "a draft");
    let nobody = put(&ana, "cy@example.org", None).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(nobody.json()["errors"][0]["field"], "mail");
    let given = put(&ana, "Bo@Example.org", Some(&tag)).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    assert_eq!(given.json()["instructor"], BO.to_string());
    assert_eq!(given.json()["sections"][0]["lessons"].as_array().unwrap().len(), 1);
    assert_eq!(put(&ana, "ana@example.org", None).await.status, StatusCode::NOT_FOUND);
    let stale = put(&administrator, "ana@example.org", Some(&tag)).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    for _ in 0..2 {
        let given = put(&administrator, "ana@example.org", None).await.json();
        assert_eq!(given["instructor"], ANA.to_string(), "twice as once");
    }
}
