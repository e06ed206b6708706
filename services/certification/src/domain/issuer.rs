//! Who issues certificates, and what one of theirs looks like.

use chrono::NaiveDate;
use contract::identity::{LegalMentions, OrganisationUpdated};
use event::{FileReference, Language};
use rust_decimal::Decimal;

use crate::{
    code::Code,
    design::{Activity, Design, Facts, Nature, Organisation, QuizResult},
};

/// Who issues: the organisation as it is now, with what it says of itself in each language.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(crate) organisation: Organisation,
    pub(crate) mentions: LegalMentions,
}

impl Issuer {
    /// As the configuration has it, with what the organisation said of itself since.
    pub(crate) fn of(configured: &Organisation, told: Option<&Told>) -> Self {
        let Some(told) = told else {
            let mentions = LegalMentions::default();
            return Self { organisation: configured.clone(), mentions };
        };
        let now = &told.organisation;
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let address = now.address.join(", ");
        let organisation = Organisation {
            name: now.name.clone(),
            representative: filled(&now.representative)
                .unwrap_or_else(|| configured.representative.clone()),
            capacity: filled(&now.capacity).unwrap_or_else(|| configured.capacity.clone()),
            address: Some(address).filter(|address| !address.is_empty()),
            activity_number: filled(&now.activity_number),
            place: filled(&now.place).unwrap_or_else(|| configured.place.clone()),
            retention_years: now.retention_years.unwrap_or(configured.retention_years),
            logo: None,
            logo_file: told.logo.clone(),
            ..configured.clone()
        };
        Self { organisation, mentions: now.legal_mentions.clone() }
    }

    /// What is printed on a certificate in a language.
    pub(crate) fn in_language(&self, language: Language) -> Organisation {
        let mentions = self.mentions.of(language).split_whitespace().collect::<Vec<_>>().join(" ");
        Organisation {
            mentions: Some(mentions).filter(|mentions| !mentions.is_empty()),
            ..self.organisation.clone()
        }
    }
}

/// This service's copy of whose platform it is.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) organisation: OrganisationUpdated,
    /// The logo, kept here for good.
    pub(crate) logo: Option<FileReference>,
}

/// What a design looks like: the organisation's own, of nobody and nothing in particular.
pub(crate) fn sample(
    design: Design,
    language: Language,
    now: NaiveDate,
    issuer: &Issuer,
    base_url: &str,
) -> Facts {
    let code = Code::NONE;
    let say = |key: &str| ui::text(&crate::TEXTS, language, key);
    let activity = |key: &str, minutes| Activity { title: say(key), minutes };
    Facts {
        design,
        language,
        person: say("sample-person"),
        employer: None,
        course: say("sample-course"),
        course_language: Some(language),
        nature: Nature::Training,
        code,
        verification_url: format!("{base_url}/verify/{code}"),
        issued: now,
        started: now - chrono::Days::new(30),
        completed: now,
        minutes: 14 * 60,
        objectives: vec![say("sample-objective-1"), say("sample-objective-2")],
        results: vec![QuizResult {
            title: say("sample-quiz"),
            mark: Decimal::new(175, 1),
            out_of: Decimal::from(20),
        }],
        activities: vec![
            activity("sample-lesson-1", 6 * 60),
            activity("sample-lesson-2", 7 * 60),
            activity("sample-quiz", 60),
        ],
        organisation: issuer.in_language(language),
    }
}
