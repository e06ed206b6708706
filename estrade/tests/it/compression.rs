//! Text comes compressed to those who ask for it; what is compressed already, and what is never
//! complete, comes as it is.

use reqwest::{
    Response,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY},
};

use crate::house::{Person, Served, client, data};

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

#[tokio::test(flavor = "multi_thread")]
async fn text_is_compressed_for_those_who_ask_for_it() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let page = format!("{}/register", served.address);
    let style = format!("{}{}", served.address, style_of(&page).await);
    for address in [page, style] {
        let plain = ask(&address, "identity", None).await;
        assert_eq!(encoding(&plain), None, "{address}");
        assert_eq!(plain.headers()[VARY], "accept-encoding", "{address}");
        let plain = plain.bytes().await.unwrap();
        let compressed = ask(&address, "gzip, br", None).await;
        assert_eq!(encoding(&compressed), Some("gzip"), "{address}");
        let compressed = compressed.bytes().await.unwrap();
        assert!(compressed.starts_with(&GZIP), "{address}");
        assert!(2 * compressed.len() < plain.len(), "{address}: {}", compressed.len());
        assert_eq!(inflated(&address).await.len(), plain.len(), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_and_pictures_come_as_they_are() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let learner = Person::registered(&served.address, "sian@example.org").await;
    let (_, manifest) = learner.call("GET", "/manifest.webmanifest", None).await;
    let picture = manifest["icons"][1]["src"].as_str().unwrap();
    let picture = ask(&format!("{}{picture}", served.address), "gzip", None).await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(encoding(&picture), None);
    let address = format!("{}/inbox/live", served.address);
    let mut stream = ask(&address, "gzip", learner.token.as_deref()).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(encoding(&stream), None);
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("changed"), "{first:?}");
}

/// As it comes: a client that knows of gzip would hide it.
async fn ask(address: &str, encoding: &str, token: Option<&str>) -> Response {
    let client = client().no_gzip().build().unwrap();
    let mut request = client.get(address).header(ACCEPT_ENCODING, encoding);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    answer
}

fn encoding(answer: &Response) -> Option<&str> {
    answer.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap())
}

/// As a client that knows of gzip reads it.
async fn inflated(address: &str) -> String {
    client().build().unwrap().get(address).send().await.unwrap().text().await.unwrap()
}

async fn style_of(page: &str) -> String {
    let page = inflated(page).await;
    let (_, after) = page.split_once("rel=\"stylesheet\" href=\"").unwrap();
    after.split_once('"').unwrap().0.to_owned()
}
