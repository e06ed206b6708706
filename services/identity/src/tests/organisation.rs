//! The organisation and its logo.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::Outside;

const UPDATED: &str = "identity.organisation-updated.v1";

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(480_u32.to_be_bytes());
    bytes.extend(160_u32.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[tokio::test]
async fn what_an_administrator_writes_is_told_and_read_by_everybody() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let page = outside.page("/organisation", &root).await;
    assert!(page.text.contains(r#"value="École du Fleuve""#), "as it was set up: {}", page.text);
    let form = "name=%C3%89cole+de+Brest&address=12+quai%0D%0A29200+Brest&activity_number=53290123429\
                &representative=Si%C3%A2n&capacity=Directrice&place=Brest&retention_years=5&legal_fr=Un%0D%0ADeux%0D%0A%0D%0ATrois&legal_en=";
    for _ in 0..2 {
        let saved = outside.post("/organisation", &root, form).await;
        assert_eq!(saved.location(), "/organisation?saved=1");
    }
    let told = outside.last(UPDATED).await;
    assert_eq!(told["version"], 1);
    assert_eq!(told["address"], json!(["12 quai", "29200 Brest"]));
    assert_eq!((&told["place"], &told["retention_years"]), (&json!("Brest"), &json!(5)));
    assert_eq!(told["legal_mentions"], json!({"en": "", "fr": "Un\nDeux\n\nTrois"}));
    let legal = outside.page("/legal?lang=en", "").await;
    for part in ["École de Brest", "<br>29200 Brest", "53290123429", "Siân, Directrice"] {
        assert!(legal.text.contains(part), "{part} is missing in {}", legal.text);
    }
    assert!(
        legal.text.contains("<div lang=\"fr\">\n<p>Un<br>Deux</p>\n<p>Trois</p>"),
        "{}",
        legal.text
    );

    let wrong = outside.post("/organisation", &root, "name=&legal_en=kept").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("kept</textarea>"), "{}", wrong.text);
    for years in ["0", "100", "5.5", "many"] {
        let form = format!("name=x&retention_years={years}");
        let wrong = outside.post("/organisation", &root, &form).await;
        assert!(wrong.text.contains("from 1 to 99"), "{years}: {}", wrong.text);
    }
    outside.register("anh@example.org").await;
    let learner = outside.cookie("anh@example.org").await;
    assert_eq!(outside.page("/organisation", &learner).await.status, StatusCode::FORBIDDEN);
    assert_eq!(outside.post("/organisation", &learner, form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_logo_is_looked_at_kept_and_served() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let default = outside.page("/organisation/logo", "").await;
    assert_eq!(default.headers[header::CONTENT_TYPE], "image/svg+xml");
    let put = outside.upload("/organisation/logo", &root, "logo", &png()).await;
    assert_eq!(put.location(), "/organisation?saved=1");
    let told = outside.last(UPDATED).await;
    assert_eq!(
        (&told["logo"]["media_type"], &told["logo"]["width"]),
        (&json!("image/png"), &json!(480))
    );
    let logo = outside.page("/organisation/logo", "").await;
    assert_eq!(logo.bytes, png());
    assert_eq!(logo.headers[header::CONTENT_TYPE], "image/png");
    assert_eq!(logo.headers[header::CACHE_CONTROL], "public, max-age=300");
    let tag = logo.headers[header::ETAG].to_str().unwrap().to_owned();
    let request = axum::http::Request::get("/organisation/logo")
        .header(header::IF_NONE_MATCH, tag)
        .body(axum::body::Body::empty());
    let known = outside.send(request.unwrap()).await;
    assert_eq!((known.status, known.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    assert!(
        outside.page("/organisation", &root).await.text.contains(r#"width="480" height="160""#)
    );

    let refused: [&[u8]; 4] =
        [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", &[b'x'; 2_000_000]];
    for content in refused {
        let refused = outside.upload("/organisation/logo", &root, "logo", content).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", content.len());
        assert!(refused.text.contains(r##"href="#logo""##), "{}", refused.text);
    }
    let removed = outside.post("/organisation/logo/remove", &root, "").await;
    assert_eq!(removed.location(), "/organisation?saved=1");
    assert_eq!(outside.last(UPDATED).await["logo"], Value::Null);
}

#[tokio::test]
async fn programs_write_it_too() {
    let outside = Outside::new().await;
    outside.administrator().await;
    let token = outside.token("root@example.org").await;
    let path = "/api/v1/organisation";
    let shown = outside.api("GET", path, None, Value::Null).await.json();
    assert_eq!(shown["name"], "École du Fleuve");
    let written = json!({"name": "École", "address": ["a", "b"], "capacity": "Directrice", "place": "Brest",
        "retention_years": 10});
    let written = outside.api("PUT", path, Some(&token), written).await;
    assert_eq!(written.json()["address"], json!(["a", "b"]));
    assert_eq!(written.json()["retention_years"], 10);
    assert_eq!(outside.last(UPDATED).await["place"], "Brest");
    let wrong = outside.api("PUT", path, Some(&token), json!({"name": ""})).await;
    assert_eq!(wrong.json()["errors"][0]["field"], "name");
    assert_eq!(outside.api("PUT", path, None, json!({"name": "x"})).await.status, 401);
}
