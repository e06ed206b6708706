//! The instructor's part: a lesson and a title that change while everybody is at work. Neither request
//! may be made twice blindly, so each looks first whether the last one went through. What was answered with
//! a yes is not looked at again: if it is not there, the judge finds that, and nobody makes good for it here.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::demo::{
    account::{Account, Bearer, Fact},
    client::Client,
    course::DemoCourse,
};

const TRIES: usize = 100;

/// Publishes a lesson of this run, and names the course after it.
pub(super) async fn publish(
    client: &Client,
    course: &DemoCourse,
    run: &str,
    account: &Account,
) -> anyhow::Result<()> {
    let id = course.course.to_string();
    let path = format!("/api/v1/courses/{id}");
    let title = format!("{} {run}", course.extra.title);
    until(client, &path, |now| has_lesson(now, &title), |now| add_lesson(now, course, &title))
        .await?;
    account.note(Fact::LessonPublished { course: id.clone(), title });
    let (of, name) = (Bearer::Course(id), format!("{} ({run})", course.title));
    account.note(Fact::NameAsked { of: of.clone(), name: name.clone() });
    let rename = |now: &Value| Ok(json!({ "title": name, "version": now["version"] }));
    until(client, &path, |now| now["title"] == name.as_str(), rename).await?;
    account.note(Fact::Named { of, name });
    Ok(())
}

/// Looks, and asks for the change until it is there, or said to be. A change of the course itself is a PATCH.
async fn until(
    client: &Client,
    path: &str,
    is_there: impl Fn(&Value) -> bool,
    change: impl Fn(&Value) -> anyhow::Result<Value>,
) -> anyhow::Result<()> {
    let mut last = String::new();
    for _ in 0..TRIES {
        let now = client.get(path).await?;
        if is_there(&now) {
            return Ok(());
        }
        let body = change(&now)?;
        let asked = if body.get("version").is_some() {
            client.patch(path, &body).await
        } else {
            client.post_now(&format!("{path}/lessons"), &body).await
        };
        match asked {
            Ok(_) => return Ok(()),
            Err(error) => last = format!("{error:#}"),
        }
    }
    bail!("{path} does not change: {last}")
}

fn has_lesson(course: &Value, title: &str) -> bool {
    let sections = course["sections"].as_array().into_iter().flatten();
    let mut lessons =
        sections.flat_map(|section| section["lessons"].as_array().into_iter().flatten());
    lessons.any(|lesson| lesson["title"] == title)
}

fn add_lesson(course: &Value, content: &DemoCourse, title: &str) -> anyhow::Result<Value> {
    let sections = course["sections"].as_array();
    let section = sections
        .and_then(|sections| sections.last()?["section"].as_str())
        .context("the course has no section")?;
    Ok(json!({
        "section": section, "title": title, "text": content.extra.text,
        "minutes": content.extra.minutes, "required": false, "publish": true,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{
        Json, Router,
        http::StatusCode,
        routing::{get, post},
    };
    use event::Language;

    use super::*;

    /// What is noted where the course looks like this and its changes are answered with these; and
    /// whether all went through.
    async fn noted(shown: Value, added: StatusCode, renamed: StatusCode) -> (Vec<Fact>, bool) {
        let look = move || async move { Json(shown) };
        let course = get(look).patch(move || async move { renamed });
        let platform = Router::new()
            .route("/api/v1/courses/{course}", course)
            .route("/api/v1/courses/{course}/lessons", post(move || async move { added }));
        let (client, account) = (Client::before(platform).await.unwrap(), Account::default());
        let course = DemoCourse::load(Language::En).unwrap();
        let went = publish(&client, &course, "7", &account).await.is_ok();
        (account.facts(), went)
    }

    /// As the course is, with these lessons in its one section.
    fn course(title: &str, lessons: &[&str]) -> Value {
        let lessons: Vec<Value> = lessons.iter().map(|title| json!({ "title": title })).collect();
        json!({ "title": title, "version": 1, "sections": [{ "section": "s", "lessons": lessons }] })
    }

    #[tokio::test]
    async fn a_change_is_noted_when_its_answer_or_a_look_says_yes_and_not_before() {
        let demo = DemoCourse::load(Language::En).unwrap();
        let (before, id) = (course(&demo.title, &[]), demo.course.to_string());
        let (title, name) = (format!("{} 7", demo.extra.title), format!("{} (7)", demo.title));
        let published = Fact::LessonPublished { course: id.clone(), title: title.clone() };
        let asked = Fact::NameAsked { of: Bearer::Course(id.clone()), name: name.clone() };
        let named = Fact::Named { of: Bearer::Course(id), name: name.clone() };
        let all = vec![published.clone(), asked.clone(), named];
        let (yes, no) = (StatusCode::OK, StatusCode::CONFLICT);
        // Nobody looks whether a yes was true.
        assert_eq!(noted(before.clone(), yes, yes).await, (all.clone(), true));
        assert_eq!(noted(course(&name, &[&title]), no, no).await, (all, true));
        assert_eq!(noted(before.clone(), yes, no).await, (vec![published, asked], false));
        assert_eq!(noted(before, no, no).await, (Vec::new(), false));
    }
}
