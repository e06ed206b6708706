//! What people wrote and were told to be kept (answers, a lesson, names), as the database of its owner has
//! it: copies agree with their owner also where the owner itself has lost something.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Db, Read};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use super::Audit;
use crate::demo::account::{Bearer, Fact};

#[derive(FromQueryResult)]
struct Attempt {
    id: Uuid,
    answers: String,
}

#[derive(FromQueryResult)]
struct Lesson {
    course: Uuid,
    title: String,
}

#[derive(FromQueryResult)]
struct Name {
    id: Uuid,
    name: String,
}

impl Audit<'_> {
    /// Every answer stands in its attempt as it was last saved, whether that was given in or not.
    pub(super) async fn answers(&mut self, assessment: &Db) -> anyhow::Result<()> {
        let attempts: Vec<Attempt> =
            assessment.all("select id, answers from attempt", vec![]).await?;
        let kept: BTreeMap<String, Value> = attempts
            .iter()
            .map(|attempt| {
                let answers = serde_json::from_str(&attempt.answers).unwrap_or_default();
                (attempt.id.to_string(), answers)
            })
            .collect();
        for ((attempt, question), answer) in last_saved(&self.facts) {
            let found = kept.get(&attempt).and_then(|answers| answers.get(&question));
            if found != Some(&answer) {
                self.missing(format!("the answer to {question} in {attempt}: it is {found:?}"));
            }
        }
        Ok(())
    }

    /// Every lesson that was published is, once.
    pub(super) async fn lessons(&mut self, catalog: &Db) -> anyhow::Result<()> {
        let sql = "select course, title from lesson where state = 'published'";
        let lessons: Vec<Lesson> = catalog.all(sql, vec![]).await?;
        let mut shown = BTreeMap::new();
        for lesson in lessons {
            *shown.entry((lesson.course.to_string(), lesson.title)).or_insert(0) += 1;
        }
        for fact in self.facts.clone() {
            let Fact::LessonPublished { course, title } = fact else { continue };
            let what = format!("the new lesson {title:?} of {course}");
            match shown.get(&(course, title)) {
                None => self.missing(what),
                Some(1) => {}
                Some(_) => self.twice(what),
            }
        }
        Ok(())
    }

    /// Whatever was named bears the last name that somebody was told, or one that was asked for later.
    pub(super) async fn names(&mut self, catalog: &Db, identity: &Db) -> anyhow::Result<()> {
        let courses: Vec<Name> =
            catalog.all("select id, title as name from course", vec![]).await?;
        let organisations: Vec<Name> =
            identity.all("select id, name from organisation", vec![]).await?;
        let courses =
            courses.into_iter().map(|course| (Bearer::Course(course.id.to_string()), course.name));
        let organisations =
            organisations.into_iter().map(|organisation| (Bearer::Organisation, organisation.name));
        let borne: BTreeMap<Bearer, String> = courses.chain(organisations).collect();
        for (of, names) in possible_names(&self.facts) {
            let found = borne.get(&of);
            if !found.is_some_and(|found| names.contains(found)) {
                self.missing(format!("the name of {of:?}, one of {names:?}: it is {found:?}"));
            }
        }
        Ok(())
    }
}

/// By attempt and question.
fn last_saved(facts: &[Fact]) -> BTreeMap<(String, String), Value> {
    let mut last = BTreeMap::new();
    for fact in facts {
        if let Fact::AnswerSaved { attempt, question, answer } = fact {
            last.insert((attempt.clone(), question.clone()), answer.clone());
        }
    }
    last
}

