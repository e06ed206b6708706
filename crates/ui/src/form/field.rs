//! One field of a form.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// One field of a [`Form`](super::Form). Its name is an id too: letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug)]
pub struct Field {
    pub(super) name: Cow<'static, str>,
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) hint: Option<String>,
    pub(super) autocomplete: Option<&'static str>,
    pub(super) longest: Option<usize>,
    pub(super) required: bool,
    pub(super) language: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Input(&'static str),
    /// With its number of rows.
    Area(u8),
    /// Values and their labels.
    Select(Vec<(String, String)>),
    /// One of several, all of them in sight: values and their labels.
    Radio(Vec<(String, String)>),
    /// Any of several: values, their labels, and whether they are ticked.
    Checks(Vec<(String, String, bool)>),
    /// A box, ticked or not.
    Tick(bool),
    File {
        accepts: &'static str,
        takes_several: bool,
    },
    Hidden,
}

impl Field {
    fn new(name: impl Into<Cow<'static, str>>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            value: String::new(),
            hint: None,
            autocomplete: None,
            longest: None,
            required: true,
            language: None,
        }
    }

    #[must_use]
    pub fn text(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    #[must_use]
    pub fn mail(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("email"))
    }

    #[must_use]
    pub fn password(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("password"))
    }

    #[must_use]
    pub fn search(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("search")).optional()
    }

    /// A number as people write it, in their language's way: read it with [`parse_number`](crate::parse_number).
    #[must_use]
    pub fn number(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("number"))
    }

    /// A day, as `2026-11-24`.
    #[must_use]
    pub fn date(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("date"))
    }

    /// A day and time on the person's own clock: fill it with [`at`](Self::at), read it with
    /// [`parse_local`](crate::parse_local).
    #[must_use]
    pub fn date_time(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("datetime-local"))
    }

    /// A time of day, as `21:30`.
    #[must_use]
    pub fn time(name: impl Into<Cow<'static, str>>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Input("time"))
    }

    #[must_use]
    pub fn area(name: impl Into<Cow<'static, str>>, label: impl Into<String>, rows: u8) -> Self {
        Self::new(name, label, Kind::Area(rows))
    }

    /// The options as values and labels.
    #[must_use]
    pub fn select(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self::new(name, label, Kind::Select(options))
    }

    /// One of a few, all in sight: values and labels. [`value`](Self::value) says which is chosen.
    #[must_use]
    pub fn radio(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self::new(name, label, Kind::Radio(options))
    }

    /// Any of a few: values, labels, and whether ticked. They come back as that many fields of the one name:
    /// read them with [`Answers`](crate::Answers).
    #[must_use]
    pub fn checks(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        options: Vec<(String, String, bool)>,
    ) -> Self {
        Self::new(name, label, Kind::Checks(options)).optional()
    }

    /// A box to tick; it comes back as `on`, or not at all.
    #[must_use]
    pub fn tick(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        is_ticked: bool,
    ) -> Self {
        Self::new(name, label, Kind::Tick(is_ticked)).optional()
    }

    /// A file to send: `accepts` is what the browser offers, as `.csv,text/csv`. The form goes as
    /// `multipart/form-data`: read it with [`Upload`](crate::Upload).
    #[must_use]
    pub fn file(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        accepts: &'static str,
    ) -> Self {
        Self::new(name, label, Kind::File { accepts, takes_several: false })
    }

    /// As [`file`](Self::file), and any number of them at once.
    #[must_use]
    pub fn files(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<String>,
        accepts: &'static str,
    ) -> Self {
        Self::new(name, label, Kind::File { accepts, takes_several: true })
    }

    #[must_use]
    pub fn hidden(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self::new(name, "", Kind::Hidden).value(value)
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Fills in a moment, by the clock of this zone.
    #[must_use]
    pub fn at(self, moment: Option<DateTime<Utc>>, zone: Tz) -> Self {
        let on_the_clock = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%dT%H:%M");
        self.value(moment.map(|at| on_the_clock(at).to_string()).unwrap_or_default())
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

    /// Of what is written, where it is not the page's: for spelling and for screen readers.
    #[must_use]
    pub fn language(mut self, language: event::Language) -> Self {
        self.language = Some(language.code());
        self
    }

    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(super) fn is_tick(&self) -> bool {
        matches!(self.kind, Kind::Tick(_))
    }

    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Hidden)
    }

    /// A group of inputs, which needs a legend instead of a label.
    pub(super) fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Radio(_) | Kind::Checks(_))
    }

    /// The options of a group: value, label, whether chosen.
    pub(super) fn options(&self) -> Vec<(&str, &str, bool)> {
        match &self.kind {
            Kind::Radio(options) => options
                .iter()
                .map(|(value, label)| (value.as_str(), label.as_str(), *value == self.value))
                .collect(),
            Kind::Checks(options) => options
                .iter()
                .map(|(value, label, ticked)| (value.as_str(), label.as_str(), *ticked))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The id of a group's option: the first has the field's own, so that the summary of errors leads to it.
    pub(super) fn option_id(&self, index: usize) -> String {
        if index == 0 { self.name.to_string() } else { format!("{}-{}", self.name, index + 1) }
    }
}
