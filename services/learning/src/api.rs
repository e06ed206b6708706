//! The JSON API of `learning`: enrolments and progress, each learner's own; what those who teach and
//! administer do is in the modules below.

mod rosters;
mod uploads;

use axum::extract::{FromRef, State};
use bus::Db;
use chrono::{DateTime, Utc};
use event::{CourseId, EnrolmentId, LessonId};
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Session, Ui};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    commands::{self, Refusal, Standing},
    domain::{Enrolment, Seat},
    store,
};

/// More seats than anybody takes.
const MOST_ENROLMENTS: u32 = 500;

#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) ui: Ui,
}

pub(crate) fn routes(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(enrol, list))
        .routes(routes!(show, cancel))
        .routes(routes!(read_lesson))
        .merge(rosters::routes())
        .merge(uploads::routes())
        .with_state(app)
}

#[derive(Deserialize, ToSchema)]
struct NewEnrolment {
    course: Uuid,
}

/// A seat in a course.
#[derive(Serialize, ToSchema)]
struct EnrolmentView {
    enrolment: Uuid,
    course: Uuid,
    /// `active`, `completed` or `cancelled`.
    state: &'static str,
    enrolled_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

/// A seat, and how far its learner is.
#[derive(Serialize, ToSchema)]
struct ProgressView {
    #[serde(flatten)]
    enrolment: EnrolmentView,
    title: String,
    /// Required lessons read and required quizzes passed.
    steps_done: usize,
    steps: usize,
    lessons: Vec<LessonView>,
    quizzes: Vec<QuizView>,
}

#[derive(Serialize, ToSchema)]
struct LessonView {
    lesson: Uuid,
    title: String,
    required: bool,
    read: bool,
}

#[derive(Serialize, ToSchema)]
struct QuizView {
    quiz: Uuid,
    title: String,
    required: bool,
    passed: bool,
    /// Of the best attempt.
    mark: Option<String>,
    out_of: Option<String>,
}

/// Enrol in a course; enrolling twice is enrolling once.
#[utoipa::path(post, path = "/api/v1/enrolments", tag = "learning", request_body = NewEnrolment,
    responses((status = 200, body = EnrolmentView), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn enrol(
    State(app): State<App>,
    session: Session,
    Json(new): Json<NewEnrolment>,
) -> Result<Json<EnrolmentView>, Problem> {
    let enrolment = commands::enrol(&app.db, session.person, CourseId(new.course)).await?;
    Ok(Json(EnrolmentView::from(&enrolment)))
}

/// My enrolments, newest first.
#[utoipa::path(get, path = "/api/v1/enrolments", tag = "learning",
    responses((status = 200, body = Vec<EnrolmentView>)))]
async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Vec<EnrolmentView>>, Problem> {
    let enrolments = store::enrolments_of(&app.db, session.person, 0, MOST_ENROLMENTS)
        .await
        .map_err(Refusal::from)?;
    Ok(Json(enrolments.iter().map(EnrolmentView::from).collect()))
}

/// One of my enrolments, with my progress.
#[utoipa::path(get, path = "/api/v1/enrolments/{enrolment}", tag = "learning",
    responses((status = 200, body = ProgressView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    session: Session,
    Path(enrolment): Path<Uuid>,
) -> Result<Json<ProgressView>, Problem> {
    let standing = commands::standing(&app.db, session.person, EnrolmentId(enrolment)).await?;
    Ok(Json(ProgressView::from(standing)))
}

/// Give a seat up.
#[utoipa::path(delete, path = "/api/v1/enrolments/{enrolment}", tag = "learning",
    responses((status = 200, body = EnrolmentView), (status = 404, body = Problem)))]
async fn cancel(
    State(app): State<App>,
    session: Session,
    Path(enrolment): Path<Uuid>,
) -> Result<Json<EnrolmentView>, Problem> {
    let enrolment = commands::cancel(&app.db, session.person, EnrolmentId(enrolment)).await?;
    Ok(Json(EnrolmentView::from(&enrolment)))
}

/// Mark a lesson read; again changes nothing.
#[utoipa::path(put, path = "/api/v1/enrolments/{enrolment}/lessons/{lesson}/read", tag = "learning",
    responses((status = 200, body = ProgressView), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn read_lesson(
    State(app): State<App>,
    session: Session,
    Path((enrolment, lesson)): Path<(Uuid, Uuid)>,
) -> Result<Json<ProgressView>, Problem> {
    let (enrolment, lesson) = (EnrolmentId(enrolment), LessonId(lesson));
    let standing = commands::read_lesson(&app.db, session.person, enrolment, lesson).await?;
    Ok(Json(ProgressView::from(standing)))
}

impl From<&Enrolment> for EnrolmentView {
    fn from(enrolment: &Enrolment) -> Self {
        let state = match (enrolment.state, enrolment.completed_at) {
            (Seat::Cancelled, _) => "cancelled",
            (Seat::Active, Some(_)) => "completed",
            (Seat::Active, None) => "active",
        };
        Self {
            enrolment: enrolment.id.0,
            course: enrolment.course.0,
            state,
            enrolled_at: enrolment.enrolled_at,
            completed_at: enrolment.completed_at,
        }
    }
}

impl From<Standing> for ProgressView {
    fn from(standing: Standing) -> Self {
        let Standing { enrolment, outline, progress } = standing;
        let (steps_done, steps) = progress.steps(&outline);
        let lessons = outline.lessons.iter().map(|place| LessonView {
            lesson: place.lesson.0,
            title: place.title.clone(),
            required: place.required,
            read: progress.read.contains(&place.lesson),
        });
        let quizzes = outline.quizzes.iter().map(|place| {
            let best = progress.best.get(&place.quiz);
            QuizView {
                quiz: place.quiz.0,
                title: place.title.clone(),
                required: place.required,
                passed: progress.has_passed(place.quiz),
                mark: best.map(|graded| graded.result.mark.to_string()),
                out_of: best.map(|graded| graded.result.out_of.to_string()),
            }
        });
        Self {
            enrolment: EnrolmentView::from(&enrolment),
            steps_done,
            steps,
            lessons: lessons.collect(),
            quizzes: quizzes.collect(),
            title: outline.title,
        }
    }
}
