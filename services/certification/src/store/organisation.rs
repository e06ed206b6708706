//! This service's copy of whose platform it is, and of its logo.

use bus::{Error, FileReference, FromQueryResult, Read, Tx, values};
use contract::{identity::OrganisationUpdated, step::hash};

use super::signed;
use crate::domain::Told;

/// Takes what is newer, or of another hash. A logo is shown once it is kept here; until then the one
/// before stays, unless there is to be none.
pub(crate) async fn copy_organisation(
    tx: &mut Tx,
    told: &OrganisationUpdated,
) -> Result<(), Error> {
    let wanted = told.logo.as_ref().map(|logo| logo.file.sha256.clone());
    tx.execute(
        "insert into organisation_copy (organisation, version, hash, told, logo_wanted) \
         values ($1, $2, $3, $4, $5) on conflict (organisation) do update set \
         version = excluded.version, hash = excluded.hash, told = excluded.told, \
         logo_wanted = excluded.logo_wanted, \
         logo = case when excluded.logo_wanted is null then null else organisation_copy.logo end \
         where organisation_copy.version < excluded.version \
         or (organisation_copy.version = excluded.version and organisation_copy.hash <> excluded.hash)",
        values![
            told.organisation.0,
            signed(told.version),
            hash(told),
            serde_json::to_string(told)?,
            wanted
        ],
    )
    .await?;
    Ok(())
}

/// Notes where the logo is kept that was wanted; if another is wanted by now, nothing happens.
pub(crate) async fn keep_logo(
    tx: &mut Tx,
    wanted: &str,
    kept: Option<&FileReference>,
) -> Result<(), Error> {
    tx.execute(
        "update organisation_copy set logo = $1 where logo_wanted = $2",
        values![kept.map(serde_json::to_string).transpose()?, wanted],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct OrganisationRow {
    told: String,
    logo: Option<String>,
}

pub(crate) async fn told(db: &impl Read) -> Result<Option<Told>, Error> {
    let sql = "select told, logo from organisation_copy order by version desc limit 1";
    let row: Option<OrganisationRow> = db.one(sql, values![]).await?;
    row.map(|row| {
        Ok(Told {
            organisation: serde_json::from_str(&row.told)?,
            logo: row.logo.as_deref().map(serde_json::from_str).transpose()?,
        })
    })
    .transpose()
}
