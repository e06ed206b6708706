//! Accounts: registering, signing in, one's own account, and what administrators do by the API.

use axum::http::{StatusCode, header};
use event::{Language, Role};
use serde_json::{Value, json};
use ui::Session;

use super::{Outside, PASSWORD};
use crate::{CommandError, Created, NewPerson, create_administrator, register_person};

#[tokio::test]
async fn a_person_from_registering_to_being_erased() {
    let outside = Outside::new().await;
    let registered = outside.register("Anh@Example.org").await;
    assert_eq!(registered.status, StatusCode::CREATED);
    assert_eq!(registered.json()["roles"], json!(["learner"]));

    let signed_in = outside.sign_in("anh@example.org", PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::CREATED);
    assert_eq!(signed_in.json()["person"]["mail"], "Anh@Example.org");
    let token = signed_in.json()["token"].as_str().unwrap().to_owned();

    let changes = json!({"name": "Ánh", "time_zone": "Asia/Ho_Chi_Minh"});
    let changed = outside.api("PATCH", "/api/v1/me", Some(&token), changes.clone()).await;
    assert_eq!((changed.status, changed.json()["version"].as_u64()), (StatusCode::OK, Some(2)));
    outside.api("PATCH", "/api/v1/me", Some(&token), changes).await;
    let me = outside.api("GET", "/api/v1/me", Some(&token), Value::Null).await.json();
    assert_eq!((me["name"].as_str(), me["version"].as_u64()), (Some("Ánh"), Some(2)));

    let told = ["identity.person-registered.v1 1", "identity.person-updated.v1 2"];
    assert_eq!(outside.told().await, told);

    let erased = outside.api("DELETE", "/api/v1/me", Some(&token), Value::Null).await;
    assert_eq!(erased.status, StatusCode::NO_CONTENT);
    let me = outside.api("GET", "/api/v1/me", Some(&token), Value::Null).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    assert_eq!(outside.sign_in("anh@example.org", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(outside.register("anh@example.org").await.status, StatusCode::CREATED);
    // What was not sent of the erased person is taken back.
    let told = [
        "identity.sessions-ended.v1",
        "identity.person-erased.v1 3",
        "identity.person-registered.v1 1",
    ];
    assert_eq!(outside.told().await, told);
}

#[tokio::test]
async fn nothing_secret_is_told_or_shown() {
    let outside = Outside::new().await;
    let registered = outside.register("anh@example.org").await.text;
    let signed_in = outside.sign_in("anh@example.org", PASSWORD).await.text;
    let told = format!("{:?}", outside.scene.published().await);
    for text in [registered, signed_in, told] {
        assert!(
            !text.contains(PASSWORD) && !text.contains("argon2") && !text.contains("hash"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_mail_address_has_one_account() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let again = outside.register(" ANH@example.org ").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.json()["detail"].as_str().unwrap().contains("sign in"));
    assert_eq!(outside.told().await.len(), 1);

    let both = tokio::join!(outside.register("li@example.org"), outside.register("Li@example.org"));
    let statuses = [both.0.status, both.1.status];
    assert!(statuses.contains(&StatusCode::CREATED) && statuses.contains(&StatusCode::CONFLICT));
}

#[tokio::test]
async fn an_unknown_mail_and_a_wrong_password_get_one_answer() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let wrong = outside.sign_in("anh@example.org", "incorrect horse").await;
    let unknown = outside.sign_in("nobody@example.org", PASSWORD).await;
    let impossible = outside.sign_in("no address", &"x".repeat(1000)).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.text, unknown.text);
    assert_eq!(wrong.text, impossible.text);
}

#[tokio::test]
async fn wrong_passwords_are_counted_and_right_ones_are_not() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    for _ in 0..12 {
        assert_eq!(outside.sign_in("anh@example.org", PASSWORD).await.status, StatusCode::CREATED);
    }
    for _ in 0..10 {
        outside.sign_in("anh@example.org", "wrong password").await;
    }
    let limited = outside.sign_in("anh@example.org", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers[header::RETRY_AFTER], "901");
    assert_eq!(limited.headers[header::CONTENT_TYPE], "application/problem+json");
    let page = outside.post("/sign-in", "", "mail=anh@example.org&password=correct+horse").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.headers.contains_key(header::RETRY_AFTER));
    outside.scene.clock.advance(chrono::TimeDelta::minutes(16));
    assert_eq!(outside.sign_in("anh@example.org", PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn accounts_are_not_opened_without_end() {
    let outside = Outside::new().await;
    assert_eq!(outside.register("nowhere").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for number in 0..100 {
        let opened = outside.register(&format!("n{number}@example.org")).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{number}");
    }
    let limited = outside.register("another@example.org").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers[header::RETRY_AFTER], "601");
    let form = "name=Ana&mail=ana%40example.org&language=fr&time_zone=UTC&password=correct+horse";
    let page = outside.post("/register", "", form).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(outside.sign_in("n1@example.org", PASSWORD).await.status, StatusCode::CREATED);
    outside.scene.clock.advance(chrono::TimeDelta::minutes(11));
    let opened = outside.post("/register", "", form).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn hostile_input_is_refused_and_says_why() {
    let outside = Outside::new().await;
    let person = |field: &str, value: Value| {
        let mut person = json!({"name": "Ana", "mail": "ana@example.org", "password": PASSWORD});
        person[field] = value;
        person
    };
    let wrong = [
        ("name", json!("")),
        ("name", json!("x".repeat(100_000))),
        ("mail", json!("ana@example.org\r\nBcc: everybody@example.org")),
        ("password", json!("short")),
        ("password", json!("x".repeat(100_000))),
        ("language", json!("tlh")),
        ("time_zone", json!("../../etc/passwd")),
    ];
    for (field, value) in wrong {
        let answer = outside.api("POST", "/api/v1/people", None, person(field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
    for (field, value) in
        [("name", json!(1)), ("roles", json!(["administrator"])), ("name", json!("a\u{0}"))]
    {
        let answer = outside.api("POST", "/api/v1/people", None, person(field, value)).await;
        assert!(answer.status.is_client_error(), "{field}");
    }
    let all = json!({"name": "", "mail": "x", "password": "short", "time_zone": "Mars"});
    let all = outside.api("POST", "/api/v1/people", None, all).await.json();
    assert_eq!(all["errors"].as_array().unwrap().len(), 4);
    let huge = json!({"name": "x".repeat(3 << 20)});
    assert_eq!(
        outside.api("POST", "/api/v1/people", None, huge).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert!(outside.told().await.is_empty());
}

#[tokio::test]
async fn administrators_see_people_and_assign_roles() {
    let outside = Outside::new().await;
    let db = &outside.scene.db;
    let created = create_administrator(db, "Root", "root@example.org", PASSWORD).await.unwrap();
    let Created::New(root) = created else { panic!("a new account") };
    let first = outside.register("anh@example.org").await.json();
    outside.register("li@example.org").await;
    let (token, learner) =
        (outside.token("root@example.org").await, outside.token("anh@example.org").await);

    let refused = outside.api("GET", "/api/v1/people", Some(&learner), Value::Null).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        outside.api("GET", "/api/v1/people", None, Value::Null).await.status,
        StatusCode::UNAUTHORIZED
    );

    let page = outside.api("GET", "/api/v1/people?limit=2", Some(&token), Value::Null).await.json();
    assert_eq!(page["people"].as_array().unwrap().len(), 2);
    let rest = format!("/api/v1/people?after={}", page["next"].as_str().unwrap());
    let rest = outside.api("GET", &rest, Some(&token), Value::Null).await.json();
    assert_eq!((rest["people"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));

    let roles = format!("/api/v1/people/{}/roles", first["id"].as_str().unwrap());
    let wanted = json!({"roles": ["instructor", "learner", "learner"]});
    let assigned = outside.api("PUT", &roles, Some(&token), wanted.clone()).await.json();
    assert_eq!(assigned["roles"], json!(["learner", "instructor"]));
    let again = outside.api("PUT", &roles, Some(&token), wanted).await.json();
    assert_eq!(again["version"], 2);
    let wanted = json!({"roles": ["learner", "operator"]});
    let operator = outside.api("PUT", &roles, Some(&token), wanted).await.json();
    assert_eq!(operator["roles"], json!(["learner", "operator"]));
    let told = outside.scene.published().await.into_iter().last().unwrap();
    assert!(told.data.contains("\"roles\":[\"learner\"]"), "nobody else is told: {}", told.data);
    let own = format!("/api/v1/people/{}/roles", root.id);
    let last = outside.api("PUT", &own, Some(&token), json!({"roles": ["learner"]})).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    assert_eq!(
        outside.api("DELETE", "/api/v1/me", Some(&token), Value::Null).await.status,
        StatusCode::CONFLICT
    );
    let nobody = "/api/v1/people/00000000-0000-0000-0000-000000000000/roles";
    let nobody = outside.api("PUT", nobody, Some(&token), json!({"roles": ["learner"]})).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_command_line_makes_and_promotes() {
    let outside = Outside::new().await;
    let db = &outside.scene.db;
    let instructor = NewPerson {
        name: "Siân".into(),
        mail: "sian@example.org".into(),
        password: PASSWORD.into(),
        language: Language::En,
        time_zone: "Europe/London".into(),
        roles: vec![Role::Instructor],
    };
    register_person(db, instructor.clone()).await.unwrap();
    assert!(matches!(register_person(db, instructor).await, Err(CommandError::MailTaken)));
    let promoted =
        create_administrator(db, "Other", "SIAN@example.org", "irrelevant").await.unwrap();
    let Created::Promoted(person) = promoted else { panic!("promoted") };
    assert_eq!((person.name.as_str(), person.version), ("Siân", 2));
    assert_eq!(person.roles.as_slice(), [Role::Instructor, Role::Administrator]);
    assert_eq!(outside.sign_in("sian@example.org", PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_pages_register_sign_in_change_and_sign_out() {
    let outside = Outside::new().await;
    let blank = outside.page("/register?next=/courses/7&lang=fr", "").await;
    assert!(
        blank.text.contains("<h1>Créer un compte</h1>")
            && blank.text.contains(r#"value="/courses/7""#)
    );
    assert!(blank.text.contains(r#"<option selected>Europe/Paris</option>"#), "{}", blank.text);

    assert!(blank.text.contains("/sign-in?next=%2Fcourses%2F7"));
    let empty = outside.post("/register", "", "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);

    let form = "name=Ana&mail=ana%40example.org&language=fr&time_zone=Europe%2FParis&next=%2Fcourses%2F7&password=";
    let short = outside.post("/register", "", &format!("{form}short1")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        short.text.contains(r##"href="#password""##) && !short.text.contains("short1"),
        "{}",
        short.text
    );
    let registered = outside.post("/register", "", &format!("{form}correct+horse")).await;
    assert_eq!(registered.status, StatusCode::SEE_OTHER);
    assert_eq!(registered.headers[header::LOCATION], "/courses/7");

    let form = "mail=ana%40example.org&password=correct+horse&next=https%3A%2F%2Fevil.example";
    let entered = outside.post("/sign-in", "", form).await;
    assert_eq!(entered.headers[header::LOCATION], "/courses");
    let nowhere =
        outside.post("/sign-in", "", "mail=ana%40example.org&password=correct+horse").await;
    assert_eq!(nowhere.headers[header::LOCATION], "/learning");
    let cookie = entered.cookie(Session::COOKIE).unwrap();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap().to_owned();

    let account = outside.page("/account", &cookie).await;
    assert!(account.text.contains("Votre compte") && account.text.contains("ana@example.org"));
    let settings = "name=Ana+B&language=en&time_zone=Europe%2FLisbon";
    let changed = outside.post("/account", &cookie, settings).await;
    assert_eq!(changed.headers[header::LOCATION], "/account?saved=1");
    let cookie = changed.cookie(Session::COOKIE).unwrap().split(';').next().unwrap().to_owned();
    let account = outside.page("/account?saved=1", &cookie).await;
    assert!(account.text.contains("Your account") && account.text.contains("Saved."));

    assert!(account.text.contains(r#"<form method="post" action="/account/language">"#));
    let choice = "language=fr&next=%2Fcourses%3Fq%3Da";
    let changed = outside.post("/account/language", &cookie, choice).await;
    assert_eq!(changed.headers[header::LOCATION], "/courses?q=a");
    let cookie = changed.cookie(Session::COOKIE).unwrap().split(';').next().unwrap().to_owned();
    assert!(outside.page("/account", &cookie).await.text.contains("Votre compte"));

    let gone = outside.post("/sign-out", &cookie, "").await;
    assert!(gone.cookie(Session::COOKIE).unwrap().contains("Max-Age=0"));
    let account = outside.page("/account", "").await;
    assert_eq!(account.headers[header::LOCATION], "/sign-in?next=/account");
}

#[tokio::test]
async fn a_wrong_password_stays_on_the_page() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let wrong = outside.post("/sign-in", "", "mail=anh%40example.org&password=wrong+horse").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("anh@example.org") && !wrong.text.contains("wrong horse"));
    assert!(wrong.cookie(Session::COOKIE).is_none());
    let session = outside.token("anh@example.org").await;
    assert!(Session::open(outside.ui.key(), &session, chrono::Utc::now()).is_ok());
}
