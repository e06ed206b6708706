//! Handing out what lies in the file store: a person's own archive, and the logo.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use event::ExportId;
use ui::Problem;

use crate::{App, TEXTS, commands::organisation, domain::Person, store};

const LOGO_CACHE: &str = "public, max-age=300";

/// The archive of an export, to the person whose it is. Somebody else's is not there.
pub(crate) async fn archive(app: &App, person: &Person, id: ExportId) -> Result<Response, Problem> {
    let export = store::exports::export(&app.db, id).await;
    let export = export.map_err(|error| Problem::unavailable(&error))?;
    let now = app.db.now();
    let own = export.filter(|export| export.person == person.id && now < export.expires_at);
    let gone = || {
        let problem = Problem::not_found("there is no such archive, or it has expired");
        problem.worded(&TEXTS, "no-such-export", [])
    };
    let archive = own.and_then(|export| export.archive).ok_or_else(gone)?;
    let bytes = app.files.get(&archive).await.map_err(|error| Problem::unavailable(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"estrade.zip\""),
    ];
    Ok((headers, bytes).into_response())
}

/// The organisation's logo, or Estrade's. Mails and certificates of other sites may show it.
pub(crate) async fn logo(app: &App, asked: &HeaderMap) -> Result<Response, Problem> {
    let organisation = organisation::present(&app.db, &app.set_up).await;
    let organisation = organisation.map_err(|error| Problem::unavailable(&error))?;
    let Some(logo) = organisation.logo else {
        let (media_type, bytes) = ui::default_logo();
        return Ok(picture("\"estrade\"", media_type, asked, || bytes.into_response()));
    };
    let tag = format!("\"{}\"", logo.file.sha256);
    let bytes = app.files.get(&logo.file).await.map_err(|error| Problem::unavailable(&error))?;
    Ok(picture(&tag, logo.picture.kind.media_type(), asked, || bytes.into_response()))
}

fn picture(
    tag: &str,
    media_type: &'static str,
    asked: &HeaderMap,
    whole: impl FnOnce() -> Response,
) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let mut answer = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { whole() };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(LOGO_CACHE));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    answer
}
