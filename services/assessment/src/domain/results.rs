//! Which of the attempts at a quiz are looked at, and in which order.

use event::PersonId;

/// What of a quiz's results is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResultQuery {
    /// Folded, and part of a name; empty finds everybody.
    pub(crate) search: String,
    /// One person's attempts alone.
    pub(crate) learner: Option<PersonId>,
    pub(crate) shown: Shown,
    pub(crate) sort: Sort,
}

impl ResultQuery {
    /// Whether it leaves any attempt out.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.search.is_empty() || self.learner.is_some() || self.shown != Shown::Everything
    }
}

/// Which attempts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    #[default]
    Everything,
    /// For a person's marks.
    Waiting,
    Passed,
    Failed,
}

impl Shown {
    pub(crate) const ALL: [Self; 4] = [Self::Everything, Self::Waiting, Self::Passed, Self::Failed];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Waiting => "waiting",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.name() == name)
    }
}

/// In which order attempts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// What was begun last comes first.
    #[default]
    Newest,
    Name,
    /// The highest marks first.
    Highest,
    /// The lowest marks first: who may need help.
    Lowest,
}

impl Sort {
    pub(crate) const ALL: [Self; 4] = [Self::Newest, Self::Name, Self::Highest, Self::Lowest];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
            Self::Highest => "highest",
            Self::Lowest => "lowest",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_reads_its_own_name() {
        assert!(Sort::ALL.into_iter().all(|sort| Sort::parse(sort.name()) == Some(sort)));
        assert!(Shown::ALL.into_iter().all(|shown| Shown::parse(shown.name()) == Some(shown)));
    }
}
