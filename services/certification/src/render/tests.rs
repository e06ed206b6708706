#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::NaiveDate;
use event::Language;
use rust_decimal::Decimal;
use typst::layout::{Abs, Point, Size};

use super::*;
use crate::design::{Activity, Design, Logo, Nature, Organisation, QuizResult};

const NAMES: &[&str] = &[
    "Nguyễn Thị Phương Thảo",
    "محمد بن عبد الله الفاسي",
    "فاطمه‌زهرا چگینی",
    "שרה לוי־כהן",
    "Siân Llŵyd-Ŷnys",
    "Łukasz Żółć-Święcki",
    "Владимир Ћирић Қанат Ғалым",
    "Її Ґалаґан",
    "Ἀριστοτέλης Παπαδόπουλος",
    "欧阳婷鑫",
    "歐陽靜",
    "渡邉 さくら 髙橋 デモ",
    "김민준 최설희",
    "प्रिया श्रीवास्तव",
    "สมชาย ใจดี",
    "ত্রিদিব চট্টোপাধ্যায়",
    "தமிழ்ச்செல்வி",
    "శ్రీనివాస్",
    "ಕೃಷ್ಣಮೂರ್ತಿ",
    "ശ്രീലക്ഷ്മി",
    "જીજ્ઞેશ",
    "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "ସୁଭଶ୍ରୀ",
    "ශ්‍රීමති",
    "សុខ ស្រីមុំ",
    "ສົມສະຫວັນ",
    "မောင်မောင်ကျော်",
    "བསྟན་འཛིན་རྒྱ་མཚོ།",
    "Արամ Խաչատրյան",
    "ნინო ბერიძე",
    "ሰላማዊት ተስፋዬ",
    "އަޙްމަދު",
    "ⵎⴰⵙⵉⵏⵉⵙⵙⴰ",
    "𞤀𞤥𞤢𞤣𞤵",
    "ߡߊ߬ߡߊ߬ߘߎ߬",
    "Ọláwálé Ṣóyínká Ɓɔ̃",
    "Çağrı İşgüder Əliyev Zaharié Țuțea",
];

const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>";

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn facts(design: Design, language: Language) -> Facts {
    let french = language == Language::Fr;
    let say = |fr: &str, en: &str| if french { fr.to_owned() } else { en.to_owned() };
    let activity = |fr: &str, en: &str, minutes| Activity { title: say(fr, en), minutes };
    Facts {
        design,
        language,
        person: "Zoé Lefèvre-Nguyễn".to_owned(),
        employer: Some("Coopérative des Deux Rives".to_owned()),
        course: say("Les files de messages par l’exemple", "Message queues by example"),
        course_language: Some(language),
        nature: Nature::Training,
        code: "7KQ2-M9XD-0B4T-HV3N".parse().unwrap(),
        verification_url: "https://formation.exemple.fr/verify/7KQ2-M9XD-0B4T-HV3N".to_owned(),
        issued: day(11, 22),
        started: day(10, 1),
        completed: day(11, 21),
        minutes: 14 * 60 + 30,
        objectives: vec![
            say(
                "Choisir un échange et une file selon l’usage",
                "Choose an exchange and a queue for the purpose",
            ),
            say("Ne perdre ni répéter aucun message", "Neither lose nor repeat a message"),
        ],
        results: vec![QuizResult {
            title: say("Quiz final", "Final quiz"),
            mark: Decimal::new(175, 1),
            out_of: Decimal::from(20),
        }],
        activities: vec![
            activity("Leçon 1 : pourquoi une file", "Lesson 1: why a queue", 120),
            activity("Leçon 2 : échanges et liaisons", "Lesson 2: exchanges and bindings", 150),
            activity("Leçon 3 : accuser réception", "Lesson 3: acknowledging", 150),
            activity(
                "Leçon 4 : réessayer sans doubler",
                "Lesson 4: retrying without doubling",
                180,
            ),
            activity("Leçon 5 : les lettres mortes", "Lesson 5: dead letters", 120),
            activity("Leçon 6 : exploiter", "Lesson 6: running it", 105),
            activity("Quiz final", "Final quiz", 45),
        ],
        organisation: Organisation {
            name: "Atelier de la Loire".to_owned(),
            representative: "Maëlle Kerouédan".to_owned(),
            capacity: say("directrice de la formation", "Head of training"),
            place: "Nantes".to_owned(),
            address: Some("12, quai de la Fosse, 44000 Nantes".to_owned()),
            activity_number: Some("52 44 01234 44".to_owned()),
            retention_years: 3,
            logo: None,
            logo_file: None,
            mentions: None,
        },
    }
}

fn every_design() -> impl Iterator<Item = Facts> {
    [Design::Achievement, Design::CertificatDeRealisation]
        .into_iter()
        .flat_map(|design| [Language::Fr, Language::En].map(|language| facts(design, language)))
}

fn rendered(facts: &Facts) -> Rendered {
    render(facts).unwrap()
}

/// All that a page prints, in the order it is drawn.
fn printed(facts: &Facts) -> String {
    fn gather(frame: &Frame, out: &mut String) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => gather(&group.frame, out),
                FrameItem::Text(text) => out.push_str(&text.text),
                _ => {}
            }
        }
    }
    let mut out = String::new();
    for page in lay_out(facts).unwrap().pages() {
        gather(&page.frame, &mut out);
    }
    out
}

