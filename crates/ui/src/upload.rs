//! Files that people send: `multipart/form-data`, bounded while it is read.
//!
//! Nothing is written to a disk: what is within its bound fits into memory.

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
    http::{StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use event::Language;
use serde::de::DeserializeOwned;

use crate::{Answers, Problem, TEXTS, format_size};

/// Parts of one form; a page of ours has a few.
const MOST_PARTS: usize = 200;
/// Bytes of a field that is no file.
const LONGEST_FIELD: usize = 256 * 1024;
/// Of a form that is shown again, how much more than it may hold is read and thrown away: what was typed may stand
/// behind the file that is too large.
const READ_ON: usize = 16 * 1024 * 1024;

/// A form with files, of at most `MOST` bytes in all (5 MiB unless said otherwise):
/// `upload: Upload`, `upload: Upload<{ 512 * 1024 }>`. What is larger is refused before it is read whole.
#[derive(Clone, Debug, Default)]
pub struct Upload<const MOST: usize = { 5 * 1024 * 1024 }> {
    /// Everything that is no file.
    pub answers: Answers,
    files: Vec<UploadedFile>,
}

/// An [`Upload`] for a form in which something is typed besides. What is too large is left out, and all else is
/// there: the form can be shown again with what was typed, and with the error beside its field.
#[derive(Clone, Debug, Default)]
pub struct PartialUpload<const MOST: usize = { 5 * 1024 * 1024 }> {
    pub upload: Upload<MOST>,
    /// The field of the first part that was left out; empty if nobody can tell.
    pub too_large: Option<String>,
}

/// One file as it came. Its name and type are claims of whoever sent it.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    field: String,
    /// As it was called on the other machine, without folders.
    pub name: String,
    /// What the browser took it for; empty if it did not say.
    pub media_type: String,
    pub content: Bytes,
}

impl<const MOST: usize> Upload<MOST> {
    /// The file of this field; none if nobody chose one.
    #[must_use]
    pub fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files(field).next()
    }

    pub fn files<'a, 'b>(
        &'a self,
        field: &'b str,
    ) -> impl Iterator<Item = &'a UploadedFile> + use<'a, 'b, MOST> {
        self.files.iter().filter(move |file| file.field == field)
    }

    /// The other fields as a type, as [`Submitted`](crate::Submitted) reads them.
    ///
    /// # Errors
    /// 422 if they are not its fields.
    pub async fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let pairs: Vec<String> = (self.answers.0.iter())
            .map(|(name, value)| {
                format!("{}={}", crate::secure::escape(name), crate::secure::escape(value))
            })
            .collect();
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(pairs.join("&")))
            .map_err(|error| unreadable(error.to_string()))?;
        crate::Submitted::from_request(request, &()).await.map(|crate::Submitted(value)| value)
    }
}

impl UploadedFile {
    /// The content as text.
    ///
    /// # Errors
    /// 422 with the file's field, if it is not UTF-8 or holds a NUL character.
    pub fn text(&self) -> Result<&str, Problem> {
        let text = std::str::from_utf8(&self.content).ok().filter(|text| !text.contains('\0'));
        // Spreadsheets begin a CSV file with a mark that says UTF-8.
        text.map(|text| text.trim_start_matches('\u{feff}')).ok_or_else(|| {
            let detail = "this is no text in UTF-8: save it as UTF-8 and send it again";
            Problem::invalid(self.field.as_str(), detail).worded(&TEXTS, "wrong-encoding", [])
        })
    }
}

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for Upload<MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if announces_more(&request, MOST + LONGEST_FIELD) {
            return Err(too_large(MOST));
        }
        let mut parts = parts_of(request, state, MOST + LONGEST_FIELD).await?;
        let (mut upload, mut left) = (Self::default(), MOST);
        for _ in 0..MOST_PARTS {
            let next = parts.next_field().await.map_err(|error| broken(&error, MOST))?;
            let Some(part) = next else {
                return Ok(upload);
            };
            let longest = if part.file_name().is_some() { left } else { LONGEST_FIELD.min(left) };
            if !upload.take(part, longest, &mut left).await? {
                return Err(too_large(MOST));
            }
        }
        Err(too_many_parts())
    }
}

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for PartialUpload<MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut partial, mut left) = (Self::default(), MOST);
        if announces_more(&request, MOST + READ_ON) {
            partial.too_large = Some(String::new());
            return Ok(partial);
        }
        let mut parts = parts_of(request, state, MOST + READ_ON).await?;
        for _ in 0..MOST_PARTS {
            match partial.take_next(&mut parts, &mut left).await {
                Ok(true) => {}
                Ok(false) => return Ok(partial),
                // What was left out goes on for longer than it is read.
                Err(problem) if problem.status == 413 => {
                    partial.too_large.get_or_insert_default();
                    return Ok(partial);
                }
                Err(problem) => return Err(problem),
            }
        }
        Err(too_many_parts())
    }
}

