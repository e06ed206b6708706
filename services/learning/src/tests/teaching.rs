//! `/roster`: an instructor's courses, and nobody else's.

use contract::learning::{EnrolmentCancelled, MessageSent};

use super::*;
use crate::domain::Sort;

const OTHER: PersonId = PersonId(Uuid::from_u128(9));

/// The number of learners that the tests' roster has.
const MANY: u128 = 60;

fn learner(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(2000 + number))
}

async fn classroom() -> Browser {
    classroom_on(Browser::new().await).await
}

async fn classroom_on(browser: Browser) -> Browser {
    browser.scene.deliver(&[published(1), registered(INSTRUCTOR, "Inès Instructor")]).await;
    for (id, name) in [(LEARNER, "Élodie Zola"), (OTHER, "bo li")] {
        browser.scene.deliver(&[registered(id, name)]).await;
        commands::enrol(&browser.scene.db, id, COURSE).await.unwrap();
    }
    browser.by(INSTRUCTOR, Role::Instructor)
}

fn roster() -> String {
    format!("/roster/{COURSE}")
}

fn seat(learner: PersonId) -> String {
    format!("/roster/{COURSE}/learners/{}", Enrolment::id_of(learner, COURSE))
}

#[tokio::test]
async fn an_instructor_sees_who_takes_the_course() {
    let browser = classroom().await;
    Step::LessonRead.play(&browser.scene).await;
    let page = browser.see(&roster()).await;
    assert!(page.contains("<dt>people are enrolled</dt><dd>2</dd>"), "{page}");
    let order = ["bo li", "Élodie Zola", "élodie@example.org", "1 of 2 steps done"];
    let places: Vec<usize> = order.iter().map(|text| page.find(text).unwrap_or(0)).collect();
    assert!(places[0] > 0 && places.is_sorted(), "{places:?}: {page}");

    browser.scene.deliver(&[submitted(3), graded(1, 1, 55), graded(2, 1, 125)]).await;
    let page = browser.see(&seat(LEARNER)).await;
    assert!(page.contains("Best mark 12.5 / 20, passed · being graded"), "{page}");
    assert!(page.contains("One click") && page.contains("Not read"), "{page}");
    assert!(page.contains(">Completed</span>") && page.contains("2 of 2 steps done"), "{page}");
    let found = browser.see(&format!("{}?show=completed", roster())).await;
    assert!(found.contains("Zola") && !found.contains("bo li"), "{found}");
    let found = browser.see(&format!("{}?show=underway", roster())).await;
    assert!(!found.contains("Zola") && found.contains("bo li"), "{found}");
}

#[tokio::test]
async fn a_long_roster_is_searched_sorted_and_turned_page_by_page() {
    let browser = classroom().await;
    for number in 0..MANY {
        let name = format!("Learner{number:02} Family");
        browser.scene.deliver(&[registered(learner(number), &name)]).await;
        browser.scene.clock.advance(chrono::TimeDelta::minutes(1));
        commands::enrol(&browser.scene.db, learner(number), COURSE).await.unwrap();
    }
    let page = browser.see(&roster()).await;
    assert!(page.contains("62 learners") && page.contains("page=3"), "{page}");
    let last = browser.see(&format!("{}?page=3", roster())).await;
    assert!(last.contains("Learner58") && !last.contains("Learner00"), "{last}");
    for (search, found) in [("ZOLA", 1), ("elodie%20z", 1), ("learner0", 10), ("%25", 0), ("_", 0)]
    {
        let page = browser.see(&format!("{}?q={search}", roster())).await;
        assert_eq!(page.matches("/learners/").count(), found, "{search}: {page}");
    }
    let beyond = browser.see(&format!("{}?q=learner0&page=9", roster())).await;
    assert!(beyond.contains("10 learners"), "{beyond}");
    assert_eq!(beyond.matches("/learners/").count(), 10, "past the end is the last page: {beyond}");
    let (read, latest) = (learner(30), learner(MANY - 1));
    let seat_of = |id| Enrolment::id_of(id, COURSE);
    browser.scene.clock.advance(chrono::TimeDelta::minutes(1));
    commands::read_lesson(&browser.scene.db, read, seat_of(read), LESSON).await.unwrap();
    for (sort, first) in [
        ("progress", read),
        ("activity", read),
        ("enrolled", latest),
        ("silence", OTHER),
        ("nonsense", OTHER),
    ] {
        let page = browser.see(&format!("{}?sort={sort}", roster())).await;
        let (_, at) = page.split_once("/learners/").unwrap();
        let is_first = at.starts_with(&seat_of(first).to_string())
            || (sort == "silence" && at.starts_with(&seat_of(LEARNER).to_string()));
        assert!(is_first, "{sort}: {page}");
    }
}

