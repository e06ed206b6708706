//! Seats, where several do something for the same one at the same moment: on PostgreSQL they do.

use bus::{Read, values};
use contract::{
    learning::{EnrolmentCancelled, LearnerEnrolled},
    own::EnrolmentsUploaded,
};
use event::EnrolmentId;
use tokio::task::JoinSet;

use super::*;
use crate::{commands::Refusal, domain::lines, store};

/// How many do the same at once; twice as many as a service has connections.
const AT_ONCE: usize = 16;
/// How often two meet, each time at another learner's seat: not every time hurts.
const ROUNDS: u128 = 8;

fn learner(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(4000 + number))
}

async fn enrol_at_once(scene: &Scene, learner: PersonId) {
    let mut clicks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let db = scene.db.clone();
        clicks.spawn(async move { commands::enrol(&db, learner, COURSE).await.unwrap().version });
    }
    let versions = clicks.join_all().await;
    assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
}

async fn leave_at_once(scene: &Scene, learner: PersonId) {
    let mut clicks = JoinSet::new();
    for _ in 0..4 {
        let (db, seat) = (scene.db.clone(), Enrolment::id_of(learner, COURSE));
        clicks.spawn(async move { commands::cancel(&db, learner, seat).await.unwrap().version });
    }
    assert_eq!(clicks.join_all().await, [2; 4]);
}

async fn read(scene: &Scene, learner: PersonId) -> Result<(), Refusal> {
    let seat = Enrolment::id_of(learner, COURSE);
    commands::read_lesson(&scene.db, learner, seat, LESSON).await.map(|_| ())
}

async fn count(scene: &Scene, condition: &str) -> i64 {
    let sql = format!("select count(*) from enrolment where {condition}");
    scene.db.scalar(&sql, values![]).await.unwrap().unwrap()
}

async fn is_completed(scene: &Scene, seat: EnrolmentId) -> bool {
    store::enrolment(&scene.db, seat).await.unwrap().unwrap().completed_at.is_some()
}

async fn completions_of(scene: &Scene, seat: EnrolmentId) -> usize {
    completions(scene).await.iter().filter(|told| told.enrolment == seat).count()
}

async fn cancellations_of(scene: &Scene, seat: EnrolmentId) -> usize {
    let told: Vec<EnrolmentCancelled> = told(scene).await;
    told.iter().filter(|told| told.enrolment == seat).count()
}

#[tokio::test]
async fn many_clicks_at_once_take_one_seat() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[published(1)]).await;
        enrol_at_once(&scene, LEARNER).await;
        leave_at_once(&scene, LEARNER).await;
        enrol_at_once(&scene, LEARNER).await;
        let told: Vec<LearnerEnrolled> = told(&scene).await;
        let mut versions: Vec<u64> = told.iter().map(|enrolled| enrolled.version).collect();
        versions.sort_unstable();
        assert_eq!(versions, [1, 3]);
        assert_eq!(cancellations_of(&scene, Enrolment::id_of(LEARNER, COURSE)).await, 1);
    }
}

/// Whoever left first reads nothing any more; whoever read first has completed the course, and leaves it
/// so. Taking the seat again tells no second completion.
#[tokio::test]
async fn leaving_and_the_last_lesson_come_one_after_the_other() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[updated(1, &[])]).await;
        for learner in (0..ROUNDS).map(learner) {
            let seat = commands::enrol(&scene.db, learner, COURSE).await.unwrap().id;
            let (read_it, ()) = tokio::join!(read(&scene, learner), leave_at_once(&scene, learner));
            assert!(matches!(read_it, Ok(()) | Err(Refusal::Cancelled)), "{read_it:?}");
            assert_eq!(is_completed(&scene, seat).await, read_it.is_ok());
            assert_eq!(completions_of(&scene, seat).await, usize::from(read_it.is_ok()));
            assert_eq!(cancellations_of(&scene, seat).await, 1);

            commands::enrol(&scene.db, learner, COURSE).await.unwrap();
            read(&scene, learner).await.unwrap();
            commands::cancel(&scene.db, learner, seat).await.unwrap();
            commands::enrol(&scene.db, learner, COURSE).await.unwrap();
            assert_eq!(completions_of(&scene, seat).await, 1);
            assert!(is_completed(&scene, seat).await);
        }
    }
}

