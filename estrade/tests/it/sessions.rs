//! Sessions that are over before their time: by a new password, other roles, an erased account. Identity runs
//! apart from the other services, so that its event alone can tell them.

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use serde_json::json;

use crate::house::{PASSWORD, Person, Served, client, data, estrade, succeed};

const OTHERS: [&str; 6] =
    ["catalog", "learning", "assessment", "certification", "notification", "insight"];

/// What is for those who are signed in, of each of them and of operations.
const ASKED: [&str; 11] = [
    "/teaching",
    "/learning",
    "/marking",
    "/certificates",
    "/inbox",
    "/timeline",
    "/operations",
    "/api/v1/enrolments",
    "/api/v1/marking",
    "/api/v1/certificates",
    "/api/v1/me/inbox",
];

struct Platform {
    identity: Served,
    others: Served,
    http: Client,
    _folder: tempfile::TempDir,
}

impl Platform {
    /// With two administrators: Ada and Bea.
    fn start() -> Self {
        let (folder, data) = data();
        for name in ["ada", "bea"] {
            let mail = format!("{name}@example.org");
            let create = ["admin", "create", "--mail", mail.as_str(), "--name", name];
            succeed(estrade(&data).args(create).env("ESTRADE_ADMIN_PASSWORD", PASSWORD));
        }
        let identity = Served::start(&data, &["identity"]);
        let others = Served::start(&data, &OTHERS);
        let http = client().redirect(Policy::none()).build().unwrap();
        Self { identity, others, http, _folder: folder }
    }

    async fn signed_in(&self, name: &str) -> Person {
        Person::nobody(&self.identity.address).signed_in(&format!("{name}@example.org")).await
    }

    /// What the other services answer to somebody with this session.
    async fn status(&self, token: &str, path: &str) -> u16 {
        let asked = self.http.get(format!("{}{path}", self.others.address));
        let asked = asked.bearer_auth(token).header("accept", "application/json");
        asked.send().await.unwrap().status().as_u16()
    }

    async fn let_in_everywhere(&self, token: &str) {
        for path in paths() {
            let status = self.status(token, &path).await;
            assert!(status != 401 && status < 500, "{path}: {status}");
        }
    }

    /// As soon as the event has come to each.
    async fn refused_everywhere(&self, token: &str) {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        for path in paths() {
            let mut last = 0;
            for _ in 0..400 {
                last = self.status(token, &path).await;
                if last == 401 {
                    break;
                }
                beat.tick().await;
            }
            assert_eq!(last, 401, "{path}");
        }
    }
}

fn paths() -> Vec<String> {
    let operations = OTHERS.map(|service| format!("/api/v1/operations/{service}/queues"));
    ASKED.map(str::to_owned).into_iter().chain(operations).collect()
}

fn token(person: &Person) -> &str {
    person.token.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_demoted_or_erased_is_let_in_nowhere_any_more() {
    let platform = Platform::start();
    let (ada, bea) = (platform.signed_in("ada").await, platform.signed_in("bea").await);
    let tom = Person::registered(&platform.identity.address, "tom@example.org").await;
    let (_, me) = tom.call("GET", "/api/v1/me", None).await;
    let roles = format!("/api/v1/people/{}/roles", me["id"].as_str().unwrap());
    let given = ada.call("PUT", &roles, Some(&json!({ "roles": ["instructor"] }))).await;
    assert_eq!(given.0, 200, "{}", given.1);
    let tom = platform.signed_in("tom").await;
    assert_eq!(platform.status(token(&tom), "/teaching").await, 200);
    platform.let_in_everywhere(token(&tom)).await;

    let taken = ada.call("PUT", &roles, Some(&json!({ "roles": ["learner"] }))).await;
    assert_eq!(taken.0, 200, "{}", taken.1);
    assert_eq!(tom.call("GET", "/api/v1/me", None).await.0, 401, "at once where it was decided");
    platform.refused_everywhere(token(&tom)).await;
    let tom = platform.signed_in("tom").await;
    platform.let_in_everywhere(token(&tom)).await;
    assert_eq!(platform.status(token(&tom), "/teaching").await, 403);

    assert_eq!(platform.status(token(&bea), "/teaching").await, 200);
    assert_eq!(bea.call("DELETE", "/api/v1/me", None).await.0, 204);
    assert_eq!(bea.call("GET", "/api/v1/me", None).await.0, 401);
    platform.refused_everywhere(token(&bea)).await;
    platform.let_in_everywhere(token(&ada)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_leaves_its_own_browser_signed_in() {
    let platform = Platform::start();
    let person = Person::registered(&platform.identity.address, "tom@example.org").await;
    let form = [("present_password", PASSWORD), ("password", "another horse, another battery")];
    let changing = platform.http.post(format!("{}/account/password", platform.identity.address));
    let changed = changing.bearer_auth(token(&person)).form(&form).send().await.unwrap();
    assert_eq!(changed.status(), 303);
    let mut cookies = changed.headers().get_all("set-cookie").iter();
    let fresh =
        cookies.find_map(|cookie| cookie.to_str().unwrap().strip_prefix("estrade_session="));
    let fresh = fresh.unwrap().split(';').next().unwrap();

    // Then the event has come to all.
    platform.refused_everywhere(token(&person)).await;
    platform.let_in_everywhere(fresh).await;
    let identity = &platform.identity.address;
    let fresh = Person { token: Some(fresh.to_owned()), ..Person::nobody(identity) };
    assert_eq!(fresh.call("GET", "/api/v1/me", None).await.0, 200);
}
