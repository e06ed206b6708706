#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::PathBuf};

use bus::{Envelope, testing::Scene};

use proptest::prelude::*;

use super::{clean::Links, *};
use crate::{
    commands,
    domain::{Course, Editor, NewQuiz, QuizChanges},
    store::Address,
};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests-data/shell-novice");
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo");

const MANIFEST: &str = r#"key = "small"
language = "fr"
title = "Petit cours"
summary = "Un exemple."
objectives = ["Savoir lire"]

[[section]]
key = "one"
title = "Un"
lessons = ["01-first.md", "02-second.md"]

[[quiz]]
key = "final"
title = "Fin"
file = "final.gift"
pass_percent = 60
section = "one"
"#;

/// A folder with a course of two lessons and a quiz.
fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lessons")).unwrap();
    write(&folder, "course.toml", MANIFEST);
    write(&folder, "final.gift", "True or false? {T}");
    write(&folder, "lessons/01-first.md", "---\ntitle: Première\nminutes: 5\n---\nBonjour.\n");
    write(&folder, "lessons/02-second.md", "# Deuxième\n\nAu revoir.\n");
    folder
}

fn write(folder: &tempfile::TempDir, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), content).unwrap();
}

fn refused(folder: &tempfile::TempDir) -> String {
    read_folder(folder.path()).expect_err("it is refused").to_string()
}

async fn scene() -> Scene {
    Scene::new(crate::service(), &[]).await
}

fn types(events: &[Envelope]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event.event_type.trim_start_matches("catalog.").trim_end_matches(".v1"))
        .collect()
}

/// What was published since the last `seen` events, in the order of publishing.
async fn news(scene: &Scene, seen: usize) -> Vec<Envelope> {
    scene.published().await.split_off(seen)
}

#[test]
fn a_manifest_reads_with_its_lessons_and_quizzes() {
    let folder = small();
    let source = read_folder(folder.path()).unwrap();
    assert_eq!(source.language, Language::Fr);
    assert_eq!(source.minutes, 5, "the lessons' minutes, where the manifest has none");
    let lessons = &source.sections[0].lessons;
    assert_eq!((lessons[0].key.as_str(), lessons[0].title.as_str()), ("01-first", "Première"));
    assert_eq!((lessons[1].title.as_str(), lessons[1].text.as_str()), ("Deuxième", "Au revoir.\n"));
    let quiz = &source.quizzes[0];
    assert_eq!((quiz.key.as_str(), quiz.pass_percent, quiz.required), ("final", 60, true));
    assert!(quiz.file.ends_with("final.gift") && quiz.file.is_absolute());
}

#[test]
fn the_demo_reads() {
    for language in ["en", "fr"] {
        let source = read_folder(&Path::new(DEMO).join(language)).unwrap();
        assert_eq!(source.language.code(), language);
        assert_eq!(source.sections.iter().map(|section| section.lessons.len()).sum::<usize>(), 6);
        assert_eq!(source.quizzes.len(), 1);
    }
}

#[test]
fn a_bare_folder_reads_as_it_is() {
    let source = read_folder(Path::new(SAMPLE)).unwrap();
    assert_eq!((source.key.as_str(), source.title.as_str()), ("shell-novice", "Shell novice"));
    let lessons = &source.sections[0].lessons;
    assert_eq!(lessons.len(), 7);
    assert_eq!(
        (lessons[0].key.as_str(), lessons[0].title.as_str()),
        ("01-intro", "Introducing the Shell")
    );
    assert_eq!(lessons[1].minutes, 40, "teaching and exercises");
    assert!(
        source.notes.iter().any(|note| note.english.contains("LICENSE.md")),
        "{:?}",
        source.notes
    );
    for lesson in lessons {
        for broken in [":::", "{alt", "](fig/", "](../", ".md)"] {
            assert!(!lesson.text.contains(broken), "{} holds {broken}", lesson.title);
        }
        assert!(lesson.text.starts_with("**Objectives**"), "{}", lesson.title);
    }
    assert!(lessons[1].text.contains("](/courses/shell-novice/lessons/02-filedir)"));
    assert!(lessons[2].text.contains("screenshot of nano text editor"));
    let code = |text: &str| {
        text.lines().filter(|line| line.trim_start_matches(['>', ' ']).starts_with("```")).count()
    };
    let original = fs::read_to_string(Path::new(SAMPLE).join("05-loop.md")).unwrap();
    assert_eq!(code(&lessons[4].text), code(&original), "code is left alone");
}

