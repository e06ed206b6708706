//! Sessions that are over before their time.

use axum::http::StatusCode;
use bus::testing::{Tables, assert_order_does_not_matter, envelope, start};
use chrono::{DateTime, TimeDelta, Utc};
use contract::identity::SessionsEnded;
use event::{Envelope, Language, PersonId, Role};
use serde_json::json;
use ui::Session;
use uuid::Uuid;

use crate::site::{Site, site};

const TABLES: Tables = &[("bus_ended_session", "person, since")];
const ANA: PersonId = PersonId(Uuid::from_u128(0xa));
const BO: PersonId = PersonId(Uuid::from_u128(0xb));

fn ended(person: PersonId, since: DateTime<Utc>) -> Envelope {
    envelope(&SessionsEnded { person, since })
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let at = |minutes| start() + TimeDelta::minutes(minutes);
    let events = [ended(ANA, at(1)), ended(ANA, at(3)), ended(ANA, at(2)), ended(BO, at(1))];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

/// What a page, the API, and a page for everybody say to an instructor.
async fn answers(site: &Site, token: &str) -> (StatusCode, StatusCode, bool) {
    let courses = site.get("/courses", Some(token)).await;
    let page = site.get("/teaching", Some(token)).await.status;
    let api = site.post("/api/v1/courses", token, json!({})).await.status;
    (page, api, courses.text.contains("/sign-out"))
}

#[tokio::test]
async fn what_began_before_is_nobody_s_and_what_began_after_goes_on() {
    let site = site().await;
    let token = site.session_of(ANA, Role::Instructor, Language::En);
    let other = site.session_of(BO, Role::Instructor, Language::En);
    let began = Session::open(site.key(), &token, Utc::now()).unwrap().expires - Session::LASTS;
    let welcome = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY, true);
    let nobody = (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED, false);
    let minute = TimeDelta::minutes(1);
    for (since, expected) in [
        (began - minute, welcome),
        (began, welcome),
        (began + minute, nobody),
        // Told late.
        (began - minute * 2, nobody),
    ] {
        site.scene.deliver(&[ended(ANA, since)]).await;
        assert_eq!(answers(&site, &token).await, expected, "{}", since - began);
        assert_eq!(answers(&site, &other).await, welcome, "somebody else");
    }
}
