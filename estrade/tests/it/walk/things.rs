//! What there is to ask for: things of the learner's, in the instructor's course. Most were made by the demo and
//! are read where they lie; the others are made here, as people make them.

use std::{collections::BTreeMap, fs, path::Path};

use contract::catalog::ids;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::people::People;
use crate::{house::open, showcase::LEARNER};

/// What stands for each `{hole}` of a path. A hole whose name says nothing, such as `{id}`, goes by what stands
/// before it: by all of that, or by its last word. A whole path has a thing of its own.
pub(super) type Things = BTreeMap<&'static str, String>;
type Named<const N: usize> = [(&'static str, String); N];

/// Which the demo's learner has completed.
const COURSE: &str = "les-files-de-messages-par-l-exemple";
/// The instructor's own, which nobody takes: what is sent to all who take it goes to few.
const SMALL_COURSE: &str = "animer-une-classe-a-distance";
/// It has dead letters, which the demo leaves.
const SERVICE: &str = "certification";
/// Others copy what it owns.
const OWNER: &str = "catalog";
const OTHER_SERVICES: [&str; 6] =
    ["identity", "catalog", "learning", "assessment", "notification", "insight"];
/// Characters of an image's hash that stand in its address.
const SHORT_HASH: usize = 16;
/// Lines of a list of enrolments: several pages of its report.
const LINES: usize = 400;
/// A course in files, and its lesson.
const BOARDS: &str = r#"key = "boards"
language = "en"
title = "Boards"

[[section]]
key = "one"
title = "One"
lessons = ["one.md"]
"#;
const BOARD: &str = "---\ntitle: The first board\nminutes: 5\n---\n\nIt is made of wood.\n";
const PICTURE: &[u8] = include_bytes!("../../../../crates/ui/assets/estrade-192.png");

pub(super) async fn gather(people: &People, data: &Path) -> Things {
    give_courses(data, &people.id_of("instructor").await).await;
    let learner = people.id_of("learner").await;
    let person = Uuid::parse_str(&learner).unwrap();
    let mut things = Things::from([
        ("file", "unknown.js".to_owned()),
        ("name", "achievement-fr.svg".to_owned()),
        ("people", learner.clone()),
        ("person", learner),
        ("service", SERVICE.to_owned()),
        ("/operations/{service}/copies/repair", OWNER.to_owned()),
        ("token", token(data)),
    ]);
    things.extend(in_course(data).await);
    things.extend(of_the_learner(data, person).await);
    let attempts = attempts(people, data, &things["quiz"]).await;
    things.extend(attempts);
    things.extend(dead_letter(data).await);
    things.extend(uploads(people).await);
    things.extend([
        ("draft-course", draft_course(people).await),
        ("export", export(people).await),
        ("image", image(people, data).await),
        ("inbox", message(people).await),
        ("invitations", invitation(people).await),
    ]);
    // Last, for messages are pushed to them.
    things.extend(devices(people).await);
    things
}

/// Those of the demo are imported, and so nobody's own: from now on they are this instructor's.
async fn give_courses(data: &Path, instructor: &str) {
    let instructor = Uuid::parse_str(instructor).unwrap();
    for service in OTHER_SERVICES.into_iter().chain([SERVICE]) {
        let database = open(data, service).await;
        let sql = "select m.name as name from sqlite_master m, pragma_table_info(m.name) c \
                   where m.type = 'table' and c.name = 'instructor'";
        let tables = Statement::from_string(database.get_database_backend(), sql);
        for table in database.query_all_raw(tables).await.unwrap() {
            let update = format!("update {} set instructor = $1", text_of(&table, "name"));
            let update = statement(&database, &update, &[instructor]);
            database.execute_raw(update).await.unwrap();
        }
    }
}

async fn in_course(data: &Path) -> Named<3> {
    let (catalog, course) = (open(data, "catalog").await, ids::course(COURSE).0);
    let lesson = "select id from lesson where course = $1 and state = 'published' \
                  order by position limit 1";
    let section = "select id from section where course = $1 order by position limit 1";
    [
        ("course", course.to_string()),
        ("lesson", id_of(&row(&catalog, lesson, &[course]).await, "id")),
        ("section", id_of(&row(&catalog, section, &[course]).await, "id")),
    ]
}

/// What the learner did in the course, and what came of it.
async fn of_the_learner(data: &Path, learner: Uuid) -> Named<6> {
    let own = [learner, ids::course(COURSE).0];
    let seat = "select id from enrolment where learner = $1 and course = $2";
    let attempt = "select id, quiz, hand_marks from attempt \
                   where learner = $1 and course = $2 and state = 'graded'";
    let certificate = "select id, code from certificate where learner = $1 and course = $2";
    let seat = row(&open(data, "learning").await, seat, &own).await;
    let attempt = row(&open(data, "assessment").await, attempt, &own).await;
    let certificate = row(&open(data, SERVICE).await, certificate, &own).await;
    [
        ("attempt", id_of(&attempt, "id")),
        ("certificate", id_of(&certificate, "id")),
        ("code", text_of(&certificate, "code")),
        ("enrolment", id_of(&seat, "id")),
        ("question", marked(&text_of(&attempt, "hand_marks"))),
        ("quiz", id_of(&attempt, "quiz")),
    ]
}

/// A question that a person has marked.
fn marked(hand_marks: &str) -> String {
    let marks: BTreeMap<String, Value> = serde_json::from_str(hand_marks).unwrap();
    marks.into_keys().next().unwrap()
}

/// The learner's next attempt, begun and not given in; and somebody's that waits to be marked.
async fn attempts(people: &People, data: &Path, quiz: &str) -> Named<2> {
    let path = format!("/api/v1/quizzes/{quiz}/attempts");
    let open_attempt = people.call("learner", "POST", &path, &Value::Null).await;
    let waiting =
        "select id from attempt where state = 'awaiting_marking' order by id desc limit 1";
    let waiting = row(&open(data, "assessment").await, waiting, &[]).await;
    [("open-attempt", text(&open_attempt["attempt"])), ("waiting-attempt", id_of(&waiting, "id"))]
}

/// One that the demo leaves, with its group. The same lies in the other services too, as if each had given up on
/// that event: a healthy one has nothing to show.
async fn dead_letter(data: &Path) -> Named<2> {
    let newest = "from bus_dead where state = 'waiting' order by consumer desc, id limit 1";
    let letter = format!("select id, group_key {newest}");
    let letter = row(&open(data, SERVICE).await, &letter, &[]).await;
    let from = data.join(format!("{SERVICE}.db"));
    let copy = format!(
        "attach '{}' as origin; insert into bus_dead select * {}",
        from.display(),
        newest.replace("bus_dead", "origin.bus_dead")
    );
    for service in OTHER_SERVICES {
        open(data, service).await.execute_unprepared(&copy).await.unwrap();
    }
    [("group", text_of(&letter, "group_key")), ("letters", id_of(&letter, "id"))]
}

/// A list of enrolments, of which most lines are refused; and files of a course, one of no kind that is read,
/// of which nobody has said yet that they are to be taken over.
async fn uploads(people: &People) -> Named<3> {
    let refused = (0..LINES).map(|line| format!("nobody-{line}@example.org,{COURSE}\n"));
    let lines: String = refused.chain([format!("{LEARNER},{COURSE}\n")]).collect();
    let body = json!({ "form": Uuid::now_v7(), "lines": lines });
    let path = "/api/v1/enrolment-uploads";
    let upload = text(&people.call("administrator", "POST", path, &body).await["upload"]);
    let is_finished = |report: &Value| report["finished_at"].is_string();
    people.until("administrator", &format!("{path}/{upload}"), is_finished).await;
    let files = multipart(&[
        ("files", "course.toml", BOARDS.as_bytes()),
        ("files", "one.md", BOARD.as_bytes()),
        ("files", "notes.odt", b"Notes"),
    ]);
    let plan = people.send("instructor", "/teaching/import", files).await;
    let import = plan.rsplit('/').next().unwrap().to_owned();
    [("enrolments", upload.clone()), ("enrolment-uploads", upload), ("import", import)]
}

/// Of which nobody was ever told.
async fn draft_course(people: &People) -> String {
    let draft = json!({ "key": "a-draft", "language": "en", "title": "A draft" });
    text(&people.call("instructor", "POST", "/api/v1/courses", &draft).await["course"])
}

/// The learner's archive, asked for and put together.
async fn export(people: &People) -> String {
    let path = "/api/v1/me/export";
    people.call("learner", "POST", path, &Value::Null).await;
    let export = people.until("learner", path, |export| export["state"] == "ready").await;
    text(&export["id"])
}

/// In the course, by the beginning of its hash.
async fn image(people: &People, data: &Path) -> String {
    let course = ids::course(COURSE);
    let form = multipart(&[("file", "a.png", PICTURE), ("description", "", b"A stage")]);
    people.send("instructor", &format!("/teaching/{course}/images"), form).await;
    let image = "select sha256 from image where course = $1";
    let image = row(&open(data, "catalog").await, image, &[course.0]).await;
    text_of(&image, "sha256")[..SHORT_HASH].to_owned()
}

/// What the instructor wrote to the learner, in the learner's inbox.
async fn message(people: &People) -> String {
    let course = ids::course(SMALL_COURSE);
    people.call("learner", "POST", "/api/v1/enrolments", &json!({ "course": course })).await;
    let message = json!({
        "form": Uuid::now_v7(), "subject": "Welcome", "text": "We begin **on Monday**.",
    });
    let path = format!("/api/v1/rosters/{course}/messages");
    let sent = people.call("instructor", "POST", &path, &message).await;
    let find = |inbox: &Value| {
        let mut items = inbox["items"].as_array().into_iter().flatten();
        items.find(|item| item["subject"] == sent["message"]).map(|item| text(&item["id"]))
    };
    let inbox = people.until("learner", "/api/v1/me/inbox", |inbox| find(inbox).is_some()).await;
    find(&inbox).unwrap()
}

async fn invitation(people: &People) -> String {
    let guests = json!({ "people": [{ "name": "Ida Aas", "mail": "invited@example.org" }] });
    let guests = people.call("administrator", "POST", "/api/v1/invitations", &guests).await;
    text(&guests["people"][0]["invitation"])
}

/// Two, since each of two ways to remove one needs one that is there.
async fn devices(people: &People) -> Named<2> {
    let mut added = Vec::new();
    for name in ["a", "b"] {
        let device = json!({
            "endpoint": format!("https://push.example.org/{name}"),
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        });
        let device = people.call("learner", "POST", "/api/v1/me/devices", &device).await;
        added.push(text(&device["id"]));
    }
    [("/account/devices", added.remove(0)), ("/api/v1/me/devices", added.remove(0))]
}

/// Of the link in the learner's mails by which one gets no more of them.
fn token(data: &Path) -> String {
    let mails = fs::read_dir(data.join("mail")).unwrap().map(|entry| entry.unwrap().path());
    let whole = mails.filter(|path| path.extension().is_some_and(|ending| ending == "eml"));
    let texts = whole.map(|path| fs::read_to_string(path).unwrap());
    let token = texts.filter(|text| text.contains(LEARNER)).find_map(|text| {
        let (_, after) = text.split_once("/notifications/unsubscribe/")?;
        after.split_once('>').map(|(token, _)| token.to_owned())
    });
    token.unwrap()
}

/// A form as browsers send it where it has files: the fields with their content, those that are files with a name.
fn multipart(fields: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, file, content) in fields {
        let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

fn statement(database: &DatabaseConnection, sql: &str, ids: &[Uuid]) -> Statement {
    let values = ids.iter().map(|id| sea_orm::Value::from(*id));
    Statement::from_sql_and_values(database.get_database_backend(), sql, values)
}

/// The first that there is; there must be one.
async fn row(database: &DatabaseConnection, sql: &str, ids: &[Uuid]) -> QueryResult {
    let found = database.query_one_raw(statement(database, sql, ids)).await.unwrap();
    found.unwrap_or_else(|| panic!("nothing: {sql}"))
}

fn id_of(row: &QueryResult, column: &str) -> String {
    row.try_get::<Uuid>("", column).unwrap().to_string()
}

fn text_of(row: &QueryResult, column: &str) -> String {
    row.try_get("", column).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
