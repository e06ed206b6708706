//! The operator's pages, as a browser without JavaScript meets them: who may, what they say in both
//! languages, and what comes of what is decided there.

use std::path::Path;

use reqwest::redirect::Policy;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

use crate::{
    house::{PASSWORD, Person, Served, change, client, data, estrade, open, run, succeed},
    operations::{LETTERS, publish_poison},
    orphans::leave_dead,
};

/// Somebody at a browser, who is led nowhere by itself.
struct Visitor(Person);

impl Visitor {
    fn new(mut person: Person) -> Self {
        person.http = client().redirect(Policy::none()).build().unwrap();
        Self(person)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let mut request = self.0.http.get(format!("{}{path}", self.0.address));
        if let Some(token) = &self.0.token {
            request = request.bearer_auth(token);
        }
        let answer = request.header("accept", "text/html").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn page(&self, path: &str) -> String {
        let (status, page) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {page}");
        assert!(!page.contains('⟦'), "{path} lacks a message: {page}");
        page
    }

    async fn stream(&self, path: &str) -> reqwest::Response {
        let request = self.0.http.get(format!("{}{path}", self.0.address));
        let request = request.bearer_auth(self.0.token.as_deref().unwrap_or_default());
        let stream = request.send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        stream
    }

    /// Gives the status, and where it leads or what it shows.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let request = self.0.http.post(format!("{}{path}", self.0.address)).form(fields);
        let request = request.bearer_auth(self.0.token.as_deref().unwrap_or_default());
        let answer = request.header("accept", "text/html").send().await.unwrap();
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        (
            status,
            match location {
                Some(location) => location,
                None => answer.text().await.unwrap(),
            },
        )
    }

    /// The page, once it says this.
    async fn says(&self, path: &str, what: &str) -> String {
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(100));
        let mut last = String::new();
        for _ in 0..300 {
            beat.tick().await;
            last = self.page(path).await;
            if last.contains(what) {
                return last;
            }
        }
        panic!("{path} never says “{what}”: {last}")
    }
}

