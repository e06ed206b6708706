//! Writing a lesson: Markdown with a preview made here, saved over what was seen. What learners see
//! already is changed in a draft until it is published. It is saved while one writes too. Who was slower to
//! save sees both texts.

mod removing;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use event::{LessonId, SectionId};
use serde::Deserialize;
use ui::{Field, FieldProblem, Form, Html, Path, Problem, Query, Submitted, Text, Unsaved, Visit};
use uuid::Uuid;

use super::{
    super::{course::lesson_address, own, refused, text, wrong},
    Badge, Done, framed, lines, number,
    outline::{Step, change},
};
use crate::{
    api::{App, unavailable},
    commands::{
        self, CommandError,
        lessons::{Place, Saved},
    },
    domain::{
        Course, Draft, Editor, Lesson, LessonContent, NewLesson, Refusal, Seen, State as Shown,
        limits,
    },
    store::{self, Address},
};

/// A text, three times as long where every letter is escaped.
const LARGEST_FORM: usize = 3 * limits::TEXT_BYTES + 64 * 1024;
/// Images that the editor offers beside a text.
const IMAGES: usize = 12;
/// The answer's header by which a page that goes on knows what it has seen.
const SEEN: &str = "estrade-seen";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/teaching/{course}/lessons/{lesson}", get(show).post(save))
        .route("/teaching/{course}/lessons/{lesson}/draft", post(save_draft))
        .route("/teaching/{course}/lessons/{lesson}/place", post(shift))
        .route(
            "/teaching/{course}/lessons/{lesson}/delete",
            get(removing::ask_delete).post(removing::delete),
        )
        .route(
            "/teaching/{course}/lessons/{lesson}/discard",
            get(removing::ask_discard).post(removing::discard),
        )
        .route(
            "/teaching/{course}/lessons/{lesson}/hide",
            get(removing::ask_hide).post(removing::hide),
        )
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}

/// A lesson as it stands in the form.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    minutes: String,
    required: Option<String>,
    /// The version that was seen.
    #[serde(default)]
    seen: String,
    /// Both texts were shown, and this one is to replace the other.
    late: Option<String>,
    /// Which button was pressed.
    #[serde(default, rename = "do")]
    what: String,
}

impl Written {
    fn of(content: LessonContent, seen: Seen) -> Self {
        Self {
            title: content.title,
            text: content.text,
            minutes: content.minutes.to_string(),
            required: content.required.then(|| "on".to_owned()),
            seen: seen.to_string(),
            late: None,
            what: String::new(),
        }
    }

    fn content(&self) -> Result<LessonContent, CommandError> {
        Ok(LessonContent {
            title: self.title.clone(),
            text: lines(&self.text),
            minutes: number("minutes", &self.minutes)?,
            required: self.required.is_some(),
        })
    }

    fn is_preview(&self) -> bool {
        self.what == "preview"
    }
}

/// A lesson as it is saved now: what learners see, or the draft over it.
struct Present {
    course: Course,
    editor: Editor,
    lesson: Lesson,
    draft: Option<Draft>,
    content: LessonContent,
}

impl Present {
    async fn read(app: &App, visit: &Visit, course: &str, id: LessonId) -> Result<Self, Problem> {
        let (course, editor) = own(app, visit, course).await?;
        let missing = || refused(Refusal::Missing("lesson").into(), visit.language);
        let lesson = course.lesson(id).ok_or_else(missing)?.clone();
        let draft = store::draft(&app.db, id).await.map_err(unavailable)?;
        let content = match &draft {
            Some(draft) => draft.content.clone(),
            None => LessonContent {
                title: lesson.title.clone(),
                text: store::lesson_text(&app.db, id)
                    .await
                    .map_err(unavailable)?
                    .unwrap_or_default(),
                minutes: lesson.minutes,
                required: lesson.required,
            },
        };
        Ok(Self { course, editor, lesson, draft, content })
    }

    fn seen(&self) -> Seen {
        Seen::of(&self.lesson, self.draft.as_ref())
    }

    fn address(&self) -> String {
        format!("/teaching/{}/lessons/{}", self.course.id, self.lesson.id)
    }

    /// What was written, to be looked at. Where another text stands by now, that is shown too.
    fn preview(&self, written: Written) -> Shape {
        let content = written.content().ok().and_then(|content| content.fitting().ok());
        let is_unsaved = content.as_ref() != Some(&self.content);
        let seen = self.seen().to_string();
        let is_late = is_unsaved && (written.late.is_some() || written.seen != seen);
        let preview = Some(ui::markdown(&written.text));
        Shape {
            written: Written { seen, ..written },
            preview,
            is_unsaved,
            is_late,
            ..Shape::default()
        }
    }

    /// Whether the lesson changed after its draft was begun.
    fn is_outdated(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.base != self.lesson.version)
    }
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    let written = Written::of(present.content.clone(), present.seen());
    let said = done.said(text(&visit));
    page(&app, &visit, &present, Shape { written, said, ..Shape::default() }).await
}

