//! An export as a page that opens in any browser, without a network: what each service keeps, in the
//! person's language, laid out as the JSON beside it is. It knows the names of services and nothing of
//! what they keep.

use askama::Template;
use bus::FileReference;
use serde_json::Value;
use ui::{Html, Text};

use crate::{TEXTS, effects::AssembleJob};

#[derive(Template)]
#[template(path = "export.html")]
struct Index {
    t: Text,
    name: String,
    made: String,
    sections: Vec<Section>,
    documents: Vec<String>,
}

struct Section {
    title: String,
    about: String,
    file: String,
    content: Html,
}

/// Any JSON as lists within lists.
#[derive(Template)]
#[template(path = "value.html")]
struct Shown<'a> {
    value: &'a Value,
}

impl Shown<'_> {
    fn inner(&self, value: &Value) -> Html {
        shown(value)
    }

    fn label(&self, key: &str) -> String {
        key.replace('_', " ")
    }
}

/// The page.
pub(crate) fn index(
    job: &AssembleJob,
    content: &[(String, Value)],
) -> Result<String, askama::Error> {
    let t = Text::new(&TEXTS, job.language);
    let section = |(service, value): &(String, Value)| Section {
        title: t.get(title_key(service)),
        about: t.get(about_key(service)),
        file: format!("{service}.json"),
        content: shown(value),
    };
    let page = Index {
        t,
        name: job.own["name"].as_str().unwrap_or_default().to_owned(),
        made: ui::format_date_time(job.made_at, job.language, job.time_zone),
        sections: content.iter().map(section).collect(),
        documents: job.parts.iter().flat_map(|part| &part.documents).map(document_path).collect(),
    };
    page.render()
}

/// Where a document lies in the archive: its name in the store without the folders.
pub(crate) fn document_path(document: &FileReference) -> String {
    let name = document.key.rsplit('/').next().unwrap_or_default();
    format!("documents/{name}")
}

/// What a service keeps, in a word or two.
pub(crate) fn title_key(service: &str) -> &'static str {
    match service {
        "identity" => "export-identity",
        "catalog" => "export-catalog",
        "learning" => "export-learning",
        "assessment" => "export-assessment",
        "certification" => "export-certification",
        "notification" => "export-notification",
        _ => "export-insight",
    }
}

fn about_key(service: &str) -> &'static str {
    match service {
        "identity" => "export-identity-about",
        "catalog" => "export-catalog-about",
        "learning" => "export-learning-about",
        "assessment" => "export-assessment-about",
        "certification" => "export-certification-about",
        "notification" => "export-notification-about",
        _ => "export-insight-about",
    }
}

/// A template that prints text and lists cannot fail.
fn shown(value: &Value) -> Html {
    Html::render(&Shown { value }).unwrap_or_default()
}
