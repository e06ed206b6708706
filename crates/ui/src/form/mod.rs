//! Forms that work without JavaScript and with a screen reader: each error stands beside its field and
//! in a summary that leads there.
//!
//! A form decides nothing: what was written is judged by its service.

mod confirm;
mod field;

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};
use event::Language;

pub use confirm::Confirm;
pub use field::Field;
use field::Kind;

use crate::{FieldProblem, Html, Problem, TEXTS, Text};

/// A form. Labels, hints and errors come in the reader's language.
#[derive(Template)]
#[template(path = "form.html")]
pub struct Form {
    t: Text,
    action: String,
    id: Option<&'static str>,
    is_search: bool,
    autosave: Option<String>,
    is_kept: bool,
    unsaved: Option<Unsaved>,
    sections: Vec<Section>,
    buttons: Vec<Button>,
    back: Option<(String, String)>,
    errors: Vec<FieldProblem>,
}

/// Fields that belong together; the first section has no title, and may be empty.
#[derive(Default)]
struct Section {
    title: Option<String>,
    hint: Option<String>,
    body: Option<Html>,
    fields: Vec<Field>,
}

/// What becomes of a form whose content is not saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsaved {
    /// It is saved as soon as the page is there.
    IsSent,
    /// Somebody has to look at it first: until they send it, it is kept on the device.
    Waits,
}

impl Unsaved {
    fn code(self) -> &'static str {
        match self {
            Self::IsSent => "send",
            Self::Waits => "wait",
        }
    }
}

struct Button {
    label: String,
    /// The field that says which button it was.
    name: Option<(Cow<'static, str>, String)>,
    look: &'static str,
}

impl Form {
    /// A form that is posted.
    #[must_use]
    pub fn new(language: Language, action: impl Into<String>, button: impl Into<String>) -> Self {
        let button = Button { label: button.into(), name: None, look: "" };
        Self {
            t: Text::new(&TEXTS, language),
            action: action.into(),
            id: None,
            is_search: false,
            autosave: None,
            is_kept: false,
            unsaved: None,
            sections: vec![Section::default()],
            buttons: vec![button],
            back: None,
            errors: Vec::new(),
        }
    }

    /// A form that changes nothing: what is written goes into the address (GET), and it stands in one line
    /// where there is room. For searching and narrowing lists.
    #[must_use]
    pub fn search(
        language: Language,
        action: impl Into<String>,
        button: impl Into<String>,
    ) -> Self {
        Self { is_search: true, ..Self::new(language, action, button) }
    }

    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        if let Some(section) = self.sections.last_mut() {
            section.fields.push(field);
        }
        self
    }

    #[must_use]
    pub fn fields(self, fields: impl IntoIterator<Item = Field>) -> Self {
        fields.into_iter().fold(self, Self::field)
    }

    /// The fields that follow belong together under this title.
    #[must_use]
    pub fn section(mut self, title: impl Into<String>) -> Self {
        self.sections.push(Section { title: Some(title.into()), ..Section::default() });
        self
    }

    /// What to know before filling in the section that was begun.
    #[must_use]
    pub fn section_hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(section) = self.sections.last_mut() {
            section.hint = Some(hint.into());
        }
        self
    }

    /// What the section that was begun is about, beside its fields where there is room.
    #[must_use]
    pub fn section_body(mut self, body: Html) -> Self {
        if let Some(section) = self.sections.last_mut() {
            section.body = Some(body);
        }
        self
    }

    /// What the first button sends besides: its name and value. Needed where there is a second one.
    #[must_use]
    pub fn button_named(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        if let Some(button) = self.buttons.first_mut() {
            button.name = Some((name.into(), value.into()));
        }
        self
    }

    /// Another button: “save the draft” beside “publish”. The service tells them apart by name and value.
    #[must_use]
    pub fn second_button(
        mut self,
        label: impl Into<String>,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        let name = Some((name.into(), value.into()));
        self.buttons.push(Button { label: label.into(), name, look: "second" });
        self
    }

    /// The first button does what cannot be undone.
    #[must_use]
    pub fn dangerous(mut self) -> Self {
        if let Some(button) = self.buttons.first_mut() {
            button.look = "danger";
        }
        self
    }

    /// A way back beside the buttons.
    #[must_use]
    pub fn back(mut self, address: impl Into<String>, label: impl Into<String>) -> Self {
        self.back = Some((address.into(), label.into()));
        self
    }

    /// With JavaScript, what is written is posted to this address as it is given: the same fields, to be answered with
    /// 204, with a problem that names fields, or with 409 where somebody else has changed it meanwhile. A hidden
    /// `seen` says what was seen of what is saved: the answer gives the next one in the header `estrade-seen`.
    /// Nothing is overwritten after a 409: the form, sent by its button, is to show both.
    #[must_use]
    pub fn autosave(mut self, address: impl Into<String>) -> Self {
        self.autosave = Some(address.into());
        self
    }

    /// With JavaScript, what is written is kept on the device until somebody who is still signed in sends the
    /// form: for what cannot be saved before it is whole.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.is_kept = true;
        self
    }

    /// What stands in the form is not what is saved, or not yet anywhere.
    #[must_use]
    pub fn unsaved(mut self, unsaved: Unsaved) -> Self {
        self.unsaved = Some(unsaved);
        self
    }

    /// The `id` of the form element.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
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

    fn all_fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    fn has_field(&self, name: &str) -> bool {
        self.all_fields().any(|field| field.name == name && !field.is_hidden())
    }

    /// A file goes only as `multipart/form-data`.
    fn has_file(&self) -> bool {
        self.all_fields().any(|field| matches!(field.kind, Kind::File { .. }))
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

impl Attributes {
    /// For a group, which can be described and no more.
    fn described(&self) -> Self {
        Self { described: self.described.clone(), required: false, invalid: false }
    }
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

#[cfg(test)]
mod tests;
