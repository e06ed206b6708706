//! This service's copy of whose platform it is.

use bus::{Error, FromQueryResult, Read, Tx, values};
use contract::{
    identity::{LegalMentions, OrganisationUpdated},
    step::hash,
};
use event::Language;

use super::signed;
use crate::domain::Sender;

/// Takes what is newer, or of another hash.
pub(crate) async fn save_organisation(
    tx: &mut Tx,
    organisation: &OrganisationUpdated,
) -> Result<(), Error> {
    let mentions = &organisation.legal_mentions;
    tx.execute(
        "insert into organisation (id, version, name, address, mentions, hash) \
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set \
         version = excluded.version, name = excluded.name, address = excluded.address, \
         mentions = excluded.mentions, hash = excluded.hash \
         where organisation.version < excluded.version \
         or (organisation.version = excluded.version and organisation.hash <> excluded.hash)",
        values![
            organisation.organisation.0,
            signed(organisation.version),
            organisation.name.clone(),
            serde_json::to_string(&organisation.address)?,
            serde_json::to_string(mentions)?,
            hash(organisation)
        ],
    )
    .await?;
    Ok(())
}

/// Who writes the mails, once that was said.
#[derive(Clone, Debug)]
pub(crate) struct Organisation {
    name: String,
    address: Vec<String>,
    mentions: LegalMentions,
}

impl Organisation {
    pub(crate) fn as_sender(&self, language: Language) -> Sender {
        Sender {
            name: self.name.clone(),
            address: self.address.clone(),
            mentions: self.mentions.of(language).to_owned(),
        }
    }
}

#[derive(FromQueryResult)]
struct OrganisationRow {
    name: String,
    address: String,
    mentions: String,
}

pub(crate) async fn organisation(db: &impl Read) -> Result<Option<Organisation>, Error> {
    let sql = "select name, address, mentions from organisation order by version desc limit 1";
    let row: Option<OrganisationRow> = db.one(sql, values![]).await?;
    row.map(|row| {
        Ok(Organisation {
            name: row.name,
            address: serde_json::from_str(&row.address)?,
            mentions: serde_json::from_str(&row.mentions)?,
        })
    })
    .transpose()
}
