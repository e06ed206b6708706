#![allow(clippy::unwrap_used)]
use super::*;

fn wrong(field: &str, detail: &str) -> FieldProblem {
    FieldProblem { field: field.into(), detail: detail.into() }
}

fn assert_parts(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
}

#[test]
fn an_error_stands_in_the_summary_and_beside_its_field() {
    let form = Form::new(Language::En, "/register", "Register")
        .field(
            Field::text("name", "Name").value("<b>\"").hint("As on the certificate").longest(120),
        )
        .field(Field::area("about", "About", 3).optional())
        .field(
            Field::select("language", "Language", vec![("fr".into(), "Français".into())])
                .value("fr"),
        )
        .field(Field::tick("mails", "By mail", true))
        .field(Field::hidden("next", "/courses"))
        .errors(vec![wrong("name", "too odd"), wrong("general", "not now")]);
    assert_parts(
        form.html().unwrap().as_str(),
        &[
            r##"<a href="#name">too odd</a>"##,
            "<li>not now</li>",
            r#"<p class="error" id="name-error-1">too odd</p>"#,
            r#"value="&#60;b&#62;&#34;""#,
            r#"aria-invalid="true" aria-describedby="name-hint name-error-1""#,
            r#"<option value="fr" selected>"#,
            r#"<input type="hidden" name="next" value="/courses">"#,
            r#"<input id="mails" name="mails" type="checkbox" checked>"#,
            r#"<label for="mails">By mail</label>"#,
            "(optional)",
            r#"<form method="post" action="/register" novalidate>"#,
        ],
    );
}

#[test]
fn groups_have_a_legend_and_the_summary_leads_to_their_first_option() {
    let options = vec![("a".into(), "A".into()), ("b".into(), "B".into())];
    let ticked =
        vec![("l".into(), "Learner".into(), true), ("i".into(), "Instructor".into(), false)];
    let form = Form::new(Language::Fr, "/people", "Enregistrer")
        .field(Field::radio("choice", "Choix", options).value("b"))
        .field(Field::checks("roles", "Rôles", ticked).hint("Au moins un"))
        .errors(vec![wrong("roles", "choisissez")]);
    assert_parts(
        form.html().unwrap().as_str(),
        &[
            "<legend>Choix</legend>",
            r#"<input id="choice-2" name="choice" type="radio" value="b" checked required>"#,
            r#"<input id="roles" name="roles" type="checkbox" value="l" checked>"#,
            r#"<input id="roles-2" name="roles" type="checkbox" value="i">"#,
            r#"aria-describedby="roles-hint roles-error-1""#,
            r##"<a href="#roles">choisissez</a>"##,
        ],
    );
}

#[test]
fn files_moments_and_numbers() {
    let at: chrono::DateTime<chrono::Utc> = "2026-11-24T13:05:00Z".parse().unwrap();
    let paris = crate::time_zone("Europe/Paris").unwrap();
    let form = Form::new(Language::En, "/import", "Import")
        .field(Field::file("course", "Course", ".zip"))
        .field(Field::files("lessons", "Lessons", ".md"))
        .field(Field::date_time("opens", "Opens").at(Some(at), paris))
        .field(Field::number("points", "Points").value("1.5"));
    assert_parts(
        form.html().unwrap().as_str(),
        &[
            r#"enctype="multipart/form-data""#,
            r#"<input id="course" name="course" type="file" accept=".zip" required>"#,
            r#"<input id="lessons" name="lessons" type="file" multiple accept=".md" required>"#,
            r#"type="datetime-local" value="2026-11-24T14:05""#,
            r#"type="text" inputmode="decimal" value="1.5""#,
        ],
    );
}

#[test]
fn sections_and_several_buttons() {
    let form = Form::new(Language::En, "/lesson", "Publish")
        .button_named("action", "publish")
        .second_button("Save draft", "action", "draft")
        .back("/teaching", "Back")
        .section("Text")
        .section_hint("In Markdown")
        .field(Field::area("text", "Text", 20).language(Language::Fr))
        .autosave("/lesson/autosave");
    assert_parts(
        form.html().unwrap().as_str(),
        &[
            r#" data-autosave="/lesson/autosave">"#,
            "<legend>Text</legend>",
            r#"<button name="action" value="publish">Publish</button>"#,
            r#"<button class="second" name="action" value="draft">Save draft</button>"#,
            r#"<a href="/teaching">Back</a>"#,
            r#"lang="fr""#,
        ],
    );
    assert_eq!(form.html().unwrap().as_str().matches("<fieldset").count(), 1);
}

#[test]
fn a_section_has_what_it_is_about_beside_its_fields() {
    let body = Html::trusted("<p>An essay</p>".to_owned());
    let form = Form::new(Language::En, "/mark", "Save")
        .section("Answer 1")
        .section_body(body)
        .field(Field::number("mark", "Mark").optional());
    let html = form.html().unwrap();
    let about = html.as_str().find("<div class=\"two\"><div><p>An essay</p></div><div>");
    let field = html.as_str().find("id=\"mark\"");
    let end = html.as_str().find("</div></div>\n</fieldset>");
    assert!(about.is_some() && about < field && field < end, "{html}");
}

#[test]
fn what_is_written_is_kept_until_it_is_saved() {
    let form = || Form::new(Language::En, "/lesson", "Save").field(Field::area("text", "Text", 9));
    let kept = form().kept().unsaved(Unsaved::Waits).html().unwrap();
    assert_parts(kept.as_str(), &[r#" data-kept data-unsaved="wait">"#, "data-autosave-state"]);
    let saved = form().autosave("/lesson/draft").unsaved(Unsaved::IsSent).html().unwrap();
    let parts = [r#"data-autosave="/lesson/draft" data-unsaved="send">"#, "data-conflict"];
    assert_parts(saved.as_str(), &parts);
    assert!(!form().html().unwrap().as_str().contains("data-autosave-state"));
}

#[test]
fn a_search_changes_nothing() {
    let form = Form::search(Language::En, "/people", "Search").field(Field::search("q", "Name"));
    assert_parts(
        form.html().unwrap().as_str(),
        &[
            r#"<form method="get" action="/people" class="search" role="search">"#,
            r#"type="search""#,
        ],
    );
}

#[test]
fn confirming_says_what_will_happen() {
    let form = Form::new(Language::En, "/revoke", "Revoke").dangerous().with_reason(
        "Reason",
        "A <mistake>",
        Vec::new(),
    );
    let page =
        Confirm::new("Revoke it?", &form).unwrap().lead("Ana’s").consequence("A mail goes out");
    assert_parts(
        Html::render(&page).unwrap().as_str(),
        &[
            "<h1>Revoke it?</h1>",
            "<li>A mail goes out</li>",
            "A &#60;mistake&#62;",
            r#"class="danger""#,
        ],
    );
}
