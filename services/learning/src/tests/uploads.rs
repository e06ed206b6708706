//! `/enrolments`: many at once.

use std::time::Instant;

use contract::learning::LearnerEnrolled;

use super::*;

const ADMINISTRATOR: PersonId = PersonId(Uuid::from_u128(10));

async fn office() -> Browser {
    let browser = Browser::new().await;
    let french = Course {
        course: CourseId(Uuid::from_u128(50)),
        key: "files".to_owned(),
        language: Language::Fr,
        ..course(1, &[QUIZ])
    };
    let gone =
        Course { course: CourseId(Uuid::from_u128(51)), key: "old".to_owned(), ..french.clone() };
    let withdrawn = CourseWithdrawn { course: gone.course, version: 2, withdrawn_at: start() };
    browser
        .scene
        .deliver(&[
            published(1),
            envelope(&CoursePublished(french)),
            envelope(&CoursePublished(gone)),
            envelope(&withdrawn),
            registered(LEARNER, "Ana"),
            registered(ADMINISTRATOR, "Ada Office"),
        ])
        .await;
    browser.by(ADMINISTRATOR, Role::Administrator)
}

/// The form as a browser sends it.
fn sent(form: u128, text: &str, file: Option<&str>) -> String {
    let mut body = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"form\"\r\n\r\n{}\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n{}\r\n",
        Uuid::from_u128(form),
        file.map_or("", |_| "people.csv"),
        file.unwrap_or_default()
    );
    body.push_str("--edge--\r\n");
    body
}

impl Browser {
    async fn upload(
        &self,
        form: u128,
        text: &str,
        file: Option<&str>,
    ) -> (StatusCode, HeaderMap, String) {
        let kind = "multipart/form-data; boundary=edge";
        self.send("POST", "/enrolments", kind, sent(form, text, file)).await
    }

