//! Real material goes in as it is, twice is once, and a change is a new version.

use std::{fs, path::Path};

use serde_json::Value;

use crate::house::{data, estrade, repository, run, succeed};

fn import(data: &Path, folder: &Path) -> Value {
    let output = succeed(estrade(data).args(["import", "--json"]).arg(folder));
    serde_json::from_str(&output).unwrap()
}

#[test]
fn a_course_folder_goes_in_twice_as_once_and_changed_as_a_new_version() {
    let (folder, data) = data();
    let course = folder.path().join("course");
    copy(&repository().join("demo/en"), &course);
    let first = import(&data, &course);
    assert_eq!(
        (&first["outcome"], &first["lessons_added"]),
        (&"created".into(), &6.into()),
        "{first:#}"
    );
    assert_eq!(first["quizzes"][0]["refused"], Value::Array(vec![]), "{first:#}");
    let second = import(&data, &course);
    assert_eq!((&second["outcome"], &second["version"]), (&"unchanged".into(), &first["version"]));
    let lesson = fs::read_dir(course.join("lessons")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&lesson).unwrap();
    fs::write(&lesson, format!("{text}\nOne more sentence.\n")).unwrap();
    let third = import(&data, &course);
    assert_eq!(
        (&third["outcome"], &third["lessons_changed"]),
        (&"updated".into(), &1.into()),
        "{third:#}"
    );
    assert!(third["version"].as_u64() > second["version"].as_u64());
}

#[test]
fn a_bare_folder_of_markdown_goes_in_as_it_is() {
    let (_folder, data) = data();
    let sample = repository().join("services/catalog/tests-data/shell-novice");
    let imported = import(&data, &sample);
    assert_eq!(imported["lessons_added"], 7, "{imported:#}");
}

/// Each file is a quiz for practice; the two that ask nothing are refused, and the others go in.
#[test]
fn a_bare_folder_of_gift_goes_in_as_it_is() {
    let (_folder, data) = data();
    let sample = repository().join("services/assessment/tests-data/gift");
    let import = || {
        let output = run(estrade(&data).args(["import", "--json"]).arg(&sample));
        assert_eq!(output.status.code(), Some(1), "what is refused is not passed over");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let first = import();
    assert_eq!(first["quizzes"].as_array().unwrap().len(), 11, "{first:#}");
    assert_eq!(first["refused"].as_array().unwrap().len(), 2, "{first:#}");
    let second = import();
    assert_eq!(second["outcome"], "unchanged", "{second:#}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
