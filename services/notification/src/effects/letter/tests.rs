#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::BTreeMap;

use bus::testing::start;
use contract::certification::RevocationCause;
use event::{
    AddressChangeId, AttemptId, CertificateId, DeliveryId, EnrolmentId, ExportId, InvitationId,
    LessonId, MessageId, PasswordResetId,
};
use uuid::Uuid;

use super::*;
use crate::{
    Mailer,
    domain::{CourseText, Sender},
    tests::world::{BASE_URL, config, course_id, key, person_id, quiz_id},
};

struct Desk {
    letters: Letters,
    _folder: tempfile::TempDir,
    pdf: FileReference,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let pdf =
            files.put("certificates", "pdf", b"%PDF-1.7 a certificate".to_vec()).await.unwrap();
        let config = config(Mailer::Folder(folder.path().join("mail")));
        let letters = Letters::new(crate::shared(&config, &key(), BASE_URL), files);
        Self { letters, _folder: folder, pdf }
    }

    async fn letter(&self, job: &MailJob) -> String {
        let letter = self.letters.compose(job).await.unwrap();
        String::from_utf8(letter.formatted()).unwrap()
    }
}

fn job(language: Language, notice: Notice) -> MailJob {
    MailJob {
        delivery: DeliveryId(Uuid::from_u128(0xFACE)),
        at: start(),
        person: person_id(1),
        name: "Nguyễn Thị Ánh".to_owned(),
        mail: "anh@example.org".to_owned(),
        language,
        zone: Some("Europe/Paris".to_owned()),
        course: of_course(&notice).then(|| CourseText {
            course: course_id(),
            title: "Les files de messages par l’exemple".to_owned(),
            language: Some(Language::Fr),
            quizzes: BTreeMap::from([(quiz_id(), "Qu’avez-vous retenu ?".to_owned())]),
        }),
        notice,
        sender: None,
    }
}

fn of_course(notice: &Notice) -> bool {
    let of_none = matches!(
        notice.kind(),
        Kind::ExportReady
            | Kind::PasswordReset
            | Kind::AddressChange
            | Kind::AddressChanged
            | Kind::Invitation
    );
    !of_none
}

/// In the organisation's name.
fn signed(job: MailJob) -> MailJob {
    let sender = Sender {
        name: "École du Fleuve".to_owned(),
        address: vec!["12 quai des Brumes".to_owned(), "29200 Brest".to_owned()],
        mentions: "Organisme de formation à Brest.\nNº 53290123429".to_owned(),
    };
    MailJob { sender: Some(sender), ..job }
}

fn notices(pdf: &FileReference) -> Vec<Notice> {
    let graded = |mark: &str, passed| Notice::QuizGraded {
        attempt: AttemptId(Uuid::from_u128(2)),
        quiz: quiz_id(),
        mark: mark.to_owned(),
        out_of: "20".to_owned(),
        passed,
    };
    vec![
        Notice::Enrolment { enrolment: EnrolmentId(Uuid::from_u128(1)) },
        Notice::NewLesson { lesson: LessonId(Uuid::from_u128(3)), title: "Lettres mortes".into() },
        graded("0", false),
        graded("17.5", true),
        Notice::CertificateIssued {
            certificate: CertificateId(Uuid::from_u128(4)),
            code: "7KQ2-M9XD-0B4T-HV3N".to_owned(),
            pdf: pdf.clone(),
        },
    ]
}

