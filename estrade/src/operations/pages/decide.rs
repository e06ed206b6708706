//! Deciding about dead letters: once more, or put aside for good. Each is confirmed on a page that says
//! what it is about; before a replay, what would come of it can be tried without changing anything.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use bus::{DeadLetters, Replayed, Which};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Query, Submitted, Text, Visit};
use uuid::Uuid;

use super::{
    super::{
        LONGEST_REASON, unavailable,
        view::{RehearsalView, TableView},
    },
    ControlRoom, Tab, operator, text,
};
use crate::platform::Member;

/// Letters that are rehearsed for a page; the others of their group are as they.
const MOST_REHEARSED: u32 = 50;

/// The mark of what would be done, of which nobody can say whether it goes.
const UNTRIED: &str = "info";

/// Which letters: `id`, `group` or `all`, and only one of them.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wanted {
    id: String,
    consumer: String,
    group: String,
    all: String,
    /// To say what would come of a replay.
    rehearse: String,
    /// Why they are discarded.
    reason: String,
}

impl Wanted {
    fn which(&self) -> Result<Which<'_>, Problem> {
        let consumer = Some(self.consumer.as_str()).filter(|consumer| !consumer.is_empty());
        match (self.id.as_str(), self.group.as_str(), self.all.as_str()) {
            (id, "", "") if !id.is_empty() => match Uuid::try_parse(id) {
                Ok(id) => Ok(Which::Letter { id, consumer }),
                Err(_) => Err(Problem::not_found("no dead letter has such an id")),
            },
            ("", group, "") if !group.is_empty() => Ok(Which::Group(group)),
            ("", "", all) if !all.is_empty() => Ok(Which::All),
            _ => Err(Problem::unreadable("say which: an `id`, a `group`, or `all=1`")),
        }
    }

    /// The same once more, in a form.
    fn fields(&self) -> impl Iterator<Item = Field> {
        [("id", &self.id), ("consumer", &self.consumer), ("group", &self.group), ("all", &self.all)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Field::hidden(name, value.as_str()))
    }

    fn address(&self, member: &Member, what: &str) -> String {
        format!("/operations/{}/dead/{what}", member.name.name()).trim_end_matches('/').to_owned()
    }
}

/// How many wait of those that are wanted; none is an answer too.
async fn waiting(member: &Member, wanted: &Wanted) -> Result<u64, Problem> {
    let count = DeadLetters::of(&member.db).count(wanted.which()?).await.map_err(unavailable)?;
    if count == 0 {
        return Err(Problem::not_found("none of these waits any more: they were decided about"));
    }
    Ok(count)
}

/// What is wanted, in words.
fn named(t: Text, member: &Member, wanted: &Wanted, count: u64) -> String {
    let service = member.name.name();
    if !wanted.all.is_empty() {
        return t.with("decide-all", [("count", count.into()), ("service", service.into())]);
    }
    if !wanted.group.is_empty() {
        return t.with("decide-group", [("count", count.into()), ("service", service.into())]);
    }
    t.with("decide-one", [("count", count.into()), ("service", service.into())])
}

#[derive(Template)]
#[template(path = "replay.html")]
struct ReplayPage {
    t: Text,
    what: String,
    /// Where what would come of it is tried; absent once it was.
    rehearse: Option<String>,
    rehearsed: Vec<RehearsalLine>,
    summary: Option<String>,
    form: Html,
    back: String,
}

struct RehearsalLine {
    id: Uuid,
    consumer: String,
    verdict: String,
    class: &'static str,
    cause: Option<String>,
    /// What it would change.
    changes: Vec<String>,
    address: String,
}

