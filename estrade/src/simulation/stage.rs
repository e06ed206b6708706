//! Where a seed is played: the seven services over databases that were prepared once and are copied for
//! each seed, a mail server, and the routes that people use.

use std::{
    path::Path,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use assessment::domain::Answer;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use bus::{
    Clock, Db, Files, Location,
    simulation::{self, SimulatedTransport, World},
};
use chrono::{DateTime, TimeDelta, Utc};
use contract::catalog::ids;
use event::{CourseId, Language, LessonId, PersonId, QuestionId, QuizId, Role};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use ui::{SealingKey, Session, Ui};
use utoipa_axum::router::OpenApiRouter;

use super::post::Post;
use crate::{
    cli::ServiceName,
    config::Config,
    platform::{Member, Platform, services},
};

const SECRET: [u8; 32] = [7; 32];
const BASE_URL: &str = "http://estrade.test";
const LEARNERS: usize = 3;
const GIFT: &str = "::Kept:: A queue keeps what nobody has taken yet. {T}\n\n\
                    ::Name:: What keeps messages? {=queue =a queue}\n";
const ESSAY: &str = "::Why:: Why does one confirm? {}\n";

/// The course that is completed by reading and by passing a quiz.
pub(super) struct Taught {
    pub(super) course: CourseId,
    pub(super) lessons: Vec<LessonId>,
    /// With the right answers.
    pub(super) quizzes: Vec<(QuizId, Vec<(QuestionId, Answer)>)>,
}

/// What was prepared once: databases with people and courses. Nobody has been told of them yet, or
/// everybody has.
struct Template {
    untold: TempDir,
    told: TempDir,
    learners: Vec<PersonId>,
}

pub(super) struct Stage {
    pub(super) platform: Rc<Platform>,
    pub(super) clock: Clock,
    pub(super) post: Post,
    pub(super) learners: Vec<PersonId>,
    pub(super) courses: Rc<Vec<Taught>>,
    pub(super) outside: Outside,
    _folder: TempDir,
    serving: JoinHandle<()>,
}

/// The platform as people meet it.
#[derive(Clone)]
pub(super) struct Outside {
    router: Router,
    key: SealingKey,
}

/// The day on which everything happens.
fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

impl Stage {
    pub(super) async fn set(seed: u64) -> Self {
        let template = template();
        let folder = tempfile::tempdir().unwrap();
        let from = if seed.is_multiple_of(3) { &template.untold } else { &template.told };
        copy(from.path(), folder.path());
        let (post, serving) = Post::open(seed).await;
        let clock = Clock::manual(morning() + TimeDelta::hours(1));
        let config = config(folder.path(), Some(post.url.clone()));
        let platform = open(&config, &clock).await;
        let api =
            platform.routes().into_iter().fold(OpenApiRouter::new(), |all, one| all.merge(one.api));
        let router = ui::secure(api.split_for_parts().0, &platform.ui);
        Self {
            platform: Rc::new(platform),
            clock,
            post,
            learners: template.learners.clone(),
            courses: Rc::new(courses()),
            outside: Outside { router, key: SealingKey::new(&SECRET) },
            _folder: folder,
            serving,
        }
    }

    pub(super) fn members(&self) -> Vec<simulation::Member> {
        members(&self.platform)
    }

    pub(super) fn db(&self, name: ServiceName) -> &Db {
        self.platform.db(name).unwrap()
    }

    pub(super) async fn strike(self) {
        self.serving.abort();
        close(&self.platform).await;
    }
}

impl Outside {
    /// A request of somebody who is signed in, and its answer.
    pub(super) async fn ask(
        &self,
        person: PersonId,
        role: Role,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        // Sessions live by the system's clock. This one outlives it, so that a seed plays the same run on
        // whatever day; and since it seems to begin late, whoever is erased goes on as long as they are let.
        let expires = morning() + TimeDelta::days(365_000);
        let session =
            Session { person, roles: vec![Role::Learner, role], language: Language::En, expires };
        let token = session.seal(&self.key).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

pub(super) fn instructor() -> PersonId {
    PersonId(event::derived_uuid(uuid::Uuid::NAMESPACE_OID, "the instructor"))
}

pub(super) fn administrator() -> PersonId {
    PersonId(event::derived_uuid(uuid::Uuid::NAMESPACE_OID, "the administrator"))
}

fn config(data: &Path, smtp: Option<String>) -> Config {
    let mut config = Config { data: data.to_owned(), ..Config::default() };
    config.base_url = Some(BASE_URL.to_owned());
    config.secret = Some("07".repeat(32));
    config.mail.smtp = smtp;
    config
}

async fn open(config: &Config, clock: &Clock) -> Platform {
    let files = Files::folder(&config.files_folder()).unwrap();
    let ui = Ui::new(SealingKey::new(&SECRET), BASE_URL);
    let mut members = Vec::new();
    for (name, service) in services(config, &files, &ui).unwrap() {
        let location = Location::File(config.database_file(service.name()));
        let db = Db::open(&location, service.name(), service.migrations(), clock.clone());
        members.push(Member { name, db: db.await.unwrap(), service });
    }
    // The world has a transport of its own, and nothing here uses this one.
    let transport = Arc::new(SimulatedTransport::well_behaved(clock.clone()));
    Platform::assembled(config, members, transport, files, ui).unwrap()
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        std::thread::spawn(|| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(prepare())
        })
        .join()
        .unwrap()
    })
}

