//! Why a question does not go in, and what to do about it, in English and in French.

use std::{fmt, sync::Arc};

use event::Language;
use rust_decimal::Decimal;

use super::{LARGEST_FILE, MOST_QUESTIONS, MOST_REFUSALS};

/// A question that does not go in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub file: Arc<str>,
    pub line: usize,
    pub reason: Reason,
}

/// The reason; shown in English.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    FileTooLarge,
    NotUtf8,
    TooManyQuestions,
    TooManyRefusals,
    Nul,
    CategoryTooLong { limit: usize },
    TitleNotClosed,
    TitleTooLong { limit: usize },
    NoText,
    TextTooLong { limit: usize },
    BraceNotClosed,
    BraceNotOpened,
    SecondBrace,
    NoAnswer,
    AnswerWithoutText,
    TextBeforeAnswers,
    TooManyAnswers { limit: usize },
    OneChoice,
    NoFullMark,
    WeightsTooLow { total: Decimal },
    WeightOutOfRange { percent: Decimal },
    NotANumber { text: String },
    RangeBackwards,
    NegativeTolerance,
    NoArrow,
    OnePair,
}

/// A reason, and the part of the text that gives it.
pub struct Fault<'a> {
    pub at: &'a str,
    pub reason: Reason,
}

impl<'a> Fault<'a> {
    pub fn at(text: &'a str, reason: Reason) -> Self {
        Self { at: text.trim_start(), reason }
    }
}

/// The start of a text, short enough to be shown in a reason.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let shown: String =
        text.trim().chars().take(SHOWN).filter(|shown| !shown.is_control()).collect();
    if text.trim().chars().nth(SHOWN).is_some() { shown + "…" } else { shown }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl Refusal {
    /// The same in French.
    #[must_use]
    pub fn in_french(&self) -> String {
        format!("{}:{}: {}", self.file, self.line, self.reason.in_french())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fixed() {
            Some(fixed) => formatter.write_str(fixed),
            None => formatter.write_str(&self.varying()),
        }
    }
}

impl Reason {
    /// The reason in French.
    #[must_use]
    pub fn in_french(&self) -> String {
        self.fixed_in_french().map_or_else(|| self.varying_in_french(), str::to_owned)
    }

