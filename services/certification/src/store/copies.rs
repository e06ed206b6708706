//! The copies of courses and persons.

use bus::{Error, FromQueryResult, Handler, Read, Tx, step::Copies, values};
use contract::{
    catalog::COURSES,
    identity::{ORGANISATION, PERSONS},
    step::{GONE, Stamp},
};
use event::{CourseId, Language, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::{
    domain::{Holder, Outline},
    handlers::{CopyCourse, CopyOrganisation, CopyPerson},
};

/// What this service copies of others.
pub(crate) const COPIES: &[Copies] = &[
    Copies {
        tables: &[("course_copy", "course"), ("course_outline", "course")],
        ..Copies::in_table(COURSES, CopyCourse::NAME, "course_copy", "course")
    },
    Copies::in_table(PERSONS, CopyPerson::NAME, "person_copy", "person"),
    Copies::in_table(ORGANISATION, CopyOrganisation::NAME, "organisation_copy", "organisation"),
];

/// Takes the version of a course if it is newer than the copy's, or of another hash; a tombstone
/// keeps the outlines. `false` if it is neither.
pub(crate) async fn copy_course(tx: &mut Tx, course: &Stamp) -> Result<bool, Error> {
    let copied = tx
        .execute(
            "insert into course_copy (course, version, withdrawn, hash) values ($1, $2, $3, $4) \
             on conflict (course) do update set version = excluded.version, \
             withdrawn = excluded.withdrawn, hash = excluded.hash \
             where course_copy.version < excluded.version \
             or (course_copy.version = excluded.version and course_copy.hash <> excluded.hash)",
            values![course.id, signed(course.version), course.hash == GONE, course.hash.as_str()],
        )
        .await?;
    Ok(copied == 1)
}

/// Keeps what a course was as of a version.
pub(crate) async fn keep_outline(
    tx: &mut Tx,
    course: CourseId,
    version: u64,
    outline: &Outline,
) -> Result<(), Error> {
    tx.execute(
        "insert into course_outline (course, version, outline) values ($1, $2, $3) \
         on conflict (course, version) do nothing",
        values![course.0, signed(version), serde_json::to_string(outline)?],
    )
    .await?;
    Ok(())
}

/// Forgets what a course was said to be as of a version, where that was not so.
pub(crate) async fn drop_outline(tx: &mut Tx, course: CourseId, version: u64) -> Result<(), Error> {
    tx.execute(
        "delete from course_outline where course = $1 and version = $2",
        values![course.0, signed(version)],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct OutlineRow {
    version: i64,
    outline: String,
}

/// What a course was as of a version, or the next newer one that is here, with that one's number.
pub(crate) async fn outline_from(
    db: &impl Read,
    course: CourseId,
    version: u64,
) -> Result<Option<(u64, Outline)>, Error> {
    let row: Option<OutlineRow> = db
        .one(
            "select version, outline from course_outline \
             where course = $1 and version >= $2 order by version limit 1",
            values![course.0, signed(version)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((unsigned(row.version), serde_json::from_str(&row.outline)?)))
}

#[derive(FromQueryResult)]
struct VersionRow {
    course: Uuid,
    version: i64,
}

pub(crate) async fn course_versions(db: &impl Read) -> Result<Vec<(CourseId, u64)>, Error> {
    let rows: Vec<VersionRow> =
        db.all("select course, version from course_copy order by course", values![]).await?;
    let pair = |row: VersionRow| (CourseId(row.course), unsigned(row.version));
    Ok(rows.into_iter().map(pair).collect())
}

/// This service's copy of a person.
#[derive(Clone, Debug)]
pub(crate) enum PersonCopy {
    Known(Holder),
    Erased,
}

#[derive(FromQueryResult)]
struct PersonRow {
    erased: bool,
    name: String,
    language: String,
    time_zone: String,
}

/// Reads a person's copy, and keeps it as it is until the transaction ends: an erasing at the same
/// time comes before or after, never in between. The update, which changes nothing, takes the lock.
pub(crate) async fn lock_person(
    tx: &mut Tx,
    person: PersonId,
) -> Result<Option<PersonCopy>, Error> {
    let row: Option<PersonRow> = tx
        .one(
            "update person_copy set version = version where person = $1 \
             returning erased, name, language, time_zone",
            values![person.0],
        )
        .await?;
    Ok(row.map(|row| {
        if row.erased {
            return PersonCopy::Erased;
        }
        PersonCopy::Known(Holder {
            name: row.name,
            language: row.language.parse().unwrap_or_default(),
            time_zone: row.time_zone,
        })
    }))
}

/// Takes a person if they are newer than the copy, or of another hash; no holder is a tombstone.
pub(crate) async fn copy_person(
    tx: &mut Tx,
    person: &Stamp,
    holder: Option<&Holder>,
) -> Result<(), Error> {
    let (name, language, time_zone) = holder.map_or(("", Language::default(), ""), |holder| {
        (holder.name.as_str(), holder.language, holder.time_zone.as_str())
    });
    tx.execute(
        "insert into person_copy (person, version, erased, name, language, time_zone, hash) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (person) do update set \
         version = excluded.version, erased = excluded.erased, name = excluded.name, \
         language = excluded.language, time_zone = excluded.time_zone, hash = excluded.hash \
         where person_copy.version < excluded.version \
         or (person_copy.version = excluded.version and person_copy.hash <> excluded.hash)",
        values![
            person.id,
            signed(person.version),
            holder.is_none(),
            name,
            language.code(),
            time_zone,
            person.hash.as_str()
        ],
    )
    .await?;
    Ok(())
}
