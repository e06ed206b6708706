//! The pages, as a browser without JavaScript uses them.

use super::*;

const EVERY_KIND: &str = "::Read::<b>Read</b> this<script>alert(1)</script>\n\n\
    ::Bool::B{T}\n\n::One::Which?{~x =y#bravo}\n\n::Some::Which?{~%50%x ~%50%y}\n\n\
    ::Short::A{=a}\n\n::Number::N{#3}\n\n::Match::M{=a->x =b->y}\n\n::Essay::Tell{}";

/// Every field of the form, as a browser sends them; the number as it was typed.
fn filled(questions: &[String], number: &str) -> Vec<(String, String)> {
    let name = |place: usize| format!("question-{}", questions[place]);
    let field = |name: String, value: &str| (name, value.to_owned());
    vec![
        field(name(1), "true"),
        field(name(2), "1"),
        field(name(3), "0"),
        field(name(3), "1"),
        field(name(4), "A"),
        field(name(5), number),
        field(format!("{}-0", name(6)), "0"),
        field(format!("{}-1", name(6)), "1"),
        field(name(7), "Long ago"),
        field("action".to_owned(), "review"),
        field("question-nonsense".to_owned(), "1"),
    ]
}

async fn send(
    stage: &Stage,
    who: &Session,
    place: &str,
    fields: &[(String, String)],
) -> (StatusCode, String) {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    stage.browse(who, place, Some(&fields)).await
}

#[tokio::test]
async fn a_quiz_is_taken_without_javascript() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(EVERY_KIND, 50, Some(1)).await;
    let learner = learner_session(stage.enrolled().await);
    let (status, page) = stage.browse(&learner, &format!("/quizzes/{quiz}"), None).await;
    assert_eq!(status, StatusCode::OK);
    for fact in ["7 questions", "50% of the marks", "1 of 1 left"] {
        assert!(page.contains(fact), "{fact}: {page}");
    }
    let start = format!("/quizzes/{quiz}/attempts");
    let (status, place) = stage.browse(&learner, &start, Some(&[])).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = stage.page(&learner, &format!("/quizzes/{quiz}")).await;
    assert!(page.contains("in progress") && !page.contains("<time"), "not submitted: {page}");
    let (_, page) = stage.browse(&learner, &place, None).await;
    assert!(page.contains("<b>Read</b> this"), "{page}");
    assert!(!page.contains("alert(1)") && !page.contains("bravo"));

    let (_, questions) = stage.start(learner.person, quiz).await;
    let (status, page) = send(&stage, &learner, &place, &filled(&questions, "three")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let link = format!("<a href=\"#question-{}\">Question 5 · this is no number", questions[5]);
    assert!(page.contains(&link), "{page}");
    assert!(page.contains("value=\"three\""), "what was typed stays");
    let (status, next) = send(&stage, &learner, &place, &filled(&questions, "3,0")).await;
    assert_eq!((status, next), (StatusCode::SEE_OTHER, format!("{place}/review")));
    let review = stage.page(&learner, &format!("{place}/review")).await;
    assert!(review.contains("7 of 7 questions are answered"), "{review}");
    assert_eq!(stage.post(&learner, &format!("{place}/submit"), &[]).await, place);
    let (_, page) = stage.browse(&learner, &place, None).await;
    assert!(page.contains("is being graded") && !page.contains("name=\"action\""), "{page}");
}

