//! What a course decides of a quiz counts here, whatever comes first; a quiz that only has its place.

use bus::{
    Migration,
    testing::{assert_order_does_not_matter, envelope, start},
};
use chrono::TimeDelta;
use contract::{
    catalog::{CourseUpdated, CourseWithdrawn, QuizPlace, QuizPlaced, ids},
    learning::EnrolmentCancelled,
};
use event::Envelope;

use super::*;
use crate::domain::Quiz;

const DECIDED: Tables = &[
    ("quiz", "id, title, pass_percent"),
    ("told_place", "quiz, course, version, title, pass_percent"),
    ("placed_quiz", "quiz, course, version, title, pass_percent"),
    ("course_card", "course, version, title"),
];

fn place(quiz: QuizId, title: &str, pass_percent: u32) -> QuizPlace {
    let title = title.to_owned();
    QuizPlace { quiz, title, required: true, pass_percent, minutes: 20, section: None }
}

/// A version of the course, so many minutes after the start.
fn version(course: CourseId, version: u64, minutes: i64, quizzes: Vec<QuizPlace>) -> Course {
    let updated_at = start() + TimeDelta::minutes(minutes);
    Course { quizzes, updated_at, ..handlers::course(course, version) }
}

pub(super) fn placed(
    quiz: QuizId,
    course: CourseId,
    version: u64,
    minutes: i64,
    title: &str,
) -> QuizPlaced {
    QuizPlaced {
        quiz,
        course,
        version,
        key: Some("final".to_owned()),
        title: title.to_owned(),
        course_title: "A draft".to_owned(),
        language: Language::En,
        pass_percent: 80,
        instructor: None,
        placed_at: start() + TimeDelta::minutes(minutes),
    }
}

/// The handlers of places, with a quiz that is there from the start.
fn service_with(quiz: &Quiz, course: CourseId) -> bus::Service {
    let content = serde_json::to_string(quiz).unwrap();
    let (id, course) = (quiz.id.0.simple(), course.0.simple());
    let sql = format!(
        "insert into quiz (id, course, key, title, pass_percent, version, content_hash, updated_at) \
         values (X'{id}', X'{course}', 'final', '{}', 50, 1, '', 0); \
         insert into quiz_version (quiz, version, content, created_at) \
         values (X'{id}', 1, '{content}', 0)",
        quiz.title
    );
    let seed = Migration { name: "9999-test", sql: Box::leak(sql.into_boxed_str()) };
    let steps: Vec<Migration> =
        crate::migrations::MIGRATIONS.iter().copied().chain([seed]).collect();
    bus::Service::new("assessment", Vec::leak(steps))
        .batch_handler(crate::handlers::CopyCourse)
        .handler(crate::handlers::PlaceQuiz)
}

async fn quiz_row(scene: &Scene) -> String {
    let state = scene.state(&[]).await;
    state.lines().find(|line| line.starts_with("quiz: ")).unwrap().to_owned()
}

/// The newest word counts, of the course and of its drafts; a version that a course has left behind counts
/// as long as no other has named the quiz.
#[tokio::test]
async fn a_quiz_ends_up_as_its_course_has_it_in_any_order() {
    let quiz = grading::quiz("A{=a}");
    let course = CourseId::new();
    let mut events: Vec<Envelope> = vec![
        envelope(&placed(quiz.id, course, 9, 1, "A draft’s")),
        envelope(&CoursePublished(version(course, 3, 2, vec![place(quiz.id, "First", 60)]))),
        envelope(&CourseUpdated(version(course, 4, 3, vec![place(quiz.id, "Second", 70)]))),
        envelope(&CourseUpdated(version(course, 5, 4, vec![]))),
    ];
    let service = || service_with(&quiz, course);
    assert_order_does_not_matter(service, DECIDED, &[], &events).await;
    let scene = Scene::new(service(), DECIDED).await;
    scene.deliver(&events).await;
    assert!(quiz_row(&scene).await.ends_with("'Second' | 70"));

    let withdrawn_at = start() + TimeDelta::minutes(5);
    events.push(envelope(&CourseWithdrawn { course, version: 6, withdrawn_at }));
    events.push(envelope(&placed(quiz.id, course, 10, 6, "Again a draft’s")));
    assert_order_does_not_matter(service, DECIDED, &[], &events).await;
    let scene = Scene::new(service(), DECIDED).await;
    scene.deliver_together(&events).await;
    assert!(quiz_row(&scene).await.ends_with("'Again a draft’s' | 80"));
}

