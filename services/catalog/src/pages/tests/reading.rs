//! What everyone sees: the list, a course, the reader, its images.

use axum::http::StatusCode;
use event::{Language, Role};
use serde_json::json;

use crate::site::{Site, site};

/// The smallest PNG: one pixel.
pub(super) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// The address of the first image of a course on a page.
pub(super) fn image_in(page: &str) -> String {
    let rest = page.split_once("<img src=\"/courses/").unwrap().1;
    format!("/courses/{}", rest.split('"').next().unwrap())
}

async fn publish(site: &Site, owner: &str, course: serde_json::Value) {
    let key = course["key"].as_str().unwrap().to_owned();
    let address = format!("/api/v1/courses/{key}");
    site.post("/api/v1/courses", owner, course).await;
    site.post(&format!("{address}/sections"), owner, json!({"title": "One"})).await;
    for title in ["First", "Second"] {
        let lesson = json!({"title": title, "text": "Text.", "publish": true, "minutes": 90});
        site.post(&format!("{address}/lessons"), owner, lesson).await;
    }
    let quiz = json!({"title": "Check", "pass_percent": 60});
    let placed = site.post(&format!("{address}/quizzes"), owner, quiz).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
    let published = site.post(&format!("{address}/publish"), owner, json!({})).await;
    assert_eq!(published.status, StatusCode::OK, "{}", published.text);
}

#[tokio::test]
async fn courses_are_found_by_words_and_language() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let courses = [
        ("evaluer", "fr", "Évaluer à distance", "Des quiz équitables"),
        ("queues", "en", "Message queues", "100% of what you need"),
    ];
    for (key, language, title, summary) in courses {
        let course = json!({"key": key, "language": language, "title": title, "summary": summary,
            "minutes": 90});
        publish(&site, &owner, course).await;
    }
    let found = async |query: &str| {
        let page = site.get(&format!("/courses?{query}"), None).await;
        assert_eq!(page.status, StatusCode::OK);
        let is_there = |key: &str| page.text.contains(&format!("href=\"/courses/{key}\""));
        (is_there("evaluer"), is_there("queues"))
    };
    assert_eq!(found("").await, (true, true));
    assert_eq!(found("q=EVALUER+distance").await, (true, false));
    assert_eq!(found("q=%C3%A9quitables").await, (true, false));
    assert_eq!(found("q=distance+queues").await, (false, false));
    assert_eq!(found("q=%25").await, (true, true));
    assert_eq!(found("language=en").await, (false, true));
    assert_eq!(found("q=quiz&language=en").await, (false, false));
    assert_eq!(found("page=7").await, (true, true), "past the end is the last page");
    let past = site.get("/courses?page=7", None).await.text;
    assert!(past.contains("2 courses") && !past.contains("class=\"pager\""), "{past}");
    let typed = site.get("/courses?q=%C3%A9quitables+%26&language=fr", None).await.text;
    assert!(typed.contains("href=\"/search?q=%C3%A9quitables%20%26\""), "{typed}");
    let card = site.get("/courses", None).await.text;
    assert!(card.contains("href=\"/search\">Search inside the lessons too"), "{card}");
    assert!(
        card.contains("1\u{a0}h 30\u{a0}min")
            && card.contains("2 lessons")
            && card.contains("1 quiz"),
        "{card}"
    );
    assert!(card.contains("Certificate of achievement"));
    let api = site.get("/api/v1/courses?q=evaluer", None).await.json();
    assert_eq!(api["courses"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    for number in 0..30 {
        let title = format!("Course {number:02}");
        let new = [("title", title.as_str()), ("language", "en")];
        site.submit("/teaching/new", &owner, &new).await.location();
    }
    let first = site.get("/teaching", Some(&owner)).await.text;
    let second = site.get("/teaching?page=2", Some(&owner)).await.text;
    assert!(first.contains("Course 00") && !first.contains("Course 29"));
    assert!(second.contains("Course 29") && !second.contains("Course 00"));
    assert!(first.contains("30 courses") && first.contains("page=2"), "{first}");
    let past = site.get("/teaching?page=9", Some(&owner)).await.text;
    assert!(past.contains("Course 29") && past.contains("Page 2 of 2"), "{past}");
    let narrowed = site.get("/teaching?q=29", Some(&owner)).await.text;
    assert!(narrowed.contains("Course 29") && !narrowed.contains("Course 28"));
}

#[tokio::test]
async fn the_reader_says_where_one_is_and_leads_on() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let learner = site.sign_in_as(Role::Learner, Language::Fr);
    publish(&site, &owner, json!({"key": "queues", "language": "en", "title": "Queues"})).await;
    let first = site.get("/courses/queues/lessons/first", Some(&learner)).await.text;
    assert!(first.contains("Leçon 1 sur 2") && first.contains("(vous êtes ici)"), "{first}");
    assert!(first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""));
    assert!(first.contains("name=\"next\" value=\"/courses/queues/lessons/second\""));
    let second = site.get("/courses/queues/lessons/second", Some(&learner)).await.text;
    assert!(second.contains("rel=\"prev\" aria-keyshortcuts=\"ArrowLeft\""), "{second}");
    assert!(first.contains("rel=\"next\" aria-keyshortcuts=\"ArrowRight\""), "{first}");
    assert!(first.contains("feuilletez avec les touches <kbd>←</kbd> <kbd>→</kbd>"), "{first}");
    assert!(second.contains("name=\"next\" value=\"/quizzes/"), "after the lessons the quiz");
    let course = site.get("/courses/queues", Some(&learner)).await.text;
    assert!(course.contains("/enrol\"") && course.contains("Ouverte à toute personne"), "{course}");
}

