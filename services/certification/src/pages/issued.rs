//! For administrators: all certificates, what is looked for among them, revoking one, issuing another in
//! its place.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use event::{CertificateId, Language, Role};
use serde::Deserialize;
use ui::{
    AdministrationTabs, Confirm, Field, FieldProblem, Form, Html, Pager, Path, Problem, Query,
    Submitted, Text, Visit, titled,
};
use uuid::Uuid;

use super::{Badge, cause_in_words, day, mine::facts_in_words, text};
use crate::{
    App,
    api::{self, issue_anew},
    commands::{self, Refusal},
    domain::{Cause, Certificate, State as Standing},
    store::{self, Search},
};

const PAGE: u32 = 25;
const LONGEST_SEARCH: usize = 200;
const LONGEST_REASON: usize = 500;
const STATES: [Standing; 5] =
    [Standing::Issued, Standing::Revoked, Standing::Rendering, Standing::Failed, Standing::Erased];

#[derive(Template)]
#[template(path = "issued.html")]
struct IssuedPage {
    t: Text,
    search: Html,
    is_searched: bool,
    rows: Vec<Row>,
    pager: Html,
}

struct Row {
    id: String,
    person: Option<String>,
    course: String,
    /// Of the course's title, where it is known.
    language: Option<Language>,
    code: String,
    issued: String,
    badge: Badge,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visit.require(&[Role::Administrator])?;
    let t = text(&visit);
    let search = Search {
        text: asked.q.chars().take(LONGEST_SEARCH).collect(),
        state: Standing::parse(&asked.state),
    };
    store::gather(&app.db).await.map_err(unavailable)?;
    let page = visit.page_number();
    let from = u64::from(page - 1) * u64::from(PAGE);
    let mut found =
        store::issued(&app.db, &search, from, PAGE as usize + 1).await.map_err(unavailable)?;
    let has_next = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    visit.page(t.get("issued-title")).tabs(AdministrationTabs::Issued.of(&visit)).show(
        &IssuedPage {
            t,
            search: search_form(t, &search)?,
            is_searched: !search.text.trim().is_empty() || search.state.is_some(),
            rows: found.iter().map(|certificate| row(certificate, t)).collect(),
            pager: Pager::open(page, has_next).html(&visit),
        },
    )
}

fn row(certificate: &Certificate, t: Text) -> Row {
    let facts = &certificate.facts;
    Row {
        id: certificate.id.to_string(),
        person: Some(facts.person.clone()).filter(|person| !person.is_empty()),
        course: facts.course.clone(),
        language: facts.course_language,
        code: facts.code.to_string(),
        issued: day(facts.issued, t),
        badge: Badge::of(certificate, t),
    }
}

fn search_form(t: Text, search: &Search) -> Result<Html, Problem> {
    let mut states = vec![(String::new(), t.get("issued-any-state"))];
    states.extend(
        STATES.map(|state| (state.name().to_owned(), t.get(&format!("badge-{}", state.name())))),
    );
    let state = search.state.map(Standing::name).unwrap_or_default();
    Form::search(t.language(), "/issued", t.get("issued-search"))
        .field(Field::search("q", t.get("issued-q")).value(&search.text).longest(LONGEST_SEARCH))
        .field(Field::select("state", t.get("issued-state"), states).value(state))
        .html()
}

#[derive(Template)]
#[template(path = "issued-one.html")]
struct OnePage {
    t: Text,
    id: String,
    title: Html,
    badge: Badge,
    cause: Option<String>,
    reason: Option<String>,
    revoked_on: Option<Html>,
    facts: Vec<(Html, Html)>,
    replaces: Option<String>,
    replaced_by: Option<String>,
    failure: Option<String>,
    /// Whether who looks may have it tried again.
    is_operator: bool,
    missing_glyphs: Option<String>,
    has_pdf: bool,
    pdf: Option<String>,
    public: Option<String>,
    may_revoke: bool,
    may_reissue: bool,
    /// While it is being made, or one in its place is.
    is_followed: bool,
    /// Width and height.
    picture: (u32, u32),
    alt: String,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let t = text(&visit);
    let certificate = one(&app, &visit, id).await?;
    let anew = in_place_of(&app, &certificate).await?;
    let title = t.with("issued-one", [("course", certificate.facts.course.as_str().into())]);
    let page = page(&visit, t, &certificate, anew.as_ref());
    visit
        .page(title)
        .tabs(AdministrationTabs::Issued.of(&visit))
        .crumb("/issued", t.get("issued-title"))
        .show(&page)
}

