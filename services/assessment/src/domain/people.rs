//! People as lists find and order them.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold(" Élodie NGUYỄN "), "elodie nguyen");
        assert_eq!(fold("Łukasz Œuvrard"), "lukasz oeuvrard");
    }
}
