//! A page that says what is about to happen, and asks.

use askama::Template;
use axum::response::Response;

use super::{Field, Form};
use crate::{FieldProblem, Html, Page, Problem};

/// What stands between a button and something that cannot easily be undone: a GET shows this page, its form
/// posts.
/// ```text
/// Confirm::new(t.get("revoke-title"), form).consequence(t.get("revoke-mail")).show(page)
/// ```
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    title: String,
    lead: Option<Html>,
    consequences: Vec<String>,
    form: Html,
}

impl Confirm {
    /// The form should have a way [`back`](Form::back).
    ///
    /// # Errors
    /// As [`Html::render`].
    pub fn new(title: impl Into<String>, form: &Form) -> Result<Self, Problem> {
        let (title, form) = (title.into(), form.html()?);
        Ok(Self { title, lead: None, consequences: Vec::new(), form })
    }

    /// What it is about, in a sentence; a title in it may be [marked](crate::Text::mark).
    #[must_use]
    pub fn lead(mut self, lead: impl Into<Html>) -> Self {
        self.lead = Some(lead.into());
        self
    }

    /// One of the things that will happen.
    #[must_use]
    pub fn consequence(mut self, consequence: impl Into<String>) -> Self {
        self.consequences.push(consequence.into());
        self
    }

    /// # Errors
    /// As [`Html::render`].
    pub fn show(&self, page: Page<'_>) -> Result<Response, Problem> {
        page.show(self)
    }
}

impl Form {
    /// A form with a field for the reason and nothing else, as confirming often takes.
    #[must_use]
    pub fn with_reason(
        self,
        label: impl Into<String>,
        reason: &str,
        errors: Vec<FieldProblem>,
    ) -> Self {
        self.field(Field::area("reason", label, 3).longest(500).value(reason)).errors(errors)
    }
}