#[tokio::test]
async fn the_course_decides_title_and_pass_mark_and_the_bank_does_not() {
    let stage = Stage::new().await;
    let author = administrator();
    let quiz = stage.quiz("A{=a}\n\nB{=b}", 50, None).await;
    let learner = stage.enrolled().await;
    let (open, questions) = stage.start(learner, quiz).await;
    let update = async |number: u64, title: &str, percent: u32| {
        let places = vec![place(quiz, title, percent)];
        let course = version(stage.course, number, number.cast_signed(), places);
        stage.scene.deliver(&[envelope(&CourseUpdated(course))]).await;
    };
    update(1, "Placed", 100).await;
    let bank = format!("/question-bank/{}/{quiz}", stage.course);
    let page = stage.page(&author, &bank).await;
    assert!(page.contains("<h1>Placed</h1>") && page.contains("100% of the marks"), "{page}");
    let settings = stage.page(&author, &format!("{bank}/settings")).await;
    assert!(!settings.contains("name=\"title\"") && !settings.contains("pass_percent"));
    assert!(settings.contains(&format!("/teaching/{}/quizzes/{quiz}", stage.course)));

    // Neither a form that was made before nor an import changes it.
    let sent = [("version", "2"), ("title", "Mine"), ("pass_percent", "1"), ("max_attempts", "5")];
    stage.post(&author, &format!("{bank}/settings"), &sent).await;
    let page = stage.page(&author, &bank).await;
    assert!(page.contains("<h1>Placed</h1>") && page.contains("5 attempts"), "{page}");
    again(&stage, "A{=a}\n\nB{=b}\n\nC{=c}", 20).await;
    let page = stage.page(&author, &bank).await;
    assert!(page.contains("<h1>Placed</h1>") && page.contains("100% of the marks"), "{page}");

    // What is begun keeps what it was begun with; what comes next follows the course.
    stage.save(learner, &open, &questions[0], text("a")).await;
    stage.submit(learner, &open).await;
    stage.drain().await;
    assert_eq!(stage.show(learner, &open).await["result"]["passed"], true, "50 % was enough");
    update(2, "Placed", 60).await;
    let page = stage.page(&learner_session(learner), &format!("/quizzes/{quiz}")).await;
    assert!(page.contains("60% of the marks"), "{page}");
    let before = stage.scene.state(&[]).await;
    update(2, "Placed", 60).await;
    update(1, "Placed", 100).await;
    assert_eq!(stage.scene.state(&[]).await, before);
}

/// A quiz that is imported, or made, after its place is known is as its place says.
#[tokio::test]
async fn a_quiz_that_comes_after_its_place_takes_it_over() {
    let stage = Stage::new().await;
    let author = administrator();
    let quiz = ids::quiz(stage.course, "final");
    stage.scene.deliver(&[envelope(&placed(quiz, stage.course, 1, 1, "Placed"))]).await;
    let bank = format!("/question-bank/{}", stage.course);
    let form = [("title", "Mine"), ("key", "final"), ("pass_percent", "10"), ("max_attempts", "")];
    let made = stage.post(&author, &bank, &form).await;
    let page = stage.page(&author, &made).await;
    assert!(page.contains("<h1>Placed</h1>") && page.contains("80% of the marks"), "{page}");
    let page = stage.page(&author, &bank).await;
    assert!(!page.contains("not in the course yet"), "{page}");
}