pub(super) async fn confirm_replay(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    let (t, member) = (text(&visit), room.named(&service)?);
    let count = waiting(member, &wanted).await?;
    let is_rehearsed = !wanted.rehearse.is_empty();
    let rehearsed = if is_rehearsed { rehearse(t, member, &wanted).await? } else { Vec::new() };
    let form = Form::new(visit.language, wanted.address(member, "replay"), t.get("replay-button"));
    let form = wanted.fields().fold(form, Form::field);
    let body = ReplayPage {
        t,
        what: named(t, member, &wanted, count),
        rehearse: (!is_rehearsed).then(|| visit.address_with("rehearse", Some("1"))),
        summary: is_rehearsed.then(|| summary(t, &rehearsed, count)),
        rehearsed,
        form: form.html()?,
        back: wanted.address(member, ""),
    };
    visit.page(t.get("replay-title")).tabs(Tab::Dead.of(t)).show(&body)
}

async fn rehearse(
    t: Text,
    member: &Member,
    wanted: &Wanted,
) -> Result<Vec<RehearsalLine>, Problem> {
    let letters = DeadLetters::of(&member.db);
    let rehearsed = letters.rehearse(&member.service, wanted.which()?, MOST_REHEARSED).await;
    let rehearsed = rehearsed.map_err(unavailable)?.into_iter().map(RehearsalView::from);
    Ok(rehearsed.map(|view| RehearsalLine::of(t, member, view)).collect())
}

impl RehearsalLine {
    fn of(t: Text, member: &Member, view: RehearsalView) -> Self {
        let (verdict, class) = match view.verdict {
            "would-succeed" => (t.get("rehearsal-succeeds"), "good"),
            "would-be-performed" => (t.get("rehearsal-performed"), UNTRIED),
            "would-fail" => (t.get("rehearsal-fails"), "bad"),
            "cannot-be-read" => (t.get("rehearsal-unreadable"), "bad"),
            "deadly" => (t.get("rehearsal-deadly"), "bad"),
            _ => (t.get("rehearsal-nobody"), "bad"),
        };
        let mut changes = Vec::new();
        if view.verdict == "would-succeed" {
            changes.push(t.with("rehearsal-rows", [("count", view.rows.into())]));
            changes.extend(view.tables.iter().flat_map(|table| written(t, table)));
            for (event, count) in view.publishes {
                let named = [("event", event.into()), ("count", count.into())];
                changes.push(t.with("rehearsal-publishes", named));
            }
            for (effect, count) in view.requests {
                let named = [("effect", effect.into()), ("count", count.into())];
                changes.push(t.with("rehearsal-requests", named));
            }
        }
        let address = format!("/operations/{}/dead/letters/{}", member.name.name(), view.id);
        let RehearsalView { id, consumer, cause, .. } = view;
        Self { id, consumer, verdict, class, cause, changes, address }
    }
}

/// What would be done to the rows of one table, a sentence for each way.
fn written(t: Text, table: &TableView) -> Vec<String> {
    let ways = [
        ("rehearsal-inserted", table.inserted),
        ("rehearsal-inserted-or-updated", table.inserted_or_updated),
        ("rehearsal-updated", table.updated),
        ("rehearsal-deleted", table.deleted),
    ];
    let done = ways.into_iter().filter(|(_, rows)| *rows > 0);
    done.map(|(key, rows)| {
        t.with(key, [("table", table.table.as_str().into()), ("count", rows.into())])
    })
    .collect()
}

fn summary(t: Text, rehearsed: &[RehearsalLine], count: u64) -> String {
    let marked = |class| rehearsed.iter().filter(|line| line.class == class).count();
    let (good, untried) = (marked("good"), marked(UNTRIED));
    let tried = rehearsed.len() - untried;
    let numbers = [("good", good.into()), ("tried", tried.into()), ("count", count.into())];
    let summary = t.with("rehearsal-summary", numbers);
    if untried == 0 {
        return summary;
    }
    format!("{summary} {}", t.with("rehearsal-untried", [("count", untried.into())]))
}

