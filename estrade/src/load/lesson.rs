//! The instructor's part: a lesson and a title that change while everybody is at work. Neither request
//! may be made twice blindly, so each looks first whether the last one went through.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::demo::{client::Client, course::DemoCourse};

const TRIES: usize = 100;

/// Publishes a lesson of this run, and names the course after it.
pub(super) async fn publish(client: &Client, course: &DemoCourse, run: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/courses/{}", course.course);
    let title = format!("{} {run}", course.extra.title);
    until(client, &path, |now| has_lesson(now, &title), |now| add_lesson(now, course, &title))
        .await?;
    let name = format!("{} ({run})", course.title);
    let rename = |now: &Value| Ok(json!({ "title": name, "version": now["version"] }));
    until(client, &path, |now| now["title"] == name.as_str(), rename).await
}

/// Looks, and asks for the change until it is there. A change of the course itself is a PATCH.
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
        if let Err(error) = asked {
            last = format!("{error:#}");
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