#[tokio::test]
async fn a_quiz_that_stands_nowhere_says_so() {
    let stage = Stage::new().await;
    let author = administrator();
    let quiz = stage.quiz("A{=a}", 50, None).await;
    let bank = format!("/question-bank/{}", stage.course);
    let page = stage.page(&author, &bank).await;
    assert!(
        page.contains("not in the course yet") && page.contains("<code>final</code>"),
        "{page}"
    );
    assert!(page.contains(&format!("href=\"/teaching/{}/quizzes\"", stage.course)), "{page}");
    let course = version(stage.course, 1, 1, vec![place(quiz, "Final", 60)]);
    stage.scene.deliver(&[envelope(&CoursePublished(course))]).await;
    let page = stage.page(&author, &bank).await;
    assert!(!page.contains("not in the course yet"), "{page}");
    // Taken out of the course again, it keeps what was decided, and is the bank's.
    let course = version(stage.course, 2, 2, vec![]);
    stage.scene.deliver(&[envelope(&CourseUpdated(course))]).await;
    let settings = stage.page(&author, &format!("{bank}/{quiz}/settings")).await;
    assert!(
        settings.contains("value=\"Final\"") && settings.contains("value=\"60\""),
        "{settings}"
    );
}

#[tokio::test]
async fn a_quiz_without_questions_says_so_and_those_who_teach_are_led_on() {
    let stage = Stage::new().await;
    let author = teacher();
    let learner = learner_session(stage.enrolled().await);
    let (told, drafted) = (ids::quiz(stage.course, "final"), ids::quiz(stage.course, "draft"));
    let course = Course {
        instructor: Some(author.person),
        ..version(stage.course, 1, 1, vec![place(told, "Final", 60)])
    };
    let draft = placed(drafted, stage.course, 2, 2, "A draft’s");
    let draft = QuizPlaced { instructor: Some(author.person), ..draft };
    stage.scene.deliver(&[envelope(&CoursePublished(course)), envelope(&draft)]).await;

    let page = stage.page(&learner, &format!("/quizzes/{told}")).await;
    assert!(
        page.contains("no questions yet") && !page.contains("<form method=\"post\" action=\"/q")
    );
    let (status, _) = stage.browse(&learner, &format!("/quizzes/{drafted}"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "learners do not hear of drafts");
    let program = format!("/api/v1/quizzes/{told}");
    let (status, _) = stage.ask(learner.clone(), "GET", &program, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for quiz in [told, drafted] {
        let page = stage.page(&author, &format!("/quizzes/{quiz}")).await;
        let bank = format!("/question-bank/{}/{quiz}", stage.course);
        assert!(page.contains(&format!("href=\"{bank}\"")), "{page}");
        let page = stage.page(&author, &bank).await;
        assert!(!page.contains(&format!("{bank}/try")), "nothing to try: {page}");
    }

    stage.quiz("A{=a}", 60, None).await;
    let page = stage.page(&author, &format!("/quizzes/{told}")).await;
    let trial = format!("/question-bank/{}/{told}/try", stage.course);
    assert!(page.contains(&trial) && !page.contains("Only those who are enrolled"), "{page}");
    let page = stage.page(&teacher(), &format!("/quizzes/{told}")).await;
    assert!(page.contains("Only those who are enrolled"), "another's course: {page}");
}

/// Of a draft nothing is heard before its first quiz. Until then it may be anybody's, and no instructor writes into it.
#[tokio::test]
async fn a_draft_is_its_instructor_s_once_its_first_quiz_is_placed_and_nobody_else_s_before() {
    let stage = Stage::new().await;
    let (author, other) = (teacher(), teacher());
    let quiz = ids::quiz(stage.course, "final");
    let bank = format!("/question-bank/{}", stage.course);
    let form = [("title", "Mine"), ("key", "final"), ("pass_percent", "60"), ("max_attempts", "")];
    let upload = json!({
        "course": stage.course, "key": "final", "title": "Mine", "pass_percent": 60, "gift": "A{T}",
    });
    let (right, wrong) =
        (format!("/api/v1/quizzes/{quiz}"), format!("/api/v1/quizzes/{}", QuizId::new()));
    let refused = async |who: &Session| {
        let page = stage.page(who, &bank).await;
        let live = format!("data-live=\"{bank}/live?seen={}\"", ui::fingerprint(false));
        assert!(page.contains("has not arrived here yet") && page.contains(&live), "{page}");
        assert!(!page.contains("name=\"key\"") && !page.contains("A draft"), "{page}");
        let (status, _) = stage.browse(who, &bank, Some(&form)).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        for path in [&right, &wrong] {
            let (status, problem) = stage.ask(who.clone(), "PUT", path, Some(upload.clone())).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{problem}");
            assert!(!problem.to_string().contains(&quiz.to_string()), "{problem}");
        }
        let results = stage.page(who, &format!("/results/{}", stage.course)).await;
        assert!(results.contains("has not arrived here yet"), "{results}");
    };
    refused(&author).await;
    refused(&other).await;
    assert!(stage.page(&administrator(), &bank).await.contains("has no quiz yet"), "nothing came");

    let draft = placed(quiz, stage.course, 1, 1, "Final");
    let draft = QuizPlaced { instructor: Some(author.person), ..draft };
    stage.scene.deliver(&[envelope(&draft)]).await;
    refused(&other).await;
    let page = stage.page(&author, &bank).await;
    assert!(page.contains(">Final</a>") && page.contains("name=\"key\""), "{page}");
    assert!(page.contains("<div id=\"course\">"), "it takes the place of what waited: {page}");
    let written = stage.ok(author, "PUT", &right, Some(upload)).await;
    assert_eq!(written["outcome"], "created");
}

/// While a course is a draft, or withdrawn, its quizzes are there for those who teach it, take it, or took them.
#[tokio::test]
async fn a_quiz_of_a_course_that_nobody_can_find_is_not_there() {
    let stage = Stage::new().await;
    let author = teacher();
    let quiz = stage.quiz("A{=a}", 60, None).await;
    let draft = placed(quiz, stage.course, 1, -1, "Secret");
    let draft = QuizPlaced { instructor: Some(author.person), ..draft };
    stage.scene.deliver(&[envelope(&draft)]).await;
    let (page, program) = (format!("/quizzes/{quiz}"), format!("/api/v1/quizzes/{quiz}"));
    let seen_by = async |who: &Session| {
        let (status, text) = stage.browse(who, &page, None).await;
        let (answered, problem) = stage.ask(who.clone(), "GET", &program, None).await;
        assert_eq!(status, answered, "{text}");
        if status == StatusCode::NOT_FOUND {
            let told = format!("{text}{problem}");
            assert!(!told.contains("Secret") && !told.contains("A draft"), "{told}");
        }
        status == StatusCode::OK
    };
    let (stranger, other) = (learner_session(PersonId::new()), teacher());
    assert!(!seen_by(&stranger).await && !seen_by(&other).await);
    assert!(seen_by(&author).await && seen_by(&administrator()).await);

    stage.taught_by(Some(author.person)).await;
    assert!(seen_by(&stranger).await && seen_by(&other).await);
    let (enrolled, gone) = (stage.enrolled().await, PersonId::new());
    let seat = LearnerEnrolled {
        enrolment: EnrolmentId::new(),
        version: 1,
        learner: gone,
        course: stage.course,
        enrolled_at: start(),
    };
    stage.scene.deliver(&[envelope(&seat)]).await;
    stage.start(gone, quiz).await;
    let (course, learner, enrolment) = (seat.course, seat.learner, seat.enrolment);
    let cancelled =
        EnrolmentCancelled { enrolment, version: 2, learner, course, cancelled_at: start() };
    let withdrawn = CourseWithdrawn { course, version: 2, withdrawn_at: start() };
    stage.scene.deliver(&[envelope(&cancelled), envelope(&withdrawn)]).await;
    assert!(!seen_by(&stranger).await && !seen_by(&other).await);
    for who in [author, learner_session(enrolled), learner_session(gone)] {
        assert!(seen_by(&who).await, "{who:?}");
    }
}
