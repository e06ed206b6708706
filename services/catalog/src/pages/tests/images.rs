//! Images that go: their files with them, and nobody else's; and those that nothing shows.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use event::{CourseId, PersonId, Role};
use serde_json::json;

use super::reading::PNG;
use crate::{
    domain::{
        hash,
        image::{Image, Kind, address},
    },
    site::{Site, site},
    store,
};

/// A picture like no other.
fn picture(name: &str) -> Vec<u8> {
    [PNG, name.as_bytes()].concat()
}

/// A draft with this key: its id.
async fn draft(site: &Site, owner: &str, key: &str) -> CourseId {
    let course = json!({"key": key, "language": "en", "title": key});
    let made = site.post("/api/v1/courses", owner, course).await.json();
    made["course"].as_str().unwrap().parse().unwrap()
}

/// Sends a picture to a course. Gives where it is served.
async fn send(site: &Site, owner: &str, course: (CourseId, &str), picture: &[u8]) -> String {
    let images = format!("/teaching/{}/images", course.0);
    let parts = [("file", Some("a.png"), picture), ("description", None, b"A dot".as_slice())];
    site.upload(&images, owner, &parts).await.location();
    address(course.1, &hash(picture), Kind::Png)
}

/// What stands of an image in addresses.
fn name_in(address: &str) -> &str {
    address.rsplit('/').next().unwrap().split('.').next().unwrap()
}

async fn delete(site: &Site, owner: &str, course: CourseId, address: &str) {
    let path = format!("/teaching/{course}/images/{}/delete", name_in(address));
    site.submit(&path, owner, &[]).await.location();
}

#[tokio::test]
async fn a_file_goes_with_its_image_and_with_no_other() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (one, other) = (
        (draft(&site, &owner, "one").await, "one"),
        (draft(&site, &owner, "other").await, "other"),
    );
    let shown = send(&site, &owner, one, PNG).await;
    let elsewhere = send(&site, &owner, other, PNG).await;
    assert_eq!(site.images_kept().await.len(), 2, "each course has its own");
    send(&site, &owner, one, PNG).await;
    assert_eq!(site.images_kept().await.len(), 2, "the same again keeps the file that it has");
    assert_eq!(site.get(&shown, Some(&owner)).await.bytes, PNG);

    // It is sent once more before the file of the one that was deleted is gone.
    delete(&site, &owner, one.0, &shown).await;
    assert_eq!(site.get(&shown, Some(&owner)).await.status, StatusCode::NOT_FOUND);
    send(&site, &owner, one, PNG).await;
    assert_eq!(site.images_kept().await.len(), 2);
    for address in [&shown, &elsewhere] {
        assert_eq!(site.get(address, Some(&owner)).await.bytes, PNG, "{address}");
    }
    delete(&site, &owner, other.0, &elsewhere).await;
    assert_eq!(site.images_kept().await.len(), 1);
    assert_eq!(site.get(&shown, Some(&owner)).await.bytes, PNG);
    site.submit(&format!("/teaching/{}/delete", one.0), &owner, &[]).await.location();
    assert_eq!(site.images_kept().await, Vec::<String>::new(), "a course takes its images along");
}

/// As they were sent before each image had a file of its own.
#[tokio::test]
async fn a_file_that_two_courses_name_goes_with_the_last() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let courses =
        [(draft(&site, &owner, "one").await, "one"), (draft(&site, &owner, "two").await, "two")];
    let file = site.files.put("images", "png", PNG.to_vec()).await.unwrap();
    for (course, _) in courses {
        let image = Image {
            id: event::fresh_uuid(),
            kind: Kind::Png,
            file: file.clone(),
            width: 1,
            height: 1,
            description: "A dot".to_owned(),
            uploaded_at: site.scene.db.now(),
            uploaded_by: PersonId::new(),
        };
        let mut tx = site.scene.db.begin().await.unwrap();
        assert!(store::put_image(&mut tx, course, &image).await.unwrap());
        tx.commit().await.unwrap();
    }
    let [one, two] = courses.map(|(_, key)| address(key, &file.sha256, Kind::Png));
    delete(&site, &owner, courses[0].0, &one).await;
    assert_eq!(site.images_kept().await.len(), 1);
    assert_eq!(site.get(&two, Some(&owner)).await.bytes, PNG);
    delete(&site, &owner, courses[1].0, &two).await;
    assert_eq!(site.images_kept().await.len(), 0);
}

