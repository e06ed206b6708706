//! Instructors write quizzes in the browser.

use contract::catalog::{CourseUpdated, CourseWithdrawn};

use super::*;

fn bank(stage: &Stage) -> String {
    format!("/question-bank/{}", stage.course)
}

/// The version that a page shows is the one that it sends back.
fn version(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"version\" value=\"").expect("a version in the page");
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_quiz_is_made_written_tried_and_taken() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quizzes = bank(&stage);
    let wrong =
        [("title", ""), ("key", "Not a key"), ("pass_percent", "101"), ("max_attempts", "0")];
    let (status, page) = stage.browse(&author, &quizzes, Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["title", "key", "pass_percent", "max_attempts"] {
        assert!(page.contains(&format!("href=\"#{field}\"")), "{field}: {page}");
    }
    let percent = "60\u{a0}%";
    let good =
        [("title", "Week one"), ("key", "week-1"), ("pass_percent", percent), ("max_attempts", "")];
    let quiz = stage.post(&author, &quizzes, &good).await;
    let (status, page) = stage.browse(&author, &quizzes, Some(&good)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "the key is taken");
    assert!(page.contains("has a quiz of that key already"), "{page}");
    let page = stage.page(&author, &quiz).await;
    assert!(page.contains("Nobody can take this quiz yet"), "{page}");

    let learner = learner_session(stage.enrolled().await);
    let id = quiz.rsplit('/').next().unwrap().to_owned();
    let overview = stage.page(&learner, &format!("/quizzes/{id}")).await;
    assert!(overview.contains("no questions yet"), "{overview}");

    let new = format!("{quiz}/questions/new");
    let page = stage.page(&author, &format!("{new}?kind=choice")).await;
    let seen = version(&page);
    let question = [
        ("version", seen.as_str()),
        ("kind", "choice"),
        ("rows", "4"),
        ("text", "Which *one*?"),
        ("format", "markdown"),
        ("choice-1", "this"),
        ("weight-1", "100"),
        ("choice-2", "that"),
        ("feedback-2", "No, this"),
        ("action", "save"),
    ];
    let saved = stage.post(&author, &new, &question).await;
    assert!(saved.starts_with(&format!("{quiz}?done=saved&at=")), "{saved}");
    let page = stage.page(&author, saved.split('#').next().unwrap()).await;
    assert!(page.contains("role=\"status\">Saved.<"), "{page}");
    let (status, page) = stage.browse(&author, &new, Some(&question)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "the page was older than the quiz");
    assert!(page.contains("was changed meanwhile") && page.contains("Which *one*?"), "{page}");

    let trial = format!("{quiz}/try");
    let page = stage.page(&author, &trial).await;
    assert!(page.contains("This is a trial") && page.contains("<em>one</em>"), "{page}");
    let name = page.split("name=\"question-").nth(1).unwrap().split('"').next().unwrap();
    let name = format!("question-{name}");
    let (_, page) = stage.browse(&author, &trial, Some(&[(&name, "1")])).await;
    assert!(page.contains("Not passed: 0 / 1 (0%)") && page.contains("No, this"), "{page}");
    let tally = crate::tally(&stage.scene.db).await.unwrap();
    assert_eq!((tally.in_progress, tally.submitted), (0, 0), "a trial leaves nothing");
    assert_eq!(stage.scene.published().await.len(), 0);
    let (attempt, questions) =
        stage.start(learner.person, id.parse::<uuid::Uuid>().map(QuizId).unwrap()).await;
    assert_eq!((attempt.len(), questions.len()), (36, 1));
}

