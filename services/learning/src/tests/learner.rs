//! `/learning`, as its learner sees it.

use super::*;

#[tokio::test]
async fn a_learner_goes_the_whole_way() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    assert!(browser.see("/learning").await.contains("not enrolled in any course"));

    let enrol = format!("/learning/courses/{COURSE}/enrol");
    let place = browser.post(&enrol, "").await;
    assert_eq!(place, format!("/learning?enrolled={COURSE}"));
    assert!(browser.see(&place).await.contains("You are enrolled in “Queues, edition 1”"));
    let page = browser.see("/learning").await;
    assert!(page.contains("0 of 2 steps done") && page.contains("value=\"0\""), "{page}");
    let next = format!("<a class=\"button\" href=\"/courses/{COURSE}/lessons/{LESSON}\">");
    assert!(page.contains(&next) && page.contains("Next lesson: One click"), "{page}");

    assert_eq!(browser.read("/courses/queues/lessons/two").await, "/courses/queues/lessons/two");
    let page = browser.see("/learning").await;
    let next = format!("<a class=\"button\" href=\"/quizzes/{QUIZ}\">");
    assert!(page.contains("1 of 2 steps done") && page.contains(&next), "{page}");

    browser.scene.deliver(&[graded(1, 1, 55)]).await;
    let page = browser.see("/learning").await;
    assert!(page.contains("Best mark 5.5 / 20, not passed yet") && page.contains(&next), "{page}");
    let third = AttemptGraded { mark: "6.3333333".parse().unwrap(), ..result(3, 1, 0) };
    browser.scene.deliver(&[envelope(&third)]).await;
    assert!(browser.see("/learning").await.contains("Best mark 6.33 / 20"), "to two places");
    browser.scene.deliver(&[graded(2, 1, 175)]).await;
    let french = Browser { language: Language::Fr, ..browser };
    let page = french.see("/learning").await;
    assert!(page.contains("2 étapes faites sur 2") && page.contains("17,5 / 20"), "{page}");
    assert!(page.contains("Terminée le") && page.contains("href=\"/certificates\""), "{page}");
    assert!(!page.contains("Quitter cette formation"), "{page}");
}

#[tokio::test]
async fn a_seat_is_given_up_and_taken_again() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    let enrol = format!("/learning/courses/{COURSE}/enrol");
    browser.post(&enrol, "").await;
    browser.post(&enrol, "").await;
    browser.read("/learning").await;
    let cancel = format!("/learning/enrolments/{}/cancel", Enrolment::id_of(LEARNER, COURSE));
    let asked = browser.see(&cancel).await;
    assert!(asked.contains("Leave this course?") && asked.contains("are kept"), "{asked}");
    browser.post(&cancel, "").await;
    let place = browser.post(&cancel, "").await;
    assert_eq!(place, format!("/learning?left={COURSE}"));
    assert!(browser.see(&place).await.contains("You have left “Queues, edition 1”"));
    let page = browser.see("/learning").await;
    assert!(page.contains("Enrolment cancelled") && page.contains("Enrol again"), "{page}");
    assert_eq!(browser.read("/learning").await, format!("/learning?course={COURSE}"));
    browser.post(&enrol, "").await;
    assert!(browser.see("/learning").await.contains("1 of 2 steps done"));
}

#[tokio::test]
async fn titles_say_their_language_within_sentences() {
    let browser = Browser { language: Language::Fr, ..Browser::new().await };
    browser.scene.deliver(&[published(1)]).await;
    let place = browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    let page = browser.see(&place).await;
    assert!(page.contains("<span lang=\"en\">Queues, edition 1</span>"), "{page}");
    assert!(page.contains("<span lang=\"en\">One click</span></a>"), "{page}");
    browser.scene.deliver(&[submitted(1)]).await;
    let page = browser.see("/learning").await;
    assert!(page.contains("<span lang=\"en\">Follow the message</span>"), "{page}");
    let seat = Enrolment::id_of(LEARNER, COURSE);
    let asked = browser.see(&format!("/learning/enrolments/{seat}/cancel")).await;
    assert!(asked.contains("<span lang=\"en\">Queues, edition 1</span>"), "{asked}");

    let english = Browser { language: Language::En, ..browser };
    let page = english.see(&place).await;
    assert!(page.contains("Queues, edition 1") && !page.contains("<span lang"), "{page}");
}

#[tokio::test]
async fn a_course_that_has_not_arrived_appears_by_itself() {
    let browser = Browser::new().await;
    let place = browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    assert_eq!(place, format!("/learning?course={COURSE}"));
    let (status, headers, page) = browser.ask("GET", &place, String::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!headers.contains_key("refresh"), "nothing moves while somebody reads it");
    assert!(page.contains("it appears by itself"), "{page}");
    assert!(page.contains(&format!("data-live=\"/learning/courses/{COURSE}/live?seen=")), "{page}");

    browser.scene.deliver(&[published(1)]).await;
    let page = browser.see(&place).await;
    assert!(page.contains("Queues, edition 1") && page.contains("<button>Enrol"), "{page}");
    browser.scene.deliver(&[withdrawn(2)]).await;
    assert!(browser.see(&place).await.contains("nobody can enrol any more"));
}

