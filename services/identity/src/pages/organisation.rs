//! The organisation: for administrators to write, and for everybody to read.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::Language;
use serde::Deserialize;
use ui::{
    AdministrationTabs, Field, FieldProblem, Form, Html, Problem, Query, Submitted, Text, Upload,
    Visit,
};

use super::{explain, texts, unavailable};
use crate::{
    App,
    account::Account,
    commands::organisation,
    domain::{
        Invalid, Reason,
        organisation::{Details, LONGEST_LEGAL, LONGEST_LINE, LONGEST_NAME, Organisation},
        picture,
    },
    download,
};

const LONGEST_YEARS: usize = 2;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/organisation", get(show).post(write))
        .route("/organisation/logo", get(logo).post(upload_logo))
        .route("/organisation/logo/remove", post(remove_logo))
        .route("/legal", get(legal))
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    t: Text,
    form: Html,
    logo: Option<LogoView>,
    upload: Html,
    is_saved: bool,
}

struct LogoView {
    /// So that a browser does not show the one before.
    address: String,
    width: u32,
    height: u32,
    remove: Html,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Saved {
    saved: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    name: String,
    address: String,
    legal_en: String,
    legal_fr: String,
    activity_number: String,
    representative: String,
    capacity: String,
    place: String,
    retention_years: String,
}

impl From<Written> for Details {
    fn from(written: Written) -> Self {
        Self {
            name: written.name,
            address: written.address,
            legal_en: written.legal_en,
            legal_fr: written.legal_fr,
            activity_number: written.activity_number,
            representative: written.representative,
            capacity: written.capacity,
            place: written.place,
            retention_years: written.retention_years,
        }
    }
}

/// What was wrong with which of the two forms.
#[derive(Default)]
struct Wrong {
    details: Vec<FieldProblem>,
    logo: Vec<FieldProblem>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    Query(query): Query<Saved>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let present = organisation::present(&app.db, &app.set_up).await.map_err(unavailable)?;
    page(&visit, present, Wrong::default(), query.saved.is_some())
}

async fn write(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let details = Details::from(written);
    match organisation::write(&app.db, &app.set_up, details.clone()).await {
        Ok(_) => Ok(Redirect::to("/organisation?saved=1").into_response()),
        Err(error) => {
            let wrong = Wrong { details: explain(&visit, error)?, ..Wrong::default() };
            let present = organisation::present(&app.db, &app.set_up).await.map_err(unavailable)?;
            page(&visit, Organisation { details, ..present }, wrong, false)
        }
    }
}

async fn upload_logo(
    State(app): State<App>,
    visit: Visit,
    account: Account,
    upload: Result<Upload<{ picture::LARGEST }>, Problem>,
) -> Result<Response, Problem> {
    account.require_administrator()?;
    let shown = match upload {
        Ok(upload) => {
            let bytes = upload.file("logo").map(|file| file.content.clone()).unwrap_or_default();
            organisation::show_logo(&app.db, &app.files, &app.set_up, &bytes).await
        }
        Err(problem) if problem.status == 413 => {
            Err(Invalid { field: "logo", reason: Reason::PictureLarge }.into())
        }
        Err(problem) => return Err(problem),
    };
    match shown {
        Ok(()) => Ok(Redirect::to("/organisation?saved=1").into_response()),
        Err(error) => {
            let wrong = Wrong { logo: explain(&visit, error)?, ..Wrong::default() };
            let present = organisation::present(&app.db, &app.set_up).await.map_err(unavailable)?;
            page(&visit, present, wrong, false)
        }
    }
}

async fn remove_logo(State(app): State<App>, account: Account) -> Result<Response, Problem> {
    account.require_administrator()?;
    organisation::remove_logo(&app.db, &app.set_up).await?;
    Ok(Redirect::to("/organisation?saved=1").into_response())
}

fn page(
    visit: &Visit,
    organisation: Organisation,
    wrong: Wrong,
    is_saved: bool,
) -> Result<Response, Problem> {
    let t = texts(visit);
    let has_errors = !wrong.details.is_empty() || !wrong.logo.is_empty();
    let form = details_form(visit, &organisation.details, wrong.details)?;
    let logo = match &organisation.logo {
        Some(logo) => Some(LogoView {
            address: format!("/organisation/logo?{}", &logo.file.sha256),
            width: logo.picture.width,
            height: logo.picture.height,
            remove: Form::new(visit.language, "/organisation/logo/remove", t.get("logo-remove"))
                .html()?,
        }),
        None => None,
    };
    let file = Field::file("logo", t.get("logo"), "image/png,image/jpeg,image/webp");
    let upload = Form::new(visit.language, "/organisation/logo", t.get("logo-button"))
        .field(file.hint(t.get("logo-hint")))
        .errors(wrong.logo)
        .html()?;
    visit
        .page(t.get("organisation-title"))
        .with_errors_if(has_errors)
        .tabs(AdministrationTabs::Organisation.of(visit))
        .show(&OrganisationPage { t, form, logo, upload, is_saved })
}

fn details_form(
    visit: &Visit,
    details: &Details,
    errors: Vec<FieldProblem>,
) -> Result<Html, Problem> {
    let t = texts(visit);
    let line = |name: &'static str, key: &str, value: &str| {
        Field::text(name, t.get(key)).value(value).longest(LONGEST_LINE).optional()
    };
    let name = Field::text("name", t.get("organisation-name")).value(details.name.as_str());
    let years = Field::number("retention_years", t.get("retention-years"))
        .value(details.retention_years.as_str())
        .longest(LONGEST_YEARS)
        .optional();
    let legal = |name: &'static str, key: &str, language: Language, value: &str| {
        let area = Field::area(name, t.get(key), 8).value(value).longest(LONGEST_LEGAL).optional();
        area.language(language)
    };
    Form::new(visit.language, "/organisation", t.get("account-button"))
        .field(name.longest(LONGEST_NAME).autocomplete("organization"))
        .field(Field::area("address", t.get("address"), 4).value(&details.address).optional())
        .field(
            line("activity_number", "activity-number", &details.activity_number)
                .hint(t.get("activity-number-hint")),
        )
        .field(
            line("representative", "representative", &details.representative)
                .hint(t.get("representative-hint")),
        )
        .field(line("capacity", "capacity", &details.capacity).hint(t.get("capacity-hint")))
        .field(line("place", "place", &details.place).hint(t.get("place-hint")))
        .field(years.hint(t.get("retention-years-hint")))
        .field(
            legal("legal_fr", "legal-fr", Language::Fr, &details.legal_fr)
                .hint(t.get("legal-hint")),
        )
        .field(legal("legal_en", "legal-en", Language::En, &details.legal_en))
        .errors(errors)
        .html()
}

async fn logo(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    download::logo(&app, &headers).await
}

#[derive(Template)]
#[template(path = "legal.html")]
struct LegalPage {
    t: Text,
    details: Details,
    /// Of the text, where it is not there in the reader's.
    foreign: Option<&'static str>,
    paragraphs: Vec<Vec<String>>,
}

async fn legal(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let t = texts(&visit);
    let present = organisation::present(&app.db, &app.set_up).await.map_err(unavailable)?;
    let details = present.details;
    let (own, other) = match visit.language {
        Language::En => (&details.legal_en, (&details.legal_fr, "fr")),
        Language::Fr => (&details.legal_fr, (&details.legal_en, "en")),
    };
    let is_foreign = own.is_empty() && !other.0.is_empty();
    let text = if is_foreign { other.0 } else { own };
    let lines = |paragraph: &str| paragraph.lines().map(str::to_owned).collect();
    let paragraphs = text.split("\n\n").filter(|text| !text.is_empty()).map(lines).collect();
    let page = LegalPage {
        t,
        foreign: is_foreign.then_some(other.1),
        paragraphs,
        details: details.clone(),
    };
    visit.page(t.get("legal-title")).show(&page)
}
