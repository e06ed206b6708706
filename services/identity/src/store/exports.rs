//! Exports: what a person asked for, and the parts that have come in.

use bus::{Error, FileReference, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{ExportId, Language, PersonId};
use uuid::Uuid;

/// One export.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) id: ExportId,
    pub(crate) person: PersonId,
    pub(crate) language: Language,
    pub(crate) requested_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// When its archive was begun: all parts were there.
    pub(crate) collected_at: Option<DateTime<Utc>>,
    pub(crate) failed_at: Option<DateTime<Utc>>,
    /// The archive, once it is ready.
    pub(crate) archive: Option<FileReference>,
}

/// What one service wrote.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) service: String,
    pub(crate) file: FileReference,
    pub(crate) documents: Vec<FileReference>,
}

#[derive(FromQueryResult)]
struct FileColumns {
    file_key: Option<String>,
    file_sha256: Option<String>,
    file_size: Option<i64>,
}

impl FileColumns {
    fn reference(self) -> Option<FileReference> {
        Some(FileReference {
            key: self.file_key?,
            sha256: self.file_sha256?,
            size: self.file_size?.unsigned_abs(),
        })
    }
}

#[derive(FromQueryResult)]
struct ExportRow {
    id: Uuid,
    person: Uuid,
    language: String,
    requested_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    collected_at: Option<DateTime<Utc>>,
    failed_at: Option<DateTime<Utc>>,
    #[sea_orm(nested)]
    file: FileColumns,
}

impl ExportRow {
    fn export(self) -> Export {
        Export {
            id: ExportId(self.id),
            person: PersonId(self.person),
            language: self.language.parse().unwrap_or_default(),
            requested_at: self.requested_at,
            expires_at: self.expires_at,
            collected_at: self.collected_at,
            failed_at: self.failed_at,
            archive: self.file.reference(),
        }
    }
}

const EXPORT: &str = "select id, person, language, requested_at, expires_at, collected_at, \
                      failed_at, file_key, file_sha256, file_size from export where";

pub(crate) async fn export(db: &impl Read, id: ExportId) -> Result<Option<Export>, Error> {
    let sql = format!("{EXPORT} id = $1");
    Ok(db.one::<ExportRow>(&sql, values![id.0]).await?.map(ExportRow::export))
}

/// A person has one at most: asking anew takes the place of the one before.
pub(crate) async fn export_of(db: &impl Read, person: PersonId) -> Result<Option<Export>, Error> {
    let sql = format!("{EXPORT} person = $1");
    Ok(db.one::<ExportRow>(&sql, values![person.0]).await?.map(ExportRow::export))
}

/// `false` if the person asked at the same moment elsewhere.
pub(crate) async fn insert(tx: &mut Tx, export: &Export) -> Result<bool, Error> {
    let sql = "insert into export (id, person, language, requested_at, expires_at) \
               values ($1, $2, $3, $4, $5) on conflict (person) do nothing";
    let values = values![
        export.id.0,
        export.person.0,
        export.language.code(),
        export.requested_at,
        export.expires_at,
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Gives whether it was not there yet.
pub(crate) async fn add_part(tx: &mut Tx, export: ExportId, part: &Part) -> Result<bool, Error> {
    let sql = "insert into export_part (export, service, file_key, file_sha256, file_size, documents) \
               values ($1, $2, $3, $4, $5, $6) on conflict (export, service) do nothing";
    let values = values![
        export.0,
        part.service.as_str(),
        part.file.key.as_str(),
        part.file.sha256.as_str(),
        i64::try_from(part.file.size).unwrap_or(i64::MAX),
        serde_json::to_string(&part.documents)?,
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct PartRow {
    service: String,
    file_key: String,
    file_sha256: String,
    file_size: i64,
    documents: String,
}

/// By service.
pub(crate) async fn parts(db: &impl Read, export: ExportId) -> Result<Vec<Part>, Error> {
    let sql = "select service, file_key, file_sha256, file_size, documents from export_part \
               where export = $1 order by service";
    let rows: Vec<PartRow> = db.all(sql, values![export.0]).await?;
    let part = |row: PartRow| {
        let size = row.file_size.unsigned_abs();
        let file = FileReference { key: row.file_key, sha256: row.file_sha256, size };
        Ok(Part { service: row.service, file, documents: serde_json::from_str(&row.documents)? })
    };
    rows.into_iter().map(part).collect()
}

/// All parts are there; `false` if that was seen before.
pub(crate) async fn collect(tx: &mut Tx, id: ExportId) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update export set collected_at = $2 where id = $1 and collected_at is null";
    Ok(tx.execute(sql, values![id.0, now]).await? == 1)
}

/// The archive is there; `false` if nobody wants it any more.
pub(crate) async fn finish(
    tx: &mut Tx,
    id: ExportId,
    archive: &FileReference,
    expires_at: DateTime<Utc>,
) -> Result<bool, Error> {
    let now = tx.now();
    let sql = "update export set ready_at = $2, expires_at = $3, file_key = $4, file_sha256 = $5, \
               file_size = $6, failed_at = null where id = $1";
    let values = values![
        id.0,
        now,
        expires_at,
        archive.key.as_str(),
        archive.sha256.as_str(),
        i64::try_from(archive.size).unwrap_or(i64::MAX),
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

pub(crate) async fn fail(tx: &mut Tx, id: ExportId) -> Result<(), Error> {
    let now = tx.now();
    let sql = "update export set failed_at = $2 where id = $1";
    tx.execute(sql, values![id.0, now]).await?;
    Ok(())
}

pub(crate) async fn forget_parts(tx: &mut Tx, id: ExportId) -> Result<(), Error> {
    tx.execute("delete from export_part where export = $1", values![id.0]).await?;
    Ok(())
}

/// Forgets it and its parts.
pub(crate) async fn delete(tx: &mut Tx, id: ExportId) -> Result<(), Error> {
    forget_parts(tx, id).await?;
    tx.execute("delete from export where id = $1", values![id.0]).await?;
    Ok(())
}