#[tokio::test]
async fn what_learners_do_not_see_is_marked_as_read_by_nobody() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let offers = async || {
        let page = site.get("/courses/queues/lessons/one", Some(&owner)).await.text;
        (page.contains("/read\""), page.contains("Learners do not see this lesson"))
    };
    assert_eq!(offers().await, (false, true), "the course is a draft");
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    assert_eq!(offers().await, (true, false));
    site.post("/api/v1/courses/queues/withdraw", &owner, json!({})).await;
    assert_eq!(offers().await, (false, true));
}

#[tokio::test]
async fn images_are_served_as_what_they_are() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let id = site.get("/api/v1/courses/queues", Some(&owner)).await.json()["course"].clone();
    let images = format!("/teaching/{}/images", id.as_str().unwrap());
    let parts = [("file", Some("a.html"), PNG), ("description", None, b"A [dot]".as_slice())];
    site.upload(&images, &owner, &parts).await.location();
    let page = site.get(&images, Some(&owner)).await.text;
    assert!(page.contains("1 × 1"), "{page}");
    let address = image_in(&page);
    assert!(page.contains(&format!("![A dot]({address})")), "{page}");

    assert_eq!(site.get(&address, None).await.status, StatusCode::NOT_FOUND, "a draft's");
    let served = site.get(&address, Some(&owner)).await;
    assert_eq!(
        (served.header("content-type").as_deref(), served.bytes.as_slice()),
        (Some("image/png"), PNG)
    );
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    assert_eq!(site.get(&address, None).await.status, StatusCode::OK);

    let too_large = vec![0; 5 * 1024 * 1024];
    let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let wide = {
        let mut wide = PNG.to_vec();
        wide[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        wide
    };
    let cases: [(&[u8], &[u8], u16); 6] = [
        (script, b"x", 422),
        (b"", b"x", 422),
        (b"\x89PNG\r\n\x1a\n", b"x", 422),
        (&wide, b"x", 422),
        (PNG, b" ", 422),
        (&too_large, b"x", 413),
    ];
    for (content, description, status) in cases {
        let parts = [("file", Some("a.png"), content), ("description", None, description)];
        let refused = site.upload(&images, &owner, &parts).await;
        assert_eq!(refused.status.as_u16(), status, "{}", refused.text);
    }
    let hash = address.rsplit('/').next().unwrap().split('.').next().unwrap();
    site.submit(&format!("{images}/{hash}/delete"), &owner, &[]).await.location();
    assert_eq!(site.get(&address, Some(&owner)).await.status, StatusCode::NOT_FOUND);
}
