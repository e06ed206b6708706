//! Words that are found whatever their case and accents.

use unicode_normalization::UnicodeNormalization as _;

/// Nobody searches for more words at once.
const WORDS: usize = 8;
const WORD_CHARS: usize = 60;

/// Small letters without accents: “Œuvre à Évaluer” is “oeuvre a evaluer”.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '\u{0300}'..='\u{036f}' | '\0' => {}
            letter => folded.push(letter),
        }
    }
    folded
}

/// The words of a question, folded.
#[must_use]
pub fn words(question: &str) -> Vec<String> {
    let folded = folded(question);
    let words = folded.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
    let words = words.filter(|word| !word.is_empty());
    words.take(WORDS).map(|word| word.chars().take(WORD_CHARS).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(folded("Œuvre à ÉVALUER"), "oeuvre a evaluer");
        assert_eq!(words(" Les files d’attente, 100 % "), ["les", "files", "d", "attente", "100"]);
        assert_eq!(words("%_'"), Vec::<String>::new());
    }
}