struct Platform {
    served: Served,
    administrator: Person,
    data: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Platform {
    async fn start() -> Self {
        let (folder, data) = data();
        let served = Served::start(&data, &[]);
        let administrator = administrator(&data, &served.address).await;
        Self { served, administrator, data, _folder: folder }
    }

    /// Somebody of this language who has nothing but this role.
    async fn person(&self, mail: &str, language: &str, role: &str) -> Visitor {
        let nobody = Person::nobody(&self.served.address);
        let body = json!({
            "name": "Omar Keita", "mail": mail, "password": PASSWORD, "language": language,
            "time_zone": "Europe/Paris",
        });
        let (status, answer) = nobody.call("POST", "/api/v1/people", Some(&body)).await;
        assert_eq!(status, 201, "{answer}");
        let person = nobody.signed_in(mail).await;
        let (_, me) = person.call("GET", "/api/v1/me", None).await;
        let path = format!("/api/v1/people/{}/roles", me["id"].as_str().unwrap());
        let (status, answer) =
            self.administrator.call("PUT", &path, Some(&json!({ "roles": [role] }))).await;
        assert_eq!(status, 200, "{answer}");
        Visitor::new(Person::nobody(&self.served.address).signed_in(mail).await)
    }
}

async fn administrator(data: &Path, address: &str) -> Person {
    let create = ["admin", "create", "--mail", "ada@example.org", "--name", "Ada"];
    succeed(estrade(data).args(create).env("ESTRADE_ADMIN_PASSWORD", PASSWORD));
    Person::nobody(address).signed_in("ada@example.org").await
}

const PAGES: &[&str] = &[
    "/operations",
    "/operations/identity",
    "/operations/dead",
    "/operations/notification/dead",
    "/operations/dead/settled",
    "/operations/notification/dead/settled",
    "/operations/people",
    "/operations/people?q=omar",
    "/operations/copies",
    "/operations/catalog/copies",
    "/operations/insight/copies",
    "/operations/picture",
    "/operations/picture/moves",
    "/operations/learning/moves",
    "/operations/health",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_are_for_operators_alone_in_their_language() {
    let platform = Platform::start().await;
    let nobody = Visitor::new(Person::nobody(&platform.served.address));
    let learner = platform.person("sian@example.org", "en", "learner").await;
    let english = platform.person("omar@example.org", "en", "operator").await;
    let french = platform.person("omar.fr@example.org", "fr", "operator").await;
    let token = platform.administrator.token.clone();
    let address = platform.served.address.clone();
    let administrator = Visitor::new(Person { token, ..Person::nobody(&address) });
    for path in PAGES {
        assert_eq!(nobody.get(path).await.0, 303, "{path}");
        assert_eq!(learner.get(path).await.0, 403, "{path}");
        assert_eq!(administrator.get(path).await.0, 403, "{path}: not without the role");
        english.page(path).await;
        french.page(path).await;
    }
    for path in [
        "/operations/copies/repair",
        "/operations/learning/copies/ask",
        "/operations/catalog/copies/repair",
    ] {
        assert_eq!(learner.post(path, &[]).await.0, 403, "{path}");
    }
    for what in ["replay", "discard"] {
        let path = format!("/operations/learning/dead/{what}");
        let fields = [("all", "1"), ("reason", "a test")];
        assert_eq!(learner.post(&path, &fields).await.0, 403, "{path}");
    }
    let page = english.page("/operations").await;
    assert!(page.contains("learning.copy-course") && page.contains("Well"), "{page}");
    let page = french.page("/operations").await;
    assert!(page.contains("Supervision") && page.contains("Tout va bien"), "{page}");
    assert_eq!(english.get("/operations/nothing").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_decided_about_on_pages() {
    let platform = Platform::start().await;
    let operator = platform.person("omar@example.org", "en", "operator").await;
    publish_poison(&platform.data).await;
    let service = "/operations/certification/dead";
    let page = operator.says(service, &format!("{LETTERS} letters, about {LETTERS} people")).await;
    assert!(page.contains("certification.copy-person") && page.contains("missing field"), "{page}");
    let key = between(&page, "/dead/groups/", "\"");
    let page = operator.page(&format!("{service}/groups/{key}")).await;
    assert_eq!(page.matches("/dead/letters/").count(), LETTERS, "{page}");
    let letter = format!("{service}/letters/{}", between(&page, "/dead/letters/", "\""));
    let page = operator.page(&letter).await;
    assert!(page.contains("0af7651916cd43dd8448eb211c80319c"), "{page}");

    let replay = format!("{service}/replay?group={key}");
    let page = operator.page(&replay).await;
    assert!(page.contains("rehearse=1") && page.contains("of the same cause"), "{page}");
    let page = operator.page(&format!("{replay}&rehearse=1")).await;
    assert!(page.contains("Nothing was changed") && page.contains("Would fail again"), "{page}");
    let (status, then) = operator.post(&format!("{service}/replay"), &[("group", key)]).await;
    assert_eq!((status, then.starts_with(service)), (303, true), "{then}");
    assert!(operator.page(&then).await.contains("5 letters are tried again"));
    operator.says(service, &format!("{LETTERS} letters")).await;

    let discard = format!("{service}/discard");
    operator.page(&format!("{discard}?group={key}")).await;
    let (status, page) = operator.post(&discard, &[("group", key), ("reason", " ")]).await;
    assert_eq!(status, 422, "{page}");
    assert!(page.contains("reason-error-1"), "{page}");
    let why = "a faulty release <&>";
    let (status, then) = operator.post(&discard, &[("group", key), ("reason", why)]).await;
    assert_eq!(status, 303, "{then}");
    assert!(operator.page(&then).await.contains("5 letters were discarded"));
    let page = operator.page(&letter).await;
    assert!(page.contains("Was discarded") && page.contains("a faulty release &#60;"), "{page}");
    let person = between(&page, "&#34;person&#34;: &#34;", "&#34;");
    what_was_put_aside_is_found_again(&operator, person).await;
    for path in [replay, format!("{discard}?group={key}"), format!("{service}/groups/{key}")] {
        assert_eq!(operator.get(&path).await.0, 404, "{path}: decided about");
    }
    assert_eq!(operator.get(&format!("{service}/replay")).await.0, 400, "nothing is named");

    leave_dead(&platform.data).await;
    let (_, then) = operator.post(&format!("{service}/replay"), &[("all", "1")]).await;
    assert!(operator.page(&then).await.contains("Nobody takes one of them any more"));
}

async fn what_was_put_aside_is_found_again(operator: &Visitor, person: &str) {
    for path in ["/operations/dead/settled", "/operations/certification/dead/settled"] {
        let page = operator.page(path).await;
        assert_eq!(page.matches("/certification/dead/letters/").count(), LETTERS, "{path}: {page}");
        assert_eq!(page.matches("a faulty release &#60;&#38;&#62;").count(), LETTERS, "{page}");
        assert!(page.contains("Was discarded") && page.contains("who decided"), "{page}");
    }
    let page = operator.page("/operations/learning/dead/settled").await;
    assert!(page.contains("No letter of learning was decided about yet."), "{page}");
    let path = format!("/operations/certification/people/{person}");
    let page = operator.page(&path).await;
    assert!(page.contains("given up: a faulty release &#60;&#38;&#62; (after 1 attempt"), "{page}");
    assert!(page.contains("Not done") && page.contains("1 not done"), "{page}");
    assert!(page.contains("who decided") && page.contains("/dead/letters/"), "{page}");
    assert!(!page.contains("The account is known") && !page.contains("0 done"), "{page}");
}

/// A mail that is put off is counted, and the service's page says why and when it goes again.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_are_tried_again_are_listed_with_their_cause() {
    let platform = Platform::start().await;
    let operator = platform.person("omar@example.org", "en", "operator").await;
    let person = uuid::Uuid::now_v7();
    let later = "2999-01-01T00:00:00+00:00";
    let jobs = format!(
        "insert into bus_effect (effect, job_key, job, attempts, due, cause) \
         with recursive jobs (number) as (select 1 union all select number + 1 from jobs where number < 21) \
         select 'notification.mail', 'mail-' || number, '{{\"person\":\"{person}\"}}', 3, '{later}', \
         'the mail server puts off <&>' from jobs"
    );
    change(&platform.data, "notification", &jobs).await;
    let page = operator.page("/operations/notification").await;
    assert!(page.contains("<dt>Tried again</dt><dd data-figure=\"number\">21</dd>"), "{page}");
    assert!(page.contains("the mail server puts off &#60;&#38;&#62;"), "{page}");
    assert!(page.contains(&format!("/operations/notification/people/{person}")), "{page}");
    assert!(page.contains("1 January 2999"), "{page}");
    assert_eq!(page.matches(">mail-").count(), 20, "{page}");
    let page = operator.page("/operations/notification?page=2").await;
    assert_eq!(page.matches(">mail-").count(), 1, "{page}");
    let page = operator.page("/operations").await;
    assert!(page.contains("Tries again"), "{page}");
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_s_matters_are_found_and_explained() {
    let platform = Platform::start().await;
    let operator = platform.person("omar@example.org", "fr", "operator").await;
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/fr");
    succeed(estrade(&platform.data).args(["import", demo]));
    let learner = Person::registered(&platform.served.address, "sian@example.org").await;
    let course = contract::catalog::ids::course("les-files-de-messages-par-l-exemple");
    learner.becomes("POST", "/api/v1/enrolments", Some(&json!({ "course": course }))).await;
    let page = operator.page("/operations/people?q=sian%40example.org").await;
    assert!(page.contains("Siân Llŷr"), "{page}");
    let page = operator.page("/operations/people?q=ll%C5%B7r").await;
    let path = format!("/operations/people/{}", between(&page, "/operations/people/", "\""));
    let title = "Les files de messages par l’exemple";
    let told =
        format!("Message sur une inscription («\u{202f}{title}\u{202f}»), dans la messagerie");
    let page = operator.says(&path, &told).await;
    assert!(page.contains("aucun appareil de la personne"), "{page}");
    let english = platform.person("omar.en@example.org", "en", "operator").await;
    let page = english.page(&path).await;
    let told = format!("an enrolment (“<span lang=\"fr\">{title}</span>”), to the inbox");
    assert!(page.contains(&told), "{page}");
    assert!(operator.page("/operations/people?q=zzz").await.contains("Personne ne porte ce nom"));
    let nobody = format!("/operations/people/{}", uuid::Uuid::nil());
    assert_eq!(operator.get(&nobody).await.0, 404);
    let (_, me) = learner.call("GET", "/api/v1/me", None).await;
    let work = format!("/api/v1/operations/learning/people/{}/work", me["id"].as_str().unwrap());
    let (status, work) = operator.0.call("GET", &work, None).await;
    assert_eq!((status, work["dead"].as_array().unwrap().len()), (200, 0), "{work}");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_compared_and_mended_from_their_page() {
    let platform = Platform::start().await;
    let operator = platform.person("omar@example.org", "en", "operator").await;
    let path = "/api/v1/operations/certification/copies";
    let (_, before) = operator.0.call("GET", path, None).await;
    let persons = |answer: &Value| {
        let copies = answer["copies"].as_array().unwrap().iter();
        copies.clone().find(|line| line["kind"] == "identity.persons").unwrap()["last"].clone()
    };
    assert_eq!(persons(&before), Value::Null, "{before:#}");
    let (status, then) = operator.post("/operations/copies/repair", &[]).await;
    assert_eq!((status, then.as_str()), (303, "/operations/copies"));
    let page = operator.says("/operations/copies", "All").await;
    let page = if page.contains("in step") { page } else { operator.says(&then, "in step").await };
    assert!(page.contains("identity.persons"), "{page}");
    let (_, after) = operator.0.call("GET", path, None).await;
    assert_eq!(persons(&after)["is_complete"], true, "{after:#}");
    let (status, then) = operator.post("/operations/certification/copies/ask", &[]).await;
    assert_eq!(status, 303, "{then}");
    assert!(operator.page(&then).await.contains("Asked."));

    let own = "/operations/identity/copies";
    assert!(operator.page(own).await.contains("No copies are held here."));
    let (status, then) = operator.post("/operations/identity/copies/repair", &[]).await;
    assert_eq!((status, then.as_str()), (303, own));
    let page = operator.says(own, "All that was compared here is in step").await;
    assert!(page.contains("Of what identity owns"), "{page}");
    let page = operator.page("/operations/insight/copies").await;
    assert!(page.contains("/operations/catalog/copies"), "{page}");
    assert!(!page.contains("/copies/repair"), "it owns nothing: {page}");
    assert_eq!(operator.post("/operations/insight/copies/repair", &[]).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_is_examined_while_no_page_waits() {
    let platform = Platform::start().await;
    let english = platform.person("omar@example.org", "en", "operator").await;
    let french = platform.person("omar.fr@example.org", "fr", "operator").await;
    let health = "/operations/health";
    let page = english.page(health).await;
    assert!(page.contains("is being examined") && !page.contains("<table"), "{page}");
    let live = format!("/operations/health/live?seen={}", between(&page, "live?seen=", "\""));
    let mut stream = english.stream(&live).await;
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("changed"), "{first:?}");
    let page = english.page(health).await;
    assert!(page.contains("queues as declared") && page.contains("Examined"), "{page}");
    assert!(!page.contains("is being examined") && !page.contains("live?seen="), "{page}");

    let files = platform.data.join("files");
    std::fs::remove_dir_all(&files).unwrap();
    std::fs::write(&files, "a file where a folder should be").unwrap();
    assert!(french.page(health).await.contains("en cours d’examen"));
    let page = french.says(health, "L’examen s’est interrompu").await;
    assert!(!page.contains("live?seen=") && !page.contains("en cours d’examen"), "{page}");
    assert!(english.page(health).await.contains("queues as declared"), "the latest in English");
}

/// The last answer of the picture, and certification's taking of the news.
async fn somebody_is_seen_to_register(
    platform: &Platform,
    operator: &Visitor,
    last: &str,
) -> (Value, Value) {
    let path = format!("/operations/picture/moves?after={last}");
    let mut moves: Vec<Value> = Vec::new();
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(100));
    for turn in 0..300 {
        // What a busy machine commits late is in no sample: then somebody else comes.
        if turn % 30 == 0 {
            Person::registered(&platform.served.address, &format!("sian-{turn}@example.org")).await;
        }
        beat.tick().await;
        let (status, answer) = operator.0.call("GET", &path, None).await;
        assert_eq!(status, 200, "{answer}");
        moves.extend(answer["moves"].as_array().unwrap().iter().cloned());
        let find = |begin| {
            moves
                .iter()
                .find(|it| it["words"].as_str().is_some_and(|words| words.starts_with(begin)))
        };
        let taken = find("certification.copy-person takes person-registered");
        if let (Some(_), Some(taken)) = (find("identity says person-registered"), taken) {
            return (answer, taken.clone());
        }
    }
    panic!("{moves:#?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_shows_what_moves_and_lets_the_platform_stop() {
    let platform = Platform::start().await;
    let operator = platform.person("omar@example.org", "en", "operator").await;
    let page = operator.page("/operations/picture").await;
    for part in ["class=\"says", "class=\"hears"] {
        assert_eq!(page.matches(part).count(), 7, "{part}: {page}");
    }
    let queues = queues(&platform.data);
    assert_eq!(page.matches("href=\"#q\"").count(), queues, "each queue is drawn: {page}");
    assert!(page.contains(">nothing to send<") && page.contains(">announcement-chunk<"), "{page}");
    assert!(page.len() < 30_000, "{} bytes", page.len());
    let style = format!("/assets/picture.{}", between(&page, "/assets/picture.", "\""));
    assert!(operator.page(&style).await.contains("var(--a)"), "the style comes first");
    let last = between(&page, "data-last=\"", "\"");
    let (answer, taken) = somebody_is_seen_to_register(&platform, &operator, last).await;
    assert_eq!((&taken["from"], &taken["is_sent"]), (&json!("identity"), &json!(false)));
    let services = answer["services"].as_array().unwrap();
    let each = services.iter().flat_map(|service| service["queues"].as_array().unwrap());
    assert_eq!((services.len(), each.clone().count()), (7, queues), "{answer:#}");
    for queue in each {
        assert!(queue["waiting"].as_str().unwrap().parse::<u64>().is_ok(), "{queue}");
    }

    let mut stream = operator.stream("/operations/live").await;
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("changed"), "{first:?}");
    assert!(platform.served.terminate().success(), "an open stream keeps it from stopping");
}

/// How many queues the services have, as the command line says.
fn queues(data: &Path) -> usize {
    let said = run(estrade(data).args(["queues", "--json"]));
    let services: Value = serde_json::from_slice(&said.stdout).unwrap();
    // What went astray is nobody's.
    let own = services.as_array().unwrap().iter().filter(|it| it["service"] != "estrade");
    own.map(|service| service["queues"].as_array().unwrap().len()).sum()
}

/// Each process shows its own services and leads to the others.
#[tokio::test(flavor = "multi_thread")]
async fn services_apart_show_their_own_part() {
    let (_folder, data) = data();
    let (first, operator) = {
        let platform = Served::start(&data, &["identity"]);
        let administrator = administrator(&data, &platform.address).await;
        let person = Person::registered(&platform.address, "omar@example.org").await;
        let (_, me) = person.call("GET", "/api/v1/me", None).await;
        let path = format!("/api/v1/people/{}/roles", me["id"].as_str().unwrap());
        let roles = json!({ "roles": ["operator"] });
        administrator.call("PUT", &path, Some(&roles)).await;
        let person = Person::nobody(&platform.address).signed_in("omar@example.org").await;
        (platform, person)
    };
    let token = operator.token.clone();
    let identity = Visitor::new(operator);
    let page = identity.page("/operations").await;
    assert_eq!(page.matches("Another process runs it").count(), 6, "{page}");
    let page = identity.page("/operations/picture").await;
    assert!(page.contains("data-elsewhere=\"catalog "), "{page}");
    assert_eq!(page.matches("class=\"hears elsewhere\"").count(), 6, "{page}");
    assert!(page.contains(">copy-enrolments<"), "the queues of others are known: {page}");
    assert_eq!(identity.get("/operations/learning").await.0, 404);
    what_others_know_is_linked_and_not_said_to_be_nothing(&identity).await;
    let served = Served::start(&data, &["learning", "insight"]);
    let learning = Visitor::new(Person { token, ..Person::nobody(&served.address) });
    assert!(learning.page("/operations/learning").await.contains("learning.copy-course"));
    let page = learning.page("/operations/people?q=omar").await;
    assert!(page.contains("Accounts are searched by the process of identity"), "{page}");
    let nobody = uuid::Uuid::nil();
    let page = learning.page(&format!("/operations/learning/people/{nobody}")).await;
    assert!(page.contains("Nothing of this person stands here."), "{page}");
    assert!(!page.contains("The account is known") && !page.contains("No account"), "{page}");
    let page = learning.page(&format!("/operations/people/{nobody}")).await;
    assert!(page.contains("The account is known to the process of identity."), "{page}");
    let mut stream = learning.stream("/operations/learning/live").await;
    assert!(stream.chunk().await.unwrap().is_some());
    copies_that_others_hold_are_compared(&identity, &learning, &data).await;
    drop(first);
}

/// In a process that runs identity alone.
async fn what_others_know_is_linked_and_not_said_to_be_nothing(identity: &Visitor) {
    let nobody = uuid::Uuid::nil();
    let (person, part) = (format!("/operations/people/{nobody}"), format!("people/{nobody}"));
    for (path, own, part) in [
        ("/operations/dead", "No dead letter of identity waits.", "dead"),
        (
            "/operations/dead/settled",
            "No letter of identity was decided about yet.",
            "dead/settled",
        ),
        ("/operations/copies", "No copies are held here.", "copies"),
        (person.as_str(), "Nothing of this person stands here.", part.as_str()),
    ] {
        let page = identity.page(path).await;
        assert!(page.contains(own) && page.contains("src=\"/assets/elsewhere."), "{path}: {page}");
        assert_eq!(page.matches("data-from=").count(), 6, "{path}: {page}");
        let learning = format!("/operations/learning/{part}\"");
        for how in ["href=\"", "data-from=\""] {
            assert!(page.contains(&format!("{how}{learning}")), "{path}: {page}");
        }
        assert!(!page.contains("No dead letter waits.") && !page.contains("0 done"), "{page}");
    }
    let page = identity.page("/operations").await;
    assert!(page.contains("<tr data-from=\"/operations/learning\">"), "{page}");
    let script = format!("/assets/elsewhere.{}", between(&page, "/assets/elsewhere.", "\""));
    assert!(identity.page(&script).await.contains("[data-from]"));
}

/// Who owns them has them compared, and who holds them says what was found.
async fn copies_that_others_hold_are_compared(identity: &Visitor, learning: &Visitor, data: &Path) {
    let db = open(data, "learning").await;
    compared_until(identity, learning, " differed", Some(&db)).await;
    let asked = "Whoever holds copies in another process was asked";
    let page = identity.says("/operations/copies", asked).await;
    assert!(!page.contains("All copies are in step"), "{page}");
    compared_until(identity, learning, "In step", None).await;
    db.close().await.unwrap();
    let (status, then) = learning.post("/operations/learning/copies/repair", &[]).await;
    assert_eq!((status, then.as_str()), (303, "/operations/learning/copies"));
    learning.says(&then, "Of what learning owns").await;
    learning.says(&then, asked).await;
}

/// Until the page of the other process says this; meanwhile its copies may be broken again and again.
async fn compared_until(
    identity: &Visitor,
    learning: &Visitor,
    what: &str,
    broken: Option<&DatabaseConnection>,
) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(200));
    let mut page = String::new();
    for _ in 0..150 {
        beat.tick().await;
        if let Some(db) = broken {
            db.execute_unprepared("update person_copy set hash = 'broken'").await.unwrap();
        }
        assert_eq!(identity.post("/operations/copies/repair", &[]).await.0, 303);
        page = learning.page("/operations/learning/copies").await;
        if page.contains(what) {
            return;
        }
    }
    panic!("learning’s copies are never “{what}”: {page}")
}
