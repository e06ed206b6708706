//! No input, however large or broken, makes a 5xx: every operation of the API is fed with it.

use serde_json::json;

use crate::{
    house::{Person, Served, client, data, estrade, succeed},
    outside::{fill, operations},
};

/// Bodies that no operation wants.
fn bodies() -> Vec<Vec<u8>> {
    let long = "x".repeat(300_000);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let texts = [
        json!(null),
        json!([]),
        json!({ "name": long, "mail": long, "password": long, "title": long, "text": long, "gift": long }),
        json!({ "name": "\u{202e}\u{0}", "mail": "a\r\nBcc: b@example.org", "password": "\u{0}" }),
        json!({ "course": "x", "mark": "NaN", "version": -1, "minutes": 1e300, "roles": ["god"] }),
        json!({ "course": uuid::Uuid::nil(), "mark": "1e999", "comment": "", "reason": "" }),
        json!({ "kind": "choice", "picked": [u64::MAX] }),
        json!({ "kind": "number", "number": "9".repeat(5_000) }),
        json!({ "kind": "text", "text": "é".repeat(100_000) }),
        json!({ "endpoint": "http://169.254.169.254/latest", "p256dh": "x", "auth": "x" }),
        json!({ "title": "'; drop table course; --", "text": "<script>alert(1)</script>" }),
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|body| body.to_string().into_bytes()).collect();
    bodies.extend([
        deep.into_bytes(),
        b"{".to_vec(),
        b"\xff\xfe".to_vec(),
        Vec::new(),
        vec![b'['; 7_000_000],
    ]);
    bodies
}

const PARTS: [&str; 8] = [
    "00000000-0000-0000-0000-000000000000",
    "%00",
    "..%2f..%2fetc%2fpasswd",
    "%F0%9F%92%A9",
    "%FF",
    "-1",
    "99999999999999999999999999",
    "'%20or%201=1",
];

const QUERIES: [&str; 6] = [
    "?limit=-1&after=x&q=%00",
    "?limit=99999999999&q=%25%25%27&language=xx",
    "?q=%2522*%28%29NEAR&after=%FF",
    "?after=00000000-0000-0000-0000-000000000000&limit=0&q=",
    "?lang=%3Cscript%3E",
    "?state=%27&before=9999-99-99",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_breaks_anything() {
    let (_folder, data) = data();
    succeed(estrade(&data).args(["import", concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/en")]));
    let create = ["admin", "create", "--mail", "ada@example.org", "--name", "Ada"];
    succeed(estrade(&data).args(create).env("ESTRADE_ADMIN_PASSWORD", crate::house::PASSWORD));
    let served = Served::start(&data, &[]);
    let mut administrator = Person::nobody(&served.address).signed_in("ada@example.org").await;
    // Who is refused with half of a body unread is hung up on. A client that keeps connections may then wait
    // for ever for the one that it lost.
    administrator.http = client().pool_max_idle_per_host(0).build().unwrap();
    let (_, description) = administrator.call("GET", "/api/v1/openapi.json", None).await;
    let mut asked = 0;
    // Erasing the one who asks would end the test.
    let not_oneself =
        |(path, method): &(String, String)| !(path == "/api/v1/me" && method == "DELETE");
    for (path, method) in operations(&description).into_iter().filter(not_oneself) {
        for address in addresses(&path) {
            asked += attack(&administrator, &method, &address).await;
        }
    }
    assert!(asked > 500, "{asked}");
    // On a connection of its own: the server may be closing those that brought what it did not want.
    let again = Person::nobody(&served.address).signed_in("ada@example.org").await;
    let (status, answer) = again.call("GET", "/api/v1/me", None).await;
    assert_eq!(status, 200, "the platform is unharmed: {answer}");
}

fn addresses(path: &str) -> Vec<String> {
    if path.contains('{') {
        return PARTS.iter().map(|part| fill(path, part)).collect();
    }
    QUERIES.iter().map(|query| format!("{path}{query}")).collect()
}

/// Sends what no operation wants, and wants an answer below 500 to each.
async fn attack(person: &Person, method: &str, address: &str) -> usize {
    let bodies = if method == "GET" { vec![Vec::new()] } else { bodies() };
    let count = bodies.len();
    for body in bodies {
        let start: String = String::from_utf8_lossy(&body).chars().take(60).collect();
        let answer = person
            .http
            .request(method.parse().unwrap(), format!("{}{address}", person.address))
            .bearer_auth(person.token.as_deref().unwrap())
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                assert!(
                    status < 500,
                    "{method} {address} with {start}: {status} {}",
                    answer.text().await.unwrap()
                );
            }
            // A server may close on a body that it does not want to read to its end.
            Err(error) => assert!(!error.is_timeout(), "{method} {address} with {start}: {error}"),
        }
    }
    count
}
