//! Marking in the browser, and what came of a quiz.

use bus::{Clock, Db, Location, values};
use event::AttemptId;

use super::*;
use crate::{
    domain::{ResultQuery, Sort},
    migrations::MIGRATIONS,
    store,
};

const QUIZ: &str = "::One::A{=a}\n\n::Two::Tell{####look for dates}";

async fn submitted(stage: &Stage, quiz: QuizId, name: &str, essay: &str) -> String {
    let learner = stage.enrolled().await;
    stage.named(learner, name).await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[0], text("a")).await;
    if !essay.is_empty() {
        stage.save(learner, &attempt, &questions[1], text(essay)).await;
    }
    stage.submit(learner, &attempt).await;
    attempt
}

#[tokio::test]
async fn essays_are_marked_one_after_the_other() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz(QUIZ, 50, None).await;
    let first = submitted(&stage, quiz, "Ana Ruiz", "<b>Long</b> ago").await;
    let second = submitted(&stage, quiz, "Bo", "Later").await;
    stage.drain().await;
    let list = stage.page(&author, "/marking").await;
    assert!(
        list.contains("Ana Ruiz") && list.contains("Bo") && list.contains("Queues 1 (2)"),
        "{list}"
    );
    let narrowed = stage.page(&author, &format!("/marking?course={}", stage.course)).await;
    assert!(narrowed.contains("Ana Ruiz"));
    let elsewhere = stage.page(&author, &format!("/marking?course={}", CourseId::new())).await;
    assert!(elsewhere.contains("Nothing waits for marks here."), "others do: {elsewhere}");

    let path = format!("/marking/{first}");
    let page = stage.page(&author, &path).await;
    for part in ["look for dates", "Ana Ruiz", "<span>The final quiz</span>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("<p>&#60;b&#62;Long&#60;/b&#62; ago</p>"), "{page}");
    let field = page.split("name=\"mark-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (mark, comment) = (format!("mark-{field}"), format!("comment-{field}"));
    let wrong = [(mark.as_str(), "2"), (comment.as_str(), "Kept")];
    let (status, page) = stage.browse(&author, &path, Some(&wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(&format!("href=\"#{mark}\"")) && page.contains("Kept"), "{page}");
    assert!(page.contains(">The mark is 2: it must be from 0 to 1.<"), "{page}");
    let good = [(mark.as_str(), "0,5"), (comment.as_str(), "Which year?"), ("action", "next")];
    let next = stage.post(&author, &path, &good).await;
    assert_eq!(next, format!("/marking/{second}?done=marked"));
    assert!(stage.page(&author, &next).await.contains("role=\"status\">Saved.<"));
    assert_eq!(stage.count("assessment.attempt-graded.v1").await, 1);
    let (status, place) = stage.browse(&author, &path, None).await;
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("/attempts/{first}")));
    let shown = stage.page(&author, &format!("/attempts/{first}")).await;
    assert!(shown.contains("Which year?") && shown.contains("Ana Ruiz"), "{shown}");
    let full = [(mark.as_str(), "1"), ("action", "next")];
    let next = stage.post(&author, &format!("/marking/{second}"), &full).await;
    assert_eq!(next, "/marking?done=marked");
    let list = stage.page(&author, &next).await;
    assert!(list.contains("Nothing waits") && list.contains("Saved."), "{list}");
}

#[tokio::test]
async fn results_are_counted_and_leave_as_a_file() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz(QUIZ, 50, None).await;
    let graded = submitted(&stage, quiz, "=Ana", "").await;
    submitted(&stage, quiz, "Bo", "Later").await;
    let begun = stage.enrolled().await;
    stage.start(begun, quiz).await;
    stage.drain().await;

    let course = format!("/results/{}", stage.course);
    let page = stage.page(&author, &course).await;
    assert!(page.contains("The final quiz") && page.contains("mark one"), "{page}");
    assert!(page.contains(">50%<") && page.contains(">100%<"), "mean and passed: {page}");
    let one = format!("{course}/{quiz}");
    let page = stage.page(&author, &one).await;
    for part in ["=Ana", "1 / 2", "Bo", "whose name has not arrived yet", "<dd>3</dd>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("/attempts/{graded}")));
    assert_eq!(page.matches("<td>–</td>").count(), 1, "one is in progress: {page}");
    let file = stage.page(&author, &format!("{one}/attempts.csv")).await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 4, "{file}");
    assert!(lines[0].starts_with("\u{feff}\"Learner\",\"Attempt\""), "{file}");
    assert!(
        lines[3].starts_with("\"'=Ana\",\"1\",\"graded\"")
            && lines[3].ends_with("\"1\",\"2\",\"50\",\"yes\""),
        "{file}"
    );
    let mut french = author.clone();
    french.language = Language::Fr;
    let file = stage.page(&french, &format!("{one}/attempts.csv")).await;
    assert!(file.contains("\"Apprenant\";\"Tentative\""), "{file}");
    let page = stage.page(&french, &one).await;
    assert!(page.contains("en attente des notes"), "{page}");
}

