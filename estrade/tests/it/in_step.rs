//! Copies that are broken in every way are found and made good over events alone; a service whose
//! database is gone has everything again; and nobody is told anything twice because of it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::Value;
use tempfile::TempDir;

use crate::house::{Person, Served, data, estrade, fail, run, succeed};

/// A platform that has lived: the demo's, when everybody has gone home.
struct Platform {
    _folder: TempDir,
    data: PathBuf,
    /// Where the broker and the database are, for every command.
    arguments: Vec<String>,
    database: Option<String>,
}

impl Platform {
    fn after_the_demo(broker: Option<&str>, database: Option<&str>) -> Self {
        let (folder, data) = data();
        let mut arguments = Vec::new();
        for (flag, value) in [("--broker", broker), ("--database", database)] {
            arguments.extend(value.map(|value| [flag.to_owned(), value.to_owned()]));
        }
        let arguments = arguments.into_iter().flatten().collect();
        let database = database.map(str::to_owned);
        let platform = Self { _folder: folder, data, arguments, database };
        platform.ask(&["demo", "--exit", "--json", "--learners", "8"]);
        platform
    }

    /// A command that must succeed and prints JSON.
    fn ask(&self, arguments: &[&str]) -> Value {
        let mut command = estrade(&self.data);
        let output = succeed(command.args(arguments).args(&self.arguments));
        serde_json::from_str(&output).unwrap()
    }

    fn serve(&self) -> Served {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        Served::start(&self.data, &arguments)
    }

    async fn open(&self, service: &str) -> DatabaseConnection {
        match &self.database {
            None => {
                let path = self.data.join(format!("{service}.db"));
                Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await.unwrap()
            }
            Some(url) => {
                let mut options = ConnectOptions::new(url);
                options.set_schema_search_path(service);
                Database::connect(options).await.unwrap()
            }
        }
    }

    /// Gives the number of rows that were changed.
    async fn change(&self, service: &str, sql: &str) -> u64 {
        let database = self.open(service).await;
        let changed = database.execute_unprepared(sql).await.unwrap().rows_affected();
        database.close().await.unwrap();
        changed
    }

    async fn count(&self, service: &str, table: &str) -> i64 {
        use sea_orm::{DatabaseBackend, Statement};
        let database = self.open(service).await;
        let backend = if self.database.is_some() {
            DatabaseBackend::Postgres
        } else {
            DatabaseBackend::Sqlite
        };
        let sql = format!("select count(*) from {table}");
        let row = database.query_one_raw(Statement::from_string(backend, sql)).await.unwrap();
        let count = row.unwrap().try_get_by_index(0).unwrap();
        database.close().await.unwrap();
        count
    }

    /// As after a lost disk.
    async fn lose(&self, service: &str) {
        if self.database.is_some() {
            self.change(service, &format!("drop schema \"{service}\" cascade")).await;
            return;
        }
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.data.join(format!("{service}.db{ending}")));
        }
    }

    /// What could be done twice: deliveries, messages in inboxes, certificates, completions, mails.
    async fn done(&self) -> Vec<i64> {
        let mut done = vec![files(&self.data.join("mail"))];
        for (service, table) in [
            ("notification", "deliveries"),
            ("notification", "inbox_items"),
            ("notification", "announcements"),
            ("certification", "certificate"),
            ("learning", "bus_outbox where event_type = 'learning.course-completed.v1'"),
            ("notification", "bus_effect"),
        ] {
            done.push(self.count(service, table).await);
        }
        done
    }
}

fn files(folder: &Path) -> i64 {
    std::fs::read_dir(folder).unwrap().count().try_into().unwrap()
}

/// Of one follower's copies of one kind.
fn line<'a>(report: &'a Value, kind: &str, follower: &str) -> &'a Value {
    let lines = report["copies"].as_array().unwrap();
    lines.iter().find(|line| line["kind"] == kind && line["follower"] == follower).unwrap()
}

fn differed(report: &Value) -> i64 {
    let ways = ["missing", "older", "differing", "newer", "surplus"];
    let lines = report["copies"].as_array().unwrap();
    let of = |line: &Value| ways.iter().map(|way| line[way].as_i64().unwrap()).sum::<i64>();
    lines.iter().map(of).sum()
}

