//! Administrators: all certificates, what is found among them, revoking, issuing anew, designs.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use contract::certification::{CertificateIssued, CertificateRevoked, RevocationCause};
use event::{Event, Language, PersonId, Role};
use serde_json::json;
use ui::Session;
use uuid::Uuid;

use super::{
    outside::{ADMINISTRATOR, ANOTHER, Answer, HOLDER, Outside, request},
    samples::{ADA, LAN, completion, erased, registered, renamed, told},
    ui,
};
use crate::{
    domain::{Certificate, State},
    store, tally,
};

fn as_person(who: (PersonId, Role), language: Language) -> String {
    cookie(who.0, vec![who.1], language)
}

fn cookie(person: PersonId, roles: Vec<Role>, language: Language) -> String {
    let expires = chrono::Utc::now() + TimeDelta::hours(1);
    let session = Session { person, roles, language, expires };
    format!("{}={}", Session::COOKIE, session.seal(ui().key()).unwrap())
}

impl Outside {
    async fn read(&self, path: &str, who: (PersonId, Role)) -> Answer {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, as_person(who, Language::En));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, who: (PersonId, Role), form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, as_person(who, Language::En));
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    fn issued(&self) -> String {
        format!("/issued/{}", self.certificate.id)
    }

    async fn count<E: Event>(&self) -> usize {
        let published = self.scene.published().await;
        published.iter().filter(|envelope| envelope.event_type == E::TYPE).count()
    }

    async fn last_revoked(&self) -> CertificateRevoked {
        let published = self.scene.published().await;
        let last = published.iter().rfind(|it| it.event_type == CertificateRevoked::TYPE);
        serde_json::from_str(&last.unwrap().data).unwrap()
    }

    async fn known(&self, id: event::CertificateId) -> Certificate {
        store::certificate(&self.scene.db, id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn administrators_alone_see_what_was_issued() {
    let outside = Outside::new().await;
    let issued = outside.issued();
    let paths = [
        "/issued".to_owned(),
        issued.clone(),
        format!("{issued}/revoke"),
        format!("{issued}/reissue"),
    ];
    for path in &paths {
        for who in [HOLDER.unwrap(), (LAN, Role::Instructor)] {
            assert_eq!(outside.read(path, who).await.status, 403, "{path}");
        }
        let nobody = outside.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(nobody.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(outside.read(path, ADMINISTRATOR).await.status, 200, "{path}");
    }
    // The stream would go on for an administrator.
    let live = format!("{issued}/live");
    assert_eq!(outside.read(&live, (LAN, Role::Instructor)).await.status, 403);
    for path in &paths[2..4] {
        let posted = outside.post(path, HOLDER.unwrap(), "reason=x&cause=mistake").await;
        assert_eq!(posted.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_certificate_is_found_by_its_code_its_name_and_its_course() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(LAN, "Zoé Müller", Language::Fr), completion(LAN, 1)]).await;
    outside.scene.perform().await;
    let code = outside.certificate.facts.code.to_string();
    for (query, found) in [
        ("", 2),
        ("q=nguyen", 1),
        ("q=NGUY%E1%BB%84N+queues", 1),
        ("q=zoe", 1),
        ("q=muller", 1),
        ("q=example", 2),
        ("q=%25", 0),
        ("q=_", 0),
        ("q=nobody", 0),
        ("state=issued", 2),
        ("state=revoked", 0),
        ("state=lost", 2),
        ("page=2", 0),
        (&format!("q={}", code.to_lowercase().replace('-', "+")), 1),
    ] {
        let page = outside.read(&format!("/issued?{query}"), ADMINISTRATOR).await;
        assert_eq!(page.status, 200);
        let rows = page.text().matches("<th scope=\"row\">").count();
        assert_eq!(rows, found, "{query}: {}", page.text());
    }
}

#[tokio::test]
async fn leafing_shows_every_certificate_once_the_newest_first() {
    let outside = Outside::new().await;
    // Ten at a moment, among whom the order is settled by something else.
    for moment in 0..3_u128 {
        outside.scene.clock.advance(TimeDelta::hours(1));
        let numbers = moment * 10..moment * 10 + 10;
        let events = numbers.flat_map(|number| {
            let learner = PersonId(Uuid::from_u128(100 + number));
            let name = format!("Learner {number}");
            [registered(learner, &name, Language::En), completion(learner, 1)]
        });
        outside.scene.deliver(&events.collect::<Vec<_>>()).await;
    }
    for (query, count) in [("", 31_usize), ("q=learner", 30), ("state=rendering", 30), ("q=ada", 1)]
    {
        let mut leaves = Vec::new();
        for page in 1..=3 {
            let path = format!("/issued?{query}&page={page}");
            leaves.push(names(&outside.read(&path, ADMINISTRATOR).await.text()));
        }
        assert_eq!(leaves[0].len(), count.min(25), "{query}: {leaves:?}");
        assert!(leaves[2].is_empty(), "{query}: {leaves:?}");
        let all = leaves.concat();
        let once: BTreeSet<&String> = all.iter().collect();
        assert_eq!((all.len(), once.len()), (count, count), "{query}: {all:?}");
        let numbers = all.iter().filter_map(|name| name.strip_prefix("Learner "));
        let moments: Vec<u32> = numbers.map(|number| number.parse::<u32>().unwrap() / 10).collect();
        assert!(moments.is_sorted_by(|one, next| one >= next), "{query}: {all:?}");
    }
}

/// Whose certificates a list shows, in its order.
fn names(page: &str) -> Vec<String> {
    let cells = page.split("<th scope=\"row\">").skip(1);
    let named = cells.map(|cell| cell.split("</bdi>").next().unwrap());
    named.map(|name| name.rsplit('>').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn titles_say_their_language() {
    let outside = Outside::new().await;
    let read = async |path: &str| {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, as_person((ADA, Role::Administrator), Language::Fr));
        outside.send(request.body(Body::empty()).unwrap()).await.text()
    };
    let title = "Queues &#60;by example&#62;";
    let marked = format!("<span lang=\"en\">{title}</span>");
    let own = format!("/certificates/{}", outside.certificate.id);
    let issued = outside.issued();
    for (path, parts) in [
        ("/certificates", vec![format!("<h2 lang=\"en\"><a href=\"{own}\">"), marked.clone()]),
        (&own, vec![format!("<h1 lang=\"en\">{title}"), format!("<bdi>{marked}")]),
        (&own, vec!["<dt><span lang=\"en\">Final quiz</span>".to_owned()]),
        ("/issued", vec![format!("<td lang=\"en\"><bdi>{title}")]),
        (&issued, vec![format!("<h1>Certificat\u{a0}: {marked}")]),
        (&format!("{issued}/revoke"), vec![marked.clone()]),
        (&format!("{issued}/reissue"), vec![marked.clone()]),
        (&outside.public(), vec![format!("<dd lang=\"en\"><bdi>{title}")]),
    ] {
        let page = read(path).await;
        for part in parts {
            assert!(page.contains(&part), "{path}: {part} in {page}");
        }
    }
}

#[tokio::test]
async fn those_of_earlier_versions_are_found_too() {
    let outside = Outside::new().await;
    let mut tx = outside.scene.db.begin().await.unwrap();
    tx.execute("update certificate set search = null", bus::values![]).await.unwrap();
    tx.commit().await.unwrap();
    let page = outside.read("/issued?q=nguyen", ADMINISTRATOR).await.text();
    assert_eq!(page.matches("<th scope=\"row\">").count(), 1, "{page}");
}

#[tokio::test]
async fn revoking_asks_and_says_publicly_why() {
    let outside = Outside::new().await;
    let path = format!("{}/revoke", outside.issued());
    let asked = outside.read(&path, ADMINISTRATOR).await.text();
    assert!(
        asked.contains("Revoke this certificate?") && asked.contains("type=\"radio\""),
        "{asked}"
    );
    for (form, error) in [
        ("", "cause-error-1"),
        ("cause=replaced&reason=x", "cause-error-1"),
        ("cause=mistake", "reason-error-1"),
        ("cause=mistake&reason=+", "reason-error-1"),
    ] {
        let page = outside.post(&path, ADMINISTRATOR, form).await;
        assert_eq!(page.status, 422, "{form}");
        assert!(page.text().contains(error), "{form}: {}", page.text());
    }
    let form = "cause=mistake&reason=Sent+twice";
    let done = outside.post(&path, ADMINISTRATOR, form).await;
    assert_eq!(
        (done.status, done.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, &*outside.issued())
    );
    assert_eq!(outside.last_revoked().await.cause, Some(RevocationCause::Mistake));
    assert_eq!(outside.count::<CertificateRevoked>().await, 1);
    let public = outside.page(&outside.public(), "en").await.text();
    assert!(public.contains("It was issued by mistake."), "{public}");
    assert!(!public.contains("Sent twice"), "{public}");
    let one = outside.read(&outside.issued(), ADMINISTRATOR).await.text();
    assert!(one.contains("Sent twice") && !one.contains("/revoke\""), "{one}");
    let own = format!("/certificates/{}", outside.certificate.id);
    let mine = outside.read(&own, HOLDER.unwrap()).await.text();
    assert!(mine.contains("Sent twice"), "{mine}");
    let again = outside.read(&path, ADMINISTRATOR).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "there is nothing left to revoke");
}

#[tokio::test]
async fn one_that_could_not_be_made_leads_operators_to_the_dead_letters() {
    let outside = Outside::new().await;
    let mut tx = outside.scene.db.begin().await.unwrap();
    let broken = "update certificate set state = 'failed', failure = 'no space left'";
    tx.execute(broken, bus::values![]).await.unwrap();
    tx.commit().await.unwrap();
    let page = outside.read(&outside.issued(), ADMINISTRATOR).await.text();
    assert!(page.contains("no space left") && !page.contains("/operations/"), "{page}");
    let both = cookie(ADMINISTRATOR.0, vec![Role::Administrator, Role::Operator], Language::En);
    let request = Request::get(outside.issued()).header(header::COOKIE, both);
    let page = outside.send(request.body(Body::empty()).unwrap()).await.text();
    assert!(page.contains("href=\"/operations/certification/dead\""), "{page}");
}

#[tokio::test]
async fn another_is_issued_in_its_place_with_the_present_name() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[renamed(ADA, 2, "Ada King"), told(1, "École du Fleuve")]).await;
    let path = format!("{}/reissue", outside.issued());
    let asked = outside.read(&path, ADMINISTRATOR).await.text();
    assert!(asked.contains("Issue another certificate in its place?"), "{asked}");
    assert_eq!(outside.post(&path, ADMINISTRATOR, "reason=").await.status, 422);
    let done = outside.post(&path, ADMINISTRATOR, "reason=Her+new+name").await;
    let anew = done.header(header::LOCATION).to_owned();
    assert_ne!(anew, outside.issued());
    let again = outside.post(&path, ADMINISTRATOR, "reason=+Her+new+name").await;
    assert_eq!(again.header(header::LOCATION), anew, "again gives the same");
    let other = outside.post(&path, ADMINISTRATOR, "reason=Once+more").await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let said = other.text();
    assert!(said.contains("Another certificate was issued in the place of this one"), "{said}");
    let asked = outside.read(&path, ADMINISTRATOR).await;
    assert_eq!(
        (asked.status, asked.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, &*outside.issued()),
        "there is nothing left to ask"
    );

    let old = outside.known(outside.certificate.id).await;
    assert_eq!(old.state, State::Issued, "it holds until the new one is ready");
    let waiting = outside.read(&outside.issued(), ADMINISTRATOR).await.text();
    assert!(
        waiting.contains("Another is being made") && waiting.contains("data-live"),
        "{waiting}"
    );
    outside.scene.perform().await;

    let (old, new) =
        (outside.known(old.id).await, outside.known(Certificate::id_in_place_of(old.id)).await);
    assert_eq!((old.state, new.state), (State::Revoked, State::Issued));
    assert_eq!(old.facts.person, "Nguyễn / Ada", "what was issued never changes");
    assert_eq!(new.facts.person, "Ada King");
    assert_eq!(new.facts.organisation.name, "École du Fleuve");
    assert_eq!(
        (&new.facts.results, new.facts.completed),
        (&old.facts.results, old.facts.completed)
    );
    assert_ne!(new.facts.code, old.facts.code);
    assert_eq!(outside.count::<CertificateIssued>().await, 2);
    let revoked = outside.last_revoked().await;
    assert_eq!(
        (revoked.cause, revoked.replaced_by),
        (Some(RevocationCause::Replaced), Some(new.id))
    );
    assert_eq!(outside.count::<CertificateRevoked>().await, 1);
    let counted = tally(&outside.scene.db).await.unwrap();
    assert_eq!((counted.issued, counted.doubled), (2, 0));

    let public = outside.page(&outside.public(), "fr").await.text();
    assert!(public.contains("Ce certificat a été remplacé"), "{public}");
    assert!(public.contains(&format!("/verify/{}", new.facts.code)), "{public}");
    assert!(!public.contains("Her new name"), "{public}");
    let told = outside.get(&format!("/api/v1/certificates/verify/{}", old.facts.code), None).await;
    assert_eq!(told.json()["state"], "revoked");
    assert_eq!(told.json()["cause"], "replaced");
    assert_eq!(told.json()["replaced_by"], new.facts.code.to_string());
    let mine = outside.read("/certificates", HOLDER.unwrap()).await.text();
    assert!(mine.contains("Replaced") && mine.contains("Valid"), "{mine}");

    // The one in its place can be replaced in its turn; the first one cannot any more.
    let refused = outside.read(&outside.issued(), ADMINISTRATOR).await.text();
    assert!(!refused.contains("/reissue\""), "{refused}");
    let third = outside.post(&format!("{anew}/reissue"), ADMINISTRATOR, "reason=A+typo").await;
    assert_eq!(third.status, StatusCode::SEE_OTHER);
    outside.scene.perform().await;
    assert_eq!(outside.known(new.id).await.state, State::Revoked);
}

#[tokio::test]
async fn one_that_was_revoked_can_be_replaced_and_stays_revoked() {
    let outside = Outside::new().await;
    outside.revoke(ADMINISTRATOR, "The wrong mark").await;
    let path = format!("{}/reissue", outside.address());
    let body = json!({ "reason": "The right one" }).to_string();
    let ask = |who| {
        let request = request("POST", &path, Some(who));
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.clone()))
    };
    assert_eq!(outside.send(ask(HOLDER.unwrap()).unwrap()).await.status, 403);
    let new = outside.send(ask(ADMINISTRATOR).unwrap()).await;
    assert_eq!((new.status, new.json()["state"].as_str()), (StatusCode::OK, Some("rendering")));
    assert_eq!(new.json()["replaces"], outside.certificate.id.to_string());
    outside.scene.perform().await;
    let old = outside.known(outside.certificate.id).await;
    assert_eq!(old.revocation.unwrap().reason.as_deref(), Some("The wrong mark"));
    assert!(old.replaced_by.is_some());
    assert_eq!(outside.count::<CertificateRevoked>().await, 1);
}