fn newer_notices() -> Vec<Notice> {
    let expires_at = start() + chrono::TimeDelta::hours(1);
    let link = |path: &str| key().seal_link(path).unwrap();
    vec![
        Notice::Message {
            message: MessageId(Uuid::from_u128(5)),
            subject: "La prochaine séance".to_owned(),
            text: "Bonjour,\n\nnous nous voyons **mardi** :\n\n- [le plan](https://example.org/plan)\n- \
                   ![une photo](https://elsewhere.example/photo.png)\n"
                .to_owned(),
        },
        revocation(Some(RevocationCause::Mistake), None),
        revocation(Some(RevocationCause::Replaced), Some(CertificateId(Uuid::from_u128(9)))),
        Notice::EssaysToMark { course: course_id() },
        Notice::ExportReady { export: ExportId(Uuid::from_u128(6)), expires_at },
        Notice::PasswordReset {
            reset: PasswordResetId(Uuid::from_u128(7)),
            link: link("/new-password?token=abc"),
            expires_at,
        },
        Notice::AddressChange {
            change: AddressChangeId(Uuid::from_u128(10)),
            to: "other@example.org".to_owned(),
            link: link("/account/address?token=abc"),
            expires_at,
        },
        Notice::AddressChanged {
            change: AddressChangeId(Uuid::from_u128(10)),
            to: "former@example.org".to_owned(),
        },
        Notice::Invitation {
            invitation: InvitationId(Uuid::from_u128(8)),
            link: link("/invitation?token=abc"),
            expires_at,
        },
    ]
}

fn revocation(cause: Option<RevocationCause>, replaced_by: Option<CertificateId>) -> Notice {
    let certificate = CertificateId(Uuid::from_u128(4));
    Notice::CertificateRevoked { certificate, cause, replaced_by }
}

fn html_of(desk: &Desk, job: &MailJob) -> String {
    let words = desk.letters.words(job).unwrap();
    let link = job.notice.kind().is_chosen().then_some("https://x/unsubscribe/t");
    Content::of(job, &words, link, &desk.letters.shared).html(&job.notice).unwrap()
}

/// The headers, and the words of the text part; what is sealed differs each time.
fn shown(letter: &str) -> String {
    let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
    let text = text_part(letter);
    without_tokens(&format!("{}\n\n{text}", headers.replace("\r\n", "\n")))
}

fn without_tokens(text: &str) -> String {
    let mut parts = text.split("/unsubscribe/");
    let mut shown = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        shown.push_str("/unsubscribe/SEALED");
        shown.push_str(rest);
    }
    shown
}

/// The first text/plain part, decoded as a mail program does.
fn text_part(letter: &str) -> String {
    let (_, after) = letter.split_once("Content-Type: text/plain; charset=utf-8\r\n").unwrap();
    let (headers, after) = after.split_once("\r\n\r\n").unwrap();
    let (body, _) = after.split_once("\r\n--words-").unwrap();
    if headers.contains("base64") {
        use base64::Engine as _;
        let joined: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(joined).unwrap();
        return String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    }
    if !headers.contains("quoted-printable") {
        return body.replace("\r\n", "\n");
    }
    let joined = body.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.bytes());
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[tokio::test]
async fn every_mail_reads_well_in_both_languages() {
    let desk = Desk::new().await;
    for language in [Language::En, Language::Fr] {
        for notice in notices(&desk.pdf) {
            let passed = match &notice {
                Notice::QuizGraded { passed: true, .. } => "-passed",
                _ => "",
            };
            let name = format!("{}{passed}-{}", kind_code(notice.kind()), language.code());
            insta::assert_snapshot!(name, shown(&desk.letter(&job(language, notice)).await));
        }
        for notice in newer_notices() {
            let replaced = match &notice {
                Notice::CertificateRevoked { replaced_by: Some(_), .. } => "-replaced",
                _ => "",
            };
            let name = format!("{}{replaced}-{}", kind_code(notice.kind()), language.code());
            let job = signed(job(language, notice));
            insta::assert_snapshot!(name, shown(&desk.letter(&job).await));
        }
    }
}