#[test]
fn a_bare_folder_s_lessons_stand_by_their_numbers() {
    let folder = tempfile::Builder::new().prefix("bare").tempdir().unwrap();
    for name in ["10-ten.md", "2-two.md", "intro.md"] {
        write(&folder, name, "---\ntitle: x\n---\nText.\n");
    }
    let source = read_folder(folder.path()).unwrap();
    let keys: Vec<&str> =
        source.sections[0].lessons.iter().map(|lesson| lesson.key.as_str()).collect();
    assert_eq!(keys, ["2-two", "10-ten", "intro"]);
}

#[test]
fn code_and_strange_text_are_left_alone() {
    let lessons = BTreeMap::from([("a.md", "a")]);
    let links = Links { course: "c", lessons, pictures: &BTreeMap::new(), within: "lessons" };
    let clean = |text: &str| clean::clean(text, &links).text;
    let code = "```\n::: callout\n{: .x}\n\n\n[a](a.md)\n```\n";
    assert_eq!(clean(code), code);
    assert_eq!(
        clean("Text\n\n::: callout\n## Note\n\n:::: solution\nls\n::::\n:::\n{: .callout}\nText\n"),
        "Text\n\n> ## Note\n>\n>\n> > ls\n>\n\nText\n"
    );
    assert_eq!(
        clean("See [a](a.md#x), [b](b.md) and `[a](a.md)`.").trim(),
        "See [a](/courses/c/lessons/a), b and `[a](a.md)`."
    );
    assert_eq!(clean("![é](x.png){alt='Ü [x]'}").trim(), "*Ü x*");
    for hostile in [
        "[",
        "![](",
        "[](",
        "`[](`",
        "::::",
        "![é](ü){alt='",
        "[x](y){alt='é",
        "{:",
        "~~~",
        "[a](a.md){alt=\"é\"}",
        "!",
    ] {
        let _ = clean(hostile);
    }
}

#[test]
fn pictures_that_did_not_come_along_are_noted_once_in_a_lesson_and_not_without_end() {
    let folder = small();
    let notes = |text: &str| -> Vec<String> {
        write(&folder, "lessons/01-first.md", format!("# x\n\n{text}\n"));
        let notes = read_folder(folder.path()).unwrap().notes;
        notes.into_iter().map(|note| note.english).collect()
    };
    let twice =
        notes("![A](fig/a.png) ![A](fig/a.png \"A\") `![b](b.png)` ![](c.png) ![](//d.png)");
    assert_eq!(twice.len(), 2, "{twice:?}");
    for (note, picture) in twice.iter().zip(["fig/a.png", "c.png"]) {
        let end = format!("lessons/01-first.md: shows {picture}, which did not come along");
        assert!(note.ends_with(&end), "{note}");
    }
    let many: String = (0..=NOTED).map(|number| format!("![x]({number}.png)\n")).collect();
    assert_eq!(notes(&many).len(), NOTED);
}

#[test]
fn what_is_wrong_is_named_with_its_file_and_line() {
    let folder = small();
    write(&folder, "course.toml", MANIFEST.replace("02-second.md", "03-third.md"));
    let error = refused(&folder);
    assert!(error.contains("course.toml:10:") && error.contains("03-third.md"), "{error}");

    write(&folder, "course.toml", MANIFEST.replace("language = \"fr\"", "language = \"de\""));
    assert!(refused(&folder).contains("course.toml:2:"), "{}", refused(&folder));

    write(&folder, "course.toml", MANIFEST.replace("title = \"Petit", "titel = \"Petit"));
    assert!(refused(&folder).contains("course.toml:3:"), "{}", refused(&folder));

    write(&folder, "course.toml", MANIFEST.replace("section = \"one\"", "section = \"two\""));
    assert!(refused(&folder).contains("course.toml:17:"), "{}", refused(&folder));

    write(&folder, "course.toml", MANIFEST.replace("60", "160"));
    assert!(refused(&folder).contains("course.toml:16:"), "{}", refused(&folder));

    write(&folder, "course.toml", MANIFEST);
    write(&folder, "lessons/01-first.md", b"---\ntitle: x\n---\ngood\nb\xffd\n");
    assert!(
        refused(&folder).contains("01-first.md:5: this line is not UTF-8"),
        "{}",
        refused(&folder)
    );

    write(&folder, "lessons/01-first.md", "---\ntitle: x\nno end\n");
    assert!(
        refused(&folder).contains("01-first.md:1: the front matter does not end"),
        "{}",
        refused(&folder)
    );

    write(&folder, "lessons/01-first.md", "no title");
    assert!(
        refused(&folder).contains("01-first.md:1: the lesson has no title"),
        "{}",
        refused(&folder)
    );

    write(&folder, "lessons/01-first.md", "---\ntitle: x\nminutes: many\n---\ntext");
    assert!(refused(&folder).contains("01-first.md:3:"), "{}", refused(&folder));
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let folder = small();
    let outside = tempfile::NamedTempFile::new().unwrap();
    for name in ["../secret.md", "a/../../b.md", "..\\\\b.md", "./../b.md"] {
        write(&folder, "course.toml", MANIFEST.replace("02-second.md", name));
        assert!(
            refused(&folder).contains("leaves the course's folder"),
            "{name}: {}",
            refused(&folder)
        );
    }
    write(&folder, "course.toml", MANIFEST.replace("final.gift", "../final.gift"));
    assert!(refused(&folder).contains("course.toml:15:"), "{}", refused(&folder));

    write(&folder, "course.toml", MANIFEST);
    fs::remove_file(folder.path().join("lessons/02-second.md")).unwrap();
    symlink(outside.path(), folder.path().join("lessons/02-second.md")).unwrap();
    assert!(refused(&folder).contains("is a link that leaves"), "{}", refused(&folder));
}

