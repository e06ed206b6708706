//! What stands with a seat for rosters: how far its learner is, when they were last seen, where it comes, what
//! it is found by.

use std::cmp::Reverse;

use bus::{Db, FromQueryResult, Read, values};
use chrono::TimeDelta;
use event::EnrolmentId;

use super::*;
use crate::{
    domain::{Outline, Shown, Sort, fold},
    store::{self, Attendance, RosterLine, RosterQuery, RosterSize},
};

/// The number of learners in a class.
const CLASS: u128 = 16;

/// A seat, as far as rosters go by it.
#[derive(Debug, PartialEq, FromQueryResult)]
struct Stands {
    id: Uuid,
    progress: i64,
    search_key: String,
}

async fn seats(db: &Db) -> Vec<Stands> {
    let sql = "select id, progress, search_key from enrolment order by id";
    db.all(sql, values![]).await.unwrap()
}

/// The progress that stands with the learner's seat.
async fn progress(scene: &Scene) -> i64 {
    let seat = Enrolment::id_of(LEARNER, COURSE);
    let seats = seats(&scene.db).await;
    seats.iter().find(|it| it.id == seat.0).unwrap().progress
}

async fn read(scene: &Scene, learner: PersonId, lesson: LessonId) {
    let seat = Enrolment::id_of(learner, COURSE);
    commands::read_lesson(&scene.db, learner, seat, lesson).await.unwrap();
}

/// The course, as it requires these of its two lessons, and these quizzes.
fn requiring(version: u64, lessons: &[LessonId], quizzes: &[QuizId]) -> Envelope {
    let mut course = course(version, quizzes);
    for place in course.sections.iter_mut().flat_map(|section| &mut section.lessons) {
        place.required = lessons.contains(&place.lesson);
    }
    envelope(&CourseUpdated(course))
}

/// What moves a learner on and back. Nothing of it completes the course: nobody passes the other quiz.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    Reads,
    IsMarked,
    MoreIsRequired,
    LessIsRequired,
}

impl Move {
    const ALL: [Self; 4] =
        [Self::Reads, Self::IsMarked, Self::MoreIsRequired, Self::LessIsRequired];

    async fn play(self, scene: &Scene) {
        let quizzes = [QUIZ, OTHER_QUIZ];
        match self {
            Self::Reads => {
                read(scene, LEARNER, LESSON).await;
                read(scene, LEARNER, EXTRA).await;
            }
            Self::IsMarked => scene.deliver(&[graded(1, 2, 130), graded(1, 1, 55)]).await,
            Self::MoreIsRequired => {
                scene.deliver(&[requiring(2, &[LESSON, EXTRA], &quizzes)]).await;
            }
            Self::LessIsRequired => scene.deliver(&[requiring(3, &[EXTRA], &quizzes)]).await,
        }
    }
}

#[tokio::test]
async fn progress_stands_with_the_seat_in_any_order() {
    for order in permutations(&Move::ALL) {
        let scene = Scene::new(crate::service(), TABLES).await;
        scene.deliver(&[requiring(1, &[LESSON], &[QUIZ, OTHER_QUIZ])]).await;
        let seat = commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap().id;
        for one in &order {
            one.play(&scene).await;
            let counted = commands::standing(&scene.db, LEARNER, seat).await.unwrap();
            let (done, _) = counted.progress.steps(&counted.outline);
            assert_eq!(progress(&scene).await, i64::try_from(done).unwrap(), "{order:?}: {one:?}");
        }
        assert_eq!(progress(&scene).await, 2, "a lesson and a quiz: {order:?}");
        drain(&scene).await;
        assert_eq!(progress(&scene).await, 2, "{order:?}");
    }
}