#[tokio::test]
async fn questions_are_edited_moved_and_deleted_and_old_attempts_keep_theirs() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("::One::A{=a}\n\n::Two::B{T}", 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    let address = format!("{}/{quiz}", bank(&stage));

    let first = format!("{address}/questions/{}", questions[0]);
    let page = stage.page(&author, &first).await;
    assert!(page.contains("value=\"a\"") && page.contains("short answer"), "{page}");
    let seen = version(&page);
    let edited = [
        ("version", seen.as_str()),
        ("rows", "4"),
        ("text", "Anything?"),
        ("format", "plain"),
        ("accepted-1", "x"),
        ("accepted-2", "y"),
        ("weight-2", "50"),
        ("action", "save"),
    ];
    stage.post(&author, &first, &edited).await;
    let (_, more) = stage
        .browse(&author, &first, Some(&[("rows", "4"), ("text", "Kept"), ("action", "more")]))
        .await;
    assert!(more.contains("accepted-8") && more.contains("Kept"), "{more}");
    let page = stage.page(&author, &address).await;
    assert!(page.find("Anything?") < page.find(">B<"), "{page}");
    let moved = format!("{first}/move");
    let seen = version(&page);
    stage.post(&author, &moved, &[("version", &seen), ("to", "down")]).await;
    let page = stage.page(&author, &address).await;
    assert!(page.find("Anything?") > page.find(">B<"), "{page}");
    let (status, _) =
        stage.browse(&author, &moved, Some(&[("version", &seen), ("to", "down")])).await;
    assert_eq!(status, StatusCode::CONFLICT, "a second click of an old page");
    let ask = stage.page(&author, &format!("{first}/delete")).await;
    let seen = version(&ask);
    stage.post(&author, &format!("{first}/delete"), &[("version", &seen)]).await;
    assert!(!stage.page(&author, &address).await.contains("Anything?"));
    let (status, _) = stage.browse(&author, &first, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // Whoever was still at it keeps what they wrote, and can add it.
    let late = [&edited[..], &[("kind", "short-answer")]].concat();
    let (status, page) = stage.browse(&author, &first, Some(&late)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["Somebody has deleted", "Anything?", "value=\"y\"", "/questions/new\""] {
        assert!(page.contains(part), "{part}: {page}");
    }

    let own = stage.page(&learner_session(learner), &format!("/attempts/{attempt}")).await;
    assert!(own.contains(">A</div>"), "the attempt keeps its version: {own}");
    let (other, asked) = {
        stage.submit(learner, &attempt).await;
        stage.start(learner, quiz).await
    };
    assert!(other != attempt && asked == [questions[1].clone()]);
}

#[tokio::test]
async fn gift_goes_in_with_refusals_and_comes_out() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("::One::A{=a}", 50, None).await;
    let address = format!("{}/{quiz}", bank(&stage));
    let add = format!("{address}/add");
    let french = Session { language: Language::Fr, ..author.clone() };
    assert!(stage.page(&french, &add).await.contains("de 4,2\u{a0}Mo au plus"));
    let gift = "::One::A{=a}\n\nB{=b}\n\nbroken{~%200%x ~y}";
    let send = async |mode: &str, gift: &str| {
        let seen = version(&stage.page(&author, &add).await);
        let part = |name: &str, value: &str| {
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"mine.gift\"\r\n\r\n{gift}\r\n"
        );
        let body = part("version", &seen) + &part("mode", mode) + &file + "--edge--\r\n";
        stage.request(&author, &add, Some(body), "multipart/form-data; boundary=edge").await
    };
    let (status, place) = send("append", gift).await;
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("{address}#upload")));
    let page = stage.page(&author, &address).await;
    assert!(page.contains("mine.gift: one question was taken, one was refused."), "{page}");
    assert!(page.contains("Line 5:") && page.contains("a weight of 200 %"), "{page}");
    stage.post(&author, &format!("{address}/refusals"), &[]).await;
    assert!(!stage.page(&author, &address).await.contains("Line 5:"));
    let exported = stage.page(&author, &format!("{address}/questions.gift")).await;
    let back = crate::gift::parse("back.gift", &exported);
    assert_eq!((back.questions.len(), back.refused.len()), (2, 0), "{exported}");
    send("replace", "C{T}").await;
    assert_eq!(stage.page(&author, &format!("{address}/questions.gift")).await, "C{TRUE}\n\n");
    let (status, page) = send("replace", "B{=b").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "nothing of the file can be used");
    for part in ["mine.gift: no question was taken", "id=\"file-error-2\"", "href=\"#file\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(stage.page(&author, &format!("{address}/questions.gift")).await, "C{TRUE}\n\n");
    let (status, page) = send("replace", "  ").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("There is nothing to add"), "{page}");
    assert!(page.contains("value=\"replace\" checked"), "what was chosen stays: {page}");
}