#[tokio::test]
async fn the_roster_is_a_file_without_formulas() {
    let browser = classroom().await;
    browser.scene.deliver(&[renamed(OTHER, 2, "=HYPERLINK(\"https://evil.example\")")]).await;
    let (status, headers, file) = browser
        .ask("GET", &format!("{}/download?q=&show=everybody", roster()), String::new())
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(
        headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"queues-learners.csv\""
    );
    assert!(file.starts_with("\u{feff}\"Name\",\"Mail address\""), "{file}");
    assert!(file.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\""), "{file}");
    assert_eq!(file.lines().count(), 3);
    let french = Browser { language: Language::Fr, ..browser };
    let (_, _, file) =
        french.ask("GET", &format!("{}/download?q=zola", roster()), String::new()).await;
    assert!(file.contains("\"Élodie Zola\";\"élodie@example.org\";\"0\";\"2\""), "{file}");
    assert_eq!(file.lines().count(), 2);
}

#[tokio::test]
async fn one_is_enrolled_and_removed() {
    let browser = classroom().await;
    browser.scene.deliver(&[registered(learner(1), "New One")]).await;
    let enrol = async |mail: &str| browser.ask("POST", &roster(), format!("mail={mail}")).await;
    let (status, headers, _) = enrol("%20NEW%40example.org").await;
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (StatusCode::SEE_OTHER, &*format!("{}?done=enrolled", roster()))
    );
    let (_, headers, _) = enrol("new%40example.org").await;
    assert!(headers["location"].to_str().unwrap().ends_with("done=already"));
    for (mail, words) in
        [("who%40example.org", "Ask an administrator"), ("who", "whole mail address")]
    {
        let (status, _, page) = enrol(mail).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(words) && page.contains("href=\"#mail\""), "{page}");
        assert!(!page.contains("href=\"/invitations\"") && !page.contains("<table"), "{page}");
    }
    assert!(browser.see(&seat(learner(1))).await.contains("New One"));
    let remove = format!("{}/remove", seat(learner(1)));
    assert!(browser.see(&remove).await.contains("New One (new@example.org)"));
    assert_eq!(browser.post(&remove, "").await, format!("{}?done=removed", roster()));
    browser.post(&remove, "").await;
    assert_eq!(told::<EnrolmentCancelled>(&browser.scene).await.len(), 1);
    assert_eq!(browser.status(&seat(learner(1))).await, 404);

    let administrator = browser.by(PersonId::new(), Role::Administrator);
    let (_, _, page) =
        administrator.ask("POST", &roster(), "mail=who%40example.org".to_owned()).await;
    assert!(page.contains("href=\"/invitations\""), "{page}");
}

#[tokio::test]
async fn who_was_erased_is_gone() {
    let browser = classroom().await;
    browser.scene.deliver(&[erased(LEARNER, 2)]).await;
    let page = browser.see(&roster()).await;
    assert!(
        page.contains("<dt>person is enrolled</dt><dd>1</dd>") && !page.contains("Zola"),
        "{page}"
    );
    assert_eq!(browser.status(&seat(LEARNER)).await, 404);
}

