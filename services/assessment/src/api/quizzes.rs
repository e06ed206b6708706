//! Quizzes: what one is before it is taken, and uploading one.

use axum::extract::State;
use chrono::{DateTime, Utc};
use contract::catalog::ids;
use event::{CourseId, Language, QuizId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ui::{Json, Path, Problem, Session};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{App, in_words_of, staff_only, viewer};
use crate::{
    commands::{self, ImportError, Imported, Overview, QuizSource, Refused, say},
    domain::{Kind, Stage},
    store::AttemptLine,
};

/// Refusals that one answer names when nothing could be imported.
const MOST_NAMED: usize = 50;

/// A quiz, and my attempts at it.
#[derive(Serialize, ToSchema)]
pub(super) struct QuizView {
    quiz: Uuid,
    course: Uuid,
    key: String,
    title: String,
    /// Of the whole mark, 0 to 100.
    pass_percent: u32,
    /// None: as many as one likes.
    max_attempts: Option<u32>,
    version: u64,
    /// Not counting descriptions.
    questions: usize,
    #[schema(value_type = String)]
    out_of: Decimal,
    /// Mine, newest first.
    attempts: Vec<LineView>,
}

#[derive(Serialize, ToSchema)]
struct LineView {
    attempt: Uuid,
    number: u32,
    state: Stage,
    started_at: DateTime<Utc>,
    submitted_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    mark: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    out_of: Option<Decimal>,
    passed: Option<bool>,
}

/// A quiz, and my attempts at it.
#[utoipa::path(get, path = "/api/v1/quizzes/{quiz}", tag = "assessment",
    params(("quiz" = Uuid, Path)),
    responses((status = 200, body = QuizView), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(app): State<App>,
    session: Session,
    Path(quiz): Path<Uuid>,
) -> Result<Json<QuizView>, Problem> {
    let overview = commands::overview(&app.desk, viewer(&session), QuizId(quiz)).await;
    let overview = overview.map_err(in_words_of(session.language))?;
    // What only has its place in a course is no quiz for programs.
    if overview.head.version == 0 {
        return Err(commands::Refusal::NoSuchQuiz.problem(session.language));
    }
    Ok(Json(overview.into()))
}

/// A quiz to be uploaded.
#[derive(Deserialize, ToSchema)]
pub(super) struct Upload {
    course: Uuid,
    /// Stable within the course. With the course it gives the quiz's id.
    key: String,
    title: String,
    /// Of the whole mark, 0 to 100.
    pass_percent: u32,
    /// None: as many as one likes.
    max_attempts: Option<u32>,
    /// The questions, as the text of a GIFT file.
    gift: String,
}

/// Upload a quiz as GIFT. A bad question is refused with its line and the reason, and the others go
/// in. The same again changes nothing; what has changed makes a new version. Where the quiz stands in its
/// course, title and pass mark are the course's, whatever is sent. Instructors do this for their own courses once
/// these have arrived here, a draft with its first quiz.
#[utoipa::path(put, path = "/api/v1/quizzes/{quiz}", tag = "assessment",
    params(("quiz" = Uuid, Path)), request_body = Upload,
    responses((status = 200, body = Imported), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn upload(
    State(app): State<App>,
    session: Session,
    Path(quiz): Path<Uuid>,
    Json(upload): Json<Upload>,
) -> Result<Json<Imported>, Problem> {
    staff_only(&session)?;
    let course = CourseId(upload.course);
    let teaches = viewer(&session).must_teach(&app.desk.db, course).await;
    teaches.map_err(in_words_of(session.language))?;
    let expected = ids::quiz(course, &upload.key);
    if expected.0 != quiz {
        return Err(Problem::invalid("key", other_address(session.language, expected)));
    }
    let source = QuizSource {
        file: format!("{}.gift", upload.key),
        key: upload.key,
        title: upload.title,
        gift: upload.gift.into_bytes(),
        pass_percent: upload.pass_percent,
        max_attempts: upload.max_attempts,
    };
    let imported = commands::import_in(&app.desk.db, course, source, session.language).await;
    Ok(Json(imported.map_err(|error| refused(error, session.language))?))
}

fn other_address(language: Language, expected: QuizId) -> String {
    say(
        language,
        format!(
            "the quiz of this key in this course has the id {expected}: put it to /api/v1/quizzes/{expected}"
        ),
        format!(
            "le quiz de cette clé dans cette formation a l'identifiant {expected} : envoyez-le à /api/v1/quizzes/{expected}"
        ),
    )
}

fn refused(error: ImportError, language: Language) -> Problem {
    match error {
        ImportError::NothingGood { refused, .. } => nothing_good(&refused, language),
        ImportError::Quiz { reason, .. } => {
            let detail = say(language, reason.to_string(), reason.in_french());
            Problem::invalid(reason.field(), detail)
        }
        ImportError::Length { field, limit } => {
            let english = format!("empty, or longer than {limit} characters: write 1 to {limit}");
            let french =
                format!("vide, ou plus long que {limit} caractères : écrivez-en de 1 à {limit}");
            Problem::invalid(field, say(language, english, french))
        }
        ImportError::Store(error) => Problem::unavailable(&error),
    }
}

fn nothing_good(refused: &[Refused], language: Language) -> Problem {
    let detail = say(
        language,
        "no question in it can be used: correct what is listed under errors".to_owned(),
        "aucune question n'est utilisable : corrigez ce qui est énuméré sous errors".to_owned(),
    );
    let mut problem = Problem::invalid("gift", detail);
    problem.errors.extend(refused.iter().take(MOST_NAMED).map(|refused| ui::FieldProblem {
        field: "gift".to_owned(),
        detail: format!("{}:{}: {}", refused.file, refused.line, refused.reason),
    }));
    problem
}

impl From<Overview> for QuizView {
    fn from(overview: Overview) -> Self {
        let Overview { head, quiz, attempts, .. } = overview;
        let is_asked = |kind: &Kind| *kind != Kind::Description;
        Self {
            quiz: head.quiz.0,
            course: head.course.0,
            key: head.key,
            title: head.title,
            pass_percent: head.pass_percent,
            max_attempts: head.max_attempts,
            version: head.version,
            questions: quiz.questions.iter().filter(|one| is_asked(&one.content.kind)).count(),
            out_of: quiz.out_of(),
            attempts: attempts.into_iter().map(LineView::from).collect(),
        }
    }
}

impl From<AttemptLine> for LineView {
    fn from(line: AttemptLine) -> Self {
        Self {
            attempt: line.attempt.0,
            number: line.number,
            state: line.stage,
            started_at: line.started_at,
            submitted_at: line.submitted_at,
            mark: line.mark,
            out_of: line.out_of,
            passed: line.passed,
        }
    }
}