#[test]
fn what_is_too_much_is_refused() {
    let folder = small();
    write(&folder, "lessons/02-second.md", format!("# x\n{}", "x".repeat(1024 * 1024)));
    assert!(refused(&folder).contains("larger than 1048576 bytes"), "{}", refused(&folder));
    write(&folder, "lessons/02-second.md", format!("# x\n{}", "x".repeat(600 * 1024)));
    assert!(refused(&folder).contains("split the lesson"), "{}", refused(&folder));
    write(&folder, "lessons/02-second.md", format!("# {}\nx", "x".repeat(500)));
    assert!(refused(&folder).contains("shorten it"), "{}", refused(&folder));

    let names: Vec<String> = (0..301).map(|number| format!("\"{number}.md\"")).collect();
    write(&folder, "course.toml", MANIFEST.replace("\"02-second.md\"", &names.join(",")));
    assert!(refused(&folder).contains("at most"), "{}", refused(&folder));

    let empty = tempfile::tempdir().unwrap();
    assert!(read_folder(empty.path()).is_err());
    let bare = tempfile::Builder::new().prefix("bare").tempdir().unwrap();
    assert!(refused(&bare).contains("neither a course.toml nor"), "{}", refused(&bare));
    for number in 0..40 {
        write(
            &bare,
            &format!("{number}.md"),
            format!("---\ntitle: x\n---\n{}", "x".repeat(1000 * 1000)),
        );
    }
    assert!(refused(&bare).contains("split the course"), "{}", refused(&bare));
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let scene = scene().await;
    for folder in [PathBuf::from(SAMPLE), Path::new(DEMO).join("en"), Path::new(DEMO).join("fr")] {
        let seen = scene.published().await.len();
        let source = read_folder(&folder).unwrap();
        let lessons = source.sections.iter().map(|section| section.lessons.len()).sum::<usize>();
        let first = import(&scene.db, &source).await.unwrap();
        assert_eq!(
            (first.outcome, first.lessons_added, first.version),
            (Outcome::Created, lessons, 1)
        );
        let events = news(&scene, seen).await;
        assert_eq!(events.len(), 1 + lessons);
        let initial = events.iter().filter(|event| event.data.contains("\"initial\":true"));
        assert_eq!(initial.count(), lessons, "the first lessons are no news");

        let again = import(&scene.db, &read_folder(&folder).unwrap()).await.unwrap();
        assert_eq!((again.outcome, again.version), (Outcome::Unchanged, 1));
        assert_eq!(news(&scene, seen).await.len(), 1 + lessons);
    }
    let courses = crate::published(&scene.db).await.unwrap();
    assert_eq!(courses.len(), 3);
}