#[tokio::test]
async fn a_name_may_arrive_later_than_its_seat() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    commands::enrol(&browser.scene.db, LEARNER, COURSE).await.unwrap();
    let browser = browser.by(INSTRUCTOR, Role::Instructor);
    assert!(browser.see(&roster()).await.contains("the name is on its way"));
    assert!(browser.see(&seat(LEARNER)).await.contains("the name is on its way"));
    browser.scene.deliver(&[registered(LEARNER, "Ana")]).await;
    assert!(browser.see(&roster()).await.contains("Ana"));
}

#[tokio::test]
async fn nobody_sees_the_roster_of_another_s_course() {
    let browser = classroom().await;
    let pages = [
        roster(),
        format!("{}/download", roster()),
        seat(LEARNER),
        format!("{}/remove", seat(LEARNER)),
        format!("{}/message", roster()),
    ];
    let unknown = CourseId::new();
    let mut browser = browser;
    for (person, role, expected) in [
        (INSTRUCTOR, Role::Instructor, 200),
        (PersonId::new(), Role::Administrator, 200),
        (PersonId::new(), Role::Instructor, 403),
        (INSTRUCTOR, Role::Learner, 403),
        (LEARNER, Role::Learner, 403),
        (PersonId::new(), Role::Operator, 403),
    ] {
        browser = browser.by(person, role);
        for page in &pages {
            assert_eq!(browser.status(page).await, expected, "{role:?} {page}");
        }
        if expected == 403 {
            for (page, form) in [
                (&pages[0], "mail=a%40b.c"),
                (&pages[3], ""),
                (
                    &pages[4],
                    "form=00000000-0000-0000-0000-000000000001&subject=a&text=b&action=send",
                ),
            ] {
                let (status, _, _) = browser.ask("POST", page, form.to_owned()).await;
                assert_eq!(status, 403, "{role:?} {page}");
            }
        }
    }
    browser = browser.by(PersonId::new(), Role::Administrator);
    for page in [format!("/roster/{unknown}"), format!("/roster/{unknown}/message")] {
        let said = browser.see(&page).await;
        assert!(said.contains("before it is published"), "{said}");
    }
    assert_eq!(browser.status(&format!("/roster/{unknown}/download")).await, 404);
    assert_eq!(told::<MessageSent>(&browser.scene).await, []);
}

#[tokio::test]
async fn a_course_without_an_instructor_is_any_instructor_s() {
    let browser = Browser::new().await;
    let course = Course { instructor: None, ..course(1, &[QUIZ]) };
    browser.scene.deliver(&[envelope(&CoursePublished(course))]).await;
    let browser = browser.by(PersonId::new(), Role::Instructor);
    assert!(browser.see(&roster()).await.contains("Nobody is enrolled yet"));
}

/// A withdrawn course is described once more when it is handed over, one version before it is gone again.
#[tokio::test]
async fn the_people_of_a_course_are_for_whoever_teaches_it_now() {
    let browser = classroom().await;
    let given = |to: PersonId, version: u64| {
        envelope(&CourseUpdated(Course { instructor: Some(to), ..course(version, &[QUIZ]) }))
    };
    let successor = PersonId::new();
    browser.scene.deliver(&[given(successor, 2)]).await;
    assert_eq!(browser.status(&roster()).await, 403);
    let browser = browser.by(successor, Role::Instructor);
    assert_eq!(browser.status(&roster()).await, 200);
    browser.scene.deliver(&[withdrawn(3), withdrawn(5), given(INSTRUCTOR, 4)]).await;
    assert_eq!(browser.status(&roster()).await, 403);
    let browser = browser.by(INSTRUCTOR, Role::Instructor);
    assert_eq!(browser.status(&roster()).await, 200);
}