/// A revocation says why in one of the sentences that everybody may read, and in no other words.
#[tokio::test]
async fn a_revocation_says_why() {
    let desk = Desk::new().await;
    for (cause, said) in [
        (Some(RevocationCause::Details), "Something that it said was wrong."),
        (Some(RevocationCause::Mistake), "It was issued by mistake."),
        (Some(RevocationCause::Conditions), "The conditions to obtain it were not met."),
        (Some(RevocationCause::Request), "You asked for it to be."),
        (None, "Its page says why."),
    ] {
        let letter = desk.letter(&job(Language::En, revocation(cause, None))).await;
        assert!(text_part(&letter).contains(said), "{letter}");
        assert!(text_part(&letter).contains(&format!("{BASE_URL}/certificates/")), "{letter}");
    }
}

#[tokio::test]
async fn a_link_that_does_not_open_is_not_sent() {
    let desk = Desk::new().await;
    let notice = Notice::PasswordReset {
        reset: PasswordResetId(Uuid::from_u128(7)),
        link: "altered".to_owned(),
        expires_at: start(),
    };
    let failure = desk.letters.compose(&job(Language::En, notice)).await.unwrap_err();
    assert!(matches!(failure, EffectFailure::Refused(_)), "{failure}");
}

#[tokio::test]
async fn what_an_instructor_wrote_is_shown_without_pictures() {
    let desk = Desk::new().await;
    let html = html_of(&desk, &job(Language::Fr, newer_notices().remove(0)));
    assert!(html.contains("<strong>mardi</strong>"), "{html}");
    assert!(html.contains("https://example.org/plan") && !html.contains("elsewhere"), "{html}");
}

#[tokio::test]
async fn the_html_is_whole_and_asks_nothing_of_anybody_else() {
    let desk = Desk::new().await;
    for notice in notices(&desk.pdf).into_iter().chain(newer_notices()) {
        let job = signed(job(Language::Fr, notice));
        let words = desk.letters.words(&job).unwrap();
        let html = html_of(&desk, &job);
        assert!(html.contains("<html") && html.contains("</html>") && html.contains("lang=\"fr\""));
        assert!(
            html.contains(&words.link.replace('=', "&#61;")) || html.contains(&words.link),
            "{html}"
        );
        assert!(html.contains("Nguyễn Thị Ánh"));
        for foreign in ["fonts.googleapis", "<script", "<img", "<mj-", "\\u{"] {
            assert!(!html.contains(foreign), "{foreign}: {html}");
        }
    }
}

/// To look at: `ESTRADE_SHOW_MAILS=<folder> cargo test -p notification show_mails`.
#[tokio::test]
async fn show_mails() {
    let Ok(folder) = std::env::var("ESTRADE_SHOW_MAILS") else {
        return;
    };
    let desk = Desk::new().await;
    let all = notices(&desk.pdf).into_iter().chain(newer_notices());
    for (number, notice) in all.enumerate() {
        let job = signed(job(if number % 2 == 0 { Language::Fr } else { Language::En }, notice));
        let path = std::path::Path::new(&folder).join(format!("{number}.html"));
        std::fs::write(path, html_of(&desk, &job)).unwrap();
    }
}

#[tokio::test]
async fn the_certificate_is_attached_as_it_was_stored() {
    let desk = Desk::new().await;
    let notice = notices(&desk.pdf).pop().unwrap();
    let letter = desk.letter(&job(Language::Fr, notice)).await;
    assert!(letter.contains("Content-Type: application/pdf"), "{letter}");
    assert!(letter.contains("filename=\"certificat.pdf\""), "{letter}");
}

#[tokio::test]
async fn an_altered_or_missing_certificate_is_not_sent() {
    let desk = Desk::new().await;
    let altered = FileReference { sha256: "0".repeat(64), ..desk.pdf.clone() };
    let missing = FileReference { key: "certificates/none.pdf".to_owned(), ..desk.pdf.clone() };
    let huge = FileReference { size: LARGEST_ATTACHMENT + 1, ..desk.pdf.clone() };
    for (pdf, is_refused) in [(altered, true), (missing, false), (huge, true)] {
        let notice = notices(&pdf).pop().unwrap();
        let failure = desk.letters.compose(&job(Language::En, notice)).await.unwrap_err();
        assert_eq!(matches!(failure, EffectFailure::Refused(_)), is_refused, "{failure}");
    }
}

