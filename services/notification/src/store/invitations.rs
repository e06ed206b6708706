//! How far invitations are known here: who is invited is in the mail alone.

use bus::{Error, Read, Tx, values};
use event::InvitationId;

use super::signed;

/// Remembers that an invitation has come this far, and gives how far it has: another mail of it, or its
/// withdrawal, may have come before.
pub(crate) async fn reach_version(
    tx: &mut Tx,
    invitation: InvitationId,
    version: u64,
) -> Result<u64, Error> {
    tx.execute(
        "insert into invitations (id, version) values ($1, $2) on conflict (id) do update set \
         version = excluded.version where invitations.version < excluded.version",
        values![invitation.0, signed(version)],
    )
    .await?;
    let reached: Option<i64> =
        tx.scalar("select version from invitations where id = $1", values![invitation.0]).await?;
    Ok(reached.and_then(|reached| u64::try_from(reached).ok()).unwrap_or(version))
}