/// Every piece of text and picture lies on the paper.
fn assert_on_paper(facts: &Facts) {
    fn check(frame: &Frame, origin: Point, paper: Size) {
        for (position, item) in frame.items() {
            let at = origin + *position;
            match item {
                FrameItem::Group(group) => check(&group.frame, at, paper),
                FrameItem::Text(text) => {
                    assert!(
                        at.x >= Abs::zero() && at.x + text.width() <= paper.x,
                        "{} sticks out",
                        text.text
                    );
                    assert!(at.y >= Abs::zero() && at.y <= paper.y, "{} sticks out", text.text);
                }
                _ => {}
            }
        }
    }
    let document = lay_out(facts).unwrap();
    let page = &document.pages()[0];
    check(&page.frame, Point::zero(), page.frame.size());
}

#[test]
fn every_design_in_both_languages_is_one_archival_page() {
    for facts in every_design() {
        let rendered = rendered(&facts);
        assert!(rendered.pdf.starts_with(b"%PDF-"));
        assert!(rendered.missing_glyphs.is_empty());
        assert!(rendered.archival);
        assert_on_paper(&facts);
    }
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    for facts in every_design() {
        let first = rendered(&facts);
        comemo::evict(0);
        let frozen: Facts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        assert_eq!(frozen, facts);
        assert!(rendered(&frozen) == first, "{:?} in {:?} differs", facts.design, facts.language);
    }
}

#[test]
fn names_in_any_script_print() {
    for name in NAMES {
        for design in [Design::Achievement, Design::CertificatDeRealisation] {
            let facts = Facts { person: (*name).to_owned(), ..facts(design, Language::Fr) };
            let document = lay_out(&facts).unwrap();
            assert!(missing_glyphs(&document).is_empty(), "{name}");
            assert_on_paper(&facts);
        }
    }
}

#[test]
fn what_no_font_has_is_printed_and_reported() {
    let facts =
        Facts { person: "Ada 𒀀🦀".to_owned(), ..facts(Design::Achievement, Language::En) };
    let rendered = rendered(&facts);
    assert_eq!(rendered.missing_glyphs, ['𒀀', '🦀']);
    assert!(!rendered.archival);
}

#[test]
fn facts_are_never_markup() {
    let hostile = "#panic() *x* _y_ $z$ <a> @b \\n \"c\" `d` [e] {f} // g /* h = i";
    for plain in every_design() {
        let mut facts = plain;
        facts.person = hostile.to_owned();
        facts.course = hostile.to_owned();
        facts.organisation.representative = hostile.to_owned();
        facts.activities[0].title = hostile.to_owned();
        let printed = printed(&facts).replace(' ', "");
        assert!(printed.contains(&hostile.replace(' ', "")), "{printed}");
        assert!(rendered(&facts).archival);
    }
}

#[test]
fn long_and_many_facts_stay_on_one_page() {
    for plain in every_design() {
        let mut facts = plain;
        facts.person = "Maximilien-Alexandre ".repeat(15);
        facts.course = "W".repeat(300);
        facts.employer = Some("Coopérative ".repeat(100));
        facts.objectives = vec!["Objectif ".repeat(100); 50];
        facts.activities = vec![Activity { title: "Leçon ".repeat(100), minutes: u32::MAX }; 500];
        facts.results =
            vec![
                QuizResult { title: "Quiz ".repeat(100), mark: Decimal::MAX, out_of: Decimal::MIN };
                500
            ];
        facts.organisation.name = "Atelier ".repeat(60);
        facts.organisation.address = Some("Rue ".repeat(100));
        facts.organisation.logo = Some(Logo::parse(LOGO.as_bytes().to_vec()).unwrap());
        facts.organisation.representative = "Maëlle ".repeat(100);
        facts.organisation.capacity = "Directeur ".repeat(100);
        facts.organisation.place = "Nantes ".repeat(100);
        assert!(rendered(&facts).archival);
        assert_on_paper(&facts);
    }
}

#[test]
fn empty_and_absurd_facts_print() {
    for plain in every_design() {
        let mut facts = plain;
        facts.person = String::new();
        facts.course = format!("x{}", "\u{301}".repeat(5000));
        facts.minutes = 0;
        facts.employer = None;
        facts.objectives.clear();
        facts.activities.clear();
        facts.results.clear();
        facts.organisation.address = Some(" ".to_owned());
        facts.organisation.activity_number = None;
        rendered(&facts);
        assert_on_paper(&facts);
    }
}

#[test]
fn the_activity_number_brings_its_sentence() {
    let with = printed(&facts(Design::CertificatDeRealisation, Language::Fr));
    assert!(with.contains("ne vaut pas agrément"), "{with}");
    let mut facts = facts(Design::CertificatDeRealisation, Language::Fr);
    facts.organisation.activity_number = None;
    assert!(!printed(&facts).contains("ne vaut pas agrément"));
}

#[test]
fn the_logo_takes_the_place_of_the_name() {
    for plain in every_design() {
        let mut facts = plain;
        facts.organisation.logo = Some(Logo::parse(LOGO.as_bytes().to_vec()).unwrap());
        assert!(rendered(&facts).archival);
    }
}

#[test]
fn a_broken_logo_or_address_is_said() {
    let mut broken = facts(Design::Achievement, Language::Fr);
    broken.organisation.logo = Some(Logo::parse(b"\x89PNG\r\n\x1a\nbroken".to_vec()).unwrap());
    assert!(matches!(render(&broken), Err(RenderError::Layout(_))));
    for url in ["javascript:alert(1)", "", &format!("https://{}", "a".repeat(4000))] {
        let facts =
            Facts { verification_url: url.to_owned(), ..facts(Design::Achievement, Language::Fr) };
        assert!(matches!(render(&facts), Err(RenderError::VerificationUrl(_))), "{url}");
    }
}