/// What a page offers to delete, by what stands in addresses.
async fn offered(site: &Site, owner: &str, unused: &str) -> Vec<String> {
    let page = site.get(unused, Some(owner)).await.text;
    let boxes = page.split("name=\"image\"").skip(1);
    let values = boxes.map(|rest| rest.split("value=\"").nth(1).unwrap());
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn images_that_nothing_shows_are_deleted_when_somebody_says_so() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let api = "/api/v1/courses/queues";
    let course = site.get(api, Some(&owner)).await.json();
    let id: CourseId = course["course"].as_str().unwrap().parse().unwrap();
    let queues = (id, "queues");
    let mut sent = Vec::new();
    for name in ["draft", "published", "both", "summary", "elsewhere", "nowhere"] {
        sent.push(send(&site, &owner, queues, &picture(name)).await);
    }
    let [draft_only, published, both, summary, elsewhere, nowhere] = &sent[..] else {
        panic!("{sent:?}")
    };
    let text = |images: &[&String]| {
        images.iter().map(|image| format!("![A dot]({image})\n\n")).collect::<String>()
    };
    let patch = async |path: &str, body| {
        let changed = site.ask(Method::PATCH, path, Some(&owner), Some(body)).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    };
    patch(&format!("{api}/lessons/one"), json!({"text": text(&[published, both])})).await;
    patch(api, json!({"summary": text(&[summary])})).await;
    site.post(&format!("{api}/publish"), &owner, json!({})).await;
    let lesson = course["sections"][0]["lessons"][0]["lesson"].as_str().unwrap();
    let lesson = format!("/teaching/{id}/lessons/{lesson}");
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let written = text(&[draft_only, both]);
    let fields = [("title", "One"), ("text", written.as_str()), ("seen", &seen)];
    site.submit(&lesson, &owner, &fields).await.location();
    draft(&site, &owner, "other").await;
    let other = "/api/v1/courses/other";
    site.post(&format!("{other}/sections"), &owner, json!({"title": "A"})).await;
    let body = json!({"title": "B", "text": text(&[elsewhere])});
    let made = site.post(&format!("{other}/lessons"), &owner, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);

    let unused = format!("/teaching/{id}/images/unused");
    assert_eq!(offered(&site, &owner, &unused).await, Vec::<String>::new(), "sent a moment ago");
    site.scene.clock.advance(TimeDelta::hours(25));
    let names: Vec<&str> = [elsewhere, nowhere].map(|address| name_in(address)).into();
    assert_eq!(offered(&site, &owner, &unused).await, names);
    let none = site.submit(&unused, &owner, &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text.contains("nothing was deleted") && !none.text.contains(" checked"));

    // Whatever a form asks for, only what no text shows goes.
    let all: Vec<(&str, &str)> = sent.iter().map(|address| ("image", name_in(address))).collect();
    site.submit(&unused, &owner, &all).await.location();
    assert_eq!(site.images_kept().await.len(), 5);
    for address in [draft_only, published, both, summary, elsewhere] {
        assert_eq!(site.get(address, Some(&owner)).await.status, StatusCode::OK, "{address}");
    }
    assert_eq!(site.get(nowhere, Some(&owner)).await.status, StatusCode::NOT_FOUND);

    // The draft is thrown away: what it alone showed is shown no more.
    let seen = site.get(&format!("{lesson}/discard"), Some(&owner)).await.value("seen");
    site.submit(&format!("{lesson}/discard"), &owner, &[("seen", &seen)]).await.location();
    assert!(offered(&site, &owner, &unused).await.contains(&name_in(draft_only).to_owned()));
}