impl<const MOST: usize> PartialUpload<MOST> {
    /// Takes the next part, or leaves it out; `false` if there is none.
    async fn take_next(
        &mut self,
        parts: &mut Multipart,
        left: &mut usize,
    ) -> Result<bool, Problem> {
        let next = parts.next_field().await.map_err(|error| broken(&error, MOST))?;
        let Some(part) = next else {
            return Ok(false);
        };
        let field = part.name().unwrap_or_default().to_owned();
        let longest = *left;
        if !self.upload.take(part, longest, left).await? {
            self.too_large.get_or_insert(field);
        }
        Ok(true)
    }
}

fn announces_more(request: &Request, most: usize) -> bool {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    announced.is_some_and(|length| length > most)
}

/// The parts of a form, bounded in all: its own bound, whatever that of other requests is.
async fn parts_of<S: Send + Sync>(
    mut request: Request,
    state: &S,
    most: usize,
) -> Result<Multipart, Problem> {
    DefaultBodyLimit::max(most).apply(&mut request);
    Multipart::from_request(request, state).await.map_err(|rejection| {
        let problem = Problem::new(rejection.status(), rejection.body_text());
        problem.worded(&TEXTS, "wrong-form", [])
    })
}

impl<const MOST: usize> Upload<MOST> {
    /// Takes a part; `false` if it is longer than that, and then nothing of it.
    async fn take(
        &mut self,
        mut part: Field<'_>,
        longest: usize,
        left: &mut usize,
    ) -> Result<bool, Problem> {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(file_name);
        let media_type = part.content_type().unwrap_or_default().to_owned();
        let mut content = BytesMut::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error, MOST))? {
            if content.len() + chunk.len() > longest {
                return Ok(false);
            }
            content.extend_from_slice(&chunk);
        }
        *left -= content.len();
        match name {
            // A file field that was left empty comes as a file without a name.
            Some(name) if name.is_empty() && content.is_empty() => {}
            Some(name) => {
                self.files.push(UploadedFile {
                    field,
                    name,
                    media_type,
                    content: content.freeze(),
                });
            }
            None => self.answers.0.push((field, text(&content)?)),
        }
        Ok(true)
    }
}

/// Without folders, which old browsers send too, and without what no name should hold.
fn file_name(claimed: &str) -> String {
    let last = claimed.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn text(content: &[u8]) -> Result<String, Problem> {
    let text = std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'));
    text.map(str::to_owned).ok_or_else(|| {
        Problem::unreadable("a field is no text, or holds a NUL character: take it out").worded(
            &TEXTS,
            "wrong-character",
            [],
        )
    })
}

fn broken(error: &axum::extract::multipart::MultipartError, most: usize) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(most);
    }
    unreadable(error.body_text())
}

fn too_many_parts() -> Problem {
    unreadable(format!("more than {MOST_PARTS} parts"))
}

fn unreadable(detail: String) -> Problem {
    Problem::unreadable(detail).worded(&TEXTS, "wrong-form", [])
}

