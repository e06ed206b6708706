//! Exports, from asking to expiring.

use axum::http::StatusCode;
use bus::{FileReference, testing::envelope};
use chrono::TimeDelta;
use contract::{assessment, catalog, certification, export::Part, insight, learning, notification};
use event::{Envelope, ExportId, PersonId};
use serde_json::Value;

use super::Outside;
use crate::archive::reading;

const REQUESTED: &str = "identity.export-requested.v1";
const READY: &str = "identity.export-ready.v1";

struct Asked {
    export: ExportId,
    person: PersonId,
}

async fn ask(outside: &Outside, cookie: &str) -> Asked {
    let asked = outside.post("/account/data/export", cookie, "").await;
    assert_eq!(asked.location(), "/account/data");
    let told = outside.last(REQUESTED).await;
    let id = |field: &str| told[field].as_str().unwrap().to_owned();
    Asked { export: id("export").parse().unwrap(), person: id("person").parse().unwrap() }
}

/// The parts as the six services write them.
async fn parts(outside: &Outside, asked: &Asked) -> Vec<Envelope> {
    let mut made = Vec::new();
    for service in ["learning", "assessment", "certification", "notification", "catalog", "insight"]
    {
        let content =
            format!("{{\"of\": \"{service}\", \"empty\": [], \"list\": [1, {{\"a_b\": null}}]}}");
        let folder = format!("exports/{}", asked.export);
        let file = outside.files.put(&folder, "json", content.into_bytes()).await.unwrap();
        let mut documents = Vec::new();
        if service == "certification" {
            documents
                .push(outside.files.put("certificates", "pdf", b"%PDF".to_vec()).await.unwrap());
        }
        let (export, person, made_at) = (asked.export, asked.person, bus::testing::start());
        let part = Part { export, person, file, documents, made_at };
        made.push(match service {
            "learning" => envelope(&learning::ExportPartReady(part)),
            "assessment" => envelope(&assessment::ExportPartReady(part)),
            "certification" => envelope(&certification::ExportPartReady(part)),
            "notification" => envelope(&notification::ExportPartReady(part)),
            "catalog" => envelope(&catalog::ExportPartReady(part)),
            _ => envelope(&insight::ExportPartReady(part)),
        });
    }
    made
}

fn file_of(part: &Envelope) -> FileReference {
    let data: Value = serde_json::from_str(&part.data).unwrap();
    serde_json::from_value(data["file"].clone()).unwrap()
}

async fn is_there(outside: &Outside, file: &FileReference) -> bool {
    outside.files.get(file).await.is_ok()
}

#[tokio::test]
async fn six_parts_become_one_archive_for_one_person() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    let asked = ask(&outside, &cookie).await;
    assert_eq!(ask(&outside, &cookie).await.export, asked.export, "asking twice is once");
    let parts = parts(&outside, &asked).await;
    outside.scene.deliver(&parts[..4]).await;
    let underway = outside.page("/account/data", &cookie).await;
    assert!(underway.text.contains("Il manque encore 2 parties"), "{}", underway.text);
    assert!(underway.text.contains("<li>Formations</li>") && underway.text.contains("data-live"));
    outside.scene.deliver(&parts[4..]).await;
    outside.scene.perform().await;

    assert_eq!(outside.last(READY).await["export"], asked.export.to_string());
    for part in &parts {
        assert!(!is_there(&outside, &file_of(part)).await, "parts go once the archive is there");
    }
    let page = outside.page("/account/data", &cookie).await;
    let address = format!("/account/data/export/{}", asked.export);
    assert!(page.text.contains(&address), "{}", page.text);
    let archive = outside.page(&address, &cookie).await;
    assert_eq!(archive.headers["content-type"], "application/zip");
    let files = reading::files(&archive.bytes);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    let identity = String::from_utf8_lossy(&files["identity.json"]).into_owned();
    assert!(identity.contains("anh@example.org"), "{identity}");
    let index = String::from_utf8_lossy(&files["index.html"]).into_owned();
    for part in ["Nguyễn Ánh", "<h2>Certificats</h2>", "documents/", "<dt>a b</dt><dd>–</dd>"]
    {
        assert!(index.contains(part), "{part} is missing in {index}");
    }
    assert!(files.keys().any(|name| name.starts_with("documents/") && name.ends_with(".pdf")));

    outside.register("li@example.org").await;
    let other = outside.cookie("li@example.org").await;
    assert_eq!(outside.page(&address, &other).await.status, StatusCode::NOT_FOUND);
    assert_eq!(outside.page(&address, "").await.status, StatusCode::SEE_OTHER);
}

