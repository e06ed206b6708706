//! Where one may go from here: the main menu by role, sub-navigation, the way back.

use std::fmt::Display;

use askama::Template;
use event::{Language, Role};

use crate::{Html, TEXTS, Text, Visit};

/// A link of a menu.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) address: String,
    pub(crate) label: String,
    pub(crate) is_current: bool,
}

const FOR_ALL: &[(&str, &str)] = &[("/courses", "courses")];
const FOR_LEARNERS: &[(&str, &str)] =
    &[("/learning", "learning"), ("/certificates", "certificates"), (INBOX, "inbox")];
const FOR_INSTRUCTORS: &[(&str, &str)] = &[("/teaching", "teaching"), ("/marking", "marking")];
const FOR_ADMINISTRATORS: &[(&str, &str)] = &[("/people", "administration")];
const FOR_OPERATORS: &[(&str, &str)] = &[("/operations", "operations")];
pub(crate) const INBOX: &str = "/inbox";

/// Pages that belong to an entry of the menu without standing below its address.
const BELONGS: &[(&str, &str)] = &[
    ("/quizzes", "/learning"),
    ("/attempts", "/learning"),
    ("/question-bank", "/teaching"),
    ("/roster", "/teaching"),
    ("/results", "/teaching"),
    ("/invitations", "/people"),
    ("/enrolments", "/people"),
    ("/issued", "/people"),
    ("/designs", "/people"),
    ("/organisation", "/people"),
    ("/timeline", "/account"),
    ("/search", "/courses"),
];

/// The main menu of who came.
pub(crate) fn main_menu(visit: &Visit) -> Vec<Link> {
    let t = Text::new(&TEXTS, visit.language);
    let mut entries = FOR_ALL.to_vec();
    if visit.session.is_some() {
        entries.extend(FOR_LEARNERS);
    }
    if visit.is(Role::Instructor) || visit.is(Role::Administrator) {
        entries.extend(FOR_INSTRUCTORS);
    }
    if visit.is(Role::Administrator) {
        entries.extend(FOR_ADMINISTRATORS);
    }
    if visit.is(Role::Operator) {
        entries.extend(FOR_OPERATORS);
    }
    links(t, &entries, visit.path())
}

/// What stands at the end of the menu: the account, or the way in.
pub(crate) fn personal_menu(visit: &Visit) -> Vec<Link> {
    let t = Text::new(&TEXTS, visit.language);
    let entries: &[_] = match visit.session {
        Some(_) => &[("/account", "account")],
        None => &[("/sign-in", "sign-in"), ("/register", "register")],
    };
    links(t, entries, visit.path())
}

fn links(t: Text, entries: &[(&str, &str)], path: &str) -> Vec<Link> {
    let link = |(address, key): &(&str, &str)| Link {
        address: (*address).to_owned(),
        label: t.get(key),
        is_current: belongs(path, address),
    };
    entries.iter().map(link).collect()
}

fn belongs(path: &str, address: &str) -> bool {
    let is_below = |above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_below(address) || BELONGS.iter().any(|(below, of)| *of == address && is_below(below))
}

/// Sub-navigation: pages that stand side by side. It goes above a page's `h1`: [`Page::tabs`](crate::Page::tabs).
#[derive(Clone, Debug, Template)]
#[template(path = "tabs.html")]
pub struct Tabs {
    label: String,
    links: Vec<Link>,
}

impl Tabs {
    /// `label` says what they are tabs of, to those who cannot see it.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), links: Vec::new() }
    }

    #[must_use]
    pub fn tab(
        mut self,
        address: impl Into<String>,
        label: impl Into<String>,
        is_current: bool,
    ) -> Self {
        self.links.push(Link { address: address.into(), label: label.into(), is_current });
        self
    }

    #[must_use]
    pub fn html(&self) -> Html {
        Html::of(self)
    }
}

/// The pages of one course, for those who teach it; the variant is the page that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CourseTabs {
    /// `/teaching/{course}`
    Editor,
    /// `/question-bank/{course}`
    Questions,
    /// `/roster/{course}`
    Roster,
    /// `/results/{course}`
    Results,
    /// `/roster/{course}/message`
    Message,
}

impl CourseTabs {
    /// The tabs of this course (its id).
    #[must_use]
    pub fn of(self, visit: &Visit, course: impl Display) -> Tabs {
        let t = Text::new(&TEXTS, visit.language);
        [
            (Self::Editor, format!("/teaching/{course}"), "tab-editor"),
            (Self::Questions, format!("/question-bank/{course}"), "tab-questions"),
            (Self::Roster, format!("/roster/{course}"), "tab-roster"),
            (Self::Results, format!("/results/{course}"), "tab-results"),
            (Self::Message, format!("/roster/{course}/message"), "tab-message"),
        ]
        .into_iter()
        .fold(Tabs::new(t.get("tabs-course")), |tabs, (tab, address, key)| {
            tabs.tab(address, t.get(key), tab == self)
        })
    }
}

/// The administrator's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministrationTabs {
    People,
    Invitations,
    Enrolments,
    Issued,
    Designs,
    Organisation,
}

