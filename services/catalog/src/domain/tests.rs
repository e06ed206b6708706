#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn lesson(title: &str, publish: bool) -> NewLesson {
    NewLesson {
        key: None,
        section: None,
        title: title.to_owned(),
        text: format!("About {title}."),
        minutes: 5,
        required: true,
        publish,
    }
}

/// A draft with one section and one published lesson, saved once.
fn course() -> Course {
    let mut course = Course::draft("queues", "Queues".to_owned(), Language::En, now());
    let before = course.clone();
    course.add_section(None, "Basics").unwrap();
    course.add_lesson(lesson("One", true)).unwrap();
    course.settle(&before, now());
    assert_eq!(course.announce(now()), []);
    course
}

/// Edits, settles, and gives what is to be told.
fn edit(course: &mut Course, rule: impl FnOnce(&mut Course)) -> Vec<Announcement> {
    let before = course.clone();
    rule(course);
    course.settle(&before, now());
    course.announce(now())
}

#[test]
fn publishing_tells_the_course_and_its_lessons_once() {
    let mut course = course();
    let one = course.lessons[0].id;
    let news = edit(&mut course, |course| course.publish().unwrap());
    assert_eq!(news, [Announcement::CoursePublished, Announcement::LessonPublished(one)]);
    assert!(course.lessons[0].initial);
    assert_eq!(edit(&mut course, |course| course.publish().unwrap()), []);
}

#[test]
fn a_draft_lesson_is_nobody_s_business_until_it_is_published() {
    let mut course = course();
    edit(&mut course, |course| course.publish().unwrap());
    let version = course.version;
    let two = ids_of(&mut course);
    assert_eq!(course.version, version, "learners see no difference");
    let news = edit(&mut course, |course| course.publish_lesson(two).unwrap());
    assert_eq!(news, [Announcement::CourseUpdated, Announcement::LessonPublished(two)]);
    assert_eq!(course.version, version + 1);
    assert!(!course.lesson(two).unwrap().initial, "it is news to those who are enrolled");
}

fn ids_of(course: &mut Course) -> LessonId {
    let mut id = None;
    let news = edit(course, |course| id = Some(course.add_lesson(lesson("Two", false)).unwrap()));
    assert_eq!(news, []);
    id.unwrap()
}