/// As a bus does that delivers twice and in any order: the state is the same, and nothing is left lying.
#[tokio::test]
async fn parts_come_in_any_order_and_twice() {
    for turn in 0..6 {
        let outside = Outside::new().await;
        outside.register("anh@example.org").await;
        let cookie = outside.cookie("anh@example.org").await;
        let asked = ask(&outside, &cookie).await;
        let mut parts = parts(&outside, &asked).await;
        parts.rotate_left(turn);
        parts.extend(parts.clone());
        if turn % 2 == 0 {
            outside.scene.deliver(&parts).await;
        } else {
            outside.scene.deliver_together(&parts).await;
        }
        outside.scene.perform().await;
        let told = outside.scene.published().await;
        assert_eq!(told.iter().filter(|it| it.event_type == READY).count(), 1, "turn {turn}");
        assert!(outside.scene.dead().await.is_empty());
    }
}

#[tokio::test]
async fn an_archive_expires_and_a_new_one_takes_its_place() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    let asked = ask(&outside, &cookie).await;
    outside.scene.deliver(&parts(&outside, &asked).await).await;
    outside.scene.perform().await;
    let address = format!("/account/data/export/{}", asked.export);
    assert_eq!(outside.page(&address, &cookie).await.status, StatusCode::OK);
    let second = ask(&outside, &cookie).await;
    assert_ne!(second.export, asked.export);
    outside.scene.perform().await;
    assert_eq!(outside.page(&address, &cookie).await.status, StatusCode::NOT_FOUND);

    outside.scene.clock.advance(TimeDelta::days(7));
    let late = parts(&outside, &second).await;
    outside.scene.deliver(&late[..1]).await;
    let expired: Vec<Envelope> = outside.scene.published().await;
    let expired = expired.into_iter().filter(|it| it.event_type == "identity.export-expired.v1");
    outside.scene.deliver(&expired.collect::<Vec<_>>()).await;
    outside.scene.deliver(&late[1..]).await;
    outside.scene.perform().await;
    for part in &late {
        assert!(!is_there(&outside, &file_of(part)).await, "nobody waits for it any more");
    }
    let page = outside.page("/account/data", &cookie).await;
    assert!(page.text.contains("Exporter mes données"), "{}", page.text);
}

#[tokio::test]
async fn erasing_takes_the_export_along() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    let asked = ask(&outside, &cookie).await;
    let parts = parts(&outside, &asked).await;
    outside.scene.deliver(&parts[..3]).await;
    let confirm = outside.page("/account/data/erase", &cookie).await;
    assert!(confirm.text.contains("statistiques"), "{}", confirm.text);
    let wrong = outside.post("/account/data/erase", &cookie, "present_password=wrong+horse").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let erased =
        outside.post("/account/data/erase", &cookie, "present_password=correct+horse").await;
    assert_eq!(erased.location(), "/account/erased");
    assert!(erased.cookie("estrade_session").unwrap().contains("Max-Age=0"));
    assert_eq!(outside.page("/account/erased", "").await.status, StatusCode::OK);
    outside.scene.deliver(&parts[3..]).await;
    outside.scene.perform().await;
    for part in &parts {
        assert!(!is_there(&outside, &file_of(part)).await);
    }
    let told = outside.scene.published().await;
    assert!(told.iter().all(|it| it.event_type != READY));
}

#[tokio::test]
async fn programs_export_too() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let token = outside.token("anh@example.org").await;
    let path = "/api/v1/me/export";
    assert_eq!(outside.api("GET", path, Some(&token), Value::Null).await.status, 404);
    let asked = outside.api("POST", path, Some(&token), Value::Null).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    assert_eq!(asked.json()["missing"].as_array().unwrap().len(), 6);
    let cookie = outside.cookie("anh@example.org").await;
    let asked = ask(&outside, &cookie).await;
    outside.scene.deliver(&parts(&outside, &asked).await).await;
    outside.scene.perform().await;
    let shown = outside.api("GET", path, Some(&token), Value::Null).await.json();
    assert_eq!(shown["state"], "ready");
    let archive = format!("{path}/{}/archive", asked.export);
    let archive = outside.api("GET", &archive, Some(&token), Value::Null).await;
    assert_eq!(archive.bytes.len() as u64, shown["size"].as_u64().unwrap());
}