async fn one(app: &App, visit: &Visit, id: Uuid) -> Result<Certificate, Problem> {
    let session = visit.require(&[Role::Administrator])?;
    Ok(api::visible(app, session, id).await?)
}

async fn in_place_of(app: &App, certificate: &Certificate) -> Result<Option<Certificate>, Problem> {
    let anew = Certificate::id_in_place_of(certificate.id);
    store::certificate(&app.db, anew).await.map_err(unavailable)
}

fn may_reissue(it: &Certificate, anew: Option<&Certificate>) -> bool {
    anew.is_none() && commands::may_be_replaced(it).is_ok()
}

fn page(visit: &Visit, t: Text, it: &Certificate, anew: Option<&Certificate>) -> OnePage {
    let facts = &it.facts;
    let revocation = it.revocation.as_ref();
    let is_remade = anew.is_some_and(|anew| anew.state == Standing::Rendering);
    OnePage {
        t,
        id: it.id.to_string(),
        title: t.mark(
            &t.with("issued-one", [("course", titled(&facts.course).into())]),
            facts.course_language,
        ),
        badge: Badge::of(it, t),
        cause: cause_in_words(it, t),
        reason: revocation.and_then(|revocation| revocation.reason.clone()),
        revoked_on: revocation.map(|revocation| visit.moment(revocation.at)),
        facts: facts_in_words(it, t),
        replaces: it.replaces.map(|other| other.to_string()),
        replaced_by: anew.map(|anew| anew.id.to_string()),
        failure: it.failure.clone(),
        is_operator: visit.is(Role::Operator),
        missing_glyphs: Some(it.missing_glyphs.clone()).filter(|glyphs| !glyphs.is_empty()),
        has_pdf: it.pdf.is_some(),
        pdf: api::pdf_address(it),
        public: it.state.is_public().then(|| facts.code.to_string()),
        may_revoke: it.state == Standing::Issued,
        may_reissue: may_reissue(it, anew),
        is_followed: it.state == Standing::Rendering || is_remade,
        picture: facts.design.size(),
        alt: t.with("certificate-alt", [("course", facts.course.as_str().into())]),
    }
}

/// Tells the page that the document is there, or the one in its place.
pub(super) async fn live(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let learner = one(&app, &visit, id).await?.learner;
    let db = app.db.clone();
    ui::live(&app.ui, &visit, move || {
        let db = db.clone();
        async move { store::state_of(&db, learner).await }
    })
}

/// What was written, or nothing yet.
#[derive(Default, Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    cause: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn ask_revoke(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let certificate = one(&app, &visit, id).await?;
    if certificate.state != Standing::Issued {
        return Ok(Redirect::to(&address(certificate.id)).into_response());
    }
    confirm_revoke(&visit, &certificate, &Written::default(), Vec::new())
}

pub(super) async fn revoke(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let certificate = one(&app, &visit, id).await?;
    let t = text(&visit);
    let mut errors = Vec::new();
    let cause = Cause::chosen(&written.cause);
    if cause.is_none() {
        errors.push(wrong("cause", t.get("revoke-cause-missing")));
    }
    errors.extend(wrong_reason(t, &written.reason));
    if !errors.is_empty() {
        return confirm_revoke(&visit, &certificate, &written, errors);
    }
    done(&visit, commands::revoke(&app.db, certificate.id, cause, &written.reason).await)
}

fn confirm_revoke(
    visit: &Visit,
    certificate: &Certificate,
    written: &Written,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let causes = Cause::CHOSEN
        .map(|cause| (cause.name().to_owned(), t.get(&format!("cause-{}", cause.name()))));
    let has_errors = !errors.is_empty();
    let action = format!("{}/revoke", address(certificate.id));
    let form = Form::new(t.language(), action, t.get("revoke-button"))
        .dangerous()
        .back(address(certificate.id), t.get("confirm-back"))
        .field(
            Field::radio("cause", t.get("revoke-cause"), causes.to_vec())
                .value(&written.cause)
                .hint(t.get("revoke-cause-hint")),
        )
        .field(reason_field(t, &written.reason))
        .errors(errors);
    Confirm::new(t.get("revoke-title"), &form)?
        .lead(lead(t, "revoke-lead", certificate))
        .consequence(t.get("revoke-consequence-public"))
        .consequence(t.get("revoke-consequence-holder"))
        .consequence(t.get("revoke-consequence-final"))
        .show(confirm_page(visit, t.get("revoke-title")).with_errors_if(has_errors))
}

