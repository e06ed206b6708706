//! The organisation: one row, once somebody has written it.

use bus::{Error, FileReference, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};

use super::signed;
use crate::domain::{
    organisation::{self, Details, Logo, Organisation},
    picture::{Kind, Picture},
};

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    name: String,
    address: String,
    legal_en: String,
    legal_fr: String,
    activity_number: String,
    representative: String,
    capacity: String,
    place: String,
    retention_years: String,
    logo_key: Option<String>,
    logo_sha256: Option<String>,
    logo_size: Option<i64>,
    logo_media_type: Option<String>,
    logo_width: Option<i64>,
    logo_height: Option<i64>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn organisation(self) -> Organisation {
        let logo = self.logo();
        Organisation {
            version: self.version.unsigned_abs(),
            details: Details {
                name: self.name,
                address: self.address,
                legal_en: self.legal_en,
                legal_fr: self.legal_fr,
                activity_number: self.activity_number,
                representative: self.representative,
                capacity: self.capacity,
                place: self.place,
                retention_years: self.retention_years,
            },
            logo,
            updated_at: self.updated_at,
        }
    }

    fn logo(&self) -> Option<Logo> {
        let written = self.logo_media_type.as_deref()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.media_type() == written)?;
        let pixels = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
        let file = FileReference {
            key: self.logo_key.clone()?,
            sha256: self.logo_sha256.clone()?,
            size: self.logo_size?.unsigned_abs(),
        };
        let (width, height) = (pixels(self.logo_width)?, pixels(self.logo_height)?);
        Some(Logo { file, picture: Picture { kind, width, height } })
    }
}

/// As somebody wrote it, if anybody has.
pub(crate) async fn organisation(db: &impl Read) -> Result<Option<Organisation>, Error> {
    let sql = "select version, name, address, legal_en, legal_fr, activity_number, representative, \
               capacity, place, retention_years, logo_key, logo_sha256, logo_size, logo_media_type, \
               logo_width, logo_height, updated_at from organisation where id = $1";
    Ok(db.one::<Row>(sql, values![organisation::id().0]).await?.map(Row::organisation))
}

/// Writes the next version; `false` if somebody else wrote it first.
pub(crate) async fn save(tx: &mut Tx, organisation: &Organisation) -> Result<bool, Error> {
    let sql = "insert into organisation (id, version, name, address, legal_en, legal_fr, \
               activity_number, representative, capacity, logo_key, logo_sha256, logo_size, \
               logo_media_type, logo_width, logo_height, updated_at, place, retention_years) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
               $17, $18) \
               on conflict (id) do update set version = excluded.version, name = excluded.name, \
               address = excluded.address, legal_en = excluded.legal_en, \
               legal_fr = excluded.legal_fr, activity_number = excluded.activity_number, \
               representative = excluded.representative, capacity = excluded.capacity, \
               logo_key = excluded.logo_key, logo_sha256 = excluded.logo_sha256, \
               logo_size = excluded.logo_size, logo_media_type = excluded.logo_media_type, \
               logo_width = excluded.logo_width, logo_height = excluded.logo_height, \
               updated_at = excluded.updated_at, place = excluded.place, \
               retention_years = excluded.retention_years \
               where organisation.version = excluded.version - 1";
    let (details, logo) = (&organisation.details, organisation.logo.as_ref());
    let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let values = values![
        organisation::id().0,
        signed(organisation.version),
        details.name.as_str(),
        details.address.as_str(),
        details.legal_en.as_str(),
        details.legal_fr.as_str(),
        details.activity_number.as_str(),
        details.representative.as_str(),
        details.capacity.as_str(),
        logo.map(|logo| logo.file.key.clone()),
        logo.map(|logo| logo.file.sha256.clone()),
        logo.map(|logo| size(logo.file.size)),
        logo.map(|logo| logo.picture.kind.media_type()),
        logo.map(|logo| i64::from(logo.picture.width)),
        logo.map(|logo| i64::from(logo.picture.height)),
        organisation.updated_at,
        details.place.as_str(),
        details.retention_years.as_str(),
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Gives it the version after this one, where its own is lower.
pub(crate) async fn overtake(tx: &mut Tx, version: u64) -> Result<(), Error> {
    let sql = "update organisation set version = $2 + 1 where id = $1 and version < $2";
    tx.execute(sql, values![organisation::id().0, signed(version)]).await?;
    Ok(())
}
