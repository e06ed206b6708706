//! How long the server takes to render each page where 10,000 people and 200 courses are in the databases.
//!
//! The promise, 10 ms at the median, is held in a release build, and there a page that takes longer fails:
//! `cargo test --release --package estrade --test it rendering -- --nocapture` prints them all. A debug build
//! renders many times slower; its limit only finds what grows with the number of people.

mod multiply;

use std::{
    iter,
    time::{Duration, Instant},
};

use crate::{
    house::Served,
    showcase::Showcase,
    walk::{declared, people::People},
};

/// The demo's cohort, and of everything in it so many.
const LEARNERS: u32 = 96;
const TIMES: u32 = 100;
const VISITS: usize = 15;
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 10 });

/// By the path of a page.
type Table = &'static [(&'static str, &'static [&'static str])];

/// What is asked for where the plain path would not do, or is not all of a page: see `walk/things.rs`.
const ADDRESSES: Table = &[
    ("/attempts/{attempt}", &["/attempts/{attempt}", "/attempts/{open-attempt}"]),
    ("/attempts/{attempt}/review", &["/attempts/{open-attempt}/review"]),
    ("/marking/{attempt}", &["/marking/{waiting-attempt}"]),
    ("/operations/{service}/dead/discard", &["/operations/{service}/dead/discard?all=1"]),
    ("/operations/{service}/dead/replay", &["/operations/{service}/dead/replay?all=1"]),
    ("/teaching/{course}/delete", &["/teaching/{draft-course}/delete"]),
];

/// Lists as people narrow, sort and leaf through them.
const QUERIES: Table = &[
    ("/courses", &["?q=message", "?language=fr", "?page=9"]),
    ("/issued", &["?q=gar", "?page=100"]),
    ("/people", &["?q=gar", "?role=instructor", "?page=300"]),
    (
        "/results/{course}/{quiz}",
        &[
            "?page=400",
            "?q=gar",
            "?show=failed",
            "?show=passed",
            "?show=waiting",
            "?sort=highest",
            "?sort=lowest&page=400",
            "?sort=name",
        ],
    ),
    (
        "/roster/{course}",
        &[
            "?page=300",
            "?sort=activity",
            "?sort=activity&page=300",
            "?sort=enrolled",
            "?sort=progress",
            "?sort=progress&page=300",
            "?sort=silence",
            "?show=completed",
            "?show=underway",
            "?q=gar",
            "?q=gar&sort=progress",
            "?q=e&page=300",
        ],
    ),
    ("/search", &["?q=queue"]),
    ("/teaching", &["?q=message"]),
];

/// Pages that rightly answer otherwise than with 200.
const OTHERWISE: [(&str, u16); 5] = [
    // Without the token of a mail's link.
    ("/invitation", 410),
    ("/new-password", 410),
    // To the courses, of which one is to be chosen.
    ("/question-bank", 303),
    ("/results", 303),
    ("/roster", 303),
];

/// A picture or a document, made for whoever looks.
const NO_PAGE: &str = "/designs/{name}";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_quick_with_ten_thousand_people() {
    let (_folder, data) = Showcase::open("rendering", LEARNERS).await.close();
    multiply::multiply(&data, TIMES).await;
    multiply::follow_the_learner(&data).await;
    let served = Served::start(&data, &[]);
    let people = People::gather(&served.address, &data).await;
    let (mut medians, mut wrong) = (Vec::new(), Vec::new());
    for page in declared::pages().into_iter().filter(|page| page.path != NO_PAGE) {
        let visitor = people.who_may(&page);
        for address in addresses(&page.path) {
            let timed = median(&people, visitor, &address, status(&page.path)).await;
            match timed {
                Ok(time) => medians.push((time, visitor, address)),
                Err(answer) => wrong.push(format!("{address} ({visitor}): {answer}")),
            }
        }
    }
    medians.sort();
    for (time, visitor, path) in &medians {
        println!("{:>7.2} ms  {path} ({visitor})", time.as_secs_f64() * 1_000.0);
    }
    assert!(wrong.is_empty(), "no such pages:\n{}", wrong.join("\n"));
    let slow: Vec<_> = medians.iter().filter(|(time, ..)| *time > LIMIT).collect();
    assert!(slow.is_empty(), "over {LIMIT:?}: {slow:?}");
}

fn addresses(path: &str) -> Vec<String> {
    let plain = [path];
    let addresses = listed(ADDRESSES, path).unwrap_or(&plain);
    let queries = listed(QUERIES, path).unwrap_or_default();
    let with_queries = |address: &&str| -> Vec<String> {
        iter::once(&"").chain(queries).map(|query| format!("{address}{query}")).collect()
    };
    addresses.iter().flat_map(with_queries).collect()
}

fn listed(table: Table, path: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(page, _)| *page == path).map(|(_, listed)| *listed)
}

fn status(path: &str) -> u16 {
    OTHERWISE.iter().find(|(page, _)| *page == path).map_or(200, |(_, status)| *status)
}

/// From the request to the last byte, over loopback. An answer of another status is told: what refuses is quick,
/// and no page.
async fn median(
    people: &People,
    visitor: &str,
    address: &str,
    expected: u16,
) -> Result<Duration, String> {
    let mut times = Vec::new();
    for _ in 0..VISITS {
        let begun = Instant::now();
        let answer = people.get(visitor, address).await;
        let status = answer.status();
        answer.bytes().await.unwrap();
        times.push(begun.elapsed());
        if status.as_u16() != expected {
            return Err(format!("{status} in the place of {expected}"));
        }
    }
    times.sort();
    Ok(times[VISITS / 2])
}