#[tokio::test]
async fn who_is_erased_meanwhile_has_no_other_certificate() {
    let outside = Outside::new().await;
    let path = format!("{}/reissue", outside.issued());
    outside.post(&path, ADMINISTRATOR, "reason=Her+new+name").await;
    outside.scene.deliver(&[erased(ADA, 3)]).await;
    outside.scene.perform().await;
    let new = outside.known(Certificate::id_in_place_of(outside.certificate.id)).await;
    assert_eq!((new.state, new.facts.person.as_str()), (State::Erased, ""));
    assert!(!super::kept_text(&outside.scene).await.contains("Nguyễn"));
    assert_eq!(outside.count::<CertificateIssued>().await, 1);
    let again = outside.post(&path, ADMINISTRATOR, "reason=Again").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the one that was begun");
}

#[tokio::test]
async fn whoever_teaches_sees_the_designs_and_changes_nothing() {
    let outside = Outside::new().await;
    let instructor = (LAN, Role::Instructor);
    let page = outside.read("/designs", instructor).await;
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("/designs/achievement-fr.svg") && page.contains("/teaching"), "{page}");
    assert!(!page.contains("href=\"/organisation\""), "{page}");
    for path in ["/designs/achievement-fr.svg", "/designs/realisation-en.pdf"] {
        assert_eq!(outside.read(path, instructor).await.status, 200, "{path}");
    }
    for path in ["/designs", "/designs/achievement-fr.svg"] {
        assert_eq!(outside.read(path, HOLDER.unwrap()).await.status, 403, "{path}");
        let nobody = outside.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(nobody.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(outside.read(path, ADMINISTRATOR).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn designs_are_shown_with_the_organisation_s_data() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[told(1, "École du Fleuve")]).await;
    let page = outside.read("/designs", ADMINISTRATOR).await.text();
    assert!(page.contains("École du Fleuve") && page.contains("53290123429"), "{page}");
    for design in ["achievement", "realisation"] {
        for language in ["fr", "en"] {
            let path = format!("/designs/{design}-{language}");
            assert!(page.contains(&format!("{path}.svg")), "{path}");
            let svg = outside.read(&format!("{path}.svg"), ADMINISTRATOR).await;
            assert_eq!(svg.header(header::CONTENT_TYPE), "image/svg+xml");
            assert!(svg.text().starts_with("<svg") && svg.text().len() < 600_000);
            let pdf = outside.read(&format!("{path}.pdf"), ADMINISTRATOR).await;
            assert!(pdf.body.starts_with(b"%PDF-"));
        }
    }
    for nothing in ["achievement-de.svg", "unheard-fr.svg", "achievement-fr.exe", "x", "%00"] {
        let answer = outside.read(&format!("/designs/{nothing}"), ADMINISTRATOR).await;
        assert_eq!(answer.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn a_certificate_is_read_by_its_holder_alone() {
    let outside = Outside::new().await;
    let path = format!("/certificates/{}", outside.certificate.id);
    let page = outside.read(&path, HOLDER.unwrap()).await.text();
    for part in ["Nguyễn / Ada", "picture.svg", "data-share", "17.5 out of 20", "50"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let picture = outside.read(&format!("{path}/picture.svg"), HOLDER.unwrap()).await;
    assert!(picture.text().starts_with("<svg"));
    let pdf = outside.read(&format!("{path}/certificate.pdf"), HOLDER.unwrap()).await;
    assert!(pdf.header(header::CONTENT_DISPOSITION).starts_with("inline"));
    for what in ["", "/picture.svg", "/certificate.pdf"] {
        let path = format!("{path}{what}");
        assert_eq!(outside.read(&path, ANOTHER.unwrap()).await.status, 404, "{path}");
        let instructor = (LAN, Role::Instructor);
        assert_eq!(outside.read(&path, instructor).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn one_that_is_being_made_appears_by_itself() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(LAN, "Lan", Language::En), completion(LAN, 1)]).await;
    let who = (LAN, Role::Learner);
    let list = outside.read("/certificates", who).await.text();
    assert!(list.contains("Being made") && list.contains("/certificates/live?seen="), "{list}");
    let before = store::state_of(&outside.scene.db, LAN).await.unwrap();
    outside.scene.perform().await;
    assert_ne!(store::state_of(&outside.scene.db, LAN).await.unwrap(), before);
}
