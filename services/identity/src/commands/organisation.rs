//! What can be said of the organisation. Before anybody wrote anything it is as the platform was set up,
//! and that is told to nobody: the others were set up with the same.

use bus::{Db, Files, Read, Tx};
use contract::identity::{LegalMentions, Logo as ToldLogo, OrganisationUpdated};

use super::CommandError;
use crate::{
    domain::{
        organisation::{self, Details, Logo, Organisation},
        picture,
    },
    store::organisation as rows,
};

/// As it is now.
pub(crate) async fn present(db: &impl Read, set_up: &Details) -> Result<Organisation, bus::Error> {
    let written = rows::organisation(db).await?;
    Ok(written.unwrap_or_else(|| Organisation::unwritten(set_up.clone())))
}

/// Writes what an administrator says of it. Changing nothing is fine, and told to nobody.
pub(crate) async fn write(
    db: &Db,
    set_up: &Details,
    details: Details,
) -> Result<Organisation, CommandError> {
    let details = details.parse().map_err(CommandError::Invalid)?;
    let mut tx = db.begin().await?;
    let mut organisation = present(&tx, set_up).await?;
    if organisation.change(details, tx.now()) {
        save(&mut tx, &organisation).await?;
    }
    tx.commit().await?;
    Ok(organisation)
}

/// Keeps a picture and shows it from now on. The one before stays in the file store, for what was made
/// with it.
pub(crate) async fn show_logo(
    db: &Db,
    files: &Files,
    set_up: &Details,
    bytes: &[u8],
) -> Result<(), CommandError> {
    let picture = picture::look(bytes)?;
    let file = files.put("organisation", picture.kind.extension(), bytes.to_vec()).await?;
    set_logo(db, set_up, Some(Logo { file, picture })).await
}

pub(crate) async fn remove_logo(db: &Db, set_up: &Details) -> Result<(), CommandError> {
    set_logo(db, set_up, None).await
}

async fn set_logo(db: &Db, set_up: &Details, logo: Option<Logo>) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let mut organisation = present(&tx, set_up).await?;
    if organisation.show(logo, tx.now()) {
        save(&mut tx, &organisation).await?;
    }
    Ok(tx.commit().await?)
}

async fn save(tx: &mut Tx, organisation: &Organisation) -> Result<(), CommandError> {
    if !rows::save(tx, organisation).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    tx.publish(&told(organisation))?;
    Ok(())
}

/// As the other services are told.
pub(crate) fn told(organisation: &Organisation) -> OrganisationUpdated {
    let details = &organisation.details;
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    OrganisationUpdated {
        organisation: organisation::id(),
        version: organisation.version,
        name: details.name.clone(),
        address: details.address_lines().map(str::to_owned).collect(),
        legal_mentions: LegalMentions {
            en: details.legal_en.clone(),
            fr: details.legal_fr.clone(),
        },
        activity_number: known(&details.activity_number),
        representative: known(&details.representative),
        capacity: known(&details.capacity),
        place: known(&details.place),
        retention_years: details.retention_years.parse().ok(),
        logo: organisation.logo.as_ref().map(|logo| ToldLogo {
            file: logo.file.clone(),
            media_type: logo.picture.kind.media_type().to_owned(),
            width: logo.picture.width,
            height: logo.picture.height,
        }),
        updated_at: organisation.updated_at,
    }
}