/// Of all that somebody was told to have another name.
fn possible_names(facts: &[Fact]) -> BTreeMap<Bearer, BTreeSet<String>> {
    let mut possible: BTreeMap<Bearer, BTreeSet<String>> = BTreeMap::new();
    for fact in facts {
        match fact {
            Fact::Named { of, name } => {
                possible.insert(of.clone(), BTreeSet::from([name.clone()]));
            }
            Fact::NameAsked { of, name } => {
                if let Some(names) = possible.get_mut(of) {
                    names.insert(name.clone());
                }
            }
            _ => {}
        }
    }
    possible
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bus::{Files, testing::Scene, values};
    use serde_json::json;

    use super::*;
    use crate::load::Outcome;

    const ID: Uuid = Uuid::from_u128(7);
    const QUESTION: Uuid = Uuid::from_u128(8);

    const ATTEMPT: &str = "insert into attempt (id, quiz, quiz_version, course, learner, number, \
         state, answers, started_at, version) \
         values ($1, $1, 1, $1, $1, 1, 'in_progress', $2, $3, 0)";
    const COURSE: &str = "insert into course (id, key, state, version, revision, told_version, \
         told_shown, language, title, summary, objectives, minutes, design, updated_at) \
         values ($1, 'queues', 'published', 1, 1, 1, true, 'en', $2, '', '[]', 60, '', $3)";
    const LESSON: &str = "insert into lesson (id, course, section, position, key, state, version, \
         told_version, told_shown, title, minutes, required, imported, initial, text_hash) \
         values ($1, $1, $1, 0, $2, 'published', 1, 1, true, $2, 15, false, false, false, '')";
    const ORGANISATION: &str = "insert into organisation (id, version, name, address, legal_en, \
         legal_fr, activity_number, representative, capacity, updated_at) \
         values ($1, 1, $2, '', '', '', '', '', '', $3)";

    async fn write(scene: &Scene, sql: &str, values: Vec<bus::Value>) {
        let mut tx = scene.db.begin().await.unwrap();
        tx.execute(sql, values).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn judge<'a>(outcome: &'a mut Outcome, facts: &[Fact]) -> Audit<'a> {
        Audit { outcome, facts: facts.to_vec() }
    }

    async fn missing_answers(facts: &[Fact], scene: &Scene) -> i64 {
        let mut outcome = Outcome::default();
        judge(&mut outcome, facts).answers(&scene.db).await.unwrap();
        outcome.missing
    }

    async fn missing_lessons(facts: &[Fact], scene: &Scene) -> i64 {
        let mut outcome = Outcome::default();
        judge(&mut outcome, facts).lessons(&scene.db).await.unwrap();
        outcome.missing
    }

    async fn missing_names(facts: &[Fact], courses: &Scene, organisation: &Scene) -> i64 {
        let mut outcome = Outcome::default();
        judge(&mut outcome, facts).names(&courses.db, &organisation.db).await.unwrap();
        outcome.missing
    }

    /// A fact of the course, and the same of the organisation.
    fn of_both(fact: fn(Bearer, String) -> Fact, name: &str) -> [Fact; 2] {
        [Bearer::Course(ID.to_string()), Bearer::Organisation].map(|of| fact(of, name.to_owned()))
    }

    #[tokio::test]
    async fn an_answer_that_is_gone_or_is_not_the_last_one_is_missing_without_being_given_in() {
        let scene = Scene::new(assessment::service(), &[]).await;
        let saved = |text: &str| Fact::AnswerSaved {
            attempt: ID.to_string(),
            question: QUESTION.to_string(),
            answer: json!({ "kind": "text", "text": text }),
        };
        let facts = [saved("first"), saved("last")];
        assert_eq!(missing_answers(&facts, &scene).await, 1, "no attempt");
        let question = QUESTION.to_string();
        let answers = json!({ question: { "text": "last", "kind": "text" } });
        let values = values![ID, answers.to_string(), scene.db.now()];
        write(&scene, ATTEMPT, values).await;
        assert_eq!(missing_answers(&facts, &scene).await, 0);
        let back = "update attempt set answers = replace(answers, 'last', 'first')";
        write(&scene, back, values![]).await;
        assert_eq!(missing_answers(&facts, &scene).await, 1, "the one before");
        write(&scene, "update attempt set answers = '{}'", values![]).await;
        assert_eq!(missing_answers(&facts, &scene).await, 1, "no answer");
    }

    #[tokio::test]
    async fn a_lesson_that_is_gone_or_not_to_be_seen_is_missing() {
        let scene = Scene::new(catalog::service(), &[]).await;
        let published =
            Fact::LessonPublished { course: ID.to_string(), title: "streams".to_owned() };
        let facts = [published];
        assert_eq!(missing_lessons(&facts, &scene).await, 1);
        write(&scene, LESSON, values![ID, "streams"]).await;
        assert_eq!(missing_lessons(&facts, &scene).await, 0);
        write(&scene, "update lesson set state = 'draft'", values![]).await;
        assert_eq!(missing_lessons(&facts, &scene).await, 1);
    }

    #[tokio::test]
    async fn a_name_from_before_the_last_yes_is_missed_and_one_that_was_asked_for_later_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let courses = Scene::new(catalog::service(), &[]).await;
        let organisation = Scene::new(identity::service(&files), &[]).await;
        let asked = |name| of_both(|of, name| Fact::NameAsked { of, name }, name);
        let named = |name| of_both(|of, name| Fact::Named { of, name }, name);
        let facts = [asked("one"), named("one"), asked("two"), named("two"), asked("three")];
        let facts = facts.concat();
        assert_eq!(missing_names(&facts[..2], &courses, &organisation).await, 0, "nobody said yes");
        assert_eq!(missing_names(&facts, &courses, &organisation).await, 2, "neither is there");
        for (scene, sql) in [(&courses, COURSE), (&organisation, ORGANISATION)] {
            write(scene, sql, values![ID, "one", scene.db.now()]).await;
        }
        assert_eq!(missing_names(&facts[..4], &courses, &organisation).await, 0);
        for (name, missed) in [("one", 1), ("two", 0), ("three", 0), ("four", 1)] {
            write(&courses, "update course set title = $1", values![name]).await;
            write(&organisation, "update organisation set name = $1", values!["two"]).await;
            assert_eq!(missing_names(&facts, &courses, &organisation).await, missed, "{name}");
            write(&courses, "update course set title = $1", values!["two"]).await;
            write(&organisation, "update organisation set name = $1", values![name]).await;
            assert_eq!(missing_names(&facts, &courses, &organisation).await, missed, "{name}");
        }
    }
}