#[tokio::test]
async fn nonsense_is_turned_away() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    for away in ["https://evil.example", "//evil.example", "%2F%2Fevil.example", "%5Cevil"] {
        assert_eq!(browser.read(away).await, "/courses");
    }
    let stranger = Browser { person: PersonId::new(), language: Language::Fr, ..browser };
    let cases = [
        (format!("/learning/enrolments/{}/cancel", Enrolment::id_of(LEARNER, COURSE)), "", 404),
        ("/learning/courses/queues/enrol".to_owned(), "", 404),
        (format!("/learning/lessons/{LESSON}/read"), "course=queues", 422),
        (format!("/learning/lessons/{LESSON}/read"), "", 422),
    ];
    for (path, form, expected) in cases {
        let (status, _, page) = stranger.ask("POST", &path, form.to_owned()).await;
        assert_eq!(status, expected, "{path}: {page}");
    }
    assert_eq!(stranger.read("/learning").await, format!("/learning?course={COURSE}"));
    stranger.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    let unknown = format!("/learning/lessons/{}/read", LessonId::new());
    let (status, _, page) = stranger.ask("POST", &unknown, format!("course={COURSE}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("this course has no such lesson"), "{page}");
}

#[tokio::test]
async fn a_long_list_is_turned_page_by_page() {
    let browser = Browser::new().await;
    for number in 0..25 {
        let own = CourseId(Uuid::from_u128(1000 + number));
        let title = format!("Course number {number}.");
        let course = Course { course: own, title, ..course(1, &[QUIZ]) };
        browser.scene.deliver(&[envelope(&CoursePublished(course))]).await;
        commands::enrol(&browser.scene.db, LEARNER, own).await.unwrap();
    }
    let first = browser.see("/learning").await;
    assert!(first.contains("/learning?page=2"), "{first}");
    let second = browser.see("/learning?page=2").await;
    let shown = |number| {
        let title = format!("Course number {number}.");
        usize::from(first.contains(&title)) + usize::from(second.contains(&title))
    };
    assert!((0..25).all(|number| shown(number) == 1));
    assert!(!second.contains("page=3"));
}

/// What is under way stands first, then what is completed, then what was left.
#[tokio::test]
async fn courses_stand_by_their_state() {
    let browser = Browser::new().await;
    let course_of = |number: u128| {
        let title = format!("Course number {number}.");
        Course { course: CourseId(Uuid::from_u128(1000 + number)), title, ..course(1, &[]) }
    };
    for number in 0..3 {
        let course = course_of(number);
        let own = course.course;
        browser.scene.deliver(&[envelope(&CoursePublished(course))]).await;
        commands::enrol(&browser.scene.db, LEARNER, own).await.unwrap();
        let seat = Enrolment::id_of(LEARNER, own);
        match number {
            0 => drop(commands::cancel(&browser.scene.db, LEARNER, seat).await.unwrap()),
            1 => {
                drop(commands::read_lesson(&browser.scene.db, LEARNER, seat, LESSON).await.unwrap())
            }
            _ => {}
        }
    }
    let page = browser.see("/learning").await;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    let order = [
        "In progress</h2>",
        "Course number 2.",
        "Completed</h2>",
        "Course number 1.",
        "My certificates",
        "Left</h2>",
        "Course number 0.",
        "Enrol again",
    ];
    let places: Vec<usize> = order.iter().map(|text| at(text)).collect();
    assert!(places.is_sorted(), "{places:?}: {page}");
}

#[tokio::test]
async fn what_is_on_its_way_says_so() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    browser.read("/learning").await;
    let state =
        async || crate::store::learner_state(&browser.scene.db, LEARNER, None).await.unwrap();
    let before = state().await;
    browser.scene.deliver(&[submitted(1)]).await;
    let page = browser.see("/learning").await;
    assert!(page.contains("“Follow the message” is being graded"), "{page}");
    assert!(!page.contains("Next: Follow the message"), "it is done: {page}");
    assert!(page.contains("data-live=\"/learning/live?seen="), "{page}");
    let submitted = state().await;
    assert_ne!(before, submitted, "an open page hears of it");

    browser.scene.deliver(&[awaits_marking(1)]).await;
    assert!(browser.see("/learning").await.contains("with a person who marks it"));
    browser.scene.deliver(&[graded(1, 1, 55)]).await;
    assert_ne!(submitted, state().await);
    let page = browser.see("/learning").await;
    assert!(!page.contains("marks it") && page.contains("Next: Follow the message"), "{page}");
}

/// The account was erased elsewhere, while this session goes on.
#[tokio::test]
async fn an_erased_person_s_session_writes_nothing_more() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    let enrol = format!("/learning/courses/{COURSE}/enrol");
    browser.post(&enrol, "").await;
    browser.scene.deliver(&[erased(LEARNER, 2)]).await;
    let before = browser.scene.state(&[]).await;
    let read = format!("/learning/lessons/{LESSON}/read");
    for (path, form) in [(enrol, String::new()), (read, format!("course={COURSE}"))] {
        let (status, ..) = browser.ask("POST", &path, form).await;
        assert_eq!(status, StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(browser.scene.state(&[]).await, before);
}