fn too_large(most: usize) -> Problem {
    let most = most as u64;
    let detail = format!("more than {}: send less", format_size(most, Language::En));
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail);
    let megabytes = most.div_ceil(1_000_000);
    problem.worded(&TEXTS, "wrong-size", [("megabytes", megabytes.into())])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;

    use super::*;

    fn request(parts: &[(&str, Option<&str>, &[u8])]) -> Request {
        let mut body = Vec::new();
        for (field, file, content) in parts {
            let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
            let head =
                format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        with_body(body)
    }

    fn with_body(body: Vec<u8>) -> Request {
        let kind = "multipart/form-data; boundary=edge";
        Request::post("/").header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    }

    async fn read(request: Request) -> Result<Upload<1000>, Problem> {
        Upload::from_request(request, &()).await
    }

    #[derive(Deserialize)]
    struct Named {
        name: String,
    }

    #[tokio::test]
    async fn files_and_fields_are_told_apart() {
        let parts: &[(&str, Option<&str>, &[u8])] = &[
            ("name", None, "Ana & Co é".as_bytes()),
            ("list", Some("C:\\files\\people.csv"), b"\xef\xbb\xbfa;b"),
            ("logo", Some(""), b""),
        ];
        let upload = read(request(parts)).await.unwrap();
        assert_eq!(upload.read::<Named>().await.unwrap().name, "Ana & Co é");
        let file = upload.file("list").unwrap();
        assert_eq!((file.name.as_str(), file.text().unwrap()), ("people.csv", "a;b"));
        assert!(upload.file("logo").is_none());
        let binary = read(request(&[("list", Some("x"), b"\xff\xfe")])).await.unwrap();
        let refused = binary.file("list").unwrap().text().unwrap_err();
        assert_eq!((refused.status, refused.errors[0].field.as_str()), (422, "list"));
    }

    #[tokio::test]
    async fn hostile_uploads_are_refused() {
        let many: Vec<(&str, Option<&str>, &[u8])> = vec![("a", None, b"" as &[u8]); 300];
        let cases: Vec<(Request, u16)> = vec![
            (request(&[("list", Some("x"), &[b'a'; 1001])]), 413),
            (request(&[("a", Some("x"), &[b'a'; 600]), ("b", Some("y"), &[b'a'; 600])]), 413),
            (request(&[("list", Some("x"), &vec![b'a'; 1_000_000])]), 413),
            (request(&[("name", None, b"A\0")]), 400),
            (request(&[("name", None, b"\xff")]), 400),
            (request(&many), 400),
            (
                with_body(
                    b"--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\ncut".into(),
                ),
                400,
            ),
            (Request::post("/").body(Body::from("a=1")).unwrap(), 400),
        ];
        for (request, status) in cases {
            let refused = read(request).await.unwrap_err();
            assert_eq!(refused.status, status, "{refused:?}");
            assert!(refused.in_words(Language::Fr).is_some(), "{refused:?}");
        }
        assert!(read(request(&[("list", Some("x"), &[b'a'; 1000])])).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_typed_beside_too_large_a_file_is_there() {
        let large = vec![b'a'; 1_000_000];
        let parts: &[(&str, Option<&str>, &[u8])] = &[
            ("text", None, b"typed"),
            ("list", Some("people.csv"), &large),
            ("other", Some("b.csv"), &[b'b'; 996]),
            ("language", None, b"fr"),
        ];
        let partial = PartialUpload::<1000>::from_request(request(parts), &()).await.unwrap();
        assert_eq!(partial.too_large.as_deref(), Some("list"));
        let answers = &partial.upload.answers;
        assert_eq!((answers.get("text"), answers.get("language")), ("typed", "fr"));
        assert!(partial.upload.file("list").is_none());
        assert!(partial.upload.file("other").is_none(), "that would be too much together");

        let whole = request(&[("text", None, b"typed"), ("list", Some("a"), b"b")]);
        let whole = PartialUpload::<1000>::from_request(whole, &()).await.unwrap();
        assert!(whole.too_large.is_none() && whole.upload.file("list").is_some());
        let endless = request(&[("list", Some("a"), &vec![b'a'; READ_ON + 2000])]);
        let endless = PartialUpload::<1000>::from_request(endless, &()).await.unwrap();
        assert_eq!(endless.too_large.as_deref(), Some(""));
    }
}
