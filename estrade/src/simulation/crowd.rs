//! The people: they enrol, read, answer, give in twice, give up and are erased; they teach, rename,
//! withdraw and mark. What they were told "yes" to they note down, outside the platform.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    rc::Rc,
};

use axum::http::{Method, StatusCode};
use bus::{simulation::World, step};
use event::{CourseId, LessonId, PersonId, Role};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::platform::Platform;

use super::stage::{Outside, Stage, Taught, administrator, instructor};

/// What was said yes to, and what should never have been said.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) enrolled: BTreeMap<(PersonId, CourseId), Uuid>,
    pub(super) read: BTreeSet<(Uuid, LessonId)>,
    pub(super) started: BTreeMap<Uuid, PersonId>,
    pub(super) submitted: BTreeSet<Uuid>,
    pub(super) revoked: BTreeSet<Uuid>,
    pub(super) erased: BTreeSet<PersonId>,
    /// Asked to be erased, whatever was answered.
    pub(super) erasing: BTreeSet<PersonId>,
    pub(super) lessons: BTreeSet<String>,
    pub(super) wrong: Vec<String>,
    certificates: BTreeSet<Uuid>,
}

pub(super) struct Crowd {
    outside: Outside,
    learners: Vec<PersonId>,
    platform: Rc<Platform>,
    courses: Rc<Vec<Taught>>,
    notes: Rc<RefCell<Notes>>,
    acts: u32,
}

type Doing = Pin<Box<dyn Future<Output = String>>>;

impl Crowd {
    pub(super) fn new(stage: &Stage) -> Self {
        Self {
            outside: stage.outside.clone(),
            learners: stage.learners.clone(),
            platform: stage.platform.clone(),
            courses: stage.courses.clone(),
            notes: Rc::default(),
            acts: 0,
        }
    }

    /// What they wrote down, when all is over.
    pub(super) fn into_notes(self) -> Notes {
        self.notes.take()
    }

    /// Somebody does something, whoever and whatever the seed draws.
    pub(super) async fn somebody_acts(&mut self, world: &mut World) {
        self.acts += 1;
        let (service, what, doing) = match world.random().random_range(0..100) {
            0..78 => self.learner(world.random()),
            78..93 => self.teacher(world.random()),
            _ => self.office(world.random()),
        };
        world.act(service, what, doing).await;
    }

    fn learner(&self, random: &mut StdRng) -> (&'static str, String, Doing) {
        let learner = *self.learners.choose(random).unwrap();
        let caller = self.caller(learner, Role::Learner);
        let place = usize::from(random.random_ratio(1, 3));
        let courses = self.courses.clone();
        let number = self.learners.iter().position(|one| *one == learner).unwrap();
        let named = |what: &str| format!("learner {number} {what}");
        match random.random_range(0..100) {
            0..65 => {
                let patience = random.random_range(3..16);
                let doing = async move { caller.learn(&courses[place], patience).await };
                ("learning", named("learns"), Box::pin(doing))
            }
            65..75 => {
                let attempt = random.random_range(0..1000);
                (
                    "assessment",
                    named("gives in again"),
                    Box::pin(async move { caller.submit_any(attempt).await }),
                )
            }
            75..82 => {
                let course = courses[place].course;
                (
                    "learning",
                    named("gives up"),
                    Box::pin(async move { caller.cancel(course).await }),
                )
            }
            82..92 => {
                let name = format!("Learner {number} the {}th", self.acts);
                (
                    "identity",
                    named("takes a name"),
                    Box::pin(async move { caller.rename(name).await }),
                )
            }
            // The first learner stays, so that there is always somebody.
            92..95 if number > 0 => {
                ("identity", named("is erased"), Box::pin(async move { caller.erase().await }))
            }
            _ => (
                "certification",
                named("looks for certificates"),
                Box::pin(async move { caller.look().await }),
            ),
        }
    }

    fn teacher(&self, random: &mut StdRng) -> (&'static str, String, Doing) {
        let caller = self.caller(instructor(), Role::Instructor);
        let course = self.courses[random.random_range(0..self.courses.len())].course;
        let (path, acts) = (format!("/api/v1/courses/{course}"), self.acts);
        match random.random_range(0..100) {
            0..25 => {
                let body = json!({ "title": format!("Course, edition {acts}") });
                let doing =
                    async move { caller.say(Method::PATCH, &path, Some(body)).await.0.to_string() };
                ("catalog", "a course is renamed".to_owned(), Box::pin(doing))
            }
            25..45 => {
                let required = random.random_ratio(1, 4);
                (
                    "catalog",
                    "a lesson is added".to_owned(),
                    Box::pin(async move { caller.add_lesson(&path, acts, required).await }),
                )
            }
            45..55 => {
                let which = random.random_range(0..1000);
                (
                    "catalog",
                    "a lesson is taken away".to_owned(),
                    Box::pin(async move { caller.remove_lesson(&path, which).await }),
                )
            }
            55..65 => {
                let verb = if random.random_ratio(1, 3) { "withdraw" } else { "publish" };
                let path = format!("/api/v1/courses/{}/{verb}", self.courses[1].course);
                let doing =
                    async move { caller.say(Method::POST, &path, None).await.0.to_string() };
                ("catalog", format!("the short course: {verb}"), Box::pin(doing))
            }
            _ => (
                "assessment",
                "essays are marked".to_owned(),
                Box::pin(async move { caller.mark().await }),
            ),
        }
    }