pub(super) async fn ask_reissue(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let certificate = one(&app, &visit, id).await?;
    let anew = in_place_of(&app, &certificate).await?;
    if !may_reissue(&certificate, anew.as_ref()) {
        return Ok(Redirect::to(&address(certificate.id)).into_response());
    }
    confirm_reissue(&visit, &certificate, &Written::default(), Vec::new())
}

pub(super) async fn reissue(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<Uuid>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let certificate = one(&app, &visit, id).await?;
    let errors: Vec<FieldProblem> =
        wrong_reason(text(&visit), &written.reason).into_iter().collect();
    if !errors.is_empty() {
        return confirm_reissue(&visit, &certificate, &written, errors);
    }
    let anew = match issue_anew(&app, certificate.id, &written.reason).await {
        Ok(anew) => anew,
        refused => return done(&visit, refused),
    };
    let given = store::reissue_reason(&app.db, anew.id).await.map_err(unavailable)?;
    // It was there already, for another reason: what is written now would be lost unseen.
    let is_another = given.is_some_and(|given| given != written.reason.trim());
    done(&visit, if is_another { Err(Refusal::Replaced) } else { Ok(anew) })
}

fn confirm_reissue(
    visit: &Visit,
    certificate: &Certificate,
    written: &Written,
    errors: Vec<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let has_errors = !errors.is_empty();
    let action = format!("{}/reissue", address(certificate.id));
    let form = Form::new(t.language(), action, t.get("reissue-button"))
        .back(address(certificate.id), t.get("confirm-back"))
        .field(reason_field(t, &written.reason))
        .errors(errors);
    Confirm::new(t.get("reissue-title"), &form)?
        .lead(lead(t, "reissue-lead", certificate))
        .consequence(t.get("reissue-consequence-new"))
        .consequence(t.get("reissue-consequence-old"))
        .consequence(t.get("reissue-consequence-holder"))
        .show(confirm_page(visit, t.get("reissue-title")).with_errors_if(has_errors))
}

fn confirm_page(visit: &Visit, title: String) -> ui::Page<'_> {
    visit
        .page(title)
        .tabs(AdministrationTabs::Issued.of(visit))
        .crumb("/issued", text(visit).get("issued-title"))
}

fn lead(t: Text, key: &str, certificate: &Certificate) -> Html {
    let facts = &certificate.facts;
    let arguments = [
        ("person", facts.person.as_str().into()),
        ("course", titled(&facts.course).into()),
        ("code", facts.code.to_string().into()),
    ];
    t.mark(&t.with(key, arguments), facts.course_language)
}

fn reason_field(t: Text, reason: &str) -> Field {
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    Field::area("reason", t.get("reason-label"), 3)
        .longest(LONGEST_REASON)
        .hint(t.get("reason-hint"))
        .value(reason)
}

fn wrong_reason(t: Text, reason: &str) -> Option<FieldProblem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Some(wrong("reason", t.get("reason-missing")));
    }
    let is_long = reason.chars().count() > LONGEST_REASON;
    is_long.then(|| wrong("reason", t.with("reason-long", [("most", LONGEST_REASON.into())])))
}

fn wrong(field: &str, detail: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), detail }
}

#[derive(Template)]
#[template(path = "not-done.html")]
struct NotDone {
    title: String,
    detail: String,
    back: String,
}

/// To the certificate that came of it, or why nothing did.
fn done(visit: &Visit, outcome: Result<Certificate, Refusal>) -> Result<Response, Problem> {
    let t = text(visit);
    let key = match outcome {
        Ok(certificate) => return Ok(Redirect::to(&address(certificate.id)).into_response()),
        Err(Refusal::NotReady | Refusal::UnknownHolder) => "not-done-yet",
        Err(Refusal::Failed) => "not-done-failed",
        Err(Refusal::Erased) => "not-done-erased",
        Err(Refusal::Replaced) => "not-done-replaced",
        Err(refusal) => return Err(refusal.into()),
    };
    let page =
        NotDone { title: t.get("not-done-title"), detail: t.get(key), back: t.get("issued-title") };
    confirm_page(visit, page.title.clone()).status(StatusCode::CONFLICT).show(&page)
}

fn address(certificate: CertificateId) -> String {
    format!("/issued/{certificate}")
}

fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}
