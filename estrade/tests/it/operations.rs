//! Operators: who may, what they see over HTTP and on the command line, and what they decide.

use std::{collections::BTreeSet, path::Path};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    house::{PASSWORD, Person, Served, change, data, estrade, fail, open, succeed},
    orphans::leave_dead,
};

pub const LETTERS: usize = 5;

/// Who is named in them.
const NAME: &str = "Ana Silva";
const MAIL: &str = "ana.silva@example.org";

/// Events that nobody can read, as a faulty release would have published them; each is about somebody.
pub async fn publish_poison(data: &Path) {
    let db = open(data, "identity").await;
    for _ in 0..LETTERS {
        let (id, person) = (Uuid::now_v7().simple(), Uuid::now_v7());
        db.execute_unprepared(&format!(
            "insert into bus_outbox (id, event_type, subject, occurred_at, traceparent, data, due) values \
             (x'{id}', 'identity.person-registered.v1', '{person}', '2026-01-01T00:00:00+00:00', \
             '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', \
             '{{\"person\":\"{person}\",\"name\":\"{NAME}\",\"mail\":\"{MAIL}\"}}', \
             '2026-01-01T00:00:00+00:00')"
        ))
        .await
        .unwrap();
    }
    db.close().await.unwrap();
}

async fn administrator(data: &Path, served: &Served) -> Person {
    let create = ["admin", "create", "--mail", "ada@example.org", "--name", "Ada"];
    succeed(estrade(data).args(create).env("ESTRADE_ADMIN_PASSWORD", PASSWORD));
    Person::nobody(&served.address).signed_in("ada@example.org").await
}

/// Asks until it is so.
async fn becomes(person: &Person, path: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    let mut last = Value::Null;
    for _ in 0..600 {
        beat.tick().await;
        let (status, answer) = person.call("GET", path, None).await;
        assert_eq!(status, 200, "{answer}");
        if is_so(&answer) {
            return answer;
        }
        last = answer;
    }
    panic!("{what}: {last:#}")
}

const DEAD: &str = "/api/v1/operations/certification/dead";

