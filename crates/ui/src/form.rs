//! Forms that work without JavaScript and with a screen reader: each error stands beside its field and
//! in a summary that leads there.

use askama::{Template, filters::HtmlSafe};
use event::Language;

use crate::{FieldProblem, Html, Problem, TEXTS, Text};

/// A form that is posted. Labels, hints and errors come in the reader's language.
#[derive(Template)]
#[template(path = "form.html")]
pub struct Form {
    t: Text,
    action: String,
    button: String,
    fields: Vec<Field>,
    errors: Vec<FieldProblem>,
}

impl Form {
    #[must_use]
    pub fn new(language: Language, action: impl Into<String>, button: impl Into<String>) -> Self {
        Self {
            t: Text::new(&TEXTS, language),
            action: action.into(),
            button: button.into(),
            fields: Vec::new(),
            errors: Vec::new(),
        }
    }

    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// What is wrong; an error of a field that is not in the form stands in the summary alone.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// The form as HTML, for a template's `{{ form }}`.
    ///
    /// # Errors
    /// As [`Html::render`].
    pub fn html(&self) -> Result<Html, Problem> {
        Html::render(self)
    }

    fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name && !field.is_hidden())
    }

    fn errors_of<'a>(&'a self, field: &'a Field) -> impl Iterator<Item = &'a str> {
        let of_field = move |error: &&FieldProblem| error.field == field.name;
        self.errors.iter().filter(of_field).map(|error| error.detail.as_str())
    }

    fn has_error(&self, field: &Field) -> bool {
        self.errors_of(field).next().is_some()
    }

    fn aria(&self, field: &Field) -> Attributes {
        let mut described: Vec<String> = Vec::new();
        if field.hint.is_some() {
            described.push(format!("{}-hint", field.name));
        }
        let errors = self.errors_of(field).count();
        described.extend((1..=errors).map(|number| format!("{}-error-{number}", field.name)));
        Attributes { described, required: field.required, invalid: errors > 0 }
    }
}

/// The attributes that say what a field is to those who cannot see it.
struct Attributes {
    /// Ids, made of field names: no text of a person.
    described: Vec<String>,
    required: bool,
    invalid: bool,
}

impl std::fmt::Display for Attributes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.required {
            formatter.write_str(" required")?;
        }
        if self.invalid {
            formatter.write_str(" aria-invalid=\"true\"")?;
        }
        if self.described.is_empty() {
            return Ok(());
        }
        write!(formatter, " aria-describedby=\"{}\"", self.described.join(" "))
    }
}

impl HtmlSafe for Attributes {}

/// One field of a [`Form`].
#[derive(Clone, Debug)]
pub struct Field {
    name: &'static str,
    label: String,
    kind: Kind,
    value: String,
    hint: Option<String>,
    autocomplete: Option<&'static str>,
    longest: Option<usize>,
    required: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Input(&'static str),
    /// With its number of rows.
    Area(u8),
    /// Values and their labels.
    Select(Vec<(String, String)>),
    /// A box, ticked or not.
    Tick(bool),
    Hidden,
}

impl Field {
    fn new(name: &'static str, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name,
            label: label.into(),
            kind,
            value: String::new(),
            hint: None,
            autocomplete: None,
            longest: None,
            required: true,
        }
    }

    #[must_use]
    pub fn text(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    #[must_use]
    pub fn mail(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("email"))
    }

    #[must_use]
    pub fn password(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("password"))
    }

    #[must_use]
    pub fn area(name: &'static str, label: impl Into<String>, rows: u8) -> Self {
        Self::new(name, label, Kind::Area(rows))
    }

    /// The options as values and labels.
    #[must_use]
    pub fn select(
        name: &'static str,
        label: impl Into<String>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self::new(name, label, Kind::Select(options))
    }

    /// A box to tick; it comes back as `on`, or not at all.
    #[must_use]
    pub fn tick(name: &'static str, label: impl Into<String>, is_ticked: bool) -> Self {
        Self::new(name, label, Kind::Tick(is_ticked)).optional()
    }

    #[must_use]
    pub fn hidden(name: &'static str, value: impl Into<String>) -> Self {
        Self::new(name, "", Kind::Hidden).value(value)
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What a browser may fill in: `name`, `email`, `new-password`, …
    #[must_use]
    pub fn autocomplete(mut self, purpose: &'static str) -> Self {
        self.autocomplete = Some(purpose);
        self
    }

    /// In characters.
    #[must_use]
    pub fn longest(mut self, characters: usize) -> Self {
        self.longest = Some(characters);
        self
    }

    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    fn is_tick(&self) -> bool {
        matches!(self.kind, Kind::Tick(_))
    }

    fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Hidden)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_error_stands_in_the_summary_and_beside_its_field() {
        let wrong =
            |field: &str, detail: &str| FieldProblem { field: field.into(), detail: detail.into() };
        let form = Form::new(Language::En, "/register", "Register")
            .field(
                Field::text("name", "Name")
                    .value("<b>\"")
                    .hint("As on the certificate")
                    .longest(120),
            )
            .field(Field::area("about", "About", 3).optional())
            .field(
                Field::select("language", "Language", vec![("fr".into(), "Français".into())])
                    .value("fr"),
            )
            .field(Field::tick("mails", "By mail", true))
            .field(Field::hidden("next", "/courses"))
            .errors(vec![wrong("name", "too odd"), wrong("general", "not now")]);
        let html = form.html().unwrap().to_string();
        for part in [
            r##"<a href="#name">too odd</a>"##,
            "<li>not now</li>",
            r#"<p class="error" id="name-error-1">too odd</p>"#,
            r#"value="&#60;b&#62;&#34;""#,
            r#"aria-invalid="true" aria-describedby="name-hint name-error-1""#,
            r#"<option value="fr" selected>"#,
            r#"<input type="hidden" name="next" value="/courses">"#,
            r#"<input id="mails" name="mails" type="checkbox" checked>"#,
            r#"<label for="mails">By mail</label>"#,
            "(optional)",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }
}
