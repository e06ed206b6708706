//! Giving a course to somebody else who teaches.

use event::PersonId;

use super::{Course, Editor, Refusal};

impl Course {
    /// Whoever teaches it may give it away, and administrators; also what is nobody's, which any instructor edits.
    ///
    /// # Errors
    /// When this editor is neither.
    pub fn may_be_handed_over_by(&self, editor: Editor) -> Result<(), Refusal> {
        let is_own = self.instructor == Some(editor.person);
        if editor.is_administrator || is_own { Ok(()) } else { Err(Refusal::NotYoursToGive) }
    }

    /// Gives it to another, of whom it is known that they may teach.
    ///
    /// # Errors
    /// As [`may_be_handed_over_by`](Self::may_be_handed_over_by).
    pub fn hand_over(&mut self, editor: Editor, to: PersonId) -> Result<(), Refusal> {
        self.may_be_handed_over_by(editor)?;
        self.instructor = Some(to);
        Ok(())
    }
}
