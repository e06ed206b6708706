#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::*;
use crate::design::{Activity, Design, Language, Logo, Nature, Organisation, QuizResult};

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

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn facts(design: Design, language: Language) -> Facts {
    let french = language == Language::French;
    let say = |fr: &str, en: &str| if french { fr.to_owned() } else { en.to_owned() };
    let activity = |fr: &str, en: &str, minutes| Activity { title: say(fr, en), minutes };
    Facts {
        design,
        language,
        person: "Zoé Lefèvre-Nguyễn".to_owned(),
        employer: Some("Coopérative des Deux Rives".to_owned()),
        course: say("Les files de messages par l’exemple", "Message queues by example"),
        nature: Nature::Training,
        code: "7KQ2-M9XD-0B4T-HV3N".parse().unwrap(),
        verification_url: "https://formation.exemple.fr/verify/7KQ2-M9XD-0B4T-HV3N".to_owned(),
        issued: day(11, 22),
        started: day(10, 1),
        completed: day(11, 21),
        minutes: 14 * 60 + 30,
        objectives: vec![
            say("Choisir un échange et une file selon l’usage", "Choose an exchange and a queue for the purpose"),
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
            activity("Leçon 4 : réessayer sans doubler", "Lesson 4: retrying without doubling", 180),
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
        },
    }
}

fn every_design() -> impl Iterator<Item = Facts> {
    [Design::Achievement, Design::CertificatDeRealisation]
        .into_iter()
        .flat_map(|design| [Language::French, Language::English].map(|language| facts(design, language)))
}

#[test]
fn samples() {
    let folder = std::env::var("SAMPLES").unwrap();
    let write = |name: &str, facts: &Facts| {
        let r = render(facts);
        match r {
            Ok(r) => { println!("{name} {} {:?} {}", r.pdf.len(), r.missing_glyphs, r.archival);
        std::fs::write(format!("{folder}/{name}.pdf"), r.pdf).unwrap(); }
            Err(e) => println!("{name}: {e}"),
        }
    };
    for (i, f) in every_design().enumerate() { write(&format!("plain{i}"), &f);
        for (n, p) in [("ar", NAMES[1]), ("zh", NAMES[9]), ("vi", NAMES[0])] { let mut f = f.clone(); f.person = p.to_owned(); write(&format!("{n}{i}"), &f); }
        let mut f = f.clone(); f.person = NAMES.join(" ").chars().take(300).collect(); f.course = "Une très longue formation ".repeat(12); 
        f.activities = (0..40).map(|i| Activity { title: format!("{i} {}", "Activité interminable ".repeat(20)), minutes: 60 }).collect();
        f.results = (0..40).map(|i| QuizResult { title: format!("{i} {}", "Quiz interminable ".repeat(20)), mark: Decimal::from(3), out_of: Decimal::from(20) }).collect();
        f.organisation.name = "Organisme au nom long ".repeat(10);
        write(&format!("long{i}"), &f);
    }
    for (i, n) in NAMES.iter().enumerate() {
        let mut f = facts(Design::Achievement, Language::French); f.person = (*n).to_owned(); f.course = (*n).to_owned();
        write(&format!("name{i:02}"), &f);
    }
    let f = facts(Design::Achievement, Language::French);
    let start = std::time::Instant::now();
    for i in 0..50 { let mut f = f.clone(); f.person = format!("{} {i}", NAMES[i % NAMES.len()]); f.code = crate::code::Code::generate().unwrap(); f.verification_url = format!("https://formation.exemple.fr/verify/{}", f.code); render(&f).unwrap(); }
    println!("50 in {:?}", start.elapsed());
}