async fn save(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    if written.is_preview() {
        return page(&app, &visit, &present, present.preview(written)).await;
    }
    let was_late = written.late.is_some();
    match write(&app, &present, &written).await {
        Ok(_) if written.what == "publish" => {
            let address = format!("/teaching/{}/publish?lesson={lesson}", present.course.id);
            Ok(Redirect::to(&address).into_response())
        }
        Ok(saved) => {
            let done = if saved.place == Place::Draft { "draft" } else { "saved" };
            Ok(Redirect::to(&format!("{}?done={done}", present.address())).into_response())
        }
        Err(CommandError::Refused(Refusal::Stale) | CommandError::Conflict) => {
            let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
            let written = Written { seen: present.seen().to_string(), ..written };
            page(&app, &visit, &present, Shape { written, is_late: true, ..Shape::default() }).await
        }
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            let shape =
                Shape { written, errors, is_unsaved: true, is_late: was_late, ..Shape::default() };
            page(&app, &visit, &present, shape).await
        }
    }
}

/// Saves while one writes, as [`save`] does. The page goes on from what it is told that it has seen.
async fn save_draft(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let present = Present::read(&app, &visit, &course, LessonId(lesson)).await?;
    let saved = write(&app, &present, &written).await;
    let saved = saved.map_err(|error| refused(error, visit.language))?;
    Ok((StatusCode::NO_CONTENT, [(SEEN, saved.seen.to_string())]).into_response())
}

async fn write(app: &App, present: &Present, written: &Written) -> Result<Saved, CommandError> {
    let seen: Seen = written.seen.parse().map_err(|_| Refusal::Stale)?;
    let content = written.content()?.fitting()?;
    // What is the same already needs no draft, and comes again where the answer was lost.
    if content == present.content && !present.is_outdated() {
        let place = if present.draft.is_some() { Place::Draft } else { Place::Lesson };
        return Ok(Saved { place, seen: present.seen() });
    }
    let address = Address::Id(present.course.id.0);
    commands::lessons::save(&app.db, present.editor, &address, present.lesson.id, seen, content)
        .await
}

/// What the page shows besides the lesson.
#[derive(Default)]
struct Shape {
    written: Written,
    preview: Option<Html>,
    errors: Vec<FieldProblem>,
    said: Option<String>,
    /// What was written is not what is saved.
    is_unsaved: bool,
    /// Somebody else saved first.
    is_late: bool,
}

#[derive(Template)]
#[template(path = "teaching/lesson.html")]
struct LessonPage {
    t: Text,
    language: &'static str,
    title: String,
    said: Option<String>,
    badge: Badge,
    note: Option<String>,
    /// What is saved now, beside what was written over an older text.
    present: Option<LessonContent>,
    preview: Option<Html>,
    is_unsaved: bool,
    form: Html,
    images: Vec<(String, String)>,
    images_address: String,
    /// As learners see it.
    view: String,
    discard: Option<String>,
    hide: Option<String>,
}

async fn page(
    app: &App,
    visit: &Visit,
    present: &Present,
    shape: Shape,
) -> Result<Response, Problem> {
    let t = text(visit);
    let (course, lesson) = (&present.course, &present.lesson);
    let is_shown = course.shows(lesson);
    let has_draft = present.draft.is_some();
    let images = store::images(&app.db, course.id, Uuid::max(), IMAGES).await;
    let images = images.map_err(unavailable)?.into_iter();
    let Shape { written, preview, errors, said, is_unsaved, is_late } = shape;
    let has_errors = !errors.is_empty() || is_late;
    let note = match (is_shown, has_draft) {
        _ if present.is_outdated() => Some(t.get("lesson-outdated")),
        (true, true) => Some(t.get("lesson-has-draft")),
        (true, false) => Some(t.get("lesson-is-shown")),
        (false, _) => None,
    };
    let badge = match (is_shown, lesson.state) {
        (true, _) => Badge::of(t, Shown::Published),
        (false, Shown::Published) => Badge { look: "info", words: t.get("lesson-ready") },
        (false, state) => Badge::of(t, state),
    };
    let unsaved = match (is_late, is_unsaved) {
        (true, _) => Some(Unsaved::Waits),
        (false, true) => Some(Unsaved::IsSent),
        (false, false) => None,
    };
    let form = form(visit, present, written, unsaved).errors(errors).html()?;
    let shown = framed(visit, course, lesson.title.clone()).with_errors_if(has_errors);
    shown.show(&LessonPage {
        t,
        language: course.language.code(),
        title: lesson.title.clone(),
        said,
        badge,
        note,
        present: is_late.then(|| present.content.clone()),
        preview,
        is_unsaved,
        form,
        images: images.map(|image| (image.markdown(&course.key), image.description)).collect(),
        images_address: format!("/teaching/{}/images", course.id),
        view: lesson_address(course, lesson),
        discard: has_draft.then(|| format!("{}/discard", present.address())),
        hide: is_shown.then(|| format!("{}/hide", present.address())),
    })
}