/// A page of an earlier release says no more than its counter: what is older than what is saved is refused.
#[tokio::test]
async fn pages_of_an_earlier_release_put_nothing_old_in_the_place_of_what_is_newer() {
    let stage = Stage::new().await;
    let quiz = stage.quiz("A{=a}\n\nN{#3}", 50, None).await;
    let learner = learner_session(stage.enrolled().await);
    let (attempt, questions) = stage.start(learner.person, quiz).await;
    let (address, save) = (format!("/attempts/{attempt}"), format!("/attempts/{attempt}/answers"));
    let [name, number] = [0, 1].map(|place| format!("question-{}", questions[place]));
    let sent = async |counter: &str, answer: &str| {
        let form = [("counter", counter), (name.as_str(), answer), (&number, "")];
        stage.browse(&learner, &save, Some(&form)).await.0
    };
    assert_eq!(sent("1700000000001", "first").await, StatusCode::NO_CONTENT);
    assert_eq!(sent("1700000000001", "first").await, StatusCode::NO_CONTENT, "again is once");
    assert_eq!(sent("1700000000003", "third").await, StatusCode::NO_CONTENT);
    assert_eq!(sent("1700000000002", "second").await, StatusCode::CONFLICT, "it comes too late");
    let page = stage.page(&learner, &address).await;
    assert!(page.contains("value=\"third\"") && page.contains("value=\"1700000000003\""), "{page}");

    // Without JavaScript the counter comes back as it was given, and is newer all the same.
    let form = [("counter", "1700000000003"), (name.as_str(), "fourth"), ("action", "save")];
    stage.post(&learner, &address, &form).await;
    let late = [("counter", "1700000000003"), (name.as_str(), "other window"), ("action", "save")];
    let (status, page) = stage.browse(&learner, &address, Some(&late)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("Another answer was saved meanwhile"), "{page}");
    assert!(page.contains("value=\"other window\""), "what was typed stays to be compared");
    assert!(stage.page(&learner, &address).await.contains("value=\"fourth\""));

    // What does not fit is said, and the rest is saved.
    let wrong = [("counter", "1700000000009"), (name.as_str(), "a"), (number.as_str(), "three")];
    let (status, _) = stage.browse(&learner, &save, Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let review = stage.page(&learner, &format!("{address}/review")).await;
    assert!(review.contains("1 of 2 questions are answered"), "{review}");
    let stranger = learner_session(PersonId::new());
    let form = [("counter", "1800000000000"), (name.as_str(), "theirs")];
    assert_eq!(stage.browse(&stranger, &save, Some(&form)).await.0, StatusCode::NOT_FOUND);
    stage.post(&learner, &format!("{address}/submit"), &[]).await;
    assert_eq!(sent("1900000000000", "after").await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_result_is_shown_with_its_feedback() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz(EVERY_KIND, 50, Some(1)).await;
    let learner = learner_session(stage.enrolled().await);
    let (attempt, questions) = stage.start(learner.person, quiz).await;
    let place = format!("/attempts/{attempt}");
    send(&stage, &learner, &place, &filled(&questions, "3")).await;
    stage.post(&learner, &format!("{place}/submit"), &[]).await;
    stage.drain().await;
    let (_, page) = stage.browse(&learner, &place, None).await;
    assert!(page.contains("A teacher has to mark") && page.contains("bravo"), "{page}");
    assert!(page.contains("Right</strong> · 1 / 1"), "{page}");

    let path = format!("/api/v1/attempts/{attempt}/marks/{}", questions[7]);
    let graded = stage.ok(teacher(), "PUT", &path, Some(json!({ "mark": "0.5" }))).await;
    let mark = graded["result"]["mark"].as_str().unwrap();
    assert!(["5.5", "6.5"].contains(&mark), "the pairs' answers are shuffled: {graded}");
    let mut french = learner.clone();
    french.language = Language::Fr;
    let (_, page) = stage.browse(&french, &place, None).await;
    assert!(page.contains("Réussi") && page.contains(&mark.replace('.', ",")), "{page}");
    let (_, page) = stage.browse(&french, &format!("/quizzes/{quiz}"), None).await;
    assert!(page.contains("Vous avez utilisé toutes vos tentatives"), "{page}");
}

/// The course and its quiz are in English, and whoever reads these pages reads French.
#[tokio::test]
async fn what_an_author_wrote_says_its_language() {
    let stage = Stage::new().await;
    let french = |who: Session| Session { language: Language::Fr, ..who };
    let author = french(teacher());
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("::One::B{T}\n\n::Two::Tell{}", 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[1], text("Long ago")).await;
    let review = format!("/attempts/{attempt}/review");
    let page = stage.page(&french(learner_session(learner)), &review).await;
    let crumb = format!("<a href=\"/attempts/{attempt}\" lang=\"en\">The final quiz</a>");
    assert!(page.contains(&crumb), "{page}");
    stage.submit(learner, &attempt).await;
    stage.drain().await;

    let bank = format!("/question-bank/{}", stage.course);
    let title = "<span lang=\"en\">The final quiz</span>";
    let question = format!("{bank}/{quiz}/questions/{}", questions[0]);
    for (path, part) in [
        ("/marking".to_owned(), "<span lang=\"en\">Queues 1</span> (1)".to_owned()),
        (bank.clone(), format!("<span class=\"sr\"> · {title}</span>")),
        (format!("{bank}/{quiz}/try"), format!("<h1>Essai\u{a0}: {title}</h1>")),
        (format!("{bank}/{quiz}/try"), "<div>\n<label class=\"choice\">".to_owned()),
        (
            format!("{question}/delete"),
            "<p class=\"lead\"><span lang=\"en\">B</span></p>".to_owned(),
        ),
    ] {
        let page = stage.page(&author, &path).await;
        assert!(page.contains(&part), "{path}: {part} in {page}");
    }
    let page = stage.page(&author, &question).await;
    let right = page.split("id=\"right\"").nth(1).and_then(|rest| rest.split('>').next());
    assert!(right.unwrap().contains("lang=\"en\""), "{page}");
}

#[tokio::test]
async fn strangers_and_nonsense_are_turned_away() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz(EVERY_KIND, 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    let place = format!("/attempts/{attempt}");
    let stranger = learner_session(PersonId::new());
    assert_eq!(stage.browse(&stranger, &place, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stage.browse(&stranger, &place, Some(&[])).await.0, StatusCode::NOT_FOUND);
    let start = format!("/quizzes/{quiz}/attempts");
    assert_eq!(stage.browse(&stranger, &start, Some(&[])).await.0, StatusCode::CONFLICT);
    let (status, page) = stage.browse(&teacher(), &place, None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("name=\"action\""), "who teaches sees it and does not answer it");
    let own = learner_session(learner);
    let name = format!("question-{}", questions[3]);
    let hostile = [(name.as_str(), "99"), (&name, "-1"), (&name, "x"), ("action", "review")];
    let (status, page) = stage.browse(&own, &place, Some(&hostile)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("there is no choice 99"), "{page}");
    assert_eq!(stage.show(learner, &attempt).await["state"], "in_progress");
}

#[test]
fn both_languages_say_the_same() {
    let (english, french) =
        (include_str!("../../locales/en/main.ftl"), include_str!("../../locales/fr/main.ftl"));
    assert_eq!(ui::untranslated(english, french), Vec::<String>::new());
}
