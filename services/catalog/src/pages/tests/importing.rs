//! Courses that are uploaded as files.

use std::io::Write as _;

use axum::http::StatusCode;
use chrono::TimeDelta;
use contract::{
    catalog::{CourseUpdated, QuestionsUploaded},
    own::UploadExpired,
};
use event::{Event as _, Language, Role};
use flate2::{Compression, Crc, write::DeflateEncoder};

use super::{
    authoring::{between, section_in},
    reading::{PNG, image_in},
};
use crate::{
    import::upload::BYTES,
    site::{Part, Site, site},
};

const MANIFEST: &str = r#"key = "small"
language = "en"
title = "Small course"

[[section]]
key = "one"
title = "One"
lessons = ["01-first.md"]

[[quiz]]
key = "final"
title = "Final"
file = "final.gift"
"#;

const LESSON: &str = "# First\n\nLook: ![a dot](../fig/dot.png)\n";

/// An archive of deflated files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let packed = encoder.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(content);
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        let at = u32::try_from(archive.len()).unwrap();
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (at, size) = (archive.len() as u32, directory.len() as u32);
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend(size.to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

#[tokio::test]
async fn an_archive_becomes_a_draft_once_its_owner_says_so() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let archive = zip(&[
        ("small/course.toml", MANIFEST.as_bytes()),
        ("small/lessons/01-first.md", LESSON.as_bytes()),
        ("small/final.gift", b"True? {T}"),
        ("small/fig/dot.png", PNG),
        ("__MACOSX/small/._course.toml", b"x"),
    ]);
    let parts: [Part<'_>; 1] = [("files", Some("small.zip"), &archive)];
    let plan = site.upload("/teaching/import", &owner, &parts).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    for part in ["1 lesson added", "First", "1 image", "final.gift", "you do that afterwards"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert_eq!(site.get(&plan, Some(&other)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/courses/small", Some(&owner)).await.status, StatusCode::NOT_FOUND);

    let course = site.submit(&plan, &owner, &[]).await.location();
    assert!(site.get(&course, Some(&owner)).await.text.contains("Small course"));
    assert_eq!(site.get("/courses/small", None).await.status, StatusCode::NOT_FOUND, "a draft");
    let told = site.scene.published().await;
    let uploaded = told.iter().find(|told| told.event_type == QuestionsUploaded::TYPE).unwrap();
    let uploaded: QuestionsUploaded = uploaded.open().unwrap();
    assert_eq!((uploaded.key.as_str(), uploaded.uploaded_as.as_str()), ("final", "final.gift"));
    assert_eq!(site.files.get(&uploaded.file).await.unwrap().as_ref(), b"True? {T}");

    let lesson = site.get("/courses/small/lessons/01-first", Some(&owner)).await.text;
    assert_eq!(site.get(&image_in(&lesson), Some(&owner)).await.bytes, PNG);
    let again = site.submit(&plan, &owner, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it is done once");
}

#[tokio::test]
async fn loose_files_become_a_course_that_is_called_as_its_first_lesson() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let first = "---\ntitle: Découvrir les files\n---\n![Un point](dot.png)\n";
    let files: [Part<'_>; 3] = [
        ("files", Some("10-suite.md"), b"---\ntitle: La suite\n---\nB\n"),
        ("files", Some("2-debut.md"), first.as_bytes()),
        ("files", Some("dot.png"), PNG),
    ];
    let plan = site.upload("/teaching/import", &owner, &files).await.location();
    site.submit(&plan, &owner, &[]).await.location();
    let course = site.get("/api/v1/courses/decouvrir-les-files", Some(&owner)).await.json();
    assert_eq!(course["title"], "Découvrir les files");
    assert_eq!(titles(&course["sections"][0]["lessons"]), ["Découvrir les files", "La suite"]);
    let lesson = "/courses/decouvrir-les-files/lessons/2-debut";
    let lesson = site.get(lesson, Some(&owner)).await.text;
    assert_eq!(site.get(&image_in(&lesson), Some(&owner)).await.bytes, PNG);
}

#[tokio::test]
async fn loose_files_are_called_as_somebody_says_unless_a_manifest_does() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let send = async |title: &str| {
        let parts: [Part<'_>; 2] = [
            ("files", Some("one.md"), b"---\ntitle: First\n---\nA\n"),
            ("title", None, title.as_bytes()),
        ];
        site.upload("/teaching/import", &owner, &parts).await
    };
    let plan = send(" Été & hiver ").await.location();
    let course = site.submit(&plan, &owner, &[]).await.location();
    let made = site.get("/api/v1/courses/ete-hiver", Some(&owner)).await.json();
    assert_eq!(made["title"], "Été & hiver");
    let course = course.split('?').next().unwrap();
    let form = site.get(&format!("{course}/import"), Some(&owner)).await.text;
    assert!(!form.contains("name=\"title\""), "the course has a title: {form}");

    let long = "x".repeat(201);
    let refused = send(&long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["<a href=\"#title\">This has 201 characters", &format!("value=\"{long}\"")] {
        assert!(refused.text.contains(part), "no {part} in {}", refused.text);
    }
    let refused = send("日本").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let what = "No key can be made for this course: give it a title";
    assert!(refused.text.contains(what), "no {what} in {}", refused.text);

    let parts: [Part<'_>; 4] = [
        ("files", Some("course.toml"), MANIFEST.as_bytes()),
        ("files", Some("01-first.md"), b"# First\n\nA\n"),
        ("files", Some("final.gift"), b"True? {T}"),
        ("title", None, b"Other"),
    ];
    let plan = site.upload("/teaching/import", &owner, &parts).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    let course = "<strong lang=\"en\">Small course</strong> <code>small</code>";
    assert!(page.contains(course), "no {course} in {page}");
}

#[tokio::test]
async fn several_files_update_a_course_that_is_published() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let files = |lesson: &'static str| -> [Part<'static>; 3] {
        [
            ("files", Some("course.toml"), MANIFEST.as_bytes()),
            ("files", Some("01-first.md"), lesson.as_bytes()),
            ("files", Some("final.gift"), b"True? {T}"),
        ]
    };
    let plan = site.upload("/teaching/import", &owner, &files("# First\n\nA\n")).await.location();
    let course = site.submit(&plan, &owner, &[]).await.location();
    let course = course.split('?').next().unwrap();
    site.submit(&format!("{course}/publish"), &owner, &[]).await.location();
    let seen = site.scene.published().await.len();
    let address = format!("{course}/import");
    let plan = site.upload(&address, &owner, &files("# First\n\nB\n")).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    assert!(page.contains("1 lesson changed") && page.contains("at once"), "{page}");
    site.submit(&plan, &owner, &[]).await.location();
    let told = site.told_since(seen).await;
    assert!(told.iter().any(|told| told.event_type == CourseUpdated::TYPE));

    let taken = site.upload("/teaching/import", &other, &files("# First\n\nC\n")).await.location();
    assert_eq!(site.get(&taken, Some(&other)).await.status, StatusCode::CONFLICT);
    assert_eq!(site.submit(&taken, &other, &[]).await.status, StatusCode::CONFLICT);
    site.submit(&format!("{taken}/discard"), &other, &[]).await.location();
    assert_eq!(site.get(&taken, Some(&other)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn all_that_is_wrong_is_listed_line_by_line() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let manifest = MANIFEST.replace("[\"01-first.md\"]", "[\"01-first.md\", \"02.md\", \"03.md\"]");
    let archive = zip(&[
        ("course.toml", manifest.as_bytes()),
        ("lessons/01-first.md", b"No title."),
        ("lessons/02.md", b"---\ntitle: x\nminutes: many\n---\ntext"),
        ("final.gift", b"x"),
    ]);
    let parts: [Part<'_>; 1] = [("files", Some("small.zip"), &archive)];
    let refused = site.upload("/teaching/import", &owner, &parts).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "<td>lessons/01-first.md</td><td>1</td>",
        "La leçon n’a pas de titre",
        "<td>lessons/02.md</td><td>3</td>",
        "<td>course.toml</td><td>8</td>",
        "lessons/03.md",
    ] {
        assert!(refused.text.contains(part), "no {part} in {}", refused.text);
    }
    assert!(site.scene.published().await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_manifest_is_said_in_the_reader_s_language() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let cases = [
        (
            "key = \"small\"\n",
            "",
            1,
            "« key » manque : écrivez key = &#34;…&#34; au début du fichier.",
        ),
        ("key = \"one\"\n", "", 5, "[[section]] &#34;One&#34; n’a pas de « key » : écrivez key = "),
        ("title = \"Final\"\n", "", 10, "[[quiz]] &#34;final&#34; n’a pas de « title » : écrivez"),
        ("title = \"Small", "titel = \"Small", 3, "« titel » n’est pas connu ici : corrigez-le ou"),
        (
            "language = \"en\"",
            "language",
            2,
            "Ce fichier ne peut pas être lu : <span lang=\"en\">key with no value, expected `=`</span>.",
        ),
    ];
    for (right, wrong, line, problem) in cases {
        let manifest = MANIFEST.replace(right, wrong);
        let parts: [Part<'_>; 1] = [("files", Some("course.toml"), manifest.as_bytes())];
        let page = site.upload("/teaching/import", &owner, &parts).await.text;
        let row = format!("<td>course.toml</td><td>{line}</td><td>{problem}");
        assert!(page.contains(&row), "no {row} in {page}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_of_an_archive_begins_with_its_name_as_it_is_written() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let archive = zip(&[("a.md", &vec![b' '; 5 * 1024 * 1024])]);
    let parts: [Part<'_>; 1] = [("files", Some("x.zip"), &archive)];
    let page = site.upload("/teaching/import", &owner, &parts).await.text;
    assert!(page.contains("<td>« a.md » dépasse, une fois décompressé"), "{page}");
}

#[tokio::test]
async fn hostile_archives_are_refused() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let bomb = vec![b' '; 5 * 1024 * 1024];
    let crowd: Vec<String> = (0..2_001).map(|number| format!("{number}.md")).collect();
    let crowd: Vec<(&str, &[u8])> = crowd.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let good = zip(&[("a.md", b"---\ntitle: x\n---\ntext")]);
    let mut broken = good.clone();
    broken[45] ^= 0xff;
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (zip(&[("a.md", &bomb)]), "unpacks to more"),
        (zip(&crowd), "more than 2000 files"),
        (good[..good.len() / 2].to_vec(), "damaged"),
        (broken, "damaged"),
        (zip(&[("../../etc/x.md", b"x"), ("/etc/y.md", b"x")]), "olds neither"),
        (zip(&[("a.exe", b"x")]), "olds neither"),
        (b"PK\x05\x06".to_vec(), "damaged"),
    ];
    for (archive, reason) in cases {
        let parts: [Part<'_>; 1] = [("files", Some("x.zip"), &archive)];
        let refused = site.upload("/teaching/import", &owner, &parts).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(reason), "no {reason} in {}", refused.text);
    }
    let nothing = site.upload("/teaching/import", &owner, &[]).await;
    assert!(nothing.text.contains("Choose one or more files"), "{}", nothing.text);
}

#[tokio::test]
async fn what_is_wrong_with_files_is_said_beside_their_field_too() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let large = vec![b' '; BYTES + 1024 * 1024];
    let cases: [(Option<&[u8]>, &str); 4] = [
        (None, "Choose one or more files."),
        (Some(b"no archive"), "These files cannot be imported"),
        (Some(b""), "These files cannot be imported"),
        (Some(&large), "These files are larger than"),
    ];
    for address in ["/teaching/import", "/teaching/queues/import"] {
        for (file, reason) in cases {
            let parts: Vec<Part<'_>> =
                file.into_iter().map(|file| ("files", Some("x.zip"), file)).collect();
            let refused = site.upload(address, &owner, &parts).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
            for part in [
                "aria-invalid=\"true\" aria-describedby=\"files-hint files-error-1\"",
                &format!("<p class=\"error\" id=\"files-error-1\">{reason}"),
                &format!("<li><a href=\"#files\">{reason}"),
            ] {
                assert!(refused.text.contains(part), "no {part} in {}", refused.text);
            }
        }
    }
}

/// The course of [`MANIFEST`], published, with a summary of its own: its address.
async fn imported(site: &Site, owner: &str) -> String {
    let manifest = MANIFEST.replace("[[section]]", "summary = \"What it is.\"\n\n[[section]]");
    let files: [Part<'_>; 3] = [
        ("files", Some("course.toml"), manifest.as_bytes()),
        ("files", Some("01-first.md"), b"# First\n\nA\n"),
        ("files", Some("final.gift"), b"True? {T}"),
    ];
    let plan = site.upload("/teaching/import", owner, &files).await.location();
    let course = site.submit(&plan, owner, &[]).await.location();
    let course = course.split('?').next().unwrap().to_owned();
    site.submit(&format!("{course}/publish"), owner, &[]).await.location();
    course
}

async fn outline(site: &Site, owner: &str) -> serde_json::Value {
    site.get("/api/v1/courses/small", Some(owner)).await.json()
}

fn titles(list: &serde_json::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_bare_file_changes_a_lesson_and_nothing_else() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let course = imported(&site, &owner).await;
    let quiz = [("title", "Own"), ("pass_percent", "70"), ("section", "")];
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();
    let before = outline(&site, &owner).await;

    let files: [Part<'_>; 3] = [
        ("files", Some("01-first.md"), b"---\ntitle: First\n---\nB\n"),
        ("files", Some("final.gift"), b"True? {F}"),
        ("files", Some("more.gift"), b"True? {F}"),
    ];
    let plan = site.upload(&format!("{course}/import"), &owner, &files).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    for part in ["change no detail", "1 lesson changed", "1 quiz added", "More", "No quiz removed"]
    {
        assert!(page.contains(part), "no {part} in {page}");
    }
    site.submit(&plan, &owner, &[]).await.location();
    let after = outline(&site, &owner).await;
    for detail in ["title", "summary", "objectives", "minutes", "design", "language"] {
        assert_eq!(after[detail], before[detail], "{detail}");
    }
    assert_eq!(titles(&after["sections"]), ["One"], "the lesson stays in its section");
    assert_eq!(titles(&after["quizzes"]), ["Final", "Own", "More"]);
    assert_eq!(after["quizzes"][0]["required"], true, "its place is as it was");
    let lesson = site.get("/courses/small/lessons/01-first", None).await.text;
    assert!(lesson.contains("<p>B</p>"), "{lesson}");

    let files: [Part<'_>; 1] = [("files", Some("final.gift"), b"True? {T}")];
    let plan = site.upload(&format!("{course}/import"), &owner, &files).await.location();
    site.submit(&plan, &owner, &[]).await.location();
    let after = outline(&site, &owner).await;
    assert_eq!(
        titles(&after["sections"][0]["lessons"]),
        ["First"],
        "questions take no lesson away"
    );
}

#[tokio::test]
async fn a_quiz_that_no_import_made_stays_and_what_changes_is_said() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let course = imported(&site, &owner).await;
    let page = site.get(&course, Some(&owner)).await.text;
    let section = section_in(&page, &course);
    let quiz = [("title", "Own"), ("pass_percent", "70"), ("section", section.as_str())];
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();

    let manifest = MANIFEST.split("[[quiz]]").next().unwrap();
    let manifest = manifest.replace("Small course", "Smaller course").replace("\"one\"", "\"uno\"");
    let files: [Part<'_>; 2] = [
        ("files", Some("course.toml"), manifest.as_bytes()),
        ("files", Some("01-first.md"), b"# First\n\nA\n"),
    ];
    let plan = site.upload(&format!("{course}/import"), &owner, &files).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    for part in [
        "<td lang=\"en\">Small course</td>",
        "<td lang=\"en\">Smaller course</td>",
        "<td lang=\"en\">What it is.</td>",
        "(empty)",
        "1 quiz removed",
        "<span lang=\"en\">Final</span>",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert!(!page.contains("<span lang=\"en\">Own</span>"), "{page}");
    site.submit(&plan, &owner, &[]).await.location();
    let after = outline(&site, &owner).await;
    assert_eq!(after["title"], "Smaller course");
    assert_eq!(titles(&after["quizzes"]), ["Own"]);
    assert_eq!(after["quizzes"][0]["section"], section, "and its section with it");
    assert_eq!(titles(&after["sections"]), ["One", "One"]);
}

#[tokio::test]
async fn a_lesson_that_goes_takes_its_draft_along_and_that_is_said() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let course = imported(&site, &owner).await;
    let id = outline(&site, &owner).await["sections"][0]["lessons"][0]["lesson"].clone();
    let lesson = format!("{course}/lessons/{}", id.as_str().unwrap());
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let change = [("title", "First"), ("text", "An hour's work."), ("seen", &seen)];
    site.submit(&lesson, &owner, &change).await.location();
    let files: [Part<'_>; 1] = [("files", Some("02-next.md"), b"---\ntitle: Next\n---\nB\n")];
    let plan = site.upload(&format!("{course}/import"), &owner, &files).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    assert!(page.contains("1 lesson removed") && page.contains("deleted for good"), "{page}");
    assert!(page.contains("With them goes 1 unpublished change"), "{page}");
}

#[tokio::test]
async fn all_that_is_left_out_is_said() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let lesson = "# First\n\n![](../fig/dot.png) ![A plan](../fig/plan.svg) ![A map](map.png)\n";
    let archive = zip(&[
        ("small/course.toml", MANIFEST.as_bytes()),
        ("small/lessons/01-first.md", lesson.as_bytes()),
        ("small/final.gift", b"True? {T}"),
        ("small/fig/", b""),
        ("small/fig/dot.png", PNG),
        ("small/fig/plan.svg", b"<svg/>"),
        ("small/notes.pdf", b"%PDF"),
        ("small/.DS_Store", b"x"),
        ("__MACOSX/small/._notes.pdf", b"x"),
        ("../evil.md", b"# Evil"),
    ]);
    let parts: [Part<'_>; 1] = [("files", Some("small.zip"), &archive)];
    let plan = site.upload("/teaching/import", &owner, &parts).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    let list = between(&page, "<h2>Left out</h2>", "</ul>").split("<li>").skip(1);
    let list: Vec<&str> = list.map(|item| item.split("</li>").next().unwrap()).collect();
    assert_eq!(
        list,
        [
            "small/fig/plan.svg",
            "small/notes.pdf",
            "../evil.md",
            "lessons/01-first.md: shows ../fig/plan.svg, which did not come along",
            "lessons/01-first.md: shows map.png, which did not come along",
        ]
    );
}

#[tokio::test]
async fn what_is_left_out_is_said_in_the_reader_s_language() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let archive = zip(&[
        ("one.md", b"---\ntitle: x\n---\ntext"),
        ("two.md", b"No title."),
        ("three.md", b"---\ntitle: x\n---\n![x](gone.png)"),
        ("README.md", b"About."),
        ("dot.png", b"no picture"),
    ]);
    let parts: [Part<'_>; 1] = [("files", Some("small.zip"), &archive)];
    let plan = site.upload("/teaching/import", &owner, &parts).await.location();
    let page = site.get(&plan, Some(&owner)).await.text;
    for part in [
        "README.md : laissé de côté, il parle du matériel",
        "two.md : laissé de côté, son en-tête",
        "dot.png : ce fichier n’est pas une image affichable",
        "three.md : montre l’image gone.png, qui n’a pas été reprise",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert!(!page.contains("left out"), "{page}");
}

/// A course with one picture and one file of questions, in an archive.
fn archive() -> Vec<u8> {
    zip(&[
        ("small/course.toml", MANIFEST.as_bytes()),
        ("small/lessons/01-first.md", LESSON.as_bytes()),
        ("small/final.gift", b"True? {T}"),
        ("small/fig/dot.png", PNG),
    ])
}

/// Sends it there. Gives where it waits for a decision.
async fn sent(site: &Site, owner: &str, to: &str) -> String {
    let archive = archive();
    let parts: [Part<'_>; 1] = [("files", Some("small.zip"), &archive)];
    site.upload(to, owner, &parts).await.location()
}

#[tokio::test]
async fn what_came_with_an_upload_goes_with_it_unless_a_course_has_it() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    sent(&site, &owner, "/teaching/import").await;
    let plan = sent(&site, &owner, "/teaching/import").await;
    let theirs = sent(&site, &other, "/teaching/import").await;
    assert_eq!(site.images_kept().await.len(), 2, "the first of one's own made way");
    site.submit(&format!("{theirs}/discard"), &other, &[]).await.location();
    assert_eq!(site.images_kept().await.len(), 1);
    let course = site.submit(&plan, &owner, &[]).await.location();
    let course = course.split('?').next().unwrap().to_owned();
    let lesson = site.get("/courses/small/lessons/01-first", Some(&owner)).await.text;
    let image = image_in(&lesson);
    assert_eq!(site.images_kept().await.len(), 1);
    assert_eq!(site.get(&image, Some(&owner)).await.bytes, PNG);

    // The course has the picture already, and keeps it as it is.
    let again = sent(&site, &owner, &format!("{course}/import")).await;
    site.submit(&again, &owner, &[]).await.location();
    assert_eq!(site.images_kept().await.len(), 1);
    assert_eq!(site.get(&image, Some(&owner)).await.bytes, PNG);
    let told = site.scene.published().await;
    let questions = told.iter().filter(|told| told.event_type == QuestionsUploaded::TYPE);
    for told in questions {
        let file = told.open::<QuestionsUploaded>().unwrap().file;
        assert!(site.files.get(&file).await.is_ok(), "whoever was told of it reads it later");
    }
}

#[tokio::test]
async fn an_upload_on_which_nobody_decides_is_thrown_away() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let plan = sent(&site, &owner, "/teaching/import").await;
    let page = site.get(&plan, Some(&owner)).await.text;
    assert!(page.contains("thrown away after 30 days"), "{page}");
    let planned = site.scene.published().await;
    assert_eq!(planned.len(), 1, "{planned:?}");
    assert_eq!(planned[0].event_type, UploadExpired::TYPE);
    assert_eq!(planned[0].time, site.scene.db.now() + TimeDelta::days(30));
    site.scene.clock.advance(TimeDelta::days(30));
    site.scene.deliver(&planned).await;
    assert_eq!(site.get(&plan, Some(&owner)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.submit(&plan, &owner, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.images_kept().await, Vec::<String>::new());

    // One that was taken over is not touched, however late it comes.
    let plan = sent(&site, &owner, "/teaching/import").await;
    let planned = site.scene.published().await;
    site.submit(&plan, &owner, &[]).await.location();
    let told = site.scene.published().await;
    assert!(told.iter().all(|told| told.event_type != UploadExpired::TYPE), "{told:?}");
    site.scene.deliver(&planned).await;
    assert_eq!(site.images_kept().await.len(), 1);
    let lesson = site.get("/courses/small/lessons/01-first", Some(&owner)).await.text;
    assert_eq!(site.get(&image_in(&lesson), Some(&owner)).await.bytes, PNG);
}