/// Every way of differing, in every follower: what is broken, where, and how it shows.
async fn break_copies(platform: &Platform) {
    let id = "00000000-0000-4000-8000-000000000009";
    let surplus = match &platform.database {
        None => format!("x'{}'", id.replace('-', "")),
        Some(_) => format!("'{id}'"),
    };
    let one = |table: &str, key: &str, rest: &str| {
        format!("{key} in (select {key} from {table} {rest} order by {key} limit 1)")
    };
    let first_attempt = one("quiz_result", "attempt", "");
    let next_attempt = one("quiz_result", "attempt", "where hash <> 'broken'");
    let seat = one("enrolment_copy", "enrolment", "where version > 0");
    let change = one("enrolment_changes", "enrolment", "where hash <> 'broken'");
    let broken: &[(&str, String)] = &[
        ("catalog", "delete from enrolment_copy".to_owned()),
        ("catalog", "delete from learner where erased".to_owned()),
        ("catalog", "delete from person_copy where erased".to_owned()),
        ("learning", "delete from course_copy".to_owned()),
        ("learning", format!("update quiz_result set hash = 'broken' where {first_attempt}")),
        ("learning", format!("delete from quiz_result where {next_attempt}")),
        ("assessment", format!("update enrolment_copy set version = 0 where {seat}")),
        ("assessment", format!("update enrolment_copy set version = 70 where {seat}")),
        (
            "certification",
            format!(
                "insert into person_copy (person, version, erased, name, language, time_zone, hash) \
                 values ({surplus}, 3, false, 'Nobody', 'fr', 'UTC', 'broken')"
            ),
        ),
        ("certification", "update course_copy set hash = 'broken'".to_owned()),
        ("notification", format!("delete from persons where {}", one("persons", "id", ""))),
        ("notification", "delete from persons where erased".to_owned()),
        ("notification", format!("update enrolment_changes set hash = 'broken' where {change}")),
    ];
    for (service, sql) in broken {
        assert!(platform.change(service, sql).await > 0, "{service}: {sql}");
    }
}

/// After the demo: somebody gives a seat up, another takes it again, a third is erased; a course and a
/// lesson are withdrawn. Their copies are tombstones and later versions.
async fn live_on(platform: &Platform) {
    let server = platform.serve();
    let visitor = Person::nobody(&server.address);
    let courses = visitor.becomes("GET", "/api/v1/courses", None).await;
    let course = |language: &str| {
        let courses = courses["courses"].as_array().unwrap();
        courses.iter().find(|course| course["language"] == language).unwrap().clone()
    };
    let (english, french) = (course("en"), course("fr"));
    let enrol = serde_json::json!({ "course": english["course"] });
    let mut people = Vec::new();
    for name in ["gives-up", "comes-back", "is-erased"] {
        let person = Person::registered(&server.address, &format!("{name}@example.org")).await;
        let seat = person.becomes("POST", "/api/v1/enrolments", Some(&enrol)).await;
        people
            .push((person, format!("/api/v1/enrolments/{}", seat["enrolment"].as_str().unwrap())));
    }
    people[0].0.becomes("DELETE", &people[0].1, None).await;
    people[1].0.becomes("DELETE", &people[1].1, None).await;
    people[1].0.becomes("POST", "/api/v1/enrolments", Some(&enrol)).await;
    people[2].0.becomes("DELETE", "/api/v1/me", None).await;
    let instructor = instructor(&server.address).await;
    let path = |course: &Value| format!("/api/v1/courses/{}", course["key"].as_str().unwrap());
    let outline = instructor.becomes("GET", &path(&english), None).await;
    let lesson = outline["sections"][0]["lessons"][0]["key"].as_str().unwrap();
    instructor.becomes("DELETE", &format!("{}/lessons/{lesson}", path(&english)), None).await;
    instructor.becomes("POST", &format!("{}/withdraw", path(&french)), None).await;
    quiet(platform).await;
}

async fn instructor(address: &str) -> Person {
    let mut person = Person::nobody(address);
    let account =
        serde_json::json!({ "mail": "instructor@example.org", "password": "estrade-demo-2026" });
    let answer = person.becomes("POST", "/api/v1/tokens", Some(&account)).await;
    person.token = Some(answer["token"].as_str().unwrap().to_owned());
    person
}