#[tokio::test]
async fn a_message_is_looked_at_and_sent_once() {
    let browser = classroom().await;
    let place = format!("{}/message", roster());
    let page = browser.see(&place).await;
    assert!(page.contains("A new message goes to 2 people who are enrolled"), "{page}");
    let (_, form) = page.split_once("name=\"form\" value=\"").unwrap();
    let form = form.split_once('"').unwrap().0.to_owned();

    let (status, _, page) =
        browser.ask("POST", &place, format!("form={form}&subject=+&text=&action=preview")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("href=\"#subject\"") && page.contains("href=\"#text\""), "{page}");

    let written =
        format!("form={form}&subject=Thursday%0d%0aBcc:+all&text=We+meet+**late**+%3Cscript%3E");
    let (status, _, page) = browser.ask("POST", &place, format!("{written}&action=preview")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<strong>late</strong>") && !page.contains("<script>"), "{page}");
    assert!(page.contains("Thursday Bcc: all") && page.contains("goes to 2 people"), "{page}");
    assert_eq!(told::<MessageSent>(&browser.scene).await, []);

    let (_, _, page) = browser.ask("POST", &place, format!("{written}&action=change")).await;
    assert!(page.contains("value=\"Thursday"), "{page}");
    let sent = browser.post(&place, &format!("{written}&action=send")).await;
    assert_eq!(sent, browser.post(&place, &format!("{written}+again&action=send")).await);
    let told: Vec<MessageSent> = told(&browser.scene).await;
    assert_eq!(told.len(), 1, "twice is once");
    assert_eq!((told[0].author, told[0].subject.as_str()), (INSTRUCTOR, "Thursday Bcc: all"));
    let page = browser.see(&sent).await;
    assert!(page.contains("Sent to 2 people.") && page.contains("by Inès Instructor"), "{page}");

    // Somebody else's form with the same id is another message.
    let administrator = browser.by(PersonId::new(), Role::Administrator);
    assert_ne!(sent, administrator.post(&place, &format!("{written}&action=send")).await);
}

#[tokio::test]
async fn nobody_is_written_to_where_nobody_is() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    let browser = browser.by(INSTRUCTOR, Role::Instructor);
    let place = format!("{}/message", roster());
    assert!(browser.see(&place).await.contains("there is nobody to write to"));
    let form = format!("form={}&subject=a&text=b&action=send", Uuid::from_u128(1));
    let (status, _, page) = browser.ask("POST", &place, form).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    assert_eq!(told::<MessageSent>(&browser.scene).await, []);
}

/// Every statement of these pages, on SQLite and, where there is one, on PostgreSQL.
#[tokio::test]
async fn it_is_the_same_on_each_database() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        let browser = classroom_on(Browser::on(scene).by(LEARNER, Role::Learner)).await;
        Step::LessonRead.play(&browser.scene).await;
        browser.scene.deliver(&[submitted(1), awaits_marking(1), graded(2, 1, 125)]).await;
        for sort in Sort::ALL {
            let sort = sort.name();
            let page = browser.see(&format!("{}?sort={sort}&q=elodie", roster())).await;
            assert!(page.contains("2 of 2 steps done"), "{sort}: {page}");
            assert_eq!(page.matches("/learners/").count(), 1, "{page}");
        }
        assert!(browser.see(&seat(LEARNER)).await.contains("waits to be marked by a person"));
        let form = format!("form={}&subject=a&text=b&action=send", Uuid::from_u128(1));
        let sent = browser.post(&format!("{}/message", roster()), &form).await;
        assert!(browser.see(&sent).await.contains("by Inès Instructor, to 2 people"));

        let learner = browser.by(LEARNER, Role::Learner);
        assert!(learner.see("/learning").await.contains("with a person who marks it"));
        let office = learner.by(INSTRUCTOR, Role::Administrator);
        let report = office.uploaded(1, "élodie@example.org,queues\nwho@example.org,queues").await;
        let page = office.see(&report).await;
        assert!(page.contains("1 enrolled already") && page.contains("1 line refused"), "{page}");
        office.post(&format!("{report}/again"), "").await;
        drain(&office.scene).await;
        assert!(office.see("/enrolments").await.contains(&report));
        office.scene.deliver(&[erased(LEARNER, 2)]).await;
        assert!(office.see(&report).await.contains("1 line refused"));
    }
}
