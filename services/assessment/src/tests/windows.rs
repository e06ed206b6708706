//! One attempt in several windows and devices: what each sends, and what becomes of it.

use super::*;

/// An attempt, with the names of its fields.
struct Taken {
    stage: Stage,
    who: Session,
    address: String,
    fields: Vec<String>,
}

impl Taken {
    async fn begin(gift: &str) -> Self {
        let stage = Stage::new().await;
        let quiz = stage.quiz(gift, 50, None).await;
        let who = learner_session(stage.enrolled().await);
        let (attempt, questions) = stage.start(who.person, quiz).await;
        let fields = questions.iter().map(|question| format!("question-{question}")).collect();
        Self { stage, who, address: format!("/attempts/{attempt}"), fields }
    }

    /// What a page that is opened now says that it knows of a question.
    async fn seen(&self, place: usize) -> String {
        let page = self.stage.page(&self.who, &self.address).await;
        hidden(&page, &format!("seen-{}", self.fields[place]))
    }

    /// A script sends one field that changed.
    async fn send(
        &self,
        page: &str,
        counter: &str,
        place: usize,
        seen: &str,
        value: &str,
    ) -> (StatusCode, Value) {
        let field = self.fields[place].as_str();
        let (knows, seen) = (format!("seen-{field}"), format!("{seen} {page}"));
        let form = [(field, value), (&knows, &seen), ("page", page), ("counter", counter)];
        let save = format!("{}/answers", self.address);
        let (status, body) = self.stage.browse(&self.who, &save, Some(&form)).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// A browser without script sends all of a page, in which somebody has typed.
    async fn give(&self, page: &str, typed: &[(usize, &str)]) -> (StatusCode, String) {
        let knows: Vec<String> = self.fields.iter().map(|field| format!("seen-{field}")).collect();
        let seen: Vec<String> = knows.iter().map(|name| hidden(page, name)).collect();
        let values: Vec<String> = (0..self.fields.len())
            .map(|place| match typed.iter().find(|(at, _)| *at == place) {
                Some((_, value)) => (*value).to_owned(),
                None => value_of(page, &self.fields[place]),
            })
            .collect();
        let mut form = vec![("counter", "0"), ("action", "save")];
        let pairs = self.fields.iter().zip(&values).chain(knows.iter().zip(&seen));
        form.extend(pairs.map(|(name, value)| (name.as_str(), value.as_str())));
        self.stage.browse(&self.who, &self.address, Some(&form)).await
    }

    async fn open(&self) -> String {
        self.stage.page(&self.who, &self.address).await
    }

    async fn saved(&self, place: usize) -> Value {
        let attempt = self.address.rsplit('/').next().unwrap();
        let question = self.fields[place].trim_start_matches("question-");
        self.stage.show(self.who.person, attempt).await["answers"][question].clone()
    }
}

fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no {name}: {page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

/// What stands in a line.
fn value_of(page: &str, name: &str) -> String {
    let input = page.split_once(&format!("type=\"text\" name=\"{name}\"")).unwrap().1;
    let value = input.split_once(" value=\"").unwrap().1;
    value.split('"').next().unwrap().to_owned()
}

const DONE: StatusCode = StatusCode::NO_CONTENT;

#[tokio::test]
async fn two_windows_keep_what_both_wrote() {
    let taken = Taken::begin("A{=a}\n\nB{=b}\n\nSome?{~%50%x ~%50%y}").await;
    let seen = [taken.seen(0).await, taken.seen(1).await, taken.seen(2).await];
    assert_eq!(taken.send("one", "10", 2, &seen[2], "1").await.0, DONE);
    assert_eq!(taken.send("one", "11", 0, &seen[0], "first").await.0, DONE);
    // The other window was loaded before all that, and its clock is behind.
    assert_eq!(taken.send("two", "5", 1, &seen[1], "second").await.0, DONE);
    assert_eq!(taken.saved(0).await["text"], "first");
    assert_eq!(taken.saved(1).await["text"], "second");
    assert_eq!(taken.saved(2).await["picked"], json!([1]), "boxes that were not sent stay ticked");
    assert_eq!(taken.send("one", "12", 0, &seen[0], "first, longer").await.0, DONE);
    assert_eq!(taken.send("one", "9", 0, &seen[0], "late").await.0, StatusCode::CONFLICT);
    assert_eq!(taken.saved(0).await["text"], "first, longer");
}

#[tokio::test]
async fn an_answer_that_was_changed_elsewhere_is_refused_and_both_are_shown() {
    let taken = Taken::begin("A{=a}\n\nMatch{=a->x =b->y}").await;
    let seen = taken.seen(0).await;
    taken.send("one", "10", 0, &seen, "first").await;
    for late in ["", "other"] {
        let (status, told) = taken.send("two", "20", 0, &seen, late).await;
        assert_eq!((status, &told["rest"]), (StatusCode::CONFLICT, &json!("saved")));
        let error = &told["errors"][0];
        assert_eq!(error["field"], taken.fields[0]);
        assert!(error["detail"].as_str().unwrap().contains("“first”"), "{told}");
        assert_eq!(error["saved"]["values"], json!([[taken.fields[0], "first"]]));
        assert_eq!(error["saved"]["seen"], taken.seen(0).await);
    }
    assert_eq!(taken.saved(0).await["text"], "first");
    // Now that the other was shown, it can be replaced.
    let seen = taken.seen(0).await;
    assert_eq!(taken.send("two", "21", 0, &seen, "other").await.0, DONE);
    let (_, told) = taken.send("one", "22", 0, &seen, "third").await;
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("“other”"), "{told}");
    let seen = taken.seen(0).await;
    assert_eq!(taken.send("two", "23", 0, &seen, "").await.0, DONE);
    let (_, told) = taken.send("one", "24", 0, &seen, "third").await;
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("was taken back"), "{told}");
    assert_eq!(told["errors"][0]["saved"], json!({ "seen": "none", "values": [] }));
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_the_reader_s_language_and_the_rest_is_saved() {
    let mut taken = Taken::begin("N{#3}\n\nA{=a}").await;
    taken.who.language = Language::Fr;
    let [number, text] = [taken.fields[0].clone(), taken.fields[1].clone()];
    let page = taken.open().await;
    let knows = [format!("seen-{number}"), format!("seen-{text}")];
    let seen = knows.clone().map(|name| hidden(&page, &name));
    let form = [
        (number.as_str(), "trois"),
        (knows[0].as_str(), seen[0].as_str()),
        (text.as_str(), "a"),
        (knows[1].as_str(), seen[1].as_str()),
    ];
    let save = format!("{}/answers", taken.address);
    let (status, told) = taken.stage.browse(&taken.who, &save, Some(&form)).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(told["errors"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["errors"][0]["field"], number);
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("pas un nombre"), "{told}");
    assert_eq!(taken.saved(1).await["text"], "a");

    let (status, page) = taken.give(&taken.open().await, &[(0, "trois")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = format!("aria-invalid=\"true\" aria-describedby=\"{number}-error\"");
    assert!(page.contains(&error) && page.contains("value=\"trois\""), "{page}");
    assert_eq!(hidden(&page, &knows[0]), "none", "what is saved is what counts");
}

/// A whole form says what it was served with: what is as it was nobody has changed there.
#[tokio::test]
async fn without_script_a_page_changes_what_was_typed_in_it() {
    let taken = Taken::begin("A{=a}\n\nB{=b}").await;
    let (one, two) = (taken.open().await, taken.open().await);
    assert_eq!(taken.give(&one, &[(0, "first")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(taken.give(&two, &[(1, "second")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(taken.saved(0).await["text"], "first");
    assert_eq!(taken.saved(1).await["text"], "second");

    let (status, page) = taken.give(&one, &[(0, "mine"), (1, "")]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("“first”") && page.contains("value=\"mine\""), "both are shown: {page}");
    assert!(page.contains("value=\"second\""), "what was not touched is as it is saved: {page}");
    assert_eq!(taken.saved(0).await["text"], "first");
    assert_eq!(taken.give(&page, &[]).await.0, StatusCode::SEE_OTHER, "again means: keep mine");
    assert_eq!(taken.saved(0).await["text"], "mine");
    assert_eq!(taken.saved(1).await["text"], "second");
}

/// A program says nothing of what it knew, and is not asked; pages notice.
#[tokio::test]
async fn a_program_s_answer_is_not_replaced_unseen() {
    let taken = Taken::begin("A{=a}").await;
    let (page, seen) = (taken.open().await, taken.seen(0).await);
    let attempt = taken.address.rsplit('/').next().unwrap();
    let question = taken.fields[0].trim_start_matches("question-");
    for answer in ["one", "two"] {
        let (status, _) = taken.stage.save(taken.who.person, attempt, question, text(answer)).await;
        assert_eq!(status, StatusCode::OK);
    }
    let (status, _) = taken.send("late", "1800000000000", 0, &seen, "old").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(taken.give(&page, &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(taken.saved(0).await["text"], "two");
}

/// The account was erased elsewhere, while this session goes on: it was let in just before, and looks as if
/// it had begun after.
#[tokio::test]
async fn an_erased_person_s_session_writes_nothing_more() {
    let stage = Stage::new().await;
    let quiz = stage.quiz("A{=a}", 50, None).await;
    let learner = stage.enrolled().await;
    let (given, _) = stage.start(learner, quiz).await;
    stage.submit(learner, &given).await;
    stage.drain().await;
    let (begun, questions) = stage.start(learner, quiz).await;
    let erased = contract::identity::PersonErased {
        person: learner,
        version: 2,
        erased_at: chrono::DateTime::UNIX_EPOCH,
    };
    stage.scene.deliver(&[bus::testing::envelope(&erased)]).await;
    let before = stage.scene.state(&[]).await;
    let start = format!("/api/v1/quizzes/{quiz}/attempts");
    let (status, problem) = stage.ask(learner_session(learner), "POST", &start, None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("erased"), "{problem}");
    let (status, _) = stage.save(learner, &begun, &questions[0], text("a")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "it went with the account");
    let (status, _) = stage.save(learner, &given, &questions[0], text("a")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let submit = format!("/api/v1/attempts/{given}/submit");
    let (status, _) = stage.ask(learner_session(learner), "POST", &submit, None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(stage.scene.state(&[]).await, before);
}

#[tokio::test]
async fn what_a_learner_waits_for_appears_by_itself() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz("A{=a}", 50, None).await;
    let (address, newcomer) = (format!("/quizzes/{quiz}"), PersonId::new());
    let who = learner_session(newcomer);
    let state = async || crate::store::quiz_state(&stage.scene.db, quiz, newcomer).await.unwrap();
    let page = stage.page(&who, &address).await;
    let waiting = state().await;
    let live = format!("data-live=\"{address}/live?seen={}\"", ui::fingerprint(&waiting));
    assert!(page.contains(&live), "{page}");
    assert!(page.contains("Only those who are enrolled"), "{page}");
    let seat = LearnerEnrolled {
        enrolment: EnrolmentId::new(),
        version: 1,
        learner: newcomer,
        course: stage.course,
        enrolled_at: bus::testing::start(),
    };
    stage.scene.deliver(&[bus::testing::envelope(&seat)]).await;
    assert_ne!(state().await, waiting);
    let mut seen = vec![waiting, state().await];
    let (attempt, _) = stage.start(newcomer, quiz).await;
    seen.push(state().await);
    stage.submit(newcomer, &attempt).await;
    seen.push(state().await);
    stage.drain().await;
    seen.push(state().await);
    seen.dedup();
    assert_eq!(seen.len(), 5, "{seen:?}");
    let page = stage.page(&who, &format!("/attempts/{attempt}")).await;
    assert!(page.contains("data-live-said=\"Not passed: 0 / 1"), "{page}");
}
