//! A course's details. Who was slower to save sees both, and decides.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Submitted, Text, Visit};

use super::{
    super::{own, text, wrong},
    design_code, framed, language_field, lines, number,
    outline::back,
};
use crate::{
    api::App,
    commands::{self, CommandError},
    domain::{Course, CourseChanges, Refusal, State as Shown, hash, limits},
    store::Address,
};

/// The details as they stand in the form.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    title: String,
    #[serde(default)]
    summary: String,
    /// One on each line.
    #[serde(default)]
    objectives: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    minutes: String,
    #[serde(default)]
    design: String,
    /// The details that were seen.
    #[serde(default)]
    seen: String,
}

impl Details {
    fn of(course: &Course) -> Self {
        let mut details = Self {
            title: course.title.clone(),
            summary: course.summary.clone(),
            objectives: course.objectives.join("\n"),
            language: course.language.code().to_owned(),
            minutes: course.minutes.to_string(),
            design: design_code(course.design).to_owned(),
            seen: String::new(),
        };
        details.seen = details.fingerprint();
        details
    }

    fn fingerprint(&self) -> String {
        let whole = [
            &self.title,
            &self.summary,
            &self.objectives,
            &self.language,
            &self.minutes,
            &self.design,
        ];
        hash(format!("{whole:?}").as_bytes())
    }

    /// Each with the key of its name.
    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("field-title", &self.title),
            ("field-summary", &self.summary),
            ("field-objectives", &self.objectives),
            ("field-language", &self.language),
            ("field-minutes", &self.minutes),
            ("field-design", &self.design),
        ]
    }

    fn changes(&self) -> Result<CourseChanges, CommandError> {
        let objectives = lines(&self.objectives);
        let objectives = objectives.lines().map(str::trim).filter(|line| !line.is_empty());
        let design = serde_json::from_value(self.design.clone().into()).ok();
        Ok(CourseChanges {
            title: Some(self.title.clone()),
            summary: Some(lines(&self.summary)),
            objectives: Some(objectives.map(str::to_owned).collect()),
            minutes: Some(number("minutes", &self.minutes)?),
            language: self.language.parse().ok(),
            design,
        })
    }
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    page(&visit, &course, Details::of(&course), Vec::new(), None)
}

pub(super) async fn save(
    State(app): State<App>,
    visit: Visit,
    Path(course): Path<String>,
    Submitted(details): Submitted<Details>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let saved = match details.changes() {
        Ok(changes) => {
            let rule = |course: &mut Course| {
                if Details::of(course).seen != details.seen {
                    return Err(Refusal::Stale);
                }
                course.change(changes.clone())
            };
            commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(back(course.id, "saved")),
        Err(CommandError::Refused(Refusal::Stale) | CommandError::Conflict) => {
            let (course, _) = own(&app, &visit, &course.id.to_string()).await?;
            let present = Details::of(&course);
            let mine = Details { seen: present.seen.clone(), ..details };
            if differing(text(&visit), &mine, &present).is_empty() {
                return Ok(back(course.id, "saved"));
            }
            page(&visit, &course, mine, Vec::new(), Some(present))
        }
        Err(error) => page(&visit, &course, details, wrong(error, visit.language)?, None),
    }
}

#[derive(Template)]
#[template(path = "teaching/details.html")]
struct DetailsPage {
    t: Text,
    language: &'static str,
    key: String,
    is_published: bool,
    /// What somebody else saved meanwhile, where it differs.
    conflict: Vec<Difference>,
    form: Html,
}

fn page(
    visit: &Visit,
    course: &Course,
    details: Details,
    errors: Vec<FieldProblem>,
    present: Option<Details>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let conflict = present.map(|present| differing(t, &details, &present)).unwrap_or_default();
    let has_errors = !errors.is_empty() || !conflict.is_empty();
    let shown = framed(visit, course, t.get("details-title")).with_errors_if(has_errors);
    shown.show(&DetailsPage {
        t,
        language: course.language.code(),
        key: course.key.clone(),
        is_published: course.state == Shown::Published,
        conflict,
        form: form(visit, course, details, errors)?,
    })
}

/// A detail that differs: its name, and both values in words.
pub(super) struct Difference {
    pub(super) name: String,
    pub(super) one: String,
    pub(super) other: String,
    /// In the language of the course; otherwise in the reader's.
    pub(super) is_written: bool,
}

impl Difference {
    pub(super) fn values(&self) -> [&str; 2] {
        [&self.one, &self.other]
    }
}

/// What differs between a course and what would become of it: its details, and its sections.
pub(super) fn differences(t: Text, before: &Course, after: &Course) -> Vec<Difference> {
    let mut differing = differing(t, &Details::of(before), &Details::of(after));
    let sections = |course: &Course| {
        let titles = course.sections.iter().map(|section| section.title.as_str());
        titles.collect::<Vec<_>>().join("\n")
    };
    let (one, other) = (sections(before), sections(after));
    if one != other {
        let name = t.get("import-sections");
        differing.push(Difference { name, one, other, is_written: true });
    }
    differing
}

fn differing(t: Text, one: &Details, other: &Details) -> Vec<Difference> {
    let pairs = one.fields().into_iter().zip(other.fields());
    let differing = pairs.filter(|((_, one), (_, other))| lines(one) != lines(other));
    let difference = |((key, one), (_, other)): ((&str, &str), (&str, &str))| Difference {
        name: t.get(key),
        one: worded(t, key, one),
        other: worded(t, key, other),
        is_written: matches!(key, "field-title" | "field-summary" | "field-objectives"),
    };
    differing.map(difference).collect()
}

/// Codes as people know them.
fn worded(t: Text, key: &str, value: &str) -> String {
    match (key, value) {
        ("field-language", "en" | "fr") => t.get(&format!("language-{value}")),
        ("field-design", "achievement" | "certificat-de-realisation") => {
            t.get(&format!("certificate-{value}"))
        }
        _ => value.to_owned(),
    }
}

fn form(
    visit: &Visit,
    course: &Course,
    details: Details,
    errors: Vec<FieldProblem>,
) -> Result<Html, Problem> {
    let t = text(visit);
    let designs = ["achievement", "certificat-de-realisation"]
        .map(|code| (code.to_owned(), t.get(&format!("certificate-{code}"))));
    let address = format!("/teaching/{}/details", course.id);
    Form::new(visit.language, address, t.get("save"))
        .field(Field::hidden("seen", details.seen))
        .field(
            Field::text("title", t.get("field-title"))
                .value(details.title)
                .longest(limits::TITLE_CHARS)
                .language(course.language),
        )
        .field(
            Field::area("summary", t.get("field-summary"), 5)
                .hint(t.get("field-summary-hint"))
                .value(details.summary)
                .language(course.language)
                .optional(),
        )
        .field(
            Field::area("objectives", t.get("field-objectives"), 6)
                .hint(t.get("field-objectives-hint"))
                .value(details.objectives)
                .language(course.language)
                .optional(),
        )
        .field(language_field(t, &details.language))
        .field(
            Field::text("minutes", t.get("field-minutes"))
                .hint(t.get("field-minutes-hint"))
                .value(details.minutes)
                .optional(),
        )
        .field(Field::radio("design", t.get("field-design"), designs.into()).value(details.design))
        .back(format!("/teaching/{}", course.id), t.get("back"))
        .errors(errors)
        .html()
}