#[tokio::test]
async fn leaving_and_the_last_mark_come_one_after_the_other() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[published(1)]).await;
        for number in 0..ROUNDS {
            let learner = learner(number);
            let seat = commands::enrol(&scene.db, learner, COURSE).await.unwrap().id;
            read(&scene, learner).await.unwrap();
            let attempt = AttemptId(Uuid::from_u128(5000 + number));
            let mark = [envelope(&AttemptGraded { attempt, learner, ..result(1, 1, 120) })];
            tokio::join!(scene.deliver(&mark), leave_at_once(&scene, learner));
            let told = completions_of(&scene, seat).await;
            assert_eq!(told, usize::from(is_completed(&scene, seat).await));
            assert_eq!(cancellations_of(&scene, seat).await, 1);

            commands::enrol(&scene.db, learner, COURSE).await.unwrap();
            assert_eq!(completions_of(&scene, seat).await, 1);
        }
    }
}

/// A course that changes looks at all its seats again, while lessons are read and marks arrive.
#[tokio::test]
async fn a_change_of_the_course_forgets_nothing_that_is_done_meanwhile() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[updated(1, &[QUIZ, OTHER_QUIZ])]).await;
        let mut marks = Vec::new();
        for number in 0..ROUNDS {
            let learner = learner(number);
            commands::enrol(&scene.db, learner, COURSE).await.unwrap();
            let attempt = AttemptId(Uuid::from_u128(5000 + number));
            marks.push(envelope(&AttemptGraded { attempt, learner, ..result(1, 1, 120) }));
        }
        scene.deliver(&[updated(2, &[QUIZ, OTHER_QUIZ])]).await;
        let reading = async {
            for learner in (0..ROUNDS).map(learner) {
                read(&scene, learner).await.unwrap();
            }
        };
        tokio::join!(drain(&scene), reading, scene.deliver_together(&marks));
        assert_eq!(count(&scene, "progress = 2").await, i64::try_from(ROUNDS).unwrap());
        scene.deliver(&[updated(3, &[QUIZ])]).await;
        drain(&scene).await;
        assert_eq!(completions(&scene).await.len(), usize::try_from(ROUNDS).unwrap());
        assert_eq!(count(&scene, "progress <> 100000").await, 0);
    }
}

/// A seat that is taken while its learner's copy comes, or goes, stands in the roster as the copy says.
#[tokio::test]
async fn a_new_seat_bears_the_name_of_that_moment() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[published(1)]).await;
        for learner in (0..ROUNDS).map(learner) {
            let comes = [registered(learner, "Ana")];
            let (enrolled, ()) =
                tokio::join!(commands::enrol(&scene.db, learner, COURSE), scene.deliver(&comes));
            enrolled.unwrap();
        }
        assert_eq!(count(&scene, "search_key <> 'ana ana@example.org'").await, 0);
        for learner in (ROUNDS..2 * ROUNDS).map(learner) {
            scene.deliver(&[registered(learner, "Bo")]).await;
            let goes = [erased(learner, 2)];
            let (enrolled, ()) =
                tokio::join!(commands::enrol(&scene.db, learner, COURSE), scene.deliver(&goes));
            assert!(matches!(enrolled, Ok(_) | Err(Refusal::Erased)));
        }
        assert_eq!(count(&scene, "search_key like '%bo%'").await, 0);
        assert_eq!(count(&scene, "search_key = '' and erased = false").await, 0);
    }
}

/// Two administrators at once, one with the list turned round, and each learner by themselves.
#[tokio::test]
async fn two_uploads_at_once_enrol_everybody_once() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[published(1)]).await;
        let mut people = Vec::new();
        for number in 0..ROUNDS {
            let name = format!("learner{number}");
            scene.deliver(&[registered(learner(number), &name)]).await;
            people.push(format!("{name}@example.org,queues\n"));
        }
        for form in [1, 2] {
            let lines = lines(&people.concat()).unwrap();
            let form = Uuid::from_u128(form);
            commands::upload(&scene.db, INSTRUCTOR, form, &lines).await.unwrap();
            people.reverse();
        }
        let mut uploads = scene.published().await;
        uploads.retain(|envelope| envelope.event_type == EnrolmentsUploaded::TYPE);
        let (first, second) = uploads.split_at(1);
        let themselves = async {
            for learner in (0..ROUNDS).map(learner) {
                commands::enrol(&scene.db, learner, COURSE).await.unwrap();
            }
        };
        tokio::join!(scene.deliver(first), scene.deliver(second), themselves);
        let told: Vec<LearnerEnrolled> = told(&scene).await;
        assert_eq!(told.len(), usize::try_from(ROUNDS).unwrap());
        assert!(told.iter().all(|enrolled| enrolled.version == 1));
        assert_eq!(scene.dead().await, Vec::<String>::new());
    }
}
