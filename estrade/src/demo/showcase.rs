//! What a newcomer finds by clicking, once the books are closed: one account for each role, and something
//! of every kind that those roles deal with. A course completed with its certificate and another half
//! read, an essay that waits to be marked, a certificate that was revoked, somebody who is invited, an
//! instructor's own course with a draft in it, two dead letters, and a copy that is not as its owner's. All of
//! it comes about over the API, as in life, but for what goes wrong: a healthy service would send nothing
//! unreadable, and no copy would be lost or altered.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use bus::{DeadLetters, DeadState, Event, Retries, values};
use event::{Language, PersonId, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    account::Account,
    books,
    client::Client,
    cohort::{Learner, Way},
    course::DemoCourse,
    journey::{self, PASSWORD},
    progress::Progress,
    stage::{ADMINISTRATOR, Stage},
};
use crate::{cli::ServiceName, in_step::Watch, platform::Platform};

pub(super) const OPERATOR: &str = "operator@example.org";
pub(super) const LEARNER: &str = "learner@example.org";
const WAITING: &str = "sam@example.org";
const REVOKED: &str = "theo@example.org";
/// Whose certificate waits in a dead letter.
const UNCERTIFIED: &str = "iris@example.org";
/// Who takes what nobody can read.
const POISONED: &str = "certification.copy-person";
/// Who issues no certificate to somebody of whom it has no copy.
const ISSUES: &str = "certification.issue";
/// Dead letters among which that of a certificate is looked for: there are no others yet.
const FEW: u32 = 10;
/// How long a certificate may take.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Brings it all about.
pub(super) async fn arrange(stage: &Stage, progress: &Progress) -> anyhow::Result<()> {
    progress.say("leaving something to find for each role");
    let (french, english) = (stage.course(Language::Fr)?, stage.course(Language::En)?);
    let lea = learner(LEARNER, "Léa Moreau", Language::Fr);
    let lea = complete(stage, &lea, &french).await.context("the learner’s course")?;
    read_some(&lea, &english).await.context("a course half read")?;
    let theo = learner(REVOKED, "Théo Garnier", Language::Fr);
    let theo = complete(stage, &theo, &french).await.context("a certificate to revoke")?;
    let administrator = administrator(stage).await?;
    revoke(&administrator, &theo).await.context("a certificate that is revoked")?;
    invite(&administrator).await.context("an invitation")?;
    leave_without_certificate(stage, &french).await.context("a dead letter to give once more")?;
    let sam = learner(WAITING, "Sam Okafor", Language::En);
    let sam = give_in(stage, &sam, &english).await.context("an essay that waits")?;
    own_course(&stage.instructor).await.context("an instructor’s own course")?;
    send_something_unreadable(stage.platform(), id_of(&sam).await?).await?;
    books::quiet(stage.platform(), &|what| progress.say(what)).await?;
    // After everything that would compare the copies, and so mend this one.
    alter_copy(stage.platform(), id_of(&theo).await?).await.context("a copy that differs")
}

fn learner(mail: &str, name: &str, language: Language) -> Learner {
    let (name, mail) = (name.to_owned(), mail.to_owned());
    Learner { number: 0, name, mail, language, way: Way::Passes, seed: 0 }
}

/// Reads everything and gives in the quiz with its essay.
async fn give_in(
    stage: &Stage,
    learner: &Learner,
    course: &Arc<DemoCourse>,
) -> anyhow::Result<Client> {
    let client = registered(stage, learner).await?;
    go_through(&client, learner, course).await?;
    Ok(client)
}

async fn registered(stage: &Stage, learner: &Learner) -> anyhow::Result<Client> {
    let mut client = stage.visitor()?;
    journey::register(&mut client, learner).await?;
    Ok(client)
}

async fn id_of(client: &Client) -> anyhow::Result<PersonId> {
    let me = client.get("/api/v1/me").await?;
    Ok(me["id"].as_str().context("no id")?.parse()?)
}