/// All of the test, on one broker and database.
async fn copies_are_made_good(platform: &Platform) {
    live_on(platform).await;
    let whole = platform.ask(&["reconcile", "--json"]);
    assert_eq!((&whole["in_step"], differed(&whole)), (&true.into(), 0), "{whole:#}");
    assert_eq!(line(&whole, "learning.enrolments", "notification")["compared"], 11);
    assert_eq!(line(&whole, "learning.enrolments", "catalog")["compared"], 11);
    assert_eq!(line(&whole, "identity.persons", "insight")["compared"], 1, "who was erased");
    let done = platform.done().await;

    break_copies(platform).await;
    platform.lose("insight").await;
    let repaired = platform.ask(&["reconcile", "--json"]);
    assert_eq!(repaired["in_step"], true, "{repaired:#}");
    for (kind, follower, way, count) in [
        ("catalog.courses", "learning", "missing", 2),
        ("assessment.marks", "learning", "differing", 1),
        ("assessment.marks", "learning", "missing", 1),
        ("learning.enrolments", "catalog", "missing", 11),
        ("identity.persons", "catalog", "missing", 1),
        ("learning.enrolments", "assessment", "older", 1),
        ("learning.enrolments", "assessment", "newer", 1),
        ("identity.persons", "certification", "surplus", 1),
        ("catalog.courses", "certification", "differing", 2),
        ("identity.persons", "notification", "missing", 2),
        ("identity.persons", "insight", "missing", 1),
        ("learning.enrolments", "notification", "differing", 1),
        ("catalog.courses", "insight", "missing", 2),
    ] {
        assert_eq!(line(&repaired, kind, follower)[way], count, "{kind} {follower}: {repaired:#}");
    }
    // Whoever is enrolled in a course that was withdrawn goes on.
    let outlined = "course_copy where outline_version > 0";
    assert_eq!(platform.count("learning", outlined).await, 2);
    assert_eq!(platform.count("learning", "course_copy where withdrawn").await, 1);
    assert_eq!(platform.count("notification", "persons where erased and name = ''").await, 1);
    assert_eq!(platform.count("catalog", "enrolment_copy where learner is null").await, 1);
    let clean = platform.ask(&["reconcile", "--json"]);
    assert_eq!((differed(&clean), &clean["looks"]), (0, &1.into()), "{clean:#}");

    // Beside a server: one that starts with nothing asks by itself.
    platform.lose("insight").await;
    let server = platform.serve();
    let visitor = Person::nobody(&server.address);
    find(&visitor).await;
    platform.change("insight", "delete from document").await;
    let resent = platform.ask(&["resend", "--from", "catalog", "--to", "insight", "--json"]);
    assert_eq!(resent["in_step"], true, "{resent:#}");
    assert_eq!(resent["copies"].as_array().unwrap().len(), 2, "courses and lessons: {resent:#}");
    find(&visitor).await;
    quiet(platform).await;
    assert_eq!(platform.done().await, done, "something was done twice");
    drop(server);
}

/// Polls until something is found again.
async fn find(visitor: &Person) {
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let mut last = Value::Null;
    for _ in 0..600 {
        beat.tick().await;
        last = visitor.call("GET", "/api/v1/search?q=queue", None).await.1;
        if last["results"].as_array().is_some_and(|results| !results.is_empty()) {
            return;
        }
    }
    panic!("nothing is found: {last}");
}

/// Polls until nothing is on its way.
async fn quiet(platform: &Platform) {
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let mut idle = 0;
    for _ in 0..600 {
        beat.tick().await;
        let queues = platform.ask(&["queues", "--json"]);
        let busy = serde_json::to_string(&queues).unwrap();
        let open = |name: &str| {
            busy.split(&format!("\"{name}\":")).skip(1).any(|rest| !rest.starts_with('0'))
        };
        idle = if open("ready") || open("retrying") { 0 } else { idle + 1 };
        if idle == 2 {
            return;
        }
    }
    panic!("something is still on its way");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_copies_are_made_good() {
    copies_are_made_good(&Platform::after_the_demo(None, None)).await;
}

/// Called where the broker's queues are nobody else's.
pub async fn on_rabbitmq_and_postgresql(broker: &str, database: &str) {
    copies_are_made_good(&Platform::after_the_demo(Some(broker), Some(database))).await;
}

#[test]
fn who_copies_nothing_is_told_so() {
    let (_folder, data) = data();
    let told = fail(estrade(&data).args(["resend", "--from", "catalog", "--to", "identity"]), 2);
    assert!(told.contains("identity copies nothing of catalog"), "{told}");
    let nobody = run(estrade(&data).args(["resend", "--from", "catalog", "--to", "nobody"]));
    assert_eq!(nobody.status.code(), Some(2));
}