#[tokio::test]
async fn progress_follows_what_is_done_and_what_is_required() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[graded(1, 1, 125), requiring(1, &[LESSON], &[QUIZ])]).await;
        let seat = commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap().id;
        assert_eq!(progress(&scene).await, 1, "what was passed before the seat was taken");
        scene.deliver(&[graded(1, 2, 55)]).await;
        assert_eq!(progress(&scene).await, 0, "the mark was corrected");
        scene.deliver(&[graded(2, 1, 60), graded(3, 1, 120), graded(4, 1, 200)]).await;
        assert_eq!(progress(&scene).await, 1, "a quiz that was passed twice is one step");
        read(&scene, LEARNER, EXTRA).await;
        assert_eq!(progress(&scene).await, 1, "it is not required");
        scene.deliver(&[requiring(2, &[LESSON, EXTRA], &[QUIZ])]).await;
        assert_eq!(progress(&scene).await, 2, "now it is");
        commands::cancel(&scene.db, LEARNER, seat).await.unwrap();
        scene.deliver(&[requiring(3, &[LESSON], &[])]).await;
        assert_eq!(progress(&scene).await, 0, "of a seat that was given up too");
        scene.deliver(&[requiring(4, &[LESSON, EXTRA], &[QUIZ])]).await;
        commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
        assert_eq!(progress(&scene).await, 2, "the seat was taken again");
        read(&scene, LEARNER, LESSON).await;
        assert_eq!(progress(&scene).await, 100_000, "the course is completed");
        scene.deliver(&[requiring(5, &[EXTRA], &[OTHER_QUIZ]), graded(4, 2, 0)]).await;
        drain(&scene).await;
        assert_eq!(progress(&scene).await, 100_000, "and stays completed");
    }
}

/// What bears on when a learner was last seen, and what does not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    SeatTaken,
    HandedIn,
    Waits,
    Marked,
}

impl Sign {
    const ALL: [Self; 4] = [Self::SeatTaken, Self::HandedIn, Self::Waits, Self::Marked];

    async fn play(self, scene: &Scene) {
        match self {
            Self::SeatTaken => {
                commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
            }
            Self::HandedIn => {
                let attempts = [submitted_at(2, later(3)), submitted_at(1, later(1))];
                scene.deliver_together(&attempts).await;
            }
            Self::Waits => scene.deliver(&[awaits_marking(2)]).await,
            Self::Marked => scene.deliver(&[marked_at(1, later(1)), marked_at(2, later(99))]).await,
        }
    }
}

fn later(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

fn marked_at(attempt: u128, graded_at: DateTime<Utc>) -> Envelope {
    envelope(&AttemptGraded { graded_at, ..result(attempt, 1, 55) })
}

/// When the learner was last seen, which their roster and their own page agree on.
async fn last_seen(db: &Db) -> DateTime<Utc> {
    let (outline, query) = (Outline::default(), RosterQuery::default());
    let lines = store::roster(db, COURSE, &outline, &query, 0, 2).await.unwrap();
    let seat = store::enrolment(db, lines[0].enrolment).await.unwrap().unwrap();
    let done = store::done(db, LEARNER, std::slice::from_ref(&seat)).await.unwrap();
    assert_eq!(done[&seat.id].active_at, Some(lines[0].active_at));
    lines[0].active_at
}

#[tokio::test]
async fn a_learner_is_seen_when_they_hand_in_and_not_when_they_are_marked() {
    for order in permutations(&Sign::ALL) {
        let scene = Scene::new(crate::service(), TABLES).await;
        scene.deliver(&[published(1)]).await;
        for sign in order.iter().chain(order.iter().rev()) {
            sign.play(&scene).await;
        }
        assert_eq!(last_seen(&scene.db).await, later(3), "{order:?}");
        scene.deliver(&[renamed(LEARNER, 2, "Ana Martin"), submitted_at(3, later(2))]).await;
        assert_eq!(last_seen(&scene.db).await, later(3), "{order:?}");
    }
}

/// A session goes on, and events are on their way, while an account is erased.
#[tokio::test]
async fn what_an_erased_learner_hands_in_brings_them_back_into_no_roster() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[published(1), registered(LEARNER, "Ana")]).await;
    commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
    scene.deliver(&[erased(LEARNER, 2), submitted_at(1, later(1))]).await;
    let (outline, query) = (Outline::default(), RosterQuery::default());
    let lines = store::roster(&scene.db, COURSE, &outline, &query, 0, 2).await.unwrap();
    assert!(lines.is_empty(), "{lines:?}");
}

