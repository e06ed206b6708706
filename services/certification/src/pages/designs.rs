//! For those who teach and administrators: what certificates look like, with the organisation's present data.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use event::{Language, Role};
use ui::{AdministrationTabs, Path, Problem, Text, Visit};

use super::text;
use crate::{
    App,
    api::PDF_POLICY,
    design::{Design, Facts},
    domain::{self, Issuer},
};

/// Whoever chooses a course's design may see them.
const READERS: [Role; 2] = [Role::Administrator, Role::Instructor];

#[derive(Template)]
#[template(path = "designs.html")]
struct DesignsPage {
    t: Text,
    /// What is printed, and what is missing.
    organisation: Vec<(String, Option<String>)>,
    designs: Vec<Shown>,
    /// Whether who looks may change what is printed.
    may_change: bool,
}

struct Shown {
    title: String,
    about: String,
    /// Width and height.
    picture: (u32, u32),
    samples: Vec<Sample>,
}

struct Sample {
    name: String,
    language: String,
    alt: String,
}

pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    visit.require(&READERS)?;
    let t = text(&visit);
    let issuer = issuer(&app).await?;
    let may_change = visit.is(Role::Administrator);
    let page = visit.page(t.get("designs-title"));
    let page = if may_change {
        page.tabs(AdministrationTabs::Designs.of(&visit))
    } else {
        page.crumb("/teaching", t.get("designs-teaching"))
    };
    page.show(&DesignsPage {
        t,
        organisation: organisation(&issuer, t),
        designs: Design::ALL.into_iter().map(|design| shown(design, t)).collect(),
        may_change,
    })
}

fn organisation(issuer: &Issuer, t: Text) -> Vec<(String, Option<String>)> {
    let it = issuer.in_language(t.language());
    let said = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let has_logo = it.logo.is_some() || it.logo_file.is_some();
    [
        ("designs-name", said(it.name)),
        ("designs-representative", said(it.representative)),
        ("designs-capacity", said(it.capacity)),
        ("designs-place", said(it.place)),
        ("designs-address", it.address),
        ("designs-activity-number", it.activity_number),
        ("designs-mentions", it.mentions),
        (
            "designs-retention",
            Some(t.with("designs-years", [("count", it.retention_years.into())])),
        ),
        ("designs-logo", has_logo.then(|| t.get("designs-logo-there"))),
    ]
    .map(|(key, text)| (t.get(key), text))
    .to_vec()
}

fn shown(design: Design, t: Text) -> Shown {
    let name = design.name();
    let title = t.get(&format!("design-{name}"));
    let sample = |language: Language| {
        let in_words = t.get(&format!("language-{}", language.code()));
        Sample {
            name: format!("{name}-{}", language.code()),
            alt: t.with(
                "designs-alt",
                [("design", title.as_str().into()), ("language", in_words.as_str().into())],
            ),
            language: in_words,
        }
    };
    Shown {
        about: t.get(&format!("design-{name}-about")),
        picture: design.size(),
        samples: [t.language(), other(t.language())].into_iter().map(sample).collect(),
        title,
    }
}

fn other(language: Language) -> Language {
    match language {
        Language::En => Language::Fr,
        Language::Fr => Language::En,
    }
}

/// `achievement-fr.svg`, `realisation-en.pdf`.
pub(super) async fn sample(
    State(app): State<App>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    visit.require(&READERS)?;
    let nothing = || Problem::not_found("there is no such sample: see /designs");
    let (name, kind) = name.rsplit_once('.').ok_or_else(nothing)?;
    let facts = facts(&app, name).await?.ok_or_else(nothing)?;
    match kind {
        "svg" => app.pictures.answer(facts).await,
        "pdf" => {
            let pdf = app.pictures.document(facts).await?.pdf;
            let headers = [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_SECURITY_POLICY, PDF_POLICY),
            ];
            Ok((headers, pdf).into_response())
        }
        _ => Err(nothing()),
    }
}

async fn facts(app: &App, name: &str) -> Result<Option<Facts>, Problem> {
    let Some((design, language)) = name.rsplit_once('-') else {
        return Ok(None);
    };
    let design = Design::ALL.into_iter().find(|known| known.name() == design);
    let (Some(design), Ok(language)) = (design, language.parse::<Language>()) else {
        return Ok(None);
    };
    let issuer = issuer(app).await?;
    let today = app.db.now().date_naive();
    Ok(Some(domain::sample(design, language, today, &issuer, app.ui.base_url())))
}

async fn issuer(app: &App) -> Result<Issuer, Problem> {
    app.issuer().await.map_err(|error| Problem::unavailable(&error))
}
