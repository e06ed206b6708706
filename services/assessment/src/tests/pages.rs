//! The pages, as a browser without JavaScript uses them.

use super::*;

const EVERY_KIND: &str = "::Read::<b>Read</b> this<script>alert(1)</script>\n\n\
    ::Bool::B{T}\n\n::One::Which?{~x =y#bravo}\n\n::Some::Which?{~%50%x ~%50%y}\n\n\
    ::Short::A{=a}\n\n::Number::N{#3}\n\n::Match::M{=a->x =b->y}\n\n::Essay::Tell{}";

async fn browse(
    stage: &Stage,
    who: &Session,
    path: &str,
    form: Option<&[(&str, &str)]>,
) -> (StatusCode, String) {
    let token = who.seal(stage.ui.key()).unwrap();
    let method = if form.is_some() { "POST" } else { "GET" };
    let body = form.map(|fields| {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", value.replace(' ', "+"));
        fields.iter().map(pair).collect::<Vec<_>>().join("&")
    });
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, format!("{}={token}", Session::COOKIE))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.unwrap_or_default()))
        .unwrap();
    let response = crate::routes(&stage.scene.db, &stage.ui).pages.oneshot(request).await.unwrap();
    let status = response.status();
    if let Some(place) = response.headers().get(header::LOCATION) {
        return (status, place.to_str().unwrap().to_owned());
    }
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

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
        field("action".to_owned(), "submit"),
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
    browse(stage, who, place, Some(&fields)).await
}

#[tokio::test]
async fn a_quiz_is_taken_without_javascript() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(EVERY_KIND, 50, Some(1)).await;
    let learner = learner_session(stage.enrolled().await);
    let (status, page) = browse(&stage, &learner, &format!("/quizzes/{quiz}"), None).await;
    assert_eq!(status, StatusCode::OK);
    let facts = "7 questions. You pass with 50% of the marks. You have one attempt.";
    assert!(page.contains(facts), "{page}");
    let start = format!("/quizzes/{quiz}/attempts");
    let (status, place) = browse(&stage, &learner, &start, Some(&[])).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = browse(&stage, &learner, &place, None).await;
    assert!(page.contains("<b>Read</b> this"), "{page}");
    assert!(!page.contains("alert(1)") && !page.contains("bravo"));

    let (_, questions) = stage.start(learner.person, quiz).await;
    let (status, page) = send(&stage, &learner, &place, &filled(&questions, "three")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let link = format!("<a href=\"#question-{}\">Question 5 · this is no number", questions[5]);
    assert!(page.contains(&link), "{page}");
    assert!(page.contains("value=\"three\""), "what was typed stays");
    let (status, _) = send(&stage, &learner, &place, &filled(&questions, "3,0")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = browse(&stage, &learner, &place, None).await;
    assert!(page.contains("is being graded") && !page.contains("name=\"action\""), "{page}");
}

#[tokio::test]
async fn the_result_is_shown_with_its_feedback() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(EVERY_KIND, 50, Some(1)).await;
    let learner = learner_session(stage.enrolled().await);
    let (attempt, questions) = stage.start(learner.person, quiz).await;
    let place = format!("/attempts/{attempt}");
    send(&stage, &learner, &place, &filled(&questions, "3")).await;
    stage.drain().await;
    let (_, page) = browse(&stage, &learner, &place, None).await;
    assert!(page.contains("A teacher has to mark") && page.contains("bravo"), "{page}");
    assert!(page.contains("Right</strong> · 1 / 1"), "{page}");

    let path = format!("/api/v1/attempts/{attempt}/marks/{}", questions[7]);
    let graded = stage.ok(teacher(), "PUT", &path, Some(json!({ "mark": "0.5" }))).await;
    let mark = graded["result"]["mark"].as_str().unwrap();
    assert!(["5.5", "6.5"].contains(&mark), "the pairs' answers are shuffled: {graded}");
    let mut french = learner.clone();
    french.language = Language::Fr;
    let (_, page) = browse(&stage, &french, &place, None).await;
    assert!(page.contains("Réussi") && page.contains(&mark.replace('.', ",")), "{page}");
    let (_, page) = browse(&stage, &french, &format!("/quizzes/{quiz}"), None).await;
    assert!(page.contains("Vous avez utilisé toutes vos tentatives"), "{page}");
}

#[tokio::test]
async fn strangers_and_nonsense_are_turned_away() {
    let stage = Stage::new().await;
    let quiz = stage.quiz(EVERY_KIND, 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    let place = format!("/attempts/{attempt}");
    let stranger = learner_session(PersonId::new());
    assert_eq!(browse(&stage, &stranger, &place, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(browse(&stage, &stranger, &place, Some(&[])).await.0, StatusCode::NOT_FOUND);
    let start = format!("/quizzes/{quiz}/attempts");
    assert_eq!(browse(&stage, &stranger, &start, Some(&[])).await.0, StatusCode::CONFLICT);
    let (status, page) = browse(&stage, &teacher(), &place, None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("name=\"action\""), "who teaches sees it and does not answer it");
    let own = learner_session(learner);
    let name = format!("question-{}", questions[3]);
    let hostile = [(name.as_str(), "99"), (&name, "-1"), (&name, "x"), ("action", "submit")];
    let (status, page) = browse(&stage, &own, &place, Some(&hostile)).await;
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
