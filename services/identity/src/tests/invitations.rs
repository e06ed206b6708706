//! Invitations, from the mail to the account.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use ui::Session;

use super::{Outside, token_of};

const INVITED: &str = "identity.person-invited.v1";

async fn accept(outside: &Outside, link: &str, password: &str) -> super::Answer {
    let form = format!(
        "token={}&name=Ana+Silva&password={password}&language=fr&time_zone=Europe%2FParis",
        token_of(link)
    );
    outside.post("/invitation", "", &form).await
}

#[tokio::test]
async fn an_invitation_from_its_mail_to_its_account() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let form = "name=Ana&mail=ana%40example.org&language=fr&roles=learner&roles=instructor";
    let sent = outside.post("/invitations/new", &root, form).await;
    assert_eq!(sent.location(), "/invitations?done=sent&count=1");
    let told = outside.last(INVITED).await;
    assert_eq!((&told["mail"], &told["version"]), (&json!("ana@example.org"), &json!(1)));
    assert_eq!(told["roles"], json!(["learner", "instructor"]));
    let again = outside.post("/invitations/new", &root, form).await;
    assert_eq!(again.location(), "/invitations?done=was-sent");
    let list = outside.page("/invitations", &root).await;
    assert!(
        list.text.contains("ana@example.org") && list.text.contains("waiting"),
        "{}",
        list.text
    );

    let link = outside.link(INVITED).await;
    let page = outside.page(&link, "").await;
    assert!(page.text.contains("École du Fleuve vous invite"), "{}", page.text);
    let short = accept(&outside, &link, "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let entered = accept(&outside, &link, "correct+horse").await;
    assert_eq!(entered.location(), "/courses");
    assert!(entered.cookie("estrade_session").is_some());
    let person = outside.last("identity.person-registered.v1").await;
    assert_eq!(person["roles"], json!(["learner", "instructor"]));
    assert_eq!(person["name"], "Ana Silva");
    let used = outside.page(&link, "").await;
    assert_eq!(used.status, StatusCode::GONE);
    assert!(used.text.contains("was used already"), "{}", used.text);
    let known = outside.post("/invitations/new", &root, form).await;
    assert_eq!(known.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(known.text.contains("There is an account"), "{}", known.text);
}

#[tokio::test]
async fn sent_again_the_link_before_no_longer_works_and_withdrawn_none_does() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside
        .post(
            "/invitations/new",
            &root,
            "name=Ana&mail=ana%40example.org&language=en&roles=learner",
        )
        .await;
    let first = outside.link(INVITED).await;
    let id = outside.last(INVITED).await["invitation"].as_str().unwrap().to_owned();
    outside.scene.clock.advance(TimeDelta::days(15));
    assert!(outside.page("/invitations", &root).await.text.contains("expired on"));
    assert_eq!(outside.page(&first, "").await.status, StatusCode::GONE);
    let again = outside.post(&format!("/invitations/{id}/resend"), &root, "").await;
    assert_eq!(again.location(), "/invitations?done=again");
    assert_eq!(outside.last(INVITED).await["version"], 2);
    let second = outside.link(INVITED).await;
    assert_eq!(outside.page(&first, "").await.status, StatusCode::GONE);
    assert_eq!(outside.page(&second, "").await.status, StatusCode::OK);

    let asked = outside.page(&format!("/invitations/{id}/withdraw"), &root).await;
    assert!(asked.text.contains("Withdraw this invitation?"), "{}", asked.text);
    assert!(asked.text.contains("ana@example.org"), "{}", asked.text);
    for _ in 0..2 {
        let withdrawn = outside.post(&format!("/invitations/{id}/withdraw"), &root, "").await;
        assert_eq!(withdrawn.location(), "/invitations?done=withdrawn");
    }
    assert_eq!(outside.last("identity.invitation-withdrawn.v1").await["version"], 3);
    assert_eq!(accept(&outside, &second, "correct+horse").await.status, StatusCode::GONE);
    let told = format!("{:?}", outside.scene.published().await);
    assert!(!told.contains("ana@example.org"), "who was invited is forgotten: {told}");
    assert!(!outside.page("/invitations", &root).await.text.contains("ana@example.org"));
    let list = outside.page("/invitations", &root).await;
    assert!(list.text.contains(r#"<span class="pill bad">withdrawn</span>"#), "{}", list.text);
    let settled = outside.page(&format!("/invitations/{id}/withdraw"), &root).await;
    assert_eq!(settled.location(), "/invitations", "there is nothing left to ask");
    let gone = outside.post(&format!("/invitations/{id}/resend"), &root, "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn inviting_once_more_after_the_time_is_over_says_what_is_written_now() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let form = "name=Ana&mail=ana%40example.org&language=en&roles=administrator";
    outside.post("/invitations/new", &root, form).await;
    outside.scene.clock.advance(TimeDelta::days(15));
    let form = "name=Ana+Silva&mail=Ana%40example.org&language=fr&roles=learner";
    let sent = outside.post("/invitations/new", &root, form).await;
    assert_eq!(sent.location(), "/invitations?done=sent&count=1");
    let told = outside.last(INVITED).await;
    assert_eq!((&told["name"], &told["version"]), (&json!("Ana Silva"), &json!(2)));
    assert_eq!((&told["language"], &told["roles"]), (&json!("fr"), &json!(["learner"])));
    let list = outside.page("/invitations", &root).await;
    assert!(list.text.contains("One invitation"), "{}", list.text);
    accept(&outside, &outside.link(INVITED).await, "correct+horse").await;
    let person = outside.last("identity.person-registered.v1").await;
    assert_eq!(
        (&person["mail"], &person["roles"]),
        (&json!("Ana@example.org"), &json!(["learner"]))
    );
}

#[tokio::test]
async fn nothing_is_sent_again_to_whoever_has_an_account_by_now() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let form = "name=Ana&mail=ana%40example.org&language=en&roles=learner";
    outside.post("/invitations/new", &root, form).await;
    let id = outside.last(INVITED).await["invitation"].as_str().unwrap().to_owned();
    outside.register("ANA@example.org").await;
    let again = outside.post(&format!("/invitations/{id}/resend"), &root, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let token = outside.token("root@example.org").await;
    let path = format!("/api/v1/invitations/{id}/resending");
    let again = outside.api("POST", &path, Some(&token), Value::Null).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(outside.last(INVITED).await["version"], 1);
    let withdrawn = outside.post(&format!("/invitations/{id}/withdraw"), &root, "").await;
    assert_eq!(withdrawn.location(), "/invitations?done=withdrawn");
}

#[tokio::test]
async fn a_list_sends_what_it_can_and_keeps_what_it_refuses() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside.register("anh@example.org").await;
    let list = "Nom;Courriel;Langue;Rôles\nAna;ana@example.org;fr;formatrice\nAna;ANA@example.org\n\
                Li;nowhere\nÁnh;anh@example.org\nBo;bo@example.org";
    let answer = outside.upload("/invitations/list", &root, "file", list.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "2 invitations are on their way",
        "One person had an invitation",
        "2 lines were refused",
        "<th scope=\"row\">4</th>",
        "<th scope=\"row\">5</th>",
        "There is an account",
        "Nom,Courriel,Langue,Rôles\nLi,nowhere\nÁnh,anh@example.org</textarea>",
    ] {
        assert!(answer.text.contains(part), "{part} is missing in {}", answer.text);
    }
    let told = outside.scene.published().await;
    assert_eq!(told.iter().filter(|envelope| envelope.event_type == INVITED).count(), 2);
    let empty = outside.upload("/invitations/list", &root, "list", b"").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let titles = [("list", "name,mail")];
    let titles = outside.upload_with("/invitations/list", &root, &titles, ("file", b"\n")).await;
    assert!(titles.text.contains("name,mail</textarea>"), "{}", titles.text);
}

#[tokio::test]
async fn with_a_file_that_is_refused_nothing_is_lost_that_was_typed() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let french = outside.post("/account/language", &root, "language=fr").await;
    let root = french.cookie(Session::COOKIE).unwrap().split(';').next().unwrap().to_owned();
    let typed = [("list", "Ana,ana@example.org"), ("language", "en")];
    let large = vec![b'a'; 1 << 20];
    let too_large = "Choisissez un fichier de 512\u{a0}ko au plus";
    let cases: [(&[u8], &str); 3] = [
        (b"Ren\xe9;rene@example.org", "Ce fichier n’est pas du texte en UTF-8"),
        (b"PK\0", "Ce fichier n’est pas du texte en UTF-8"),
        (&large, too_large),
    ];
    for (content, said) in cases {
        let file = ("file", content);
        let refused = outside.upload_with("/invitations/list", &root, &typed, file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let summary = format!(r##"<a href="#file">{said}"##);
        let beside = format!(r#"id="file-error-1">{said}"#);
        for part in [
            summary.as_str(),
            beside.as_str(),
            "Ana,ana@example.org</textarea>",
            r#"<option value="en" selected>"#,
        ] {
            assert!(refused.text.contains(part), "{part} is missing in {}", refused.text);
        }
    }

    let endless = Request::post("/invitations/list")
        .header(header::COOKIE, &root)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header(header::CONTENT_LENGTH, "100000000");
    let refused = outside.send(endless.body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains(too_large), "{}", refused.text);
    let told = outside.scene.published().await;
    assert!(told.iter().all(|envelope| envelope.event_type != INVITED));
}

#[tokio::test]
async fn each_refused_line_says_what_is_wrong_with_it() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let list = "Ana,ana@example.org,fr,emperor\n,bo@example.org\nLi\tnowhere";
    let answer = outside.upload("/invitations/list", &root, "file", list.as_bytes()).await;
    for part in [
        "<td>“emperor” is no role that can be given here: write learner, instructor or administrator.</td>",
        "<td>Write the name, in 120 characters at most.</td>",
        "<td>Write a mail address such as ana@example.org.</td>",
        "Ana,ana@example.org,fr,emperor\n,bo@example.org\nLi,nowhere</textarea>",
    ] {
        assert!(answer.text.contains(part), "{part} is missing in {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_more_than_a_list_may_hold_stays_in_the_form() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let lines: String = (0..1_003).map(|number| format!("n{number}@example.org;N\n")).collect();
    let list = format!("mail;name\n{lines}");
    let answer = outside.upload("/invitations/list", &root, "file", list.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let left =
        "mail,name\nn1000@example.org,N\nn1001@example.org,N\nn1002@example.org,N</textarea>";
    for part in [left, "3 more lines wait", "1000 invitations are on their way"] {
        assert!(answer.text.contains(part), "{part} is missing in {}", answer.text);
    }
}

#[tokio::test]
async fn only_administrators_invite() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    for path in ["/invitations", "/invitations/new", "/invitations/list"] {
        assert_eq!(outside.page(path, &cookie).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(outside.page(path, "").await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let form = "name=Ana&mail=ana%40example.org&language=en&roles=learner";
    assert_eq!(outside.post("/invitations/new", &cookie, form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn programs_invite_too() {
    let outside = Outside::new().await;
    outside.administrator().await;
    let token = outside.token("root@example.org").await;
    let people = json!({"people": [
        {"name": "Ana", "mail": "ana@example.org", "language": "fr"},
        {"name": "Ana", "mail": "ana@example.org"},
        {"name": "", "mail": "bo@example.org"},
        {"name": "Root", "mail": "root@example.org"},
    ]});
    let answer = outside.api("POST", "/api/v1/invitations", Some(&token), people).await.json();
    let outcomes: Vec<&str> = answer["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["sent", "was-sent", "refused", "has-account"]);
    let id = answer["people"][0]["invitation"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/invitations/{id}");
    let again = outside.api("POST", &format!("{path}/resending"), Some(&token), Value::Null).await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    let list = outside.api("GET", "/api/v1/invitations", Some(&token), Value::Null).await.json();
    assert_eq!((&list["total"], &list["invitations"][0]["state"]), (&json!(1), &json!("waiting")));
    let gone = outside.api("DELETE", &path, Some(&token), Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let list = outside.api("GET", "/api/v1/invitations", Some(&token), Value::Null).await.json();
    assert_eq!(list["total"], 0);
    assert_eq!(outside.api("GET", "/api/v1/invitations", None, Value::Null).await.status, 401);
}

/// Whoever accepted one and is erased is forgotten there too.
#[tokio::test]
async fn erasing_forgets_the_invitation() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    outside
        .post(
            "/invitations/new",
            &root,
            "name=Ana&mail=ana%40example.org&language=en&roles=learner",
        )
        .await;
    let link = outside.link(INVITED).await;
    accept(&outside, &link, "correct+horse").await;
    let cookie = outside.cookie("ana@example.org").await;
    let erased =
        outside.post("/account/data/erase", &cookie, "present_password=correct+horse").await;
    assert_eq!(erased.location(), "/account/erased");
    assert!(!outside.page("/invitations", &root).await.text.contains("ana@example.org"));
    let told = format!("{:?}", outside.scene.published().await);
    assert!(!told.contains("ana@example.org"), "{told}");
}
