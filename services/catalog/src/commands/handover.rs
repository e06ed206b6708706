//! Handing a course over to somebody else who may teach.

use bus::{Db, Read};

use super::{CommandError, edit, editable};
use crate::{
    domain::{Course, Editor, NoSuccessor, Refusal},
    store::{self, Address, PersonCopy},
};

/// Whom this address belongs to, if they may teach.
pub async fn successor(read: &impl Read, mail: &str) -> Result<PersonCopy, CommandError> {
    let known = store::person_by_mail(read, &mail.trim().to_lowercase()).await?;
    let person = known.ok_or(Refusal::from(NoSuccessor::Unknown))?;
    if person.teaches {
        return Ok(person);
    }
    Err(Refusal::from(NoSuccessor::MayNotTeach).into())
}

/// Gives a course to whom this address belongs to, if it is still the version that was seen. To the one who
/// teaches it already nothing is given.
pub async fn hand_over(
    db: &Db,
    editor: Editor,
    address: &Address,
    mail: &str,
    seen: Option<u64>,
) -> Result<Course, CommandError> {
    editable(db, editor, address).await?.may_be_handed_over_by(editor)?;
    let to = successor(db, mail).await?.person;
    let rule = |course: &mut Course| {
        course.expect(seen)?;
        course.hand_over(editor, to)
    };
    Ok(edit(db, editor, address, rule).await?.0)
}
