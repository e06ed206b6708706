//! People, as administrators find and change them.

use axum::http::StatusCode;
use bus::{Db, Files, testing::Scene};
use event::{Language, PersonId, Role};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use ui::Session;

use super::{Outside, PASSWORD};
use crate::{
    CommandError, Created, NewPerson, commands, create_administrator,
    domain::{Roles, folded},
    register_person, service_named, store,
};

async fn id_of(outside: &Outside, mail: &str) -> String {
    crate::find(&outside.scene.db, mail).await.unwrap().unwrap().id.to_string()
}

#[tokio::test]
async fn administrators_find_people_by_name_mail_and_role() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    for number in 0..60 {
        outside.register(&format!("n{number}@example.org")).await;
    }
    let all = outside.page("/people?lang=en", &root).await;
    assert!(all.text.contains("61 people") && all.text.contains("rel=\"next\""), "{}", all.text);
    let second = outside.page("/people?page=2", &root).await;
    assert_eq!(second.text.matches("<th scope=\"row\">").count(), 11);
    let found = outside.page("/people?q=nguyen&role=learner", &root).await;
    assert!(found.text.contains("60 people"), "{}", found.text);
    let one = outside.page("/people?q=N59%40EXAMPLE", &root).await;
    assert!(
        one.text.contains("One person") && one.text.contains("n59@example.org"),
        "{}",
        one.text
    );
    let administrators = outside.page("/people?role=administrator", &root).await;
    assert!(administrators.text.contains("root@example.org"), "{}", administrators.text);
    for nobody in ["%25", "_", "%27+or+1%3D1", "%21"] {
        let nobody = outside.page(&format!("/people?q={nobody}&role=learner"), &root).await;
        assert!(nobody.text.contains("No one matches."), "{}", nobody.text);
    }
    let learner = outside.cookie("n1@example.org").await;
    assert_eq!(outside.page("/people", &learner).await.status, StatusCode::FORBIDDEN);
    assert_eq!(outside.page("/people", "").await.status, StatusCode::SEE_OTHER);
}

/// What stands in the first column of a list, in its order and as it is sorted.
fn names(page: &str) -> Vec<String> {
    let cells = page.split("<th scope=\"row\">").skip(1);
    let linked = cells.map(|cell| cell.split("</a>").next().unwrap());
    linked.map(|link| folded(link.rsplit('>').next().unwrap())).collect()
}

#[tokio::test]
async fn leafing_shows_everybody_once_by_name_and_counts_whom_it_shows() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    for number in 0..54 {
        let new = NewPerson {
            name: format!("Étienne {}", 10 + number * 37 % 54),
            mail: format!("etienne{number}@example.org"),
            password: PASSWORD.to_owned(),
            language: Language::Fr,
            time_zone: "UTC".to_owned(),
            roles: vec![if number % 2 == 0 { Role::Learner } else { Role::Instructor }],
        };
        register_person(&outside.scene.db, new).await.unwrap();
    }
    let gone = id_of(&outside, "etienne0@example.org").await;
    outside.post(&format!("/people/{gone}/erase"), &root, "").await;
    for (query, count) in [
        ("?lang=en", 54),
        ("?q=etienne", 53),
        ("?q=ETIENNE&role=instructor", 27),
        ("?role=learner", 27),
        ("?role=instructor", 27),
        ("?q=etienne&role=administrator", 0),
    ] {
        let first = outside.page(&format!("/people{query}"), &root).await.text;
        let second = outside.page(&format!("/people{query}&page=2"), &root).await.text;
        let past = outside.page(&format!("/people{query}&page=300"), &root).await.text;
        for page in [&first, &second, &past] {
            let says =
                if count == 0 { "No one matches.".into() } else { format!("{count} people") };
            assert!(page.contains(&says), "{query}: {page}");
        }
        let rest = if count > 50 { names(&second) } else { Vec::new() };
        let shown = [names(&first), rest].concat();
        assert_eq!(shown.len(), count, "{query}");
        assert!(shown.is_sorted_by(|one, next| one < next), "{query}: {shown:?}");
        assert_eq!(names(&past), names(&second), "{query}: a page past the last is the last");
    }
}