fn form(visit: &Visit, present: &Present, written: Written, unsaved: Option<Unsaved>) -> Form {
    let t = text(visit);
    let is_published = present.course.state == Shown::Published;
    let save = if present.course.shows(&present.lesson) { "save-draft" } else { "save" };
    let mut form = Form::new(visit.language, present.address(), t.get(save))
        .autosave(format!("{}/draft", present.address()))
        .button_named("do", "save")
        .field(Field::hidden("seen", written.seen.clone()))
        .fields(fields(t, &present.course, written))
        .second_button(t.get("preview"), "do", "preview");
    if is_published {
        form = form.second_button(t.get("save-publish"), "do", "publish");
    }
    if unsaved == Some(Unsaved::Waits) {
        form = form.field(Field::hidden("late", "on"));
    }
    if let Some(unsaved) = unsaved {
        form = form.unsaved(unsaved);
    }
    form.back(format!("/teaching/{}", present.course.id), t.get("back"))
}

fn fields(t: Text, course: &Course, written: Written) -> [Field; 4] {
    [
        Field::text("title", t.get("lesson-title"))
            .value(written.title)
            .longest(limits::TITLE_CHARS)
            .language(course.language),
        Field::area("text", t.get("field-text"), 22)
            .hint(t.get("field-text-hint"))
            .value(written.text)
            .language(course.language),
        Field::text("minutes", t.get("field-minutes")).value(written.minutes).optional(),
        Field::tick("required", t.get("field-required"), written.required.is_some()),
    ]
}

pub(super) async fn new(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
) -> Result<Response, Problem> {
    let (course, _) = own(&app, &visit, &course).await?;
    let written = Written { required: Some("on".to_owned()), ..Written::default() };
    new_page(&visit, &course, SectionId(section), written, Vec::new(), None)
}

pub(super) async fn add(
    State(app): State<App>,
    visit: Visit,
    Path((course, section)): Path<(String, Uuid)>,
    Submitted(written): Submitted<Written>,
) -> Result<Response, Problem> {
    let (course, editor) = own(&app, &visit, &course).await?;
    let section = SectionId(section);
    if written.is_preview() {
        let preview = Some(ui::markdown(&written.text));
        return new_page(&visit, &course, section, written, Vec::new(), preview);
    }
    match make(&app, &course, editor, section, &written).await {
        Ok(lesson) => {
            let address = format!("/teaching/{}/lessons/{lesson}?done=added", course.id);
            Ok(Redirect::to(&address).into_response())
        }
        Err(error) => {
            let errors = wrong(error, visit.language)?;
            new_page(&visit, &course, section, written, errors, None)
        }
    }
}

async fn make(
    app: &App,
    course: &Course,
    editor: Editor,
    section: SectionId,
    written: &Written,
) -> Result<LessonId, CommandError> {
    let content = written.content()?;
    let rule = |course: &mut Course| {
        let content = content.clone();
        course.add_lesson(NewLesson {
            key: course.free_lesson_key(&content.title),
            section: Some(section),
            title: content.title,
            text: content.text,
            minutes: content.minutes,
            required: content.required,
            publish: false,
        })
    };
    commands::edit(&app.db, editor, &Address::Id(course.id.0), rule).await.map(|(_, lesson)| lesson)
}

#[derive(Template)]
#[template(path = "teaching/new-lesson.html")]
struct NewLessonPage {
    t: Text,
    language: &'static str,
    section: String,
    preview: Option<Html>,
    form: Html,
}

fn new_page(
    visit: &Visit,
    course: &Course,
    section: SectionId,
    written: Written,
    errors: Vec<FieldProblem>,
    preview: Option<Html>,
) -> Result<Response, Problem> {
    let t = text(visit);
    let missing = || refused(Refusal::Missing("section").into(), visit.language);
    let found = course.sections.iter().find(|found| found.id == section).ok_or_else(missing)?;
    let has_errors = !errors.is_empty();
    let address = format!("/teaching/{}/sections/{section}/lessons", course.id);
    let is_written = preview.is_some() || has_errors;
    let mut form = Form::new(visit.language, address, t.get("lesson-create"))
        .kept()
        .button_named("do", "save")
        .fields(fields(t, course, written))
        .second_button(t.get("preview"), "do", "preview")
        .back(format!("/teaching/{}", course.id), t.get("back"))
        .errors(errors);
    if is_written {
        form = form.unsaved(Unsaved::Waits);
    }
    let shown = framed(visit, course, t.get("lesson-add")).with_errors_if(has_errors);
    let (language, section) = (course.language.code(), found.title.clone());
    shown.show(&NewLessonPage { t, language, section, preview, form: form.html()? })
}

async fn shift(
    State(app): State<App>,
    visit: Visit,
    Path((course, lesson)): Path<(String, Uuid)>,
    Submitted(step): Submitted<Step>,
) -> Result<Response, Problem> {
    let rule = |course: &mut Course| course.move_lesson(LessonId(lesson), step.way());
    change(&app, &visit, &course, rule, &format!("moved#lesson-{lesson}")).await
}