    /// What always reads the same.
    const fn fixed(&self) -> Option<&'static str> {
        let fixed = match self {
            Self::NotUtf8 => "the file is not UTF-8 from here on: save it as UTF-8",
            Self::Nul => "there is a NUL character: remove it",
            Self::TitleNotClosed => "the title that begins with :: has no end: write :: after it",
            Self::NoText => "the question has no text: write what is asked before the {",
            Self::BraceNotClosed => {
                "the answers that begin with { have no end: write } after them, or \\{ for a brace in the text"
            }
            Self::BraceNotOpened => "there is a } without a {: write \\} for a brace in the text",
            Self::SecondBrace => {
                "there is a second {: leave a blank line between two questions, and write \\{ for a brace in the text"
            }
            Self::NoAnswer => {
                "there is no answer: write one between the braces, or leave them empty for an essay"
            }
            Self::AnswerWithoutText => {
                "an answer has no text: write it after its = or ~ (or after ->), or take the sign out"
            }
            Self::TextBeforeAnswers => {
                "there is text between the { and the first answer: begin each answer with = or ~, and write feedback for all as ####"
            }
            Self::OneChoice => {
                "there is only one choice: add another, or write the one answer with = for a short answer"
            }
            Self::NoFullMark => "no answer is worth 100 %: give one all the marks",
            Self::RangeBackwards => "the range runs backwards: write the smaller number first",
            Self::NegativeTolerance => "the tolerance is negative: write it without the minus sign",
            Self::NoArrow => {
                "an item has no ->: write it as =item -> answer, or write -\\> for an arrow in the text of another kind of question"
            }
            Self::OnePair => {
                "there is only one answer to match: write at least two as =item -> answer"
            }
            Self::FileTooLarge
            | Self::TooManyQuestions
            | Self::TooManyRefusals
            | Self::CategoryTooLong { .. }
            | Self::TitleTooLong { .. }
            | Self::TextTooLong { .. }
            | Self::TooManyAnswers { .. }
            | Self::WeightsTooLow { .. }
            | Self::WeightOutOfRange { .. }
            | Self::NotANumber { .. } => return None,
        };
        Some(fixed)
    }

    /// What names a limit or a text.
    fn varying(&self) -> String {
        match self {
            Self::FileTooLarge => {
                let most = ui::format_size(LARGEST_FILE as u64, Language::En);
                format!("the file is larger than {most}: split it")
            }
            Self::TooManyQuestions => format!(
                "a file holds at most {MOST_QUESTIONS} questions: move the rest, from here on, to another file"
            ),
            Self::TooManyRefusals => format!(
                "{MOST_REFUSALS} questions are refused already: reading stops here; check that this is a GIFT file"
            ),
            Self::CategoryTooLong { limit } => {
                format!("the category is longer than {limit} characters: shorten it")
            }
            Self::TitleTooLong { limit } => {
                format!("the title is longer than {limit} characters: shorten it")
            }
            Self::TextTooLong { limit } => {
                format!("a text is longer than {limit} characters: shorten it")
            }
            Self::TooManyAnswers { limit } => format!(
                "the question has more than {limit} answers: take some out, or write = and ~ inside a text as \\= and \\~"
            ),
            Self::WeightsTooLow { total } => format!(
                "the positive weights add up to {total} %: make them add up to 100 %, or mark the one right choice with = instead of ~"
            ),
            Self::WeightOutOfRange { percent } => {
                format!("a weight of {percent} % is out of range: write one from -100 to 100")
            }
            Self::NotANumber { text } => format!(
                "\"{text}\" is no number: write one such as 3.14, 3.14:0.01 (with a tolerance) or 3..4 (a range)"
            ),
            _ => String::new(),
        }
    }

    /// As `fixed`.
    const fn fixed_in_french(&self) -> Option<&'static str> {
        let fixed = match self {
            Self::NotUtf8 => {
                "le fichier n'est plus en UTF-8 à partir d'ici : enregistrez-le en UTF-8"
            }
            Self::Nul => "il y a un caractère NUL : retirez-le",
            Self::TitleNotClosed => {
                "le titre qui commence par :: n'a pas de fin : écrivez :: après lui"
            }
            Self::NoText => "la question n'a pas de texte : écrivez ce qui est demandé avant {",
            Self::BraceNotClosed => {
                "les réponses qui commencent par { n'ont pas de fin : écrivez } après elles, ou \\{ pour une accolade dans le texte"
            }
            Self::BraceNotOpened => {
                "il y a un } sans { : écrivez \\} pour une accolade dans le texte"
            }
            Self::SecondBrace => {
                "il y a un second { : laissez une ligne vide entre deux questions, et écrivez \\{ pour une accolade dans le texte"
            }
            Self::NoAnswer => {
                "il n'y a pas de réponse : écrivez-en une entre les accolades, ou laissez-les vides pour une rédaction"
            }
            Self::AnswerWithoutText => {
                "une réponse n'a pas de texte : écrivez-le après son = ou son ~ (ou après ->), ou retirez le signe"
            }
            Self::TextBeforeAnswers => {
                "il y a du texte entre { et la première réponse : commencez chaque réponse par = ou ~, et écrivez la rétroaction générale après ####"
            }
            Self::OneChoice => {
                "il n'y a qu'un seul choix : ajoutez-en un autre, ou écrivez la seule réponse après = pour une réponse courte"
            }
            Self::NoFullMark => {
                "aucune réponse ne vaut 100 % : donnez tous les points à l'une d'elles"
            }
            Self::RangeBackwards => {
                "l'intervalle est à l'envers : écrivez d'abord le plus petit nombre"
            }
            Self::NegativeTolerance => "la tolérance est négative : écrivez-la sans le signe moins",
            Self::NoArrow => {
                "un élément n'a pas de -> : écrivez =élément -> réponse, ou -\\> pour une flèche dans le texte d'une question d'une autre sorte"
            }
            Self::OnePair => {
                "il n'y a qu'une réponse à associer : écrivez-en au moins deux sous la forme =élément -> réponse"
            }
            Self::FileTooLarge
            | Self::TooManyQuestions
            | Self::TooManyRefusals
            | Self::CategoryTooLong { .. }
            | Self::TitleTooLong { .. }
            | Self::TextTooLong { .. }
            | Self::TooManyAnswers { .. }
            | Self::WeightsTooLow { .. }
            | Self::WeightOutOfRange { .. }
            | Self::NotANumber { .. } => return None,
        };
        Some(fixed)
    }

    /// As `varying`.
    fn varying_in_french(&self) -> String {
        match self {
            Self::FileTooLarge => {
                let most = ui::format_size(LARGEST_FILE as u64, Language::Fr);
                format!("le fichier dépasse {most} : découpez-le")
            }
            Self::TooManyQuestions => format!(
                "un fichier contient au plus {MOST_QUESTIONS} questions : déplacez la suite dans un autre fichier"
            ),
            Self::TooManyRefusals => format!(
                "{MOST_REFUSALS} questions sont déjà refusées : la lecture s'arrête ici ; vérifiez que c'est un fichier GIFT"
            ),
            Self::CategoryTooLong { limit } => {
                format!("la catégorie dépasse {limit} caractères : raccourcissez-la")
            }
            Self::TitleTooLong { limit } => {
                format!("le titre dépasse {limit} caractères : raccourcissez-le")
            }
            Self::TextTooLong { limit } => {
                format!("un texte dépasse {limit} caractères : raccourcissez-le")
            }
            Self::TooManyAnswers { limit } => format!(
                "la question a plus de {limit} réponses : retirez-en, ou écrivez \\= et \\~ pour = et ~ dans un texte"
            ),
            Self::WeightsTooLow { total } => format!(
                "les poids positifs font {total} % : leur somme doit être de 100 %, ou marquez le seul bon choix par = au lieu de ~"
            ),
            Self::WeightOutOfRange { percent } => {
                format!("un poids de {percent} % est hors limites : écrivez-en un de -100 à 100")
            }
            Self::NotANumber { text } => format!(
                "« {text} » n'est pas un nombre : écrivez par exemple 3.14, 3.14:0.01 (avec une tolérance) ou 3..4 (un intervalle)"
            ),
            _ => String::new(),
        }
    }
}