#[tokio::test]
async fn another_instructor_s_course_is_closed() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("A{=a}\n\nTell{}", 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[1], text("Long ago")).await;
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let course = stage.course;
    let pages = [
        format!("/question-bank/{course}"),
        format!("/question-bank/{course}/{quiz}"),
        format!("/question-bank/{course}/{quiz}/settings"),
        format!("/question-bank/{course}/{quiz}/add"),
        format!("/question-bank/{course}/{quiz}/try"),
        format!("/question-bank/{course}/{quiz}/questions.gift"),
        format!("/question-bank/{course}/{quiz}/questions/new"),
        format!("/question-bank/{course}/{quiz}/questions/{}", questions[0]),
        format!("/question-bank/{course}/{quiz}/questions/{}/delete", questions[0]),
        format!("/results/{course}"),
        format!("/results/{course}/{quiz}"),
        format!("/results/{course}/{quiz}/questions"),
        format!("/results/{course}/{quiz}/attempts.csv"),
        format!("/marking/{attempt}"),
        format!("/attempts/{attempt}"),
    ];
    for path in &pages {
        stage.page(&author, path).await;
        stage.page(&administrator(), path).await;
        let (status, page) = stage.browse(&teacher(), path, None).await;
        assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status), "{path}: {page}");
        let is_own = path.starts_with("/attempts");
        let (status, _) = stage.browse(&learner_session(learner), path, None).await;
        assert_eq!(status == StatusCode::OK, is_own, "{path} to a learner: {status}");
    }
    let list = stage.ok(teacher(), "GET", "/api/v1/marking", None).await;
    assert_eq!(list["attempts"], json!([]));
    let list = stage.ok(author.clone(), "GET", "/api/v1/marking", None).await;
    assert_eq!(list["attempts"][0]["attempt"], json!(attempt));
    let path = format!("/api/v1/attempts/{attempt}/marks/{}", questions[1]);
    let (status, _) = stage.ask(teacher(), "PUT", &path, Some(json!({ "mark": "1" }))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let upload = json!({ "course": course, "key": "final", "title": "T", "pass_percent": 1, "gift": "A{T}" });
    let path = format!("/api/v1/quizzes/{quiz}");
    let (status, _) = stage.ask(teacher(), "PUT", &path, Some(upload)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

/// A withdrawn course is described once more when it is handed over, one version before it is gone again.
#[tokio::test]
async fn a_course_that_was_handed_over_is_open_to_whoever_teaches_it_now() {
    let stage = Stage::new().await;
    let (author, successor) = (teacher(), teacher());
    stage.taught_by(Some(author.person)).await;
    let (course, withdrawn_at) = (stage.course, bus::testing::start());
    let gone = |version| bus::testing::envelope(&CourseWithdrawn { course, version, withdrawn_at });
    stage.page(&author, &bank(&stage)).await;
    let instructor = Some(successor.person);
    let given = CourseUpdated(Course { instructor, ..handlers::course(course, 3) });
    stage.scene.deliver(&[gone(2), gone(4), bus::testing::envelope(&given)]).await;
    stage.page(&successor, &bank(&stage)).await;
    let (status, page) = stage.browse(&author, &bank(&stage), None).await;
    assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status), "{page}");
}

/// A colleague's edit in between is never overwritten without a word, however often the form was shown.
#[tokio::test]
async fn a_form_that_is_shown_again_keeps_the_version_that_was_seen() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("A{=a}", 50, None).await;
    let address = format!("{}/{quiz}", bank(&stage));
    let gift = stage.page(&author, &format!("{address}/questions.gift")).await;
    assert!(gift.contains("A{"), "{gift}");
    let list = stage.page(&author, &address).await;
    let question = list.split("id=\"question-").nth(1).unwrap().split('"').next().unwrap();
    let question = format!("{address}/questions/{question}");
    let seen = version(&stage.page(&author, &question).await);
    let form = |version: &str, text: &str, answer: &str, action: &str| {
        [
            ("version", version.to_owned()),
            ("rows", "4".to_owned()),
            ("text", text.to_owned()),
            ("format", "plain".to_owned()),
            ("accepted-1", answer.to_owned()),
            ("action", action.to_owned()),
        ]
    };
    let send = async |form: [(&str, String); 6]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, it)| (*name, it.as_str())).collect();
        stage.browse(&author, &question, Some(&form)).await
    };
    let (status, _) = send(form(&seen, "Theirs", "theirs", "save")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);

    let (_, more) = send(form(&seen, "Mine", "mine", "more")).await;
    assert_eq!(version(&more), seen, "more lines");
    let (_, wrong) = send(form(&seen, "", "mine", "save")).await;
    assert_eq!(version(&wrong), seen, "an error");
    let (status, conflict) = send(form(&version(&wrong), "Mine", "mine", "save")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["Somebody was quicker", "Theirs", "theirs", "Mine", "mine"] {
        assert!(conflict.contains(part), "{part}: {conflict}");
    }
    // Who has seen both puts theirs in its place.
    let (status, _) = send(form(&version(&conflict), "Mine", "mine", "save")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);

    // Settings, too.
    let settings = format!("{address}/settings");
    let seen = version(&stage.page(&author, &settings).await);
    let form = |version: &'static str, title: &'static str, pass: &'static str| {
        [("version", version), ("title", title), ("pass_percent", pass), ("max_attempts", "")]
    };
    assert_eq!(seen, "3");
    stage.post(&author, &settings, &form("3", "Theirs", "70")).await;
    let (_, wrong) = stage.browse(&author, &settings, Some(&form("3", "Mine", "x"))).await;
    assert_eq!(version(&wrong), "3");
    let (status, late) = stage.browse(&author, &settings, Some(&form("3", "Mine", "80"))).await;
    assert_eq!((status, version(&late).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "4"));
    assert!(late.contains("Saved now: Theirs · ") && late.contains("70% of the marks"), "{late}");
    let next = stage.post(&author, &settings, &form("4", "Mine", "80")).await;
    assert_eq!(next, format!("{address}?done=saved"));
    assert!(stage.page(&author, &next).await.contains("role=\"status\">Saved.<"));
}