#[tokio::test]
async fn a_seat_is_found_by_what_its_learner_is_called_now() {
    let events = [
        registered(LEARNER, "Ana Nguyễn"),
        renamed(LEARNER, 2, "Ana Martin"),
        renamed(LEARNER, 3, "Élodie Zola"),
    ];
    for order in permutations(&[0_usize, 1, 2]) {
        let scene = Scene::new(crate::service(), TABLES).await;
        scene.deliver(&[published(1)]).await;
        commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
        for at in &order {
            scene.deliver(&events[*at..=*at]).await;
        }
        let found_by = seats(&scene.db).await.remove(0).search_key;
        assert_eq!(found_by, "elodie zola elodie@example.org", "{order:?}");
        scene.deliver(&[erased(LEARNER, 4)]).await;
        assert_eq!(seats(&scene.db).await.remove(0).search_key, "", "{order:?}");
    }
}

/// Some have done more than others, some as much, some at the same time, and some bear the same name.
async fn class(scene: &Scene) {
    scene.deliver(&[requiring(1, &[LESSON, EXTRA], &[])]).await;
    for number in 0..CLASS {
        let learner = PersonId(Uuid::from_u128(3000 + number));
        let name = ["Ana", "Bo", "Élodie"][usize::try_from(number % 3).unwrap()];
        scene.deliver(&[registered(learner, &format!("{name} Family"))]).await;
        commands::enrol(&scene.db, learner, COURSE).await.unwrap();
        if number % 4 > 1 {
            read(scene, learner, LESSON).await;
            scene.clock.advance(TimeDelta::minutes(1));
        }
        if number % 4 == 1 || number % 8 == 3 {
            read(scene, learner, EXTRA).await;
        }
    }
}

/// Whom a query finds, page by page.
async fn found(scene: &Scene, outline: &Outline, query: &RosterQuery) -> Vec<RosterLine> {
    let mut found = Vec::new();
    loop {
        let offset = found.len() as u64;
        let page = store::roster(&scene.db, COURSE, outline, query, offset, 5).await.unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

/// In which order these lines stand, by what is counted for each of them.
fn ordered(mut lines: Vec<RosterLine>, sort: Sort) -> Vec<EnrolmentId> {
    let progress = |line: &RosterLine| line.completed_at.map_or(line.done, |_| u64::MAX);
    match sort {
        Sort::Name => lines.sort_by_key(|it| (named(it), it.enrolment)),
        Sort::Progress => {
            lines.sort_by_key(|it| (Reverse(progress(it)), named(it), it.enrolment));
        }
        Sort::Activity => lines.sort_by_key(|it| Reverse((it.active_at, it.enrolment))),
        Sort::Silence => lines.sort_by_key(|it| (it.active_at, it.enrolment)),
        Sort::Enrolled => lines.sort_by_key(|it| Reverse((it.enrolled_at, it.enrolment))),
    }
    lines.iter().map(|line| line.enrolment).collect()
}

fn named(line: &RosterLine) -> String {
    fold(line.name.as_deref().unwrap_or_default())
}

fn is_shown(line: &RosterLine, shown: Shown) -> bool {
    match shown {
        Shown::Everybody => true,
        Shown::Underway => line.completed_at.is_none(),
        Shown::Completed => line.completed_at.is_some(),
    }
}

/// Sorted, narrowed, searched and leafed through, on each database.
#[tokio::test]
async fn every_view_of_a_roster_has_its_order_and_its_number() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        class(&scene).await;
        let outline = store::course(&scene.db, COURSE).await.unwrap().unwrap().outline;
        let all = found(&scene, &outline, &RosterQuery::default()).await;
        let attendance = Attendance { enrolled: 16, completed: 2 };
        assert_eq!(store::attendance(&scene.db, COURSE).await.unwrap(), attendance);
        for (sort, shown, search) in views() {
            let is_found = |it: &&RosterLine| is_shown(it, shown) && named(it).contains(search);
            let expected: Vec<_> = all.iter().filter(is_found).cloned().collect();
            let query = RosterQuery { search: search.to_owned(), shown, sort };
            let lines = found(&scene, &outline, &query).await;
            let seen: Vec<_> = lines.iter().map(|line| line.enrolment).collect();
            assert_eq!(seen, ordered(expected, sort), "{query:?}");
            let found = i64::try_from(seen.len()).unwrap();
            let size = store::roster_size(&scene.db, COURSE, &query).await.unwrap();
            assert_eq!(size, RosterSize { attendance, found }, "{query:?}");
        }
    }
}