#[test]
fn a_withdrawn_course_is_told_once_and_its_lessons_stay_as_they_are_here() {
    let mut course = course();
    let one = course.lessons[0].id;
    edit(&mut course, |course| course.publish().unwrap());
    assert_eq!(edit(&mut course, Course::withdraw), [Announcement::CourseWithdrawn]);
    let news = edit(&mut course, |course| {
        let changes = LessonChanges { title: Some("Uno".to_owned()), ..LessonChanges::default() };
        course.change_lesson(one, changes).unwrap();
    });
    assert_eq!(news, [Announcement::LessonUpdated(one)]);
    let two = ids_of(&mut course);
    assert_eq!(edit(&mut course, |course| course.publish_lesson(two).unwrap()), []);
    let news = edit(&mut course, |course| course.withdraw_lesson(one).unwrap());
    assert_eq!(news, [Announcement::LessonWithdrawn(one)]);
    let news = edit(&mut course, |course| course.publish().unwrap());
    assert_eq!(news, [Announcement::CoursePublished, Announcement::LessonPublished(two)]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut course = course();
    let one = course.lessons[0].id;
    assert!(matches!(limits::title("title", " \n "), Err(Refusal::Field { .. })));
    assert!(
        course
            .add_lesson(NewLesson {
                text: "x".repeat(limits::TEXT_BYTES + 1),
                ..lesson("Big", true)
            })
            .is_err()
    );
    assert!(
        course.add_lesson(NewLesson { text: "other".to_owned(), ..lesson("One", true) }).is_err()
    );
    assert_eq!(course.add_lesson(lesson("One", true)), Ok(one), "the very same again is no error");
    assert!(course.expect(Some(course.version + 1)).is_err());
    edit(&mut course, |course| course.publish().unwrap());
    assert!(matches!(course.withdraw_lesson(one), Err(Refusal::State(_))), "the last one shown");
    for key in ["", "-a", "a--b", "Ü", "a b", "0c5b9f04-6a8e-4f0e-9d0a-5e577ade0001", "a/../b"] {
        assert!(limits::key(key).is_err(), "{key}");
    }
}

#[test]
fn only_the_owner_and_administrators_edit_what_has_an_owner() {
    let (owner, other) = (PersonId::new(), PersonId::new());
    let mut course = course();
    let instructor = Editor { person: other, is_administrator: false };
    assert!(instructor.may_edit(&course), "imported: nobody's, so every instructor's");
    course.instructor = Some(owner);
    assert!(!instructor.may_edit(&course));
    assert!(Editor { person: owner, is_administrator: false }.may_edit(&course));
    assert!(Editor { person: other, is_administrator: true }.may_edit(&course));
    assert_eq!(Editor::of(other, &[event::Role::Learner]), None);
}

#[test]
fn a_course_goes_from_one_instructor_to_another() {
    let (owner, other) = (PersonId::new(), PersonId::new());
    let by = |person: PersonId, is_administrator: bool| Editor { person, is_administrator };
    let mut course = course();
    let refused = Err(Refusal::NotYoursToGive);
    assert_eq!(course.hand_over(by(owner, false), owner), refused, "nobody's");
    assert_eq!(course.hand_over(by(other, true), owner), Ok(()));
    assert_eq!(course.hand_over(by(other, false), other), refused);
    edit(&mut course, |course| course.publish().unwrap());
    let before = course.clone();
    let news = edit(&mut course, |course| course.hand_over(by(owner, false), other).unwrap());
    assert_eq!((news, course.instructor), (vec![Announcement::CourseUpdated], Some(other)));
    assert_eq!(course.announce_handover(&before), None, "told already");

    edit(&mut course, Course::withdraw);
    let before = course.clone();
    let news = edit(&mut course, |course| course.hand_over(by(other, false), owner).unwrap());
    assert_eq!(news, [], "of what is not published nothing new is told");
    assert_eq!(course.announce_handover(&before), Some(Announcement::CourseHandedOver));
    assert_eq!(course.told, Told { version: before.version + 2, shown: false });
}

/// Three sections; the first two hold two lessons each.
fn long_course() -> Course {
    let mut course = course();
    course.new_section("More").unwrap();
    course.new_section("More").unwrap();
    let sections: Vec<SectionId> = course.sections.iter().map(|section| section.id).collect();
    for (section, title) in [(0, "Two"), (1, "Three"), (1, "Four")] {
        let section = Some(sections[section]);
        course.add_lesson(NewLesson { section, ..lesson(title, true) }).unwrap();
    }
    course
}

#[test]
fn a_lesson_moves_through_its_section_into_the_next() {
    let mut course = long_course();
    let titles = |course: &Course| {
        let of = |section: &Section| {
            course.lessons_in(section.id).map(|lesson| lesson.title.clone()).collect::<Vec<_>>()
        };
        course.sections.iter().map(of).collect::<Vec<_>>().concat().join(" ")
    };
    let one = course.lessons[0].id;
    let orders = [
        "Two One Three Four",
        "Two One Three Four",
        "Two Three One Four",
        "Two Three Four One",
        "Two Three Four One",
        "Two Three Four One",
    ];
    for order in orders {
        course.move_lesson(one, Way::Down).unwrap();
        assert_eq!(titles(&course), order);
    }
    assert_eq!(course.lesson(one).unwrap().section, course.sections[2].id);
    for _ in 0..6 {
        course.move_lesson(one, Way::Up).unwrap();
    }
    assert_eq!(titles(&course), "One Two Three Four");
    assert!(course.delete_section(course.sections[0].id).is_err(), "it is not empty");
    assert_eq!(course.delete_section(course.sections[2].id), Ok(()));
}

#[test]
fn a_draft_from_an_older_text_is_not_published() {
    let mut course = course();
    let id = course.lessons[0].id;
    let content = LessonContent {
        title: "Uno".to_owned(),
        text: "New.".to_owned(),
        minutes: 1,
        required: true,
    };
    let draft = |base| Draft {
        lesson: id,
        base,
        revision: 1,
        content: content.clone(),
        saved_at: now(),
        saved_by: PersonId::new(),
    };
    let version = course.lessons[0].version;
    let chosen = Chosen { lesson: id, seen: Seen { version, revision: 1 } };
    let old = draft(version - 1);
    assert_eq!(course.publish_with(&[chosen], &[old]), Err(Refusal::Stale));
    let unseen = Chosen { seen: Seen { version, revision: 0 }, ..chosen };
    assert_eq!(course.publish_with(&[unseen], &[draft(version)]), Err(Refusal::Stale));
    assert_eq!(course.publish_with(&[chosen], &[draft(version)]).unwrap().len(), 1);
    assert_eq!((course.state, course.lessons[0].title.as_str()), (State::Published, "Uno"));
}

proptest! {
    #[test]
    fn moving_loses_nothing(moves in prop::collection::vec((0usize..4, any::<bool>(), any::<bool>()), 0..40)) {
        let mut course = long_course();
        let known = |course: &Course| {
            let mut ids: Vec<LessonId> =
                course.shown().map(|lesson| lesson.id).collect();
            ids.sort_unstable();
            ids
        };
        let before = known(&course);
        for (which, is_section, is_up) in moves {
            let way = if is_up { Way::Up } else { Way::Down };
            if is_section {
                course.move_section(course.sections[which % 3].id, way).unwrap();
            } else {
                course.move_lesson(before[which], way).unwrap();
            }
        }
        prop_assert_eq!(known(&course), before);
    }

    #[test]
    fn a_slug_is_a_key_or_nothing(text in ".{0,200}") {
        let slug = limits::slug(&text);
        prop_assert!(slug.is_empty() || limits::key(&slug).is_ok() || uuid::Uuid::try_parse(&slug).is_ok(), "{slug}");
    }
}