impl AdministrationTabs {
    #[must_use]
    pub fn of(self, visit: &Visit) -> Tabs {
        let t = Text::new(&TEXTS, visit.language);
        [
            (Self::People, "/people", "tab-people"),
            (Self::Invitations, "/invitations", "tab-invitations"),
            (Self::Enrolments, "/enrolments", "tab-enrolments"),
            (Self::Issued, "/issued", "tab-issued"),
            (Self::Designs, "/designs", "tab-designs"),
            (Self::Organisation, "/organisation", "tab-organisation"),
        ]
        .into_iter()
        .fold(Tabs::new(t.get("tabs-administration")), |tabs, (tab, address, key)| {
            tabs.tab(address, t.get(key), tab == self)
        })
    }
}

/// The pages of one's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountTabs {
    Profile,
    Notifications,
    Devices,
    Timeline,
    Data,
}

impl AccountTabs {
    #[must_use]
    pub fn of(self, visit: &Visit) -> Tabs {
        let t = Text::new(&TEXTS, visit.language);
        [
            (Self::Profile, "/account", "tab-profile"),
            (Self::Notifications, "/account/notifications", "tab-notifications"),
            (Self::Devices, "/account/devices", "tab-devices"),
            (Self::Timeline, "/timeline", "tab-timeline"),
            (Self::Data, "/account/data", "tab-data"),
        ]
        .into_iter()
        .fold(Tabs::new(t.get("tabs-account")), |tabs, (tab, address, key)| {
            tabs.tab(address, t.get(key), tab == self)
        })
    }
}

/// The way back: the pages above this one, from the highest down. [`Page::crumb`](crate::Page::crumb) fills it.
#[derive(Clone, Debug, Template)]
#[template(path = "crumbs.html")]
pub struct Crumbs {
    label: String,
    crumbs: Vec<Crumb>,
}

#[derive(Clone, Debug)]
struct Crumb {
    address: String,
    label: String,
    /// Of the label, where it is not the page's.
    language: Option<Language>,
}

impl Crumbs {
    #[must_use]
    pub fn new(visit: &Visit) -> Self {
        Self { label: Text::new(&TEXTS, visit.language).get("crumbs"), crumbs: Vec::new() }
    }

    /// `language` where the label is in another one than the page, as a course's title may be.
    #[must_use]
    pub fn to(
        mut self,
        address: impl Into<String>,
        label: impl Into<String>,
        language: Option<Language>,
    ) -> Self {
        self.crumbs.push(Crumb { address: address.into(), label: label.into(), language });
        self
    }

    #[must_use]
    pub fn html(&self) -> Html {
        Html::of(self)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use event::PersonId;

    use super::*;
    use crate::Session;

    fn menu(address: &str, roles: &[Role]) -> Vec<(String, bool)> {
        let session = Session {
            person: PersonId::new(),
            roles: roles.to_vec(),
            language: Language::En,
            expires: DateTime::<Utc>::MAX_UTC,
        };
        let visit = Visit::example(address, Some(session), Language::En);
        main_menu(&visit).into_iter().map(|link| (link.address, link.is_current)).collect()
    }

    #[test]
    fn the_menu_follows_the_role() {
        let addresses = |roles: &[Role]| -> Vec<String> {
            menu("/", roles).into_iter().map(|(address, _)| address).collect()
        };
        let learner = ["/courses", "/learning", "/certificates", "/inbox"];
        assert_eq!(addresses(&[Role::Learner]), learner);
        let instructor = addresses(&[Role::Learner, Role::Instructor]);
        assert_eq!(instructor[4..], ["/teaching", "/marking"]);
        let administrator = addresses(&[Role::Administrator]);
        assert_eq!(administrator[4..], ["/teaching", "/marking", "/people"]);
        assert_eq!(addresses(&[Role::Operator])[4..], ["/operations"]);
        let nobody = Visit::example("/", None, Language::Fr);
        assert_eq!(main_menu(&nobody).len(), 1);
        assert_eq!(personal_menu(&nobody)[0].label, "Se connecter");
    }

    #[test]
    fn what_is_shown_is_marked_even_at_another_address() {
        for (address, marked) in [
            ("/learning", "/learning"),
            ("/attempts/1", "/learning"),
            ("/roster/1/message", "/teaching"),
            ("/designs", "/people"),
        ] {
            let menu = menu(address, &[Role::Administrator]);
            let current: Vec<_> = menu.iter().filter(|(_, is_current)| *is_current).collect();
            assert_eq!(current.len(), 1, "{address}");
            assert_eq!(current[0].0, marked);
        }
        assert!(menu("/coursesque", &[]).iter().all(|(_, is_current)| !is_current));
    }

    #[test]
    fn tabs_mark_one_page() {
        let visit = Visit::example("/", None, Language::Fr);
        let html = CourseTabs::Roster.of(&visit, "c1").html().to_string();
        assert!(html.contains(r#"<a href="/roster/c1" aria-current="page">"#), "{html}");
        assert_eq!(html.matches("aria-current").count(), 1);
        let html = AdministrationTabs::Issued.of(&visit).html().to_string();
        assert!(html.contains("Administration"), "{html}");
        assert!(AccountTabs::Data.of(&visit).html().as_str().contains("/account/devices"));
    }

    #[test]
    fn crumbs_say_which_language_they_are_in() {
        let visit = Visit::example("/", None, Language::Fr);
        let crumbs = Crumbs::new(&visit).to("/teaching", "A <b>", Some(Language::En)).html();
        assert!(
            crumbs.as_str().contains(r#"<a href="/teaching" lang="en">A &#60;b&#62;</a>"#),
            "{crumbs}"
        );
    }
}
