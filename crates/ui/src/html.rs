//! HTML that is known to be safe: templates print it without escaping it again.

use std::fmt;

use askama::{FastWritable, Template, Values, filters::HtmlSafe};

use crate::Problem;

/// HTML from [`markdown`](crate::markdown), a form or a template, or a text as it is, escaped; nothing else
/// makes one, so that no text of a person becomes markup by mistake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// What a template gives.
    ///
    /// # Errors
    /// When the template fails, which takes a `Display` that does.
    pub fn render(template: &impl Template) -> Result<Self, Problem> {
        template.render().map(Self).map_err(|error| Problem::unavailable(&error))
    }

    /// A template of this crate, which prints nothing that can fail.
    pub(crate) fn of(template: &impl Template) -> Self {
        Self(template.render().unwrap_or_default())
    }

    /// Nothing to print.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        Self::of(&Plain { text })
    }
}

impl From<String> for Html {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Plain<'a> {
    text: &'a str,
}

impl fmt::Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FastWritable for Html {
    fn write_into(&self, destination: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(destination.write_str(&self.0)?)
    }
}

impl HtmlSafe for Html {}