    fn office(&self, random: &mut StdRng) -> (&'static str, String, Doing) {
        let caller = self.caller(administrator(), Role::Administrator);
        if random.random_ratio(1, 3) {
            return self.operator(random);
        }
        if random.random_ratio(1, 4) {
            let body = json!({
                "name": "A newcomer", "mail": format!("newcomer-{}@example.org", self.acts),
                "password": "correct horse battery", "language": "fr",
            });
            let doing = async move {
                caller.say(Method::POST, "/api/v1/people", Some(body)).await.0.to_string()
            };
            return ("identity", "somebody registers".to_owned(), Box::pin(doing));
        }
        let which = random.random_range(0..1000);
        (
            "certification",
            "a certificate is revoked".to_owned(),
            Box::pin(async move { caller.revoke(which).await }),
        )
    }

    /// `estrade reconcile` and `estrade resend`, in the middle of everything.
    fn operator(&self, random: &mut StdRng) -> (&'static str, String, Doing) {
        let platform = self.platform.clone();
        let owner = random.random_range(0..platform.members.len());
        let follower = random.random_range(0..platform.members.len());
        let run = random.random_ratio(1, 2).then(event::fresh_uuid);
        let name = platform.members[owner].service.name();
        let doing = async move {
            let (owner, follower) = (&platform.members[owner], &platform.members[follower]);
            let done = match run {
                Some(run) => step::look(&owner.service, &owner.db, run).await.map(<[_]>::len),
                None => step::resend(&owner.service, &owner.db, &follower.service)
                    .await
                    .map(|kinds| kinds.len()),
            };
            done.map_or_else(|error| error.to_string(), |kinds| format!("{kinds} kinds"))
        };
        (name, "copies are compared, or sent anew".to_owned(), Box::pin(doing))
    }

    fn caller(&self, person: PersonId, role: Role) -> Caller {
        let (outside, notes) = (self.outside.clone(), self.notes.clone());
        Caller { outside, person, role, notes }
    }
}

/// One person at a keyboard.
struct Caller {
    outside: Outside,
    person: PersonId,
    role: Role,
    notes: Rc<RefCell<Notes>>,
}

/// What ends a person's patience: no answer that they can go on with, or enough for today.
struct Enough(String);

impl Caller {
    /// Asks, and notes answers that nobody should ever get.
    async fn say(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let (status, answer) =
            self.outside.ask(self.person, self.role, method.clone(), path, body).await;
        let is_fine = status.is_success() || matches!(status.as_u16(), 401 | 403 | 404 | 409 | 503);
        if !is_fine {
            self.notes.borrow_mut().wrong.push(format!("{method} {path}: {status}: {answer}"));
        }
        (status, answer)
    }

