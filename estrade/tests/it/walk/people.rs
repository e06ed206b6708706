//! Those who walk, how they ask, and what an answer means.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

use super::{
    bodies,
    declared::{self, Route},
    things::{self, Things},
};
use crate::{
    house::client,
    showcase::{ADMINISTRATOR, INSTRUCTOR, LEARNER, OPERATOR, PASSWORD},
};

/// In the order of the table's columns.
pub const VISITORS: [&str; 7] = [
    "nobody",
    "learner",
    "other-learner",
    "instructor",
    "other-instructor",
    "operator",
    "administrator",
];

pub struct People {
    http: Client,
    address: String,
    tokens: BTreeMap<&'static str, Option<String>>,
    things: Things,
    /// Of the API, in OpenAPI.
    description: Value,
}

impl People {
    pub async fn gather(address: &str, data: &Path) -> Self {
        let http = client().redirect(Policy::none()).build().unwrap();
        let mut people = Self {
            http,
            address: address.to_owned(),
            tokens: BTreeMap::from([("nobody", None)]),
            things: Things::new(),
            description: Value::Null,
        };
        // The demo's learner has a certificate; those whom it has not are new.
        for (visitor, mail) in [
            ("administrator", ADMINISTRATOR),
            ("instructor", INSTRUCTOR),
            ("learner", LEARNER),
            ("operator", OPERATOR),
        ] {
            people.sign_in(visitor, mail).await;
        }
        people.add("other-learner", &json!(["learner"])).await;
        people.add("other-instructor", &json!(["learner", "instructor"])).await;
        people.things = things::gather(&people, data).await;
        let description = people.call("nobody", "GET", "/api/v1/openapi.json", &Value::Null);
        people.description = description.await;
        people
    }

    async fn sign_in(&mut self, visitor: &'static str, mail: &str) {
        let body = json!({ "mail": mail, "password": PASSWORD });
        let answer = self.call("nobody", "POST", "/api/v1/tokens", &body).await;
        self.tokens.insert(visitor, answer["token"].as_str().map(str::to_owned));
    }

    async fn add(&mut self, visitor: &'static str, roles: &Value) {
        let mail = format!("{visitor}@example.org");
        let body = json!({
            "name": "Oona O’Neill", "mail": mail, "password": PASSWORD,
            "language": "en", "time_zone": "Europe/Dublin",
        });
        self.call("nobody", "POST", "/api/v1/people", &body).await;
        self.sign_in(visitor, &mail).await;
        let path = format!("/api/v1/people/{}/roles", self.id_of(visitor).await);
        self.call("administrator", "PUT", &path, &json!({ "roles": roles })).await;
        // Other roles ended the session.
        self.sign_in(visitor, &mail).await;
    }

    pub(super) async fn id_of(&self, visitor: &str) -> String {
        let me = self.call(visitor, "GET", "/api/v1/me", &Value::Null).await;
        me["id"].as_str().unwrap().to_owned()
    }

    /// A call to the API that must succeed.
    pub(super) async fn call(
        &self,
        visitor: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Value {
        let mut request = self.request(visitor, method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{visitor}: {method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Asks until the answer is so: what another service has to do is on its way for a moment.
    pub(super) async fn until(
        &self,
        visitor: &str,
        path: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        for _ in 0..300 {
            beat.tick().await;
            let answer = self.call(visitor, "GET", path, &Value::Null).await;
            if is_so(&answer) {
                return answer;
            }
        }
        panic!("{visitor}: it never came to what {path} should say")
    }

    /// A form with files, which must be taken; gives where that leads.
    pub(super) async fn send(&self, visitor: &str, path: &str, form: Vec<u8>) -> String {
        let request = self.request(visitor, "POST", path).header("accept", "text/html");
        let request = request.header("content-type", "multipart/form-data; boundary=x").body(form);
        let answer = request.send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let status = answer.status();
        to.unwrap_or_else(|| panic!("{visitor}: POST {path} leads nowhere: {status}"))
    }

    fn request(&self, visitor: &str, method: &str, path: &str) -> RequestBuilder {
        let address = format!("{}{path}", self.address);
        let request = self.http.request(method.parse().unwrap(), address);
        match self.tokens.get(visitor).and_then(Option::as_ref) {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// All there are.
    pub fn routes(&self) -> BTreeSet<Route> {
        let mut routes = declared::in_source();
        routes.extend(declared::in_description(&self.description));
        routes
    }

    /// What each visitor is told. Those who should be kept out go first, since who is let in may change things.
    pub async fn ask(&self, route: &Route, expected: Option<&Vec<String>>) -> Vec<String> {
        let address = self.fill(&route.path);
        let mut order: Vec<usize> = (0..VISITORS.len()).collect();
        order.sort_by_key(|at| expected.is_some_and(|expected| expected[*at] == "in"));
        let mut answers = vec![String::new(); VISITORS.len()];
        for at in order {
            let request = self.request(VISITORS[at], &route.method, &address);
            let request = bodies::add(request, route, &self.description, &self.things["course"]);
            let answer = request.send().await.unwrap();
            answers[at] = meaning(&answer, route, VISITORS[at]).to_owned();
        }
        answers
    }

    /// A page as one of the visitors asks for it: a path with holes, and perhaps a query.
    pub async fn get(&self, visitor: &str, page: &str) -> Response {
        let path = page.split('?').next().unwrap();
        let address = format!("{}{}", self.fill(path), &page[path.len()..]);
        let request = self.request(visitor, "GET", &address);
        request.header("accept", "text/html").send().await.unwrap()
    }

    /// Of those whom the table lets in, the one whose page it is most: a learner, then whoever teaches.
    pub fn who_may(&self, page: &Route) -> &'static str {
        let expected = super::expected();
        let answers = expected.get(page).unwrap_or_else(|| panic!("the table lacks {page:?}"));
        let likely = ["learner", "instructor", "administrator", "operator", "nobody"];
        let may = |visitor: &&str| {
            VISITORS.iter().zip(answers).any(|(name, answer)| name == visitor && answer == "in")
        };
        likely.into_iter().find(may).unwrap_or_else(|| panic!("nobody is let in: {page:?}"))
    }

    fn fill(&self, path: &str) -> String {
        let mut filled = String::new();
        for part in path.split('/').skip(1) {
            filled.push('/');
            let hole = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            filled += hole.map_or(part, |hole| self.thing(path, hole));
        }
        filled
    }

    fn thing(&self, path: &str, hole: &str) -> &str {
        let before = path.split(&format!("/{{{hole}}}")).next().unwrap();
        let word = before.rsplit('/').next().unwrap();
        let found = [path, hole, before, word].into_iter().find_map(|name| self.things.get(name));
        found.unwrap_or_else(|| panic!("name something for {{{hole}}} of {path} in `things.rs`"))
    }
}

/// `in`: let in, whatever came of it. `sign`: asked to sign in. `no`: refused. `none`: as if there were no
/// such thing.
fn meaning(answer: &Response, route: &Route, visitor: &str) -> &'static str {
    let status = answer.status().as_u16();
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    match status {
        401 => "sign",
        303 if location.is_some_and(|to| to.starts_with("/sign-in"))
            && route.path != "/sign-out" =>
        {
            "sign"
        }
        403 => "no",
        404 => "none",
        500.. => panic!("{visitor}: {} {}: {status}", route.method, route.path),
        _ => "in",
    }
}