    /// Uploads, works off, and gives the report's address.
    pub(super) async fn uploaded(&self, form: u128, text: &str) -> String {
        let (status, headers, page) = self.upload(form, text, None).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        drain(&self.scene).await;
        headers["location"].to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_line_has_its_ending() {
    let browser = office().await;
    let text = "mail,course\n\
        ANA@example.org, queues, en\n\
        ana@example.org;queues\n\
        who@example.org,queues\n\
        ana@example.org,nothing\n\
        ana@example.org,old\n\
        ana@example.org,files,en\n\
        ana@example.org,files,fr\n\
        ana\n";
    let report = browser.uploaded(1, text).await;
    let page = browser.see(&report).await;
    for words in [
        "8 lines",
        "2 people enrolled",
        "1 enrolled already",
        "5 lines refused",
        "by Ada Office",
        "Nobody has an account with this address",
        "href=\"/invitations\"",
        "There is no course with this key",
        "This course was withdrawn",
        "taught in another language",
        "It does not begin with a mail address",
        "<th scope=\"row\" class=\"number\">4</th><td>who@example.org</td>",
        "<th scope=\"row\" class=\"number\">9</th>",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let already = browser.see(&format!("{report}?outcome=already")).await;
    assert!(
        already.contains("<th scope=\"row\" class=\"number\">3</th>")
            && already.contains("nothing has changed")
    );
    assert_eq!(told::<LearnerEnrolled>(&browser.scene).await.len(), 2);
    assert!(browser.see("/enrolments").await.contains(&report));
    let (_, _, file) = browser.ask("GET", &format!("{report}/refused"), String::new()).await;
    assert!(file.contains("\"who@example.org\",\"queues\",\"\",\"4\",\"Nobody has"), "{file}");
}

/// Nobody can mend a line that is not shown.
#[tokio::test]
async fn a_line_that_cannot_be_read_is_shown_as_it_stands() {
    let browser = office().await;
    let text = "\"Who@example.org;queues\n,queues\nana@example.org,queues,fr,more";
    let report = browser.uploaded(1, text).await;
    let page = browser.see(&report).await;
    for cells in [
        "1</th><td>&#34;Who@example.org;queues</td><td></td>",
        "2</th><td></td><td>queues</td>",
        "3</th><td>ana@example.org</td><td>queues</td>",
    ] {
        assert!(page.contains(cells), "{cells}: {page}");
    }
    assert!(!page.contains("(forgotten)"), "{page}");
    let (_, _, file) = browser.ask("GET", &format!("{report}/refused"), String::new()).await;
    assert!(file.contains("\"\"\"Who@example.org;queues\",\"\",\"\",\"1\",\"This line"), "{file}");
    browser.scene.deliver(&[erased(LEARNER, 2)]).await;
    let page = browser.see(&report).await;
    assert!(page.contains("3</th><td>(forgotten)</td><td>queues</td>"), "{page}");
}

#[tokio::test]
async fn twice_is_once() {
    let browser = office().await;
    let text = "ana@example.org,queues";
    let report = browser.uploaded(1, text).await;
    assert_eq!(browser.uploaded(1, "somebody@example.org,else").await, report, "the form was sent");
    let again = browser.uploaded(2, text).await;
    assert_ne!(again, report);
    assert!(browser.see(&again).await.contains("1 enrolled already"));
    assert_eq!(told::<LearnerEnrolled>(&browser.scene).await.len(), 1);
}

#[tokio::test]
async fn refused_lines_are_looked_at_again() {
    let browser = office().await;
    let report = browser.uploaded(1, "bo@example.org,queues\nbo,queues").await;
    assert!(browser.see(&report).await.contains("2 lines refused"));
    browser.scene.deliver(&[registered(PersonId::new(), "bo")]).await;
    assert_eq!(browser.post(&format!("{report}/again"), "").await, report);
    let underway = browser.see(&report).await;
    assert!(underway.contains("1 of 2 lines processed") && underway.contains("data-live=\""));
    drain(&browser.scene).await;
    let page = browser.see(&report).await;
    assert!(page.contains("1 person enrolled") && page.contains("1 line refused"), "{page}");
    assert!(page.contains("data-live-end"), "{page}");
    let again = browser.post(&format!("{report}/again"), "").await;
    let page = browser.see(&again).await;
    assert!(page.contains("can become right by itself"), "{page}");
    assert_eq!(browser.scene.dead().await, Vec::<String>::new());
}

#[tokio::test]
async fn nonsense_is_refused_beside_its_field() {
    let browser = office().await;
    let many = "a@example.org,queues\n".repeat(5_001);
    let cases = [
        (" ", None, "href=\"#text\">Enter at least one line"),
        ("", Some("mail,course\n"), "href=\"#file\">Enter at least one line"),
        ("", Some(many.as_str()), "more than 5,000 lines"),
        ("", Some("a\0"), "no text in UTF-8"),
    ];
    for (text, file, words) in cases {
        let (status, _, page) = browser.upload(1, text, file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(browser.status(&format!("/enrolments/{}", Uuid::from_u128(1))).await, 404);
    let french = Browser { language: Language::Fr, ..browser };
    let (_, _, page) = french.upload(1, "", None).await;
    assert!(page.contains("Saisissez au moins une ligne"), "{page}");
}

/// Whatever its size, the form comes back with what was typed.
#[tokio::test]
async fn too_large_a_file_loses_nothing_that_was_typed() {
    let browser = Browser { language: Language::Fr, ..office().await };
    let typed = "ana@example.org,queues";
    for megabytes in [2, 3, 8] {
        let large = "x".repeat(megabytes * 1_000_000);
        let (status, _, page) = browser.upload(77, typed, Some(&large)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{megabytes}");
        assert!(page.contains("href=\"#file\">C’est plus de 1\u{a0}Mo"), "{megabytes}: {page}");
        assert!(page.contains(typed), "{megabytes}: {page}");
        assert!(page.contains(&Uuid::from_u128(77).to_string()), "it is the same form: {page}");
    }
    let pasted = format!("{typed}\n").repeat(60_000);
    let (status, _, page) = browser.upload(77, &pasted, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("href=\"#text\">C’est plus de 1\u{a0}Mo"), "{}", page.len());
    assert_eq!(page.matches(typed).count(), 60_000);
}

/// More than another form's field may hold: as many lines as are allowed, each with a long address.
#[tokio::test]
async fn as_much_is_pasted_as_a_file_may_hold() {
    let browser = office().await;
    let line = format!("{}@example.org,queues\n", "a".repeat(100));
    let (status, _, page) = browser.upload(1, &line.repeat(5_000), None).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
}

#[tokio::test]
async fn it_is_the_administrator_s_alone() {
    let browser = office().await;
    let report = browser.uploaded(1, "ana@example.org,queues").await;
    let mut browser = browser;
    for role in [Role::Learner, Role::Instructor, Role::Operator] {
        browser = browser.by(ADMINISTRATOR, role);
        for page in
            ["/enrolments", &report, &format!("{report}/refused"), &format!("{report}/live")]
        {
            assert_eq!(browser.status(page).await, 403, "{role:?} {page}");
        }
        assert_eq!(browser.upload(2, "ana@example.org,queues", None).await.0, 403);
        let (status, _, _) = browser.ask("POST", &format!("{report}/again"), String::new()).await;
        assert_eq!(status, 403);
    }
}

#[tokio::test]
async fn an_address_that_was_erased_is_forgotten() {
    let browser = office().await;
    let late = PersonId(Uuid::from_u128(70));
    let lines = "ana@example.org,queues\nlate@example.org,queues\n\"LATE@example.org,queues";
    let report = browser.uploaded(1, lines).await;
    browser.scene.deliver(&[registered(late, "late"), erased(LEARNER, 2), erased(late, 2)]).await;
    let tables = tables(&browser.scene).await;
    for mail in ["ana@", "late@", "LATE@"] {
        assert!(!tables.contains(mail), "{mail}: {tables}");
    }
    assert!(browser.see(&report).await.contains("(forgotten)"));
    browser.post(&format!("{report}/again"), "").await;
    drain(&browser.scene).await;
}

#[tokio::test]
async fn who_is_erased_takes_no_other_address_along() {
    let browser = office().await;
    let gone = PersonId(Uuid::from_u128(71));
    let report = browser.uploaded(1, "\"late@example.org,queues").await;
    browser.scene.deliver(&[registered(gone, "l_te"), erased(gone, 2)]).await;
    let page = browser.see(&report).await;
    assert!(page.contains("late@example.org"), "l_te is no pattern: {page}");
}

#[tokio::test]
async fn reports_are_thrown_away_after_a_while() {
    let browser = office().await;
    let report = browser.uploaded(1, "ana@example.org,queues").await;
    browser.scene.clock.advance(chrono::TimeDelta::days(91));
    let next = browser.uploaded(2, "ana@example.org,queues").await;
    assert_eq!(browser.status(&report).await, 404);
    assert_eq!(browser.status(&next).await, 200);
}

#[tokio::test]
async fn the_example_names_courses_that_there_are() {
    let browser = Browser::new().await.by(ADMINISTRATOR, Role::Administrator);
    let page = browser.see("/enrolments").await;
    assert!(!page.contains("ana@example.org"), "there is no course yet: {page}");
    let page = office().await.see("/enrolments").await;
    let example = "<code>ana@example.org,files\nbruno@example.org,queues,en</code>";
    assert!(page.contains(example), "{page}");
}

#[tokio::test]
async fn older_uploads_are_on_further_pages() {
    let browser = office().await;
    for form in 0..21 {
        browser.uploaded(form, "ana@example.org,queues").await;
    }
    let first = browser.see("/enrolments").await;
    assert_eq!(first.matches("<th scope=\"row\">").count(), 20, "{first}");
    assert!(first.contains("page=2"), "{first}");
    let second = browser.see("/enrolments?page=2").await;
    assert_eq!(second.matches("<th scope=\"row\">").count(), 1, "{second}");
}

/// As many as it takes: the request is answered at once, and the lines are worked off in chunks.
#[tokio::test]
async fn a_whole_school_is_enrolled() {
    let browser = office().await;
    let names: Vec<String> = (0..4_999).map(|number| format!("learner{number}")).collect();
    let people: Vec<Envelope> =
        names.iter().map(|name| registered(PersonId::new(), name)).collect();
    for some in people.chunks(500) {
        browser.scene.deliver_together(some).await;
    }
    let mut file: String =
        names.iter().map(|name| format!("{name}@example.org,queues\n")).collect();
    file.push_str("nobody@example.org,queues\n");
    let begun = Instant::now();
    let (status, headers, page) = browser.upload(1, "", Some(&file)).await;
    let answered = begun.elapsed();
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let report = headers["location"].to_str().unwrap();
    assert!(browser.see(report).await.contains("0 of 5000 lines processed"));
    let begun = Instant::now();
    drain(&browser.scene).await;
    println!("5,000 lines: answered in {answered:?}, worked off in {:?}", begun.elapsed());
    assert!(answered.as_secs() < 10, "{answered:?}");
    let page = browser.see(report).await;
    assert!(page.contains("4999 people enrolled") && page.contains("1 line refused"), "{page}");
    assert_eq!(told::<LearnerEnrolled>(&browser.scene).await.len(), 4_999);
}