#[tokio::test]
async fn roles_and_language_are_given_in_a_form() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside.register("anh@example.org").await;
    let path = format!("/people/{}", id_of(&outside, "anh@example.org").await);
    let page = outside.page(&path, &root).await;
    assert!(page.text.contains(r#"value="learner" checked"#), "{}", page.text);
    let form = "name=Nguy%E1%BB%85n+Anh&roles=learner&roles=instructor&language=en";
    let changed = outside.post(&path, &root, form).await;
    assert_eq!(changed.location(), format!("{path}?saved=1"));
    let told = outside.last("identity.person-updated.v1").await;
    assert_eq!(told["roles"], json!(["learner", "instructor"]));
    assert_eq!(told["name"], "Nguyễn Anh");
    assert_eq!((&told["language"], &told["version"]), (&json!("en"), &json!(2)));
    let none = outside.post(&path, &root, "name=Anh&language=en").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);

    let nameless = outside.post(&path, &root, "name=+&language=en").await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    for error in ["name-error-1", "Write the name, in 120", "roles-error-1"] {
        assert!(nameless.text.contains(error), "{error} is missing in {}", nameless.text);
    }
    let page = outside.page(&path, &root).await;
    assert!(page.text.contains("/issued?q=Nguy%E1%BB%85n%20Anh"), "{}", page.text);
    assert!(!page.text.contains("/operations/people/"), "who is no operator: {}", page.text);

    let own = format!("/people/{}", id_of(&outside, "root@example.org").await);
    let last = outside.post(&own, &root, "name=Root&roles=learner&language=en").await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.text.contains("last administrator"), "{}", last.text);
    let learner = outside.cookie("anh@example.org").await;
    let refused = outside.post(&path, &learner, "roles=administrator&language=en").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let nobody = "/people/00000000-0000-0000-0000-000000000000";
    assert_eq!(outside.page(nobody, &root).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_changes_themselves_sees_it_at_once() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let own = format!("/people/{}", id_of(&outside, "root@example.org").await);
    let form = "name=Root&roles=learner&roles=administrator&language=fr";
    let french = outside.post(&own, &root, form).await;
    assert_eq!(french.location(), format!("{own}?saved=1"));
    let cookie = french.cookie(Session::COOKIE).unwrap();
    let page = outside.page(&own, cookie.split(';').next().unwrap()).await;
    assert!(page.text.contains("<html lang=\"fr\">"), "{}", page.text);

    outside.register("anh@example.org").await;
    let other = format!("/people/{}", id_of(&outside, "anh@example.org").await);
    outside.post(&other, &root, "name=Anh&roles=administrator&language=fr").await;
    let left = outside.post(&own, &root, "name=Root&roles=learner&language=fr").await;
    assert_eq!(left.location(), "/account?saved=1", "the people are not theirs to see any more");
    let fresh = left.cookie(Session::COOKIE).unwrap();
    let fresh = fresh.split(';').next().unwrap();
    assert_eq!(outside.page("/people", fresh).await.status, StatusCode::FORBIDDEN);
    assert_eq!(outside.page("/people", &root).await.location(), "/sign-in?next=/people");
}

#[tokio::test]
async fn an_administrator_erases_and_sends_a_link() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside.register("anh@example.org").await;
    let path = format!("/people/{}", id_of(&outside, "anh@example.org").await);
    let sent = outside.post(&format!("{path}/password-link"), &root, "").await;
    assert_eq!(sent.location(), format!("{path}?saved=link"));
    outside.link("identity.password-reset-requested.v1").await;

    let confirm = outside.page(&format!("{path}/erase"), &root).await;
    assert!(confirm.text.contains("Erase the account of Nguyễn Ánh"), "{}", confirm.text);
    let erased = outside.post(&format!("{path}/erase"), &root, "").await;
    assert_eq!(erased.location(), "/people?erased=1");
    assert_eq!(outside.page(&path, &root).await.status, StatusCode::NOT_FOUND);
    outside.last("identity.person-erased.v1").await;

    let own = format!("/people/{}/erase", id_of(&outside, "root@example.org").await);
    assert_eq!(outside.page(&own, &root).await.location(), "/account/data/erase");
    assert_eq!(outside.post(&own, &root, "").await.status, StatusCode::CONFLICT);
}

async fn new_administrator(db: Db, number: usize) -> PersonId {
    let mail = format!("root{number}@example.org");
    let created = create_administrator(&db, "Root", &mail, PASSWORD).await.unwrap();
    let (Created::New(person) | Created::Promoted(person)) = created;
    person.id
}

/// Every other one is erased, the rest are demoted.
async fn take_away(db: Db, number: usize, administrator: PersonId) -> Result<(), CommandError> {
    if number.is_multiple_of(2) {
        return commands::erase(&db, administrator).await;
    }
    commands::assign_roles(&db, administrator, Roles::learner()).await.map(drop)
}

/// On PostgreSQL no transaction sees what another has not committed yet.
#[tokio::test]
async fn of_administrators_who_take_away_each_other_at_once_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    for scene in Scene::on_each_database(|name| service_named(name, &files), &[]).await {
        let db = &scene.db;
        let made: JoinSet<PersonId> =
            (0..6).map(|number| new_administrator(db.clone(), number)).collect();
        let all = made.join_all().await.into_iter().enumerate();
        let taken: JoinSet<Result<(), CommandError>> =
            all.map(|(number, id)| take_away(db.clone(), number, id)).collect();
        let refused: Vec<CommandError> =
            taken.join_all().await.into_iter().filter_map(Result::err).collect();
        assert!(matches!(refused[..], [CommandError::LastAdministrator]), "{refused:?}");
        assert!(store::has_other_administrator(db, PersonId::new()).await.unwrap());
    }
}

#[tokio::test]
async fn programs_find_people_too() {
    let outside = Outside::new().await;
    outside.administrator().await;
    let token = outside.token("root@example.org").await;
    outside.register("anh@example.org").await;
    let path = "/api/v1/people?q=NGUYEN&role=learner";
    let found = outside.api("GET", path, Some(&token), Value::Null).await.json();
    assert_eq!(found["people"].as_array().unwrap().len(), 1);
    let wrong = outside.api("GET", "/api/v1/people?role=god", Some(&token), Value::Null).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}