#[tokio::test]
async fn statistics_follow_the_stored_answers() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("A{=a}\n\nB{=b}", 50, None).await;
    let path = format!("/results/{}/{quiz}/questions", stage.course);
    let page = stage.page(&author, &path).await;
    assert!(page.contains("No attempt is graded yet"), "{page}");
    for (first, second) in [("a", "b"), ("a", "x"), ("x", "x")] {
        let learner = stage.enrolled().await;
        let (attempt, questions) = stage.start(learner, quiz).await;
        stage.save(learner, &attempt, &questions[0], text(first)).await;
        stage.save(learner, &attempt, &questions[1], text(second)).await;
        stage.submit(learner, &attempt).await;
    }
    stage.drain().await;
    let page = stage.page(&author, &path).await;
    assert!(page.contains("Made from 3 graded attempts"), "{page}");
    assert!(page.contains(">66.7%<") && page.contains(">33.3%<"), "facility: {page}");
    assert_eq!(page.matches(">50%<").count(), 2, "the correlation of 1 1 0 and 1 0 0: {page}");
}

/// The mark's field says that it may be left empty, and stands beside the answer.
#[tokio::test]
async fn an_essay_is_left_for_later_and_a_comment_alone_is_not_lost() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("::One::Tell{}\n\n::Two::Tell more{}", 50, None).await;
    let learner = stage.enrolled().await;
    stage.named(learner, "Ana").await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    for question in &questions {
        stage.save(learner, &attempt, question, text("Long ago")).await;
    }
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let path = format!("/marking/{attempt}");
    let page = stage.page(&author, &path).await;
    let [one, two] = [0, 1].map(|place| format!("mark-{}", questions[place]));
    let comment = format!("comment-{}", questions[1]);
    assert!(
        page.contains(&format!("for=\"{one}\">Mark out of 1 <span class=\"quiet\">(optional)"))
    );
    assert!(page.find("Long ago") < page.find(&one) && page.find(&one) < page.rfind("Long ago"));

    let left = stage.post(&author, &path, &[("action", "next")]).await;
    assert_eq!(left, format!("{path}?done=left"), "no other waits");
    assert!(stage.page(&author, &left).await.contains("Nothing was saved"));
    let part = [(one.as_str(), "1"), (comment.as_str(), "Kept"), ("action", "stay")];
    let (status, page) = stage.browse(&author, &path, Some(&part)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("You wrote a comment and no mark") && page.contains("Kept"), "{page}");
    assert!(!page.contains(&format!("name=\"{one}\"")), "the first is marked: {page}");
    assert!(page.contains("The other marks are saved."), "and it says so: {page}");
    let wrong = [(two.as_str(), "one"), ("action", "stay")];
    let (_, page) = stage.browse(&author, &path, Some(&wrong)).await;
    assert!(page.contains("This is no number: write one such as 0.5."), "{page}");
    let rest = [(two.as_str(), "0"), ("action", "stay")];
    let next = stage.post(&author, &path, &rest).await;
    let (_, next) = stage.browse(&author, &next, None).await;
    assert_eq!(next, format!("/attempts/{attempt}?done=marked"));
    assert!(stage.page(&author, &next).await.contains("role=\"status\">Saved.<"));
}

/// Two who mark the same attempt: what comes second is not saved, and it is said.
#[tokio::test]
async fn a_mark_that_comes_too_late_is_not_lost_unseen() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz("::One::Tell{}\n\n::Two::Tell more{}", 50, None).await;
    let learner = stage.enrolled().await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    for question in &questions {
        stage.save(learner, &attempt, question, text("Long ago")).await;
    }
    stage.submit(learner, &attempt).await;
    stage.drain().await;
    let path = format!("/marking/{attempt}");
    let [one, two] = [0, 1].map(|place| format!("mark-{}", questions[place]));
    let comment = format!("comment-{}", questions[0]);
    let theirs = [(one.as_str(), "1"), (comment.as_str(), "Theirs"), ("action", "stay")];
    stage.post(&administrator(), &path, &theirs).await;

    let mine = [(one.as_str(), "0.5"), (comment.as_str(), "Mine"), ("action", "stay")];
    let (status, page) = stage.browse(&author, &path, Some(&mine)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("their mark stands"), "{page}");
    let both = [(one.as_str(), "0.5"), (two.as_str(), "1"), ("action", "stay")];
    let next = stage.post(&author, &path, &both).await;
    assert_eq!(next, format!("/attempts/{attempt}?done=overtaken"));
    let page = stage.page(&author, &next).await;
    assert!(page.contains("their mark stands") && page.contains("Theirs"), "{page}");
    assert!(page.contains("Passed: 2 / 2") && !page.contains("Mine"), "{page}");
    let again = stage.post(&author, &path, &theirs).await;
    assert_eq!(again, format!("/attempts/{attempt}"), "the same mark again is none too late");
}

