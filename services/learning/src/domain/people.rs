//! People as a roster finds and orders them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Text without accents and case, by which people are found and ordered: “Élodie” is “elodie”.
pub(crate) fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    let mut folded = String::with_capacity(text.len());
    for letter in plain.flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            letter => folded.push(letter),
        }
    }
    folded.trim().to_owned()
}

/// Which of the enrolled are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    #[default]
    Everybody,
    Underway,
    Completed,
}

impl Shown {
    pub(crate) const ALL: [Self; 3] = [Self::Everybody, Self::Underway, Self::Completed];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Underway => "underway",
            Self::Completed => "completed",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.name() == name)
    }
}

/// In which order the enrolled are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Name,
    /// The most first.
    Progress,
    /// Who was here last comes first.
    Activity,
    /// Who was not here for longest comes first: who may need a word.
    Silence,
    /// The newest first.
    Enrolled,
}

impl Sort {
    pub(crate) const ALL: [Self; 5] =
        [Self::Name, Self::Progress, Self::Activity, Self::Silence, Self::Enrolled];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Progress => "progress",
            Self::Activity => "activity",
            Self::Silence => "silence",
            Self::Enrolled => "enrolled",
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
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold(" Élodie NGUYỄN "), "elodie nguyen");
        assert_eq!(fold("ﬁ Ⅳ"), "fi iv");
        assert_eq!(fold("Łukasz Œuvrard"), "lukasz oeuvrard");
    }

    #[test]
    fn each_order_reads_its_own_name() {
        assert!(Sort::ALL.into_iter().all(|sort| Sort::parse(sort.name()) == Some(sort)));
        assert!(Shown::ALL.into_iter().all(|shown| Shown::parse(shown.name()) == Some(shown)));
    }
}