    async fn want(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Enough> {
        let (status, answer) = self.say(method, path, body).await;
        if status.is_success() { Ok(answer) } else { Err(Enough(status.to_string())) }
    }

    /// Goes as far through a course as it goes: enrol, read all, answer all.
    async fn learn(&self, course: &Taught, patience: usize) -> String {
        match self.try_to_learn(course, patience).await {
            Ok(()) => format!("all of it; certificates: {}", self.look().await),
            Err(Enough(why)) => why,
        }
    }

    async fn try_to_learn(&self, course: &Taught, mut patience: usize) -> Result<(), Enough> {
        let mut tire = || {
            patience =
                patience.checked_sub(1).ok_or_else(|| Enough("enough for today".to_owned()))?;
            Ok(())
        };
        let body = json!({ "course": course.course });
        let seat = self.want(Method::POST, "/api/v1/enrolments", Some(body)).await?;
        let enrolment = id_in(&seat, "enrolment");
        self.notes.borrow_mut().enrolled.insert((self.person, course.course), enrolment);
        for lesson in &course.lessons {
            tire()?;
            let path = format!("/api/v1/enrolments/{enrolment}/lessons/{lesson}/read");
            self.want(Method::PUT, &path, Some(json!({}))).await?;
            self.notes.borrow_mut().read.insert((enrolment, *lesson));
        }
        for (quiz, answers) in &course.quizzes {
            tire()?;
            let path = format!("/api/v1/quizzes/{quiz}/attempts");
            let attempt = id_in(&self.want(Method::POST, &path, None).await?, "attempt");
            self.notes.borrow_mut().started.insert(attempt, self.person);
            for (question, answer) in answers {
                tire()?;
                let path = format!("/api/v1/attempts/{attempt}/answers/{question}");
                let answer = serde_json::to_value(answer).unwrap();
                self.want(Method::PUT, &path, Some(answer)).await?;
            }
            tire()?;
            self.submit(attempt).await?;
        }
        Ok(())
    }

    async fn submit(&self, attempt: Uuid) -> Result<(), Enough> {
        self.want(Method::POST, &format!("/api/v1/attempts/{attempt}/submit"), None).await?;
        self.notes.borrow_mut().submitted.insert(attempt);
        Ok(())
    }

    async fn submit_any(&self, which: usize) -> String {
        let own: Vec<Uuid> = {
            let notes = self.notes.borrow();
            let own = notes.started.iter().filter(|(_, learner)| **learner == self.person);
            own.map(|(attempt, _)| *attempt).collect()
        };
        if own.is_empty() {
            return "has none".to_owned();
        }
        match self.submit(own[which % own.len()]).await {
            Ok(()) => "yes".to_owned(),
            Err(Enough(why)) => why,
        }
    }

    async fn cancel(&self, course: CourseId) -> String {
        let enrolment = self.notes.borrow().enrolled.get(&(self.person, course)).copied();
        let Some(enrolment) = enrolment else { return "has no seat".to_owned() };
        let path = format!("/api/v1/enrolments/{enrolment}");
        self.say(Method::DELETE, &path, None).await.0.to_string()
    }

    async fn rename(&self, name: String) -> String {
        self.say(Method::PATCH, "/api/v1/me", Some(json!({ "name": name }))).await.0.to_string()
    }

    async fn erase(&self) -> String {
        self.notes.borrow_mut().erasing.insert(self.person);
        let (status, _) = self.say(Method::DELETE, "/api/v1/me", None).await;
        if status.is_success() {
            self.notes.borrow_mut().erased.insert(self.person);
        }
        status.to_string()
    }

    async fn look(&self) -> String {
        let (status, answer) = self.say(Method::GET, "/api/v1/certificates", None).await;
        let certificates = answer.as_array().cloned().unwrap_or_default();
        let ids = certificates.iter().map(|certificate| id_in(certificate, "certificate"));
        self.notes.borrow_mut().certificates.extend(ids);
        format!("{status}, {}", certificates.len())
    }

    async fn revoke(&self, which: usize) -> String {
        let known: Vec<Uuid> = self.notes.borrow().certificates.iter().copied().collect();
        if known.is_empty() {
            return "knows of none".to_owned();
        }
        let certificate = known[which % known.len()];
        let path = format!("/api/v1/certificates/{certificate}/revoke");
        let (status, _) =
            self.say(Method::POST, &path, Some(json!({ "reason": "An error." }))).await;
        if status.is_success() {
            self.notes.borrow_mut().revoked.insert(certificate);
        }
        status.to_string()
    }

    async fn add_lesson(&self, course: &str, number: u32, required: bool) -> String {
        let body = json!({
            "title": format!("News {number}"), "text": "Something new.", "minutes": 1,
            "required": required, "publish": true,
        });
        let (status, answer) =
            self.say(Method::POST, &format!("{course}/lessons"), Some(body)).await;
        if status.is_success() {
            let path = format!("{course}/lessons/{}", id_in(&answer, "lesson"));
            self.notes.borrow_mut().lessons.insert(path);
        }
        status.to_string()
    }

    async fn remove_lesson(&self, course: &str, which: usize) -> String {
        let known: Vec<String> = {
            let notes = self.notes.borrow();
            notes.lessons.iter().filter(|path| path.starts_with(course)).cloned().collect()
        };
        if known.is_empty() {
            return "there is none".to_owned();
        }
        self.say(Method::DELETE, &known[which % known.len()], None).await.0.to_string()
    }

    /// Marks every essay that waits.
    async fn mark(&self) -> String {
        let (status, waiting) = self.say(Method::GET, "/api/v1/marking", None).await;
        let mut marked = 0;
        for attempt in waiting["attempts"].as_array().into_iter().flatten() {
            let id = id_in(attempt, "attempt");
            for essay in attempt["essays"].as_array().into_iter().flatten() {
                let path = format!("/api/v1/attempts/{id}/marks/{}", id_in(essay, "question"));
                let body = json!({ "mark": "1", "comment": "Yes." });
                if self.say(Method::PUT, &path, Some(body)).await.0.is_success() {
                    marked += 1;
                }
            }
        }
        format!("{status}, {marked} marked")
    }
}

fn id_in(answer: &Value, key: &str) -> Uuid {
    answer[key]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("no {key}: {answer}"))
}