#[tokio::test]
async fn a_quiz_that_asks_nothing_has_no_statistics() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let new = [("title", "Week one"), ("key", "week-1"), ("pass_percent", "60")];
    let bank = stage.post(&author, &format!("/question-bank/{}", stage.course), &new).await;
    let path = format!("{}/questions", bank.replacen("/question-bank/", "/results/", 1));
    let page = stage.page(&author, &path).await;
    assert!(page.contains("it has no question") && !page.contains("<table>"), "{page}");
}

#[tokio::test]
async fn results_are_searched_narrowed_and_sorted() {
    let stage = Stage::new().await;
    let author = teacher();
    stage.taught_by(Some(author.person)).await;
    let quiz = stage.quiz(QUIZ, 50, None).await;
    let best = submitted(&stage, quiz, "Élodie Ruiz", "Long ago").await;
    submitted(&stage, quiz, "100% Bo", "").await;
    stage.drain().await;
    let waits = submitted(&stage, quiz, "Carl", "Later").await;
    stage.drain().await;
    let path = format!("/marking/{best}");
    let page = stage.page(&author, &path).await;
    let field = page.split("name=\"mark-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let field = format!("mark-{field}");
    stage.post(&author, &path, &[(field.as_str(), "1"), ("action", "stay")]).await;

    let results = format!("/results/{}/{quiz}", stage.course);
    let names = async |query: &str| -> Vec<String> {
        let page = stage.page(&author, &format!("{results}?{query}")).await;
        let lines = page.split("<th scope=\"row\">").skip(1);
        let name = |line: &str| {
            let (_, rest) = line.split_once('>').unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        lines.map(name).collect()
    };
    assert_eq!(names("").await, ["Carl", "100% Bo", "Élodie Ruiz"]);
    assert_eq!(names("sort=name").await, ["100% Bo", "Carl", "Élodie Ruiz"]);
    assert_eq!(names("sort=highest").await, ["Élodie Ruiz", "100% Bo", "Carl"]);
    assert_eq!(names("sort=lowest").await, ["100% Bo", "Élodie Ruiz", "Carl"]);
    assert_eq!(names("q=ELODIE").await, ["Élodie Ruiz"]);
    assert_eq!(names("q=%25").await, ["100% Bo"]);
    assert_eq!(names("show=waiting").await, ["Carl"]);
    assert_eq!(names("show=passed").await, ["100% Bo", "Élodie Ruiz"]);
    assert_eq!(names("show=failed").await, Vec::<String>::new());
    assert_eq!(names("page=2").await, ["Carl", "100% Bo", "Élodie Ruiz"]);

    let page = stage.page(&author, &format!("/attempts/{waits}")).await;
    let only = page.split("?learner=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(names(&format!("learner={only}")).await, ["Carl"]);
    let page = stage.page(&author, &format!("{results}?learner={only}")).await;
    assert!(
        page.contains("The attempts of Carl alone.") && page.contains("One attempt<"),
        "{page}"
    );
    let stranger = PersonId::new();
    stage.named(stranger, "Secret").await;
    let page = stage.page(&author, &format!("{results}?learner={stranger}")).await;
    assert!(page.contains("No attempt found") && !page.contains("Secret"), "{page}");
    let file = stage.page(&author, &format!("{results}/attempts.csv?show=passed&q=e")).await;
    assert!(file.contains("Élodie") && !file.contains("Carl") && !file.contains("Bo"), "{file}");
    assert_eq!(stage.page(&author, "/marking").await.matches("One attempt waits").count(), 1);
}

/// What an attempt of before the migration came to is put in order as one of after it.
#[tokio::test]
async fn marks_given_by_an_earlier_version_are_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("assessment.db"));
    let db = Db::open(&location, "assessment", &MIGRATIONS[..7], Clock::System).await.unwrap();
    let (quiz, mut tx) = (QuizId::new(), db.begin().await.unwrap());
    let marks = [
        ("2", "10", "graded"),
        ("1", "2", "graded"),
        ("0", "0.0", "graded"),
        ("9", "10", "awaiting_marking"),
    ];
    for (mark, out_of, state) in marks {
        let sql = "insert into attempt (id, quiz, quiz_version, course, learner, number, state, answers, mark, \
                   out_of, started_at, version) values ($1, $2, 1, $2, $1, 1, $3, '{}', $4, $5, $6, 1)";
        let values = values![AttemptId::new().0, quiz.0, state, mark, out_of, db.now()];
        tx.execute(sql, values).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
    let db = Db::open(&location, "assessment", MIGRATIONS, Clock::System).await.unwrap();
    let query = ResultQuery { sort: Sort::Highest, ..ResultQuery::default() };
    let lines = store::page_of_results(&db, quiz, &query, 1, 10).await.unwrap();
    let marks: Vec<String> = lines.iter().map(|line| line.mark.unwrap().to_string()).collect();
    assert_eq!(marks, ["1", "2", "0", "9"], "half, a fifth, and what has no share");
    let totals = store::totals_of_quiz(&db, quiz).await.unwrap().unwrap();
    assert!((totals.mean_percent.unwrap() - 35.0).abs() < 1e-9, "{:?}", totals.mean_percent);
}