#[tokio::test]
async fn what_is_done_on_the_second_page_leads_back_there() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let gift: String = (1..=17).map(|number| format!("Q{number}{{=a}}\n\n")).collect();
    let quiz = stage.quiz(&gift, 50, None).await;
    let address = format!("{}/{quiz}", bank(&stage));
    let second = stage.page(&author, &format!("{address}?page=2")).await;
    let ids: Vec<String> = second
        .split("id=\"question-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let [first, last] = ids.as_slice() else { panic!("two questions: {second}") };
    let moved = async |question: &str, to: &str| {
        let seen = version(&stage.page(&author, &address).await);
        let path = format!("{address}/questions/{question}/move");
        stage.post(&author, &path, &[("version", &seen), ("to", to)]).await
    };
    assert_eq!(moved(last, "up").await, format!("{address}?page=2#question-{last}"));
    assert_eq!(moved(last, "up").await, format!("{address}#question-{last}"), "to the first page");
    moved(last, "down").await;
    let open = format!("{address}/questions/{first}");
    let page = stage.page(&author, &open).await;
    let back = format!("href=\"{address}?page=2#question-{first}\"");
    assert!(page.contains(&back), "{page}");
    let seen = version(&page);
    let form = [
        ("version", seen.as_str()),
        ("rows", "4"),
        ("text", "Changed"),
        ("accepted-1", "b"),
        ("action", "save"),
    ];
    let saved = stage.post(&author, &open, &form).await;
    assert_eq!(saved, format!("{address}?page=2&done=saved&at={first}#question-{first}"));
    let page = stage.page(&author, saved.split('#').next().unwrap()).await;
    assert_eq!(page.matches("role=\"status\"").count(), 1, "in its card: {page}");
    for (question, next) in [(last, "?page=2&done=deleted"), (first, "?page=2&done=deleted")] {
        let ask = format!("{address}/questions/{question}/delete");
        let seen = version(&stage.page(&author, &ask).await);
        let next = format!("{address}{next}");
        let led = stage.post(&author, &ask, &[("version", &seen)]).await;
        // With the second page's last question the second page is gone.
        assert!(led == next || led == format!("{address}?done=deleted"), "{led}");
        assert!(stage.page(&author, &led).await.contains("The question is deleted."));
    }
}

#[tokio::test]
async fn the_bank_leads_to_what_was_refused_and_to_what_waits() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("Tell{}", 50, None).await;
    let address = format!("{}/{quiz}", bank(&stage));
    let add = format!("{address}/add");
    let seen = version(&stage.page(&author, &add).await);
    let part = |name: &str, value: &str| {
        format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let gift = "B{=b\n\nC{=c\n\nD{=d}";
    let body = part("version", &seen) + &part("gift", gift) + "--edge--\r\n";
    let kind = "multipart/form-data; boundary=edge";
    let (status, page) = stage.request(&author, &add, Some(body), kind).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "what was typed stays to be mended");
    for part in ["typed in: ", "Line ", "\nB{=b\n\nC{=c"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[0], text("Long ago")).await;
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let page = stage.page(&author, &bank(&stage)).await;
    assert!(
        page.contains("refused<span class=\"sr\"> · ")
            && page.contains(&format!("{address}#upload")),
        "{page}"
    );
    let waiting = format!("href=\"/marking?course={}\">One attempt waits for marks<", stage.course);
    assert!(page.contains(&waiting), "{page}");
    let page = stage.page(&author, &format!("/results/{}", stage.course)).await;
    assert!(page.contains(&waiting), "{page}");
}
