//! Those who walk, what of theirs there is to ask for, and what an answer means.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    bodies,
    declared::{self, Route},
};
use crate::showcase::{ADMINISTRATOR, INSTRUCTOR, LEARNER, OPERATOR, PASSWORD};

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

/// What stands for each `{hole}` of a path: things of the learner's, in the instructor's course.
type Things = BTreeMap<&'static str, String>;

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
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
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
        people.things = things(&people, data).await;
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

    async fn id_of(&self, visitor: &str) -> String {
        let me = self.call(visitor, "GET", "/api/v1/me", &Value::Null).await;
        me["id"].as_str().unwrap().to_owned()
    }

    /// A call to the API that must succeed.
    async fn call(&self, visitor: &str, method: &str, path: &str, body: &Value) -> Value {
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

    /// A page as one of the visitors asks for it.
    pub async fn get(&self, visitor: &str, page: &Route, query: &str) -> Response {
        let address = format!("{}{query}", self.fill(&page.path));
        let request = self.request(visitor, "GET", &address);
        request.header("accept", "text/html").send().await.unwrap()
    }

    /// Of those whom the table lets in, the one whose page it is most: a learner, then whoever teaches. None
    /// where there is nothing to ask for.
    pub fn who_may(&self, page: &Route) -> Option<&'static str> {
        let expected = super::expected();
        let answers = expected.get(page).unwrap_or_else(|| panic!("the table lacks {page:?}"));
        let likely = ["learner", "instructor", "administrator", "operator", "nobody"];
        let may = |visitor: &&str| {
            VISITORS.iter().zip(answers).any(|(name, answer)| name == visitor && answer == "in")
        };
        likely.into_iter().find(may)
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

    /// A hole whose name says nothing, such as `{id}`, is called by the word before it.
    fn thing(&self, path: &str, hole: &str) -> &str {
        let before = path.split(&format!("/{{{hole}}}")).next().unwrap();
        let word = before.rsplit('/').next().unwrap();
        let found = self.things.get(hole).or_else(|| self.things.get(word));
        found.unwrap_or_else(|| panic!("name something for {{{hole}}} of {path} in `things`"))
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

/// Made by the demo, and read where it lies.
async fn things(people: &People, data: &Path) -> Things {
    let learner = people.id_of("learner").await;
    let instructor = people.id_of("instructor").await;
    for service in ["catalog", "learning", "assessment", "certification", "notification", "insight"]
    {
        give_courses_to(&open(data, service).await, &instructor).await;
    }
    let own = Uuid::parse_str(&learner).unwrap();
    let learning = open(data, "learning").await;
    let assessment = open(data, "assessment").await;
    let certification = open(data, "certification").await;
    let of = async |database: &DatabaseConnection, sql: &str| -> String {
        first(database, sql, own).await
    };
    let course = of(&learning, "select course as id from enrolment where learner = $1").await;
    let parent = Uuid::parse_str(&course).unwrap();
    let catalog = open(data, "catalog").await;
    let lesson = first(&catalog, "select id from lesson where course = $1", parent).await;
    let section = first(&catalog, "select id from section where course = $1", parent).await;
    let quiz = first(&assessment, "select id from quiz where course = $1", parent).await;
    let inbox = people.call("learner", "GET", "/api/v1/me/inbox", &Value::Null).await;
    let device = json!({
        "endpoint": "https://push.example.org/a",
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    });
    let device = people.call("learner", "POST", "/api/v1/me/devices", &device).await;
    let guests = json!({ "people": [{ "name": "Ida Aas", "mail": "invited@example.org" }] });
    let guests = people.call("administrator", "POST", "/api/v1/invitations", &guests).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nothing = Uuid::nil().to_string();
    Things::from([
        ("attempt", of(&assessment, "select id from attempt where learner = $1").await),
        ("certificate", of(&certification, "select id from certificate where learner = $1").await),
        ("code", code(&certification, own).await),
        ("course", course),
        ("designs", "achievement".to_owned()),
        ("devices", text(&device["id"])),
        ("enrolment", of(&learning, "select id from enrolment where learner = $1").await),
        ("export", export(people, &open(data, "identity").await, own).await),
        ("file", "unknown.js".to_owned()),
        ("group", "unknown".to_owned()),
        ("image", "unknown.png".to_owned()),
        ("inbox", text(&inbox["items"][0]["id"])),
        ("invitations", text(&guests["people"][0]["invitation"])),
        ("lesson", lesson),
        ("letters", nothing.clone()),
        ("people", learner.clone()),
        ("person", learner),
        ("question", question(&assessment, &quiz).await),
        ("quiz", quiz),
        ("section", section),
        ("service", "catalog".to_owned()),
        ("token", "unknown".to_owned()),
        ("upload", nothing),
    ])
}

/// The learner's archive, asked for and put together.
async fn export(people: &People, identity: &DatabaseConnection, learner: Uuid) -> String {
    let ask = people.request("learner", "POST", "/account/data/export");
    ask.header("accept", "text/html").form::<[(&str, &str)]>(&[]).send().await.unwrap();
    let id = first(identity, "select id from export where person = $1", learner).await;
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        beat.tick().await;
        let archive = people.request("learner", "GET", &format!("/account/data/export/{id}"));
        if archive.send().await.unwrap().status().is_success() {
            return id;
        }
    }
    panic!("the archive never came")
}

/// The first of the newest version.
async fn question(assessment: &DatabaseConnection, quiz: &str) -> String {
    let backend = assessment.get_database_backend();
    let sql = "select content from quiz_version where quiz = $1 order by version desc";
    let quiz = Uuid::parse_str(quiz).unwrap();
    let statement = Statement::from_sql_and_values(backend, sql, [quiz.into()]);
    let row = assessment.query_one_raw(statement).await.unwrap().unwrap();
    let content: String = row.try_get("", "content").unwrap();
    let content: Value = serde_json::from_str(&content).unwrap();
    let id = content["questions"][1]["id"].as_str();
    id.unwrap_or_else(|| panic!("no question in {content}")).to_owned()
}

async fn open(data: &Path, service: &str) -> DatabaseConnection {
    let file = data.join(format!("{service}.db"));
    Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
}

/// The demo's courses are imported, and so nobody's own: from now on they are this instructor's.
async fn give_courses_to(database: &DatabaseConnection, instructor: &str) {
    let backend = database.get_database_backend();
    let sql = "select m.name as name from sqlite_master m, pragma_table_info(m.name) c \
               where m.type = 'table' and c.name = 'instructor'";
    for row in database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
        let table: String = row.try_get("", "name").unwrap();
        let update = format!("update {table} set instructor = $1");
        let person = Uuid::parse_str(instructor).unwrap();
        let statement = Statement::from_sql_and_values(backend, update, [person.into()]);
        database.execute_raw(statement).await.unwrap();
    }
}

async fn first(database: &DatabaseConnection, sql: &str, of: Uuid) -> String {
    let backend = database.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [of.into()]);
    let row = database.query_one_raw(statement).await.unwrap().unwrap_or_else(|| panic!("{sql}"));
    row.try_get::<Uuid>("", "id").unwrap().to_string()
}

async fn code(database: &DatabaseConnection, person: Uuid) -> String {
    let backend = database.get_database_backend();
    let sql = "select code from certificate where learner = $1";
    let statement = Statement::from_sql_and_values(backend, sql, [person.into()]);
    let row = database.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "code").unwrap()
}