#[tokio::test]
async fn the_same_mail_again_is_the_same_but_for_the_sealed_link() {
    let desk = Desk::new().await;
    let job = job(Language::Fr, notices(&desk.pdf).remove(0));
    let (one, two) = (desk.letter(&job).await, desk.letter(&job).await);
    assert!(
        one.contains("Message-ID: <00000000-0000-0000-0000-00000000face@formation.example.org>"),
        "{one}"
    );
    let head = |letter: &str| without_tokens(letter.split_once("\r\n\r\n").unwrap().0);
    assert_eq!(head(&one), head(&two));
}

#[tokio::test]
async fn names_in_any_script_are_encoded() {
    let desk = Desk::new().await;
    for name in
        ["Nguyễn Thị Ánh", "محمد بن سلمان", "Llŷr ap Gruffydd", "O'Neill, \"Jo\" <x>", "", "  "]
    {
        let mut job = job(Language::En, notices(&desk.pdf).remove(0));
        job.name = name.to_owned();
        let letter = desk.letter(&job).await;
        let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
        assert!(headers.is_ascii(), "{headers}");
        assert!(headers.lines().all(|line| line.len() < 998), "{headers}");
        let to: Vec<&str> = headers.lines().filter(|line| line.starts_with("To:")).collect();
        assert_eq!(to.len(), 1, "{headers}");
        let parsed = desk.letters.compose(&job).await.unwrap();
        let recipients: Vec<String> =
            parsed.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(recipients, ["anh@example.org"]);
    }
}

#[tokio::test]
async fn hostile_names_and_titles_add_no_header_and_no_markup() {
    let desk = Desk::new().await;
    let hostile =
        "x\r\nBcc: eve@example.net\r\n\r\n<script>alert(1)</script>\u{2028}<mj-raw>&amp;]]>";
    for language in [Language::En, Language::Fr] {
        for mut notice in notices(&desk.pdf).into_iter().chain(newer_notices()) {
            match &mut notice {
                Notice::NewLesson { title, .. } => *title = hostile.to_owned(),
                Notice::CertificateIssued { code, .. } => *code = hostile.to_owned(),
                Notice::Message { subject, text, .. } => {
                    *subject = hostile.to_owned();
                    *text = hostile.to_owned();
                }
                _ => {}
            }
            let mut job = job(language, notice);
            job.name = hostile.to_owned();
            let (name, mentions) = (hostile.to_owned(), hostile.to_owned());
            job.sender = Some(Sender { name, address: vec![hostile.to_owned()], mentions });
            if let Some(course) = &mut job.course {
                course.title = hostile.to_owned();
                course.quizzes.insert(quiz_id(), hostile.to_owned());
            }
            let letter = desk.letter(&job).await;
            let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
            assert!(headers.is_ascii());
            for line in headers.lines() {
                assert!(!line.to_ascii_lowercase().starts_with("bcc"), "{headers}");
            }
            let html = html_of(&desk, &job);
            assert!(!html.contains("<script"), "{html}");
        }
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let desk = Desk::new().await;
    for mail in ["", "nobody", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>"] {
        let mut job = job(Language::En, notices(&desk.pdf).remove(0));
        job.mail = mail.to_owned();
        let failure = desk.letters.compose(&job).await.unwrap_err();
        assert!(matches!(failure, EffectFailure::Refused(_)), "{mail}: {failure}");
    }
}

#[test]
fn the_host_of_an_address() {
    assert_eq!(host("https://formation.example.org/sub"), "formation.example.org");
    assert_eq!(host("http://127.0.0.1:8080"), "127.0.0.1");
    assert_eq!(host("http://[::1]:8080"), "::1");
    assert_eq!(host(""), "localhost");
}
