//! No input, however large or broken, makes a 5xx: every operation of the API is fed with it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use serde_json::json;

use crate::{
    house::{PATIENCE, Person, Served, data, estrade, succeed},
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
    let administrator = Person::nobody(&served.address).signed_in("ada@example.org").await;
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
    let again = Person::nobody(&served.address).signed_in("ada@example.org").await;
    let (status, answer) = again.call("GET", "/api/v1/me", None).await;
    assert_eq!(status, 200, "the platform is unharmed: {answer}");
}

/// Twice on one connection, which sends all of its body before it reads: the answer is there, whole, and what
/// is asked next is answered too.
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_reads_why() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let body = vec![b'x'; 12_000_000];
    for (path, kind, status) in [
        ("/api/v1/tokens", "application/json", "413"),
        ("/sign-in", "application/x-www-form-urlencoded", "413"),
        ("/api/v1/courses", "application/json", "401"),
    ] {
        for _ in 0..5 {
            let mut stream = connected(&served);
            for _ in 0..2 {
                let head = head(path, &format!("Content-Type: {kind}"), body.len() as u64);
                let sent = stream.get_mut().write_all(&[head.as_bytes(), &body].concat());
                sent.unwrap_or_else(|error| panic!("{path}: {error}"));
                assert_eq!(answered(&mut stream), status, "{path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_read_for_ever_and_who_asks_before_sending_is_told_at_once() {
    let (_folder, data) = data();
    let served = Served::start(&data, &["catalog"]);
    let mut stream = connected(&served);
    let asking = head("/api/v1/courses", "Expect: 100-continue", 5_000_000);
    stream.get_mut().write_all(asking.as_bytes()).unwrap();
    assert_eq!(answered(&mut stream), "401", "and not 100");

    let mut stream = connected(&served);
    let endless = head("/api/v1/courses", "Accept: */*", 10_000_000_000);
    stream.get_mut().write_all(endless.as_bytes()).unwrap();
    let part = vec![b'x'; 1_000_000];
    let taken = (0..1_000).take_while(|_| stream.get_mut().write_all(&part).is_ok()).count();
    assert!((60..200).contains(&taken), "{taken} MB");
}

fn connected(served: &Served) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(served.address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

fn head(path: &str, header: &str, length: u64) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nContent-Length: {length}\r\n\r\n")
}

/// The status of the next answer, which is read to its end.
fn answered(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "hung up on: {head:?}");
        if line == "\r\n" {
            break;
        }
        head.push(line);
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    stream.read_exact(&mut vec![0; length.trim().parse().unwrap()]).unwrap();
    head[0].split(' ').nth(1).unwrap().to_owned()
}

fn addresses(path: &str) -> Vec<String> {
    if path.contains('{') {
        return PARTS.iter().map(|part| fill(path, part)).collect();
    }
    QUERIES.iter().map(|query| format!("{path}{query}")).collect()
}

/// Sends what no operation wants, and wants an answer to each, below 500.
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
        let answer =
            answer.unwrap_or_else(|error| panic!("{method} {address} with {start}: {error}"));
        let status = answer.status().as_u16();
        assert!(
            status < 500,
            "{method} {address} with {start}: {status} {}",
            answer.text().await.unwrap()
        );
    }
    count
}