/// People register and courses are imported; then the others are told.
async fn prepare() -> Template {
    World::begin();
    event::seed(0);
    let (untold, told) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = Clock::manual(morning());
    let platform = open(&config(untold.path(), None), &clock).await;
    let identity = platform.db(ServiceName::Identity).unwrap();
    let mut learners = Vec::new();
    for number in 0..LEARNERS {
        let new = identity::NewPerson {
            name: format!("Learner {number}"),
            mail: format!("learner-{number}@example.org"),
            password: "correct horse battery".to_owned(),
            language: if number % 2 == 0 { Language::Fr } else { Language::En },
            time_zone: "Europe/Paris".to_owned(),
            roles: vec![Role::Learner],
        };
        learners.push(identity::register_person(identity, new).await.unwrap().id);
    }
    let sources = tempfile::tempdir().unwrap();
    import_courses(&platform, sources.path()).await;
    close(&platform).await;
    copy(untold.path(), told.path());
    let platform = open(&config(told.path(), None), &clock).await;
    let mut world = World::new(u64::MAX, clock, members(&platform), None).await.unwrap();
    let findings = world.drain().await.unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    close(&platform).await;
    Template { untold, told, learners }
}

fn members(platform: &Platform) -> Vec<simulation::Member> {
    let member = |member: &Member| simulation::Member {
        service: member.service.clone(),
        db: member.db.clone(),
    };
    platform.members.iter().map(member).collect()
}

async fn close(platform: &Platform) {
    for member in &platform.members {
        member.db.close().await;
    }
}

async fn import_courses(platform: &Platform, folder: &Path) {
    for (key, lessons, quizzes) in [
        ("queues", &["first", "second"][..], &[("final", GIFT, true), ("essay", ESSAY, false)][..]),
        ("short", &["only"][..], &[][..]),
    ] {
        let folder = folder.join(key);
        std::fs::create_dir_all(folder.join("lessons")).unwrap();
        let names: Vec<String> = lessons.iter().map(|name| format!("\"{name}.md\"")).collect();
        let mut manifest = format!(
            "key = \"{key}\"\nlanguage = \"en\"\ntitle = \"Course {key}\"\nsummary = \"About {key}.\"\n\
             objectives = [\"Know {key}\"]\nminutes = 10\ndesign = \"achievement\"\n\n\
             [[section]]\nkey = \"all\"\ntitle = \"All of it\"\nlessons = [{}]\n",
            names.join(", ")
        );
        for name in lessons {
            std::fs::write(
                folder.join(format!("lessons/{name}.md")),
                format!("# {name}\n\nWords.\n"),
            )
            .unwrap();
        }
        for (quiz, gift, required) in quizzes {
            std::fs::write(folder.join(format!("{quiz}.gift")), gift).unwrap();
            manifest.push_str(&format!(
                "\n[[quiz]]\nkey = \"{quiz}\"\ntitle = \"{quiz}\"\nfile = \"{quiz}.gift\"\n\
                 required = {required}\npass_percent = 50\nminutes = 5\nsection = \"all\"\n"
            ));
        }
        std::fs::write(folder.join("course.toml"), manifest).unwrap();
        crate::import::import(platform, &folder).await.unwrap();
    }
}

fn courses() -> Vec<Taught> {
    let queues = ids::course("queues");
    let answers = |key: &str, gift: &str, right: &[Answer]| {
        let quiz = ids::quiz(queues, key);
        let questions =
            assessment::domain::identify(quiz, assessment::gift::parse(key, gift).questions);
        (quiz, questions.iter().map(|question| question.id).zip(right.iter().cloned()).collect())
    };
    let text = |text: &str| Answer::Text { text: text.to_owned() };
    let short = ids::course("short");
    vec![
        Taught {
            course: queues,
            lessons: vec![ids::lesson(queues, "first"), ids::lesson(queues, "second")],
            quizzes: vec![
                answers("final", GIFT, &[Answer::TrueFalse { value: true }, text("queue")]),
                answers("essay", ESSAY, &[text("So that nothing is lost.")]),
            ],
        },
        Taught { course: short, lessons: vec![ids::lesson(short, "only")], quizzes: Vec::new() },
    ]
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