pub(super) async fn replay(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person.to_string();
    let member = room.named(&service)?;
    let letters = DeadLetters::of(&member.db);
    let done = letters.replay_all(&member.service, wanted.which()?, Some(&by)).await;
    let Replayed { replayed, unreadable, nobody_there } = done.map_err(unavailable)?;
    let service = member.name.name();
    tracing::info!(service, replayed, by, "dead letters are tried again");
    let counts = format!("replayed={replayed}&unreadable={unreadable}&nobody_there={nobody_there}");
    Ok(Redirect::to(&format!("/operations/{service}/dead?{counts}")).into_response())
}

#[derive(Template)]
#[template(path = "discard.html")]
struct DiscardPage {
    t: Text,
    what: String,
    form: Html,
    back: String,
}

pub(super) async fn confirm_discard(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    operator(&visit)?;
    discard_page(&visit, room.named(&service)?, &wanted, None).await
}

async fn discard_page(
    visit: &Visit,
    member: &Member,
    wanted: &Wanted,
    error: Option<FieldProblem>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let count = waiting(member, wanted).await?;
    let reason = Field::area("reason", t.get("discard-reason"), 3)
        .hint(t.get("discard-reason-hint"))
        .longest(LONGEST_REASON)
        .value(wanted.reason.as_str());
    let form =
        Form::new(visit.language, wanted.address(member, "discard"), t.get("discard-button"));
    let form = wanted.fields().fold(form, Form::field).field(reason);
    let page = visit.page(t.get("discard-title")).tabs(Tab::Dead.of(t));
    let page = if error.is_some() { page.with_errors() } else { page };
    page.show(&DiscardPage {
        t,
        what: named(t, member, wanted, count),
        form: form.errors(error.into_iter().collect()).html()?,
        back: wanted.address(member, ""),
    })
}

pub(super) async fn discard(
    State(room): State<ControlRoom>,
    visit: Visit,
    Path(service): Path<String>,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response, Problem> {
    let by = operator(&visit)?.person.to_string();
    let (t, member) = (text(&visit), room.named(&service)?);
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let detail = t.get("discard-reason-wrong");
        let error = FieldProblem { field: "reason".to_owned(), detail };
        return discard_page(&visit, member, &wanted, Some(error)).await;
    }
    let letters = DeadLetters::of(&member.db);
    let discarded = letters.discard_all(wanted.which()?, reason, Some(&by)).await;
    let discarded = discarded.map_err(unavailable)?;
    let service = member.name.name();
    tracing::info!(service, discarded, by, "dead letters are discarded");
    Ok(Redirect::to(&format!("/operations/{service}/dead?discarded={discarded}")).into_response())
}

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;
    use crate::TEXTS;

    #[test]
    fn what_was_not_tried_is_not_among_what_would_go() {
        let line = |class| RehearsalLine {
            id: Uuid::nil(),
            consumer: String::new(),
            verdict: String::new(),
            class,
            cause: None,
            changes: Vec::new(),
            address: String::new(),
        };
        let t = Text::new(&TEXTS, Language::En);
        let tried = [line("good"), line("bad")];
        let said = "Nothing was changed. Of 9, 2 were tried: 1 would go.";
        assert_eq!(summary(t, &tried, 9), said);
        let [good, bad] = tried;
        let said = format!("{said} 2 are jobs that would be done again, which was not tried.");
        assert_eq!(summary(t, &[good, line(UNTRIED), bad, line(UNTRIED)], 9), said);
    }

    #[test]
    fn a_table_is_told_by_what_is_done_to_its_rows_in_both_languages() {
        let (table, inserted_or_updated) = ("seat".to_owned(), 0);
        let seats = TableView { table, inserted: 1, inserted_or_updated, updated: 3, deleted: 0 };
        let said = |language| written(Text::new(&TEXTS, language), &seats);
        assert_eq!(said(Language::En), ["seat: one row inserted", "seat: 3 rows updated"]);
        let french = ["seat\u{202f}: 1 ligne ajoutée", "seat\u{202f}: 3 lignes modifiées"];
        assert_eq!(said(Language::Fr), french);
    }
}
