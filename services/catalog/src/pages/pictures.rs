//! Images of lessons, served from the file store to whoever may see the course.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use ui::{MaybeSession, Path, Problem};

use crate::{
    api::{App, editor, unavailable, visible},
    store,
};

/// Their addresses hold their hash, so they never change; but who may see them may.
const CACHE: &str = "private, max-age=86400, immutable";

pub(super) async fn show(
    State(app): State<App>,
    MaybeSession(session): MaybeSession,
    Path((course, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (course, _) = visible(&app.db, &course, editor(session.as_ref())).await?;
    let hash = name.split_once('.').map_or(name.as_str(), |(hash, _)| hash);
    let image = store::image(&app.db, course.id, hash).await.map_err(unavailable)?;
    let image = image.ok_or_else(|| Problem::not_found("there is no such image in this course"))?;
    let tag = format!("\"{hash}\"");
    let kept = [
        (header::CONTENT_TYPE, image.kind.media_type().to_owned()),
        (header::CACHE_CONTROL, CACHE.to_owned()),
        (header::ETAG, tag.clone()),
    ];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let bytes = app.files.get(&image.file).await.map_err(|error| Problem::unavailable(&error))?;
    Ok((kept, bytes).into_response())
}