fn views() -> impl Iterator<Item = (Sort, Shown, &'static str)> {
    let narrowed = |sort| Shown::ALL.into_iter().map(move |shown| (sort, shown));
    let searched = |(sort, shown)| ["", "elodie", "o fam"].map(|search| (sort, shown, search));
    Sort::ALL.into_iter().flat_map(narrowed).flat_map(searched)
}

/// What takes away what the indexes of rosters brought.
const WITHOUT_INDEXES: &[&str] = &[
    "drop index roster_name",
    "drop index roster_progress",
    "drop index roster_activity",
    "drop index roster_enrolled",
    "alter table enrolment drop column search_key",
    "alter table enrolment drop column progress",
    "create index enrolment_name on enrolment (course, sort_key, id)",
    "create index enrolment_activity on enrolment (course, active_at, id)",
    "delete from bus_migration where name = '0005-roster-indexes'",
];

/// What has marks count, and not submissions.
const WITHOUT_SUBMISSIONS: &[&str] = &[
    "alter table awaited_result drop column submitted_at",
    "update enrolment set active_at = (select max(graded_at) from quiz_result)",
    "delete from bus_migration where name = '0008-submissions'",
];

/// The database as an earlier release left it, opened by this one.
async fn updated_from(scene: &Scene, earlier: &[&str]) -> Db {
    let mut tx = scene.db.begin().await.unwrap();
    for sql in earlier {
        tx.execute(sql, values![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    scene.open_again().await
}

/// A migration reads outlines, which each database does in its own words.
#[tokio::test]
async fn seats_of_an_earlier_release_come_to_stand_where_they_would() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        class(&scene).await;
        let now_required = requiring(2, &[LESSON], &[QUIZ, OTHER_QUIZ]);
        scene.deliver(&[now_required, registered(LEARNER, "Ana Nguyễn")]).await;
        commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
        scene.deliver(&[graded(1, 1, 55), graded(2, 1, 130), graded(3, 1, 140)]).await;
        read(&scene, LEARNER, LESSON).await;
        scene.deliver(&[erased(PersonId(Uuid::from_u128(3000)), 2), withdrawn(3)]).await;
        let before = seats(&scene.db).await;
        for progress in [0, 1, 2, 100_000] {
            assert!(before.iter().any(|seat| seat.progress == progress), "{progress}: {before:?}");
        }
        let updated = updated_from(&scene, WITHOUT_INDEXES).await;
        assert_eq!(seats(&updated).await, before);
    }
}

/// When an essay was handed in was not kept; a machine marks at once.
#[tokio::test]
async fn seats_of_an_earlier_release_say_no_more_when_somebody_marked() {
    for scene in Scene::on_each_database(crate::service_named, TABLES).await {
        scene.deliver(&[published(1)]).await;
        commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
        scene.deliver(&[submitted_at(1, later(1)), marked_at(1, later(1))]).await;
        let essay = [submitted_at(2, later(2)), awaits_marking(2), marked_at(2, later(99))];
        scene.deliver(&essay).await;
        assert_eq!(last_seen(&scene.db).await, later(2));
        let updated = updated_from(&scene, WITHOUT_SUBMISSIONS).await;
        assert_eq!(last_seen(&updated).await, later(1));
    }
}