#[tokio::test]
async fn a_changed_file_makes_a_new_version_and_tells_what_changed() {
    let (scene, folder) = (scene().await, small());
    let read = || read_folder(folder.path()).unwrap();
    let created = import(&scene.db, &read()).await.unwrap();
    let seen = scene.published().await.len();

    write(&folder, "lessons/02-second.md", "# Deuxième\n\nÀ bientôt.\n");
    let changed = import(&scene.db, &read()).await.unwrap();
    assert_eq!((changed.outcome, changed.version), (Outcome::Updated, created.version + 1));
    assert_eq!(
        (changed.lessons_added, changed.lessons_changed, changed.lessons_removed),
        (0, 1, 0)
    );
    assert_eq!(types(&news(&scene, seen).await), ["course-updated", "lesson-updated"]);

    let seen = scene.published().await.len();
    write(&folder, "lessons/03-third.md", "# Troisième\n\nEncore.\n");
    write(&folder, "course.toml", MANIFEST.replace("02-second.md", "03-third.md"));
    let moved = import(&scene.db, &read()).await.unwrap();
    assert_eq!((moved.lessons_added, moved.lessons_changed, moved.lessons_removed), (1, 0, 1));
    let events = news(&scene, seen).await;
    let mut told = types(&events);
    told.sort_unstable();
    assert_eq!(told, ["course-updated", "lesson-published", "lesson-withdrawn"]);
    assert!(events.iter().any(|event| event.data.contains("\"initial\":false")), "it is news");

    let appeared = crate::new_lessons(&scene.db).await.unwrap();
    assert_eq!(appeared.len(), 1, "the first lessons were no news");

    // The lesson that was withdrawn comes back, and is newer than its tombstone.
    let seen = scene.published().await.len();
    write(&folder, "course.toml", MANIFEST);
    let back = import(&scene.db, &read()).await.unwrap();
    assert_eq!((back.lessons_added, back.lessons_removed), (1, 1));
    let events = news(&scene, seen).await;
    let published =
        events.iter().find(|event| event.event_type.contains("lesson-published")).unwrap();
    assert_eq!(published.sequence, Some(4));
    assert!(published.data.contains("À bientôt"));
}

#[tokio::test]
async fn a_quiz_that_no_import_made_survives_changed_files() {
    let (scene, folder) = (scene().await, small());
    let read = || read_folder(folder.path()).unwrap();
    import(&scene.db, &read()).await.unwrap();
    let editor = Editor { person: event::PersonId::new(), is_administrator: true };
    let place = QuizChanges {
        title: "À part".to_owned(),
        required: false,
        pass_percent: 50,
        minutes: 0,
        section: None,
    };
    let rule = |course: &mut Course| course.place_quiz(NewQuiz { key: None, place: place.clone() });
    commands::edit(&scene.db, editor, &Address::Key("small".to_owned()), rule).await.unwrap();

    let quizzes = async || -> Vec<String> {
        let courses = crate::published(&scene.db).await.unwrap();
        courses[0].quizzes.iter().map(|quiz| quiz.title.clone()).collect()
    };
    write(&folder, "lessons/02-second.md", "# Deuxième\n\nÀ bientôt.\n");
    import(&scene.db, &read()).await.unwrap();
    assert_eq!(quizzes().await, ["Fin", "À part"]);
    write(&folder, "course.toml", MANIFEST.split("[[quiz]]").next().unwrap());
    import(&scene.db, &read()).await.unwrap();
    assert_eq!(quizzes().await, ["À part"]);
    let again = import(&scene.db, &read()).await.unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged);
}

#[test]
fn an_archive_is_unpacked_no_further_than_its_bounds() {
    let archive =
        crate::pages::tests::importing::zip(&[("a.md", &[b' '; 900]), ("b.md", &[b' '; 900])]);
    let open = |file, all| {
        let bounds = zip::Bounds { entries: 2, file, all };
        zip::open(&archive, bounds, |_| true).map(|opened| opened.entries.len())
    };
    assert_eq!(open(900, 1800), Ok(2));
    for (file, all) in [(899, 9000), (900, 1799), (9000, 900)] {
        assert!(open(file, all).unwrap_err().english.contains("unpacks to more"));
    }
    let bounds = zip::Bounds { entries: 2, file: 900, all: 900 };
    let named = zip::open(&archive, bounds, |name| name == "b.md").unwrap();
    assert_eq!(named.entries[0].bytes.len(), 900);
    assert_eq!(named.passed_over, ["a.md"]);
}

proptest! {
    /// Whatever the bytes, an archive opens or is refused.
    #[test]
    fn an_archive_that_lies_is_no_harm(
        head in prop::collection::vec(any::<u8>(), 0..80),
        fields in prop::collection::vec(any::<u8>(), 42),
        end in prop::collection::vec(any::<u8>(), 18),
        at in 0u32..200,
    ) {
        let mut archive = [b"PK\x03\x04".as_slice(), &head, b"PK\x01\x02", &fields].concat();
        archive.extend(b"PK\x05\x06");
        archive.extend(&end[..12]);
        archive.extend(at.to_le_bytes());
        archive.extend(&end[16..]);
        let bounds = zip::Bounds { entries: 5, file: 1000, all: 2000 };
        let _ = zip::open(&archive, bounds, |_| true);
    }
}