async fn all_dead(person: &Person) -> Value {
    let what = "all poison is dead";
    let answer =
        becomes(person, DEAD, what, |answer| answer["groups"][0]["letters"] == LETTERS).await;
    answer["groups"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_for_operators_alone() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let nobody = Person::nobody(&served.address);
    let learner = Person::registered(&served.address, "sian@example.org").await;
    let administrator = administrator(&data, &served).await;
    let which = json!({ "which": { "all": true }, "reason": "a test" });
    let paths = [
        ("GET", "queues", None),
        ("GET", "dead", None),
        ("GET", "dead/letters", None),
        ("GET", "dead/letters/0198f2a0-0000-7000-8000-000000000000", None),
        ("POST", "dead/replay", Some(json!({ "which": { "all": true } }))),
        ("POST", "dead/discard", Some(which)),
    ];
    for service in ["identity", "catalog", "learning", "assessment", "insight"] {
        for (method, path, body) in &paths {
            let path = format!("/api/v1/operations/{service}/{path}");
            for (who, expected) in [(&nobody, 401), (&learner, 403)] {
                let (status, answer) = who.call(method, &path, body.as_ref()).await;
                assert_eq!(status, expected, "{method} {path}: {answer}");
            }
            let (status, answer) = administrator.call(method, &path, body.as_ref()).await;
            assert!(status == 200 || status == 404, "{method} {path}: {status} {answer}");
        }
    }
    let operator = made_operator(&administrator, learner, "sian@example.org").await;
    let (status, queues) =
        operator.call("GET", "/api/v1/operations/notification/queues", None).await;
    assert_eq!(status, 200, "{queues}");
    let notify = queues["queues"].as_array().unwrap().iter();
    let notify = notify.clone().find(|queue| queue["queue"] == "notification.notify").unwrap();
    assert_eq!(notify["oldest_is"], "none", "{notify}");
    assert!(
        queues["jobs"].as_array().unwrap().iter().any(|job| job["effect"] == "notification.mail")
    );
    let (status, _) = operator.call("GET", "/api/v1/people", None).await;
    assert_eq!(status, 403, "an operator is no administrator");
}

/// Nothing but an operator from now on.
async fn made_operator(administrator: &Person, person: Person, mail: &str) -> Person {
    let (_, me) = person.call("GET", "/api/v1/me", None).await;
    let roles = format!("/api/v1/people/{}/roles", me["id"].as_str().unwrap());
    let wanted = json!({ "roles": ["operator"] });
    let (status, answer) = administrator.call("PUT", &roles, Some(&wanted)).await;
    assert_eq!((status, &answer["roles"]), (200, &json!(["operator"])), "{answer}");
    Person::nobody(&person.address).signed_in(mail).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_in_a_letter_is_for_administrators_alone() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    publish_poison(&data).await;
    let administrator = administrator(&data, &served).await;
    let operator = Person::registered(&served.address, "sian@example.org").await;
    let operator = made_operator(&administrator, operator, "sian@example.org").await;
    all_dead(&operator).await;
    let letters = format!("{DEAD}/letters");
    let (_, page) = operator.call("GET", &letters, None).await;
    let letter = &page["letters"][0];
    let id = letter["id"].as_str().unwrap();
    let person = letter["content"]["data"]["person"].as_str().unwrap();
    let work = format!("/api/v1/operations/certification/people/{person}/work");
    for path in [letters.clone(), format!("{letters}/{id}"), work] {
        let (status, seen) = operator.call("GET", &path, None).await;
        let seen = seen.to_string();
        assert!(status == 200 && seen.contains("•••"), "{path}: {seen}");
        assert!(!seen.contains(NAME) && !seen.contains(MAIL), "{path}: {seen}");
        let (_, seen) = administrator.call("GET", &path, None).await;
        let seen = seen.to_string();
        assert!(seen.contains(NAME) && seen.contains(MAIL), "{path}: {seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_seen_rehearsed_replayed_and_discarded_over_http() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    publish_poison(&data).await;
    let operator = administrator(&data, &served).await;
    let group = all_dead(&operator).await;
    assert_eq!(
        (&group["consumer"], &group["kind"]),
        (&"certification.copy-person".into(), &"event".into())
    );
    assert_eq!(group["people"], LETTERS, "{group}");
    let key = group["key"].as_str().unwrap();

    let (_, page) =
        operator.call("GET", &format!("{DEAD}/letters?group={key}&limit=3"), None).await;
    assert_eq!(page["letters"].as_array().unwrap().len(), 3);
    let before = page["next"].as_str().unwrap();
    let rest = format!("{DEAD}/letters?group={key}&limit=3&before={before}");
    let (_, rest) = operator.call("GET", &rest, None).await;
    assert_eq!((rest["letters"].as_array().unwrap().len(), &rest["next"]), (2, &Value::Null));
    let letter = &page["letters"][0];
    assert_eq!(letter["trace"], "0af7651916cd43dd8448eb211c80319c", "{letter:#}");
    assert!(letter["content"]["data"]["person"].is_string(), "{letter:#}");
    assert_eq!(letter["tried_at"].as_array().unwrap().len(), 1, "{letter:#}");

    let replay = format!("{DEAD}/replay");
    let dry = json!({ "which": { "group": key }, "dry_run": true });
    let (status, rehearsed) = operator.call("POST", &replay, Some(&dry)).await;
    assert_eq!((status, &rehearsed["waiting"]), (200, &LETTERS.into()), "{rehearsed}");
    assert_eq!(rehearsed["rehearsed"][0]["verdict"], "would-fail", "{rehearsed}");
    let (_, again) = operator.call("GET", DEAD, None).await;
    assert_eq!(again["groups"][0], group, "a rehearsal changes nothing");

    let earnest = json!({ "which": { "group": key } });
    let (_, replayed) = operator.call("POST", &replay, Some(&earnest)).await;
    assert_eq!(replayed["replayed"], LETTERS, "{replayed}");
    let last = group["last_at"].clone();
    let died_again = |answer: &Value| {
        answer["groups"][0]["letters"] == LETTERS && answer["groups"][0]["last_at"] != last
    };
    becomes(&operator, DEAD, "all are dead again", died_again).await;
    discard(&operator, key, letter["id"].as_str().unwrap()).await;

    leave_dead(&data).await;
    let all = json!({ "which": { "all": true } });
    let (_, replayed) = operator.call("POST", &replay, Some(&all)).await;
    assert_eq!((&replayed["replayed"], &replayed["nobody_there"]), (&json!(0), &json!(1)));
}

async fn discard(operator: &Person, key: &str, letter: &str) {
    let path = format!("{DEAD}/discard");
    for body in [
        json!({ "which": { "group": key }, "reason": " " }),
        json!({ "which": {}, "reason": "a test" }),
        json!({ "which": { "group": key, "all": true }, "reason": "a test" }),
    ] {
        assert_eq!(operator.call("POST", &path, Some(&body)).await.0, 422, "{body}");
    }
    let body = json!({ "which": { "group": key }, "reason": "a faulty release" });
    let (status, answer) = operator.call("POST", &path, Some(&body)).await;
    assert_eq!((status, &answer["discarded"]), (200, &LETTERS.into()), "{answer}");
    assert_eq!(operator.call("POST", &path, Some(&body)).await.0, 404, "once is enough");
    let (_, me) = operator.call("GET", "/api/v1/me", None).await;
    let (_, shown) = operator.call("GET", &format!("{DEAD}/letters/{letter}"), None).await;
    let shown = &shown["letters"][0];
    assert_eq!(shown["reason"], "a faulty release");
    assert_eq!(shown["settled_by"], me["id"]);
    assert_eq!(shown["state"], "discarded");
    are_found_again(operator).await;
}

/// What was decided about, page by page.
async fn are_found_again(operator: &Person) {
    let (_, waiting) = operator.call("GET", &format!("{DEAD}/letters"), None).await;
    assert_eq!(waiting["letters"], json!([]), "none waits");
    let first = format!("{DEAD}/letters?settled=true&limit=3");
    let (_, first) = operator.call("GET", &first, None).await;
    let before = first["next"].as_str().unwrap();
    let rest = format!("{DEAD}/letters?settled=true&limit=3&before={before}");
    let (_, rest) = operator.call("GET", &rest, None).await;
    assert_eq!(rest["next"], Value::Null, "{rest}");
    let pages = [first["letters"].as_array().unwrap(), rest["letters"].as_array().unwrap()];
    let all: Vec<&Value> = pages.into_iter().flatten().collect();
    let ids: BTreeSet<_> = all.iter().map(|it| it["id"].as_str()).collect();
    assert_eq!((all.len(), ids.len()), (LETTERS, LETTERS));
    assert!(all.iter().all(|it| it["reason"] == "a faulty release"), "{all:#?}");
    let wrong = format!("{DEAD}/letters?settled=true&before=yesterday");
    assert_eq!(operator.call("GET", &wrong, None).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_on_the_command_line() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    publish_poison(&data).await;
    let administrator = administrator(&data, &served).await;
    let group = all_dead(&administrator).await;
    let there = |answer: &Value| answer["groups"][0]["letters"] == LETTERS;
    for service in ["notification", "learning", "assessment", "catalog"] {
        let path = format!("/api/v1/operations/{service}/dead");
        becomes(&administrator, &path, "all are dead there too", there).await;
    }
    let (key, id) = (group["key"].as_str().unwrap(), group["example"].as_str().unwrap());
    served.terminate();

    let dead = |arguments: &[&str]| {
        let mut command = estrade(&data);
        command.arg("dead").args(arguments);
        command
    };
    let list = succeed(&mut dead(&["list"]));
    let line = format!("{key}  certification.copy-person  5 letters  5 people");
    assert!(list.contains(&line), "{line}\n{list}");
    let groups: Value = serde_json::from_str(&succeed(&mut dead(&["list", "--json"]))).unwrap();
    assert_eq!(groups.as_array().unwrap().len(), 5, "{groups:#}");
    let all: Value =
        serde_json::from_str(&succeed(&mut dead(&["list", "--all", "--json"]))).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 5 * LETTERS);
    let shown = succeed(&mut dead(&["show", id]));
    for part in ["\"trace\": \"0af7651916cd43dd8448eb211c80319c\"", "missing field", "\"tried_at\""]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let queues = succeed(estrade(&data).arg("queues"));
    assert!(queues.contains("rate") && queues.contains("notification.mail"), "{queues}");

    fail(&mut dead(&["replay", "--group", key, "--dry-run"]), 1);
    let replayed = succeed(&mut dead(&["replay", "--group", key]));
    assert!(replayed.contains("5 will be tried again"), "{replayed}");
    let list = succeed(&mut dead(&["list"]));
    assert!(!list.contains(key), "{list}");
    fail(&mut dead(&["discard", "--group", key, "--reason", "none is left"]), 1);
    fail(&mut dead(&["discard", id, "--reason", " "]), 2);
    let discarded = succeed(&mut dead(&["discard", id, "--reason", "a faulty release"]));
    assert!(discarded.contains("4 put aside"), "{discarded}");
    let shown = succeed(&mut dead(&["show", id]));
    assert!(shown.contains("the command line") && shown.contains("a faulty release"), "{shown}");
    let settled = succeed(&mut dead(&["list", "--settled"]));
    let discarded = "discarded by the command line\n    a faulty release";
    assert_eq!(settled.matches(discarded).count(), 4, "{settled}");
    assert_eq!(settled.matches("  replayed by the command line").count(), 5, "{settled}");
    assert!(settled.find(discarded) < settled.find("  replayed"), "the latest first: {settled}");
    let settled = succeed(&mut dead(&["list", "--settled", "--json"]));
    let settled: Value = serde_json::from_str(&settled).unwrap();
    assert_eq!(settled[0]["reason"], "a faulty release", "{settled:#}");
    assert_eq!(settled[0]["settled_by"], "the command line");
    assert!(settled[0]["settled_at"].is_string());
}

/// An event and a mail that failed, with why and when they are tried next.
#[tokio::test(flavor = "multi_thread")]
async fn why_something_is_tried_again_is_told() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let administrator = administrator(&data, &served).await;
    let later = "2999-01-01T00:00:00+00:00";
    let id = Uuid::now_v7().simple();
    let event = format!(
        "insert into bus_retry (handler, id, event_type, envelope, attempts, due, cause, since) \
         values ('notification.notify', x'{id}', 'a', '{{}}', 4, '{later}', 'no such course', '{later}')"
    );
    change(&data, "notification", &event).await;
    let job = format!(
        "insert into bus_effect (effect, job_key, job, attempts, due, cause) \
         values ('notification.mail', 'x/1', '{{}}', 3, '{later}', 'the mail server is away')"
    );
    change(&data, "notification", &job).await;
    let path = "/api/v1/operations/notification/queues";
    let (status, queues) = administrator.call("GET", path, None).await;
    let find = |list: &str, name: &str, key: &str| {
        let mut lines = queues[list].as_array().unwrap().iter();
        lines.find(|line| line[name] == key).unwrap_or_else(|| panic!("{status}: {queues}"))
    };
    let event = &find("queues", "queue", "notification.notify")["retries"][0];
    assert_eq!((&event["attempts"], &event["cause"]), (&4.into(), &"no such course".into()));
    let mail = find("jobs", "effect", "notification.mail");
    assert_eq!((&mail["retrying"], &mail["retries"][0]["key"]), (&1.into(), &"x/1".into()));
    assert_eq!(mail["retries"][0]["cause"], "the mail server is away");
    assert!(mail["retries"][0]["due"].as_str().unwrap().starts_with("2999-01-01"), "{mail}");

    let told = succeed(estrade(&data).arg("queues"));
    let lines: Vec<&str> = told.lines().skip_while(|it| !it.starts_with("tried again")).collect();
    for (by, why) in [
        ("notification.notify", "4  2999-01-01 00:00:00  no such course"),
        ("notification.mail", "3  2999-01-01 00:00:00  the mail server is away"),
    ] {
        assert!(lines.iter().any(|it| it.starts_with(by) && it.ends_with(why)), "{by}: {told}");
    }
}

#[tokio::test]
async fn all_dead_letters_are_listed_however_many_there_are() {
    const MANY: usize = 1_203;
    let (_folder, data) = data();
    let dead = |arguments: &[&str]| succeed(estrade(&data).arg("dead").args(arguments));
    assert_eq!(dead(&["list", "--all", "--json"]), "[]\n");
    let many = format!(
        "insert into bus_dead (consumer, kind, id, event_type, body, cause, attempts, died_at, state) \
         with recursive number (n) as (select 1 union all select n + 1 from number where n < {MANY}) \
         select 'certification.issue', 'event', randomblob(16), 'x', '{{}}', 'it is ill', 20, \
         '2026-01-01T00:00:00+00:00', 'waiting' from number"
    );
    change(&data, "certification", &many).await;
    let list =
        |arguments: &[&str]| -> Vec<Value> { serde_json::from_str(&dead(arguments)).unwrap() };
    let groups = list(&["list", "--json"]);
    let key = groups[0]["key"].as_str().unwrap();
    for which in [&["list", "--all", "--json"][..], &["list", "--group", key, "--json"]] {
        let letters = list(which);
        let ids: BTreeSet<&str> = letters.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!((letters.len(), ids.len()), (MANY, MANY), "{which:?}");
    }
    assert_eq!(dead(&["list", "--all"]).matches("after 20 attempts: it is ill").count(), MANY);
}

/// Whether a mail goes nobody knows before it is sent, and a rehearsal sends none.
#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_counts_jobs_apart_for_they_are_not_tried() {
    let (_folder, data) = data();
    let served = Served::start(&data, &[]);
    let operator = administrator(&data, &served).await;
    let job = format!(
        "insert into bus_dead (consumer, kind, id, event_type, body, cause, attempts, died_at, state) \
         values ('notification.mail', 'job', x'{}', 'x', '{{}}', 'no mail server', 20, \
         '2026-01-01T00:00:00+00:00', 'waiting')",
        Uuid::now_v7().simple()
    );
    change(&data, "notification", &job).await;
    let replay = "/api/v1/operations/notification/dead/replay";
    let dry = json!({ "which": { "all": true }, "dry_run": true });
    let (status, answer) = operator.call("POST", replay, Some(&dry)).await;
    assert_eq!((status, &answer["untried"]), (200, &1.into()), "{answer}");
    let said = succeed(estrade(&data).args(["dead", "replay", "--all", "--dry-run"]));
    let sum = "of 1, 0 were rehearsed: 0 would go; 1 would be performed again (not tried)";
    assert!(said.contains(sum), "{said}");
}

#[test]
fn what_would_be_forgotten_too_early_is_refused() {
    let (folder, data) = data();
    std::fs::write(folder.path().join("estrade.toml"), "[retention]\nhandled_days = 7\n").unwrap();
    let error = fail(estrade(&data).arg("config"), 2);
    assert!(error.contains("write 30 or more"), "{error}");
}
