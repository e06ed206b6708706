//! The facts as a template prints them: dates and durations in words, long lists cut to what a page
//! holds. Serialised as the template's `/data.json`.

use chrono::{Datelike, NaiveDate};
use event::Language;
use serde::Serialize;

use super::RenderError;
use super::text::{self, Text};
use crate::design::{Activity, Design, Facts, LogoFormat, Nature, Organisation, QuizResult};

/// A page has room for so many of each at a size that can be read; the others are counted.
const MOST_ACTIVITIES: usize = 14;
const MOST_RESULTS: usize = 8;
const MOST_OBJECTIVES: usize = 6;
/// A longer address makes a QR code too fine to be read from paper.
const LONGEST_URL: usize = 300;

#[derive(Serialize)]
pub(super) struct Page {
    lang: &'static str,
    person: Text,
    employer: Option<Text>,
    course: Text,
    nature: Nature,
    code: String,
    url: String,
    url_shown: String,
    issued: String,
    issued_parts: (i32, u8, u8),
    started: String,
    completed: String,
    one_day: bool,
    duration: Option<String>,
    objectives: Shown<Text>,
    results: Shown<ResultLine>,
    activities: Shown<ActivityLine>,
    organisation: OrganisationLines,
    logo: Option<&'static str>,
}

/// The first lines of a list, and how many more there are.
#[derive(Serialize)]
struct Shown<T> {
    shown: Vec<T>,
    more: usize,
}

#[derive(Serialize)]
struct ResultLine {
    title: Text,
    mark: String,
}

#[derive(Serialize)]
struct ActivityLine {
    title: Text,
    duration: Option<String>,
}

#[derive(Serialize)]
struct OrganisationLines {
    name: Text,
    representative: Text,
    capacity: Text,
    place: Text,
    address: Option<Text>,
    activity_number: Option<Text>,
    retention_years: u8,
    mentions: Option<Text>,
}

impl Page {
    pub(super) fn of(facts: &Facts) -> Result<Self, RenderError> {
        let language = facts.language;
        Ok(Self {
            lang: language.code(),
            person: text::name(&facts.person),
            employer: filled(facts.employer.as_deref()),
            course: text::name(&facts.course),
            nature: facts.nature,
            code: facts.code.to_string(),
            url: web_address(&facts.verification_url)?,
            url_shown: shown_address(&facts.verification_url),
            issued: text::date(facts.issued, language),
            issued_parts: year_month_day(facts.issued),
            started: text::date(facts.started, language),
            completed: text::date(facts.completed, language),
            one_day: facts.started == facts.completed,
            duration: text::duration(facts.minutes),
            objectives: shown(&facts.objectives, MOST_OBJECTIVES, |objective| {
                text::line(objective)
            }),
            results: shown(&facts.results, MOST_RESULTS, |result| result_line(result, language)),
            activities: shown(&facts.activities, MOST_ACTIVITIES, activity_line),
            organisation: organisation_lines(&facts.organisation),
            logo: facts.organisation.logo.as_ref().map(|logo| logo_path(logo.format())),
        })
    }
}

/// The template a design is written in.
pub(super) fn template(design: Design) -> &'static str {
    match design {
        Design::Achievement => "/achievement.typ",
        Design::CertificatDeRealisation => "/realisation.typ",
    }
}

pub(super) fn logo_path(format: LogoFormat) -> &'static str {
    match format {
        LogoFormat::Png => "/logo.png",
        LogoFormat::Jpeg => "/logo.jpg",
        LogoFormat::Svg => "/logo.svg",
        LogoFormat::Webp => "/logo.webp",
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a month and a day are below 32")]
pub(super) fn year_month_day(date: NaiveDate) -> (i32, u8, u8) {
    (date.year(), date.month() as u8, date.day() as u8)
}

fn shown<T, U>(all: &[T], most: usize, line: impl Fn(&T) -> U) -> Shown<U> {
    Shown { shown: all.iter().take(most).map(line).collect(), more: all.len().saturating_sub(most) }
}

fn result_line(result: &QuizResult, language: Language) -> ResultLine {
    let mark = text::decimal(result.mark, language);
    let out_of = text::decimal(result.out_of, language);
    ResultLine { title: text::line(&result.title), mark: format!("{mark}\u{a0}/\u{a0}{out_of}") }
}

fn activity_line(activity: &Activity) -> ActivityLine {
    ActivityLine { title: text::line(&activity.title), duration: text::duration(activity.minutes) }
}

fn organisation_lines(organisation: &Organisation) -> OrganisationLines {
    OrganisationLines {
        name: text::line(&organisation.name),
        representative: text::line(&organisation.representative),
        capacity: text::line(&organisation.capacity),
        place: text::line(&organisation.place),
        address: filled(organisation.address.as_deref()),
        activity_number: filled(organisation.activity_number.as_deref()),
        retention_years: organisation.retention_years,
        mentions: organisation.mentions.as_deref().map(text::name).filter(|text| !text.is_empty()),
    }
}

fn filled(value: Option<&str>) -> Option<Text> {
    value.map(text::line).filter(|text| !text.is_empty())
}

fn web_address(url: &str) -> Result<String, RenderError> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web && url.len() <= LONGEST_URL {
        Ok(url.to_owned())
    } else {
        Err(RenderError::VerificationUrl(url.chars().take(LONGEST_URL).collect()))
    }
}

fn shown_address(url: &str) -> String {
    url.trim_start_matches("https://").trim_start_matches("http://").to_owned()
}