async fn go_through(client: &Client, learner: &Learner, course: &DemoCourse) -> anyhow::Result<()> {
    read(client, course, usize::MAX).await?;
    journey::attempt(client, learner, course, &course.right, &Account::default()).await
}

/// All the way to the certificate.
async fn complete(
    stage: &Stage,
    learner: &Learner,
    course: &Arc<DemoCourse>,
) -> anyhow::Result<Client> {
    let client = give_in(stage, learner, course).await?;
    let begun = tokio::time::Instant::now();
    while certificate(&client).await?.is_none() {
        if begun.elapsed() > PATIENCE {
            bail!("{} has no certificate after {PATIENCE:?}", learner.mail);
        }
        // An essay appears to those who mark it a moment after it was graded by the machine.
        mark_what_waits(stage).await?;
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(client)
}

async fn mark_what_waits(stage: &Stage) -> anyhow::Result<()> {
    let one_round = CancellationToken::new();
    one_round.cancel();
    journey::mark_essays(stage.instructor.clone(), one_round).await
}

/// Completes the course while the copy that a certificate needs is lost, until nobody tries any more; then the
/// copy is back, and the dead letter can be given once more with success.
async fn leave_without_certificate(stage: &Stage, course: &Arc<DemoCourse>) -> anyhow::Result<()> {
    let iris = learner(UNCERTIFIED, "Iris Lambert", Language::Fr);
    let client = registered(stage, &iris).await?;
    lose_copy(stage.platform(), id_of(&client).await?).await?;
    go_through(&client, &iris, course).await?;
    wait_for_dead_certificate(stage).await?;
    mend_copies(stage.platform()).await
}

/// As a slip of the hand in the database would.
async fn lose_copy(platform: &Platform, person: PersonId) -> anyhow::Result<()> {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        let mut tx = platform.db(ServiceName::Certification)?.begin().await?;
        let lost =
            tx.execute("delete from person_copy where person = $1", values![person.0]).await?;
        tx.commit().await?;
        if lost > 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("no copy of {person} came in {PATIENCE:?}")
}

/// Twenty attempts take hours; here each comes as soon as the one before has failed.
async fn wait_for_dead_certificate(stage: &Stage) -> anyhow::Result<()> {
    let db = stage.platform().db(ServiceName::Certification)?;
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        mark_what_waits(stage).await?;
        Retries::of(db).hurry(ISSUES).await?;
        let dead = DeadLetters::of(db).list(DeadState::Waiting, FEW).await?;
        if dead.iter().any(|letter| letter.consumer == ISSUES) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the event that should be dead is not after {PATIENCE:?}")
}

/// As an operator mends them.
async fn mend_copies(platform: &Platform) -> anyhow::Result<()> {
    let watch = Watch { members: &platform.members, patience: PATIENCE };
    let is_lost = |kind: &str, follower: &str| {
        kind == contract::identity::PERSONS && follower == ServiceName::Certification.name()
    };
    if !watch.until_in_step(is_lost).await?.in_step {
        bail!("the copies of people are not in step after {PATIENCE:?}");
    }
    Ok(())
}

/// A name that no longer is as its owner told it; what is printed already holds the right one.
async fn alter_copy(platform: &Platform, person: PersonId) -> anyhow::Result<()> {
    let mut tx = platform.db(ServiceName::Certification)?.begin().await?;
    let altered = tx
        .execute(
            "update person_copy set name = $1, hash = $2 where person = $3",
            values!["Théo Garnié", "altered", person.0],
        )
        .await?;
    tx.commit().await?;
    if altered == 0 {
        bail!("there is no copy of {person}");
    }
    Ok(())
}

async fn certificate(client: &Client) -> anyhow::Result<Option<Value>> {
    let certificates = client.get("/api/v1/certificates").await?;
    let mut issued = certificates.as_array().cloned().unwrap_or_default().into_iter();
    Ok(issued.find(|certificate| certificate["state"] == "issued"))
}

/// Takes a seat, and reads so many lessons.
async fn read(client: &Client, course: &DemoCourse, most: usize) -> anyhow::Result<()> {
    let seat = client.post("/api/v1/enrolments", &json!({ "course": course.course })).await?;
    let seat = seat["enrolment"].as_str().context("no enrolment")?;
    for lesson in journey::required_lessons(client, seat).await?.iter().take(most) {
        let path = format!("/api/v1/enrolments/{seat}/lessons/{lesson}/read");
        client.put(&path, &json!({})).await?;
    }
    Ok(())
}

async fn read_some(client: &Client, course: &DemoCourse) -> anyhow::Result<()> {
    read(client, course, 2).await
}

async fn administrator(stage: &Stage) -> anyhow::Result<Client> {
    let mut administrator = stage.visitor()?;
    administrator.sign_in(ADMINISTRATOR, PASSWORD).await?;
    Ok(administrator)
}

async fn invite(administrator: &Client) -> anyhow::Result<()> {
    let guest = json!({
        "name": "Nora Benali", "mail": "nora@example.org", "language": "fr", "roles": ["learner"],
    });
    administrator.post_once("/api/v1/invitations", &json!({ "people": [guest] })).await?;
    Ok(())
}

async fn revoke(administrator: &Client, holder: &Client) -> anyhow::Result<()> {
    let certificate = certificate(holder).await?.context("no certificate")?;
    let id = certificate["certificate"].as_str().context("no id")?;
    let reason =
        json!({ "reason": "Issued to the wrong person: the exam was taken by a colleague." });
    administrator.post(&format!("/api/v1/certificates/{id}/revoke"), &reason).await?;
    Ok(())
}

/// Of the instructor's own making: two lessons that learners see, and a third that is a draft.
async fn own_course(instructor: &Client) -> anyhow::Result<()> {
    let course = json!({
        "key": "animer-une-classe-a-distance", "language": "fr",
        "title": "Animer une classe à distance",
        "summary": "Préparer, ouvrir et tenir une séance où personne n’est dans la même pièce.",
        "objectives": ["Préparer une séance de trente minutes", "Faire participer chacun"],
        "minutes": 45, "design": "certificat-de-realisation",
    });
    instructor.post_once("/api/v1/courses", &course).await?;
    let path = "/api/v1/courses/animer-une-classe-a-distance";
    let section = json!({ "key": "seance", "title": "La séance" });
    let section = instructor.post_once(&format!("{path}/sections"), &section).await?;
    let lessons = [
        (
            "Avant la séance",
            "Écrivez **une** phrase : à la fin, chacun saura…\n\n- le lien, la veille\n- le son, dix minutes avant",
            true,
        ),
        (
            "Les dix premières minutes",
            "Nommez chacun. Posez une question à laquelle on répond d’un mot.",
            true,
        ),
        ("Après la séance", "*À écrire* : le compte rendu, et la question restée ouverte.", false),
    ];
    for (title, text, publish) in lessons {
        let lesson = json!({
            "section": section["section"], "title": title, "text": text, "minutes": 15, "publish": publish,
        });
        instructor.post_once(&format!("{path}/lessons"), &lesson).await?;
    }
    instructor.post_once(&format!("{path}/publish"), &json!({})).await?;
    Ok(())
}

/// What a faulty release would send: the name of an event, and nothing of its content but whom it is about.
#[derive(Serialize, Deserialize)]
struct Unreadable {
    person: PersonId,
}

impl Event for Unreadable {
    const TYPE: &'static str = contract::identity::PersonUpdated::TYPE;

    fn subject(&self) -> String {
        self.person.to_string()
    }
}

async fn send_something_unreadable(platform: &Platform, about: PersonId) -> anyhow::Result<()> {
    let mut tx = platform.db(ServiceName::Identity)?.begin().await?;
    tx.publish_to(&Unreadable { person: about }, POISONED)?;
    Ok(tx.commit().await?)
}

/// Who operates the platform.
pub(super) fn operator() -> identity::NewPerson {
    identity::NewPerson {
        name: "Omar Keita".to_owned(),
        mail: OPERATOR.to_owned(),
        password: PASSWORD.to_owned(),
        language: Language::Fr,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner, Role::Operator],
    }
}
