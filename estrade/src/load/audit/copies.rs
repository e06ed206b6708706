//! Copies against what they are copies of: once with statements of the judge's own, over every kind that
//! is copied, and once as the platform itself compares them. Neither trusts the other.

use std::{collections::BTreeSet, time::Duration};

use bus::{Db, Read};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::Audit;
use crate::{
    cli::ServiceName::{
        self, Assessment, Catalog, Certification, Identity, Insight, Learning, Notification,
    },
    in_step::Watch,
    platform::Platform,
};

/// How long after the last word of a follower nothing more is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said of one thing, by its owner or in a copy. What a copy does not keep is empty on both
/// sides.
#[derive(FromQueryResult, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    id: Uuid,
    version: i64,
    flag: bool,
    text: String,
}

/// One kind of things: how its owner tells them, and how each follower.
struct Kind {
    what: &'static str,
    owner: (ServiceName, &'static str),
    followers: &'static [(ServiceName, &'static str)],
}

const COURSE_COPY: &str =
    "select course as id, version, withdrawn as flag, cast('' as text) as text from course_copy";
const PERSON_COPY: &str =
    "select person as id, version, erased as flag, name as text from person_copy";

const ENROLMENT_COPY: &str = "select enrolment as id, version, not active as flag, \
     cast('' as text) as text from enrolment_copy";

const KINDS: [Kind; 8] = [
    Kind {
        what: "courses",
        owner: (
            Catalog,
            "select id, told_version as version, not told_shown as flag, cast('' as text) as text \
             from course where told_version > 0",
        ),
        followers: &[
            (Learning, COURSE_COPY),
            (Assessment, COURSE_COPY),
            (Certification, COURSE_COPY),
        ],
    },
    Kind {
        what: "courses and their titles",
        owner: (
            Catalog,
            "select id, told_version as version, not told_shown as flag, title as text from course \
             where told_version > 0",
        ),
        followers: &[
            (
                Notification,
                "select id, case when withdrawn > described then withdrawn else described end as version, \
                 withdrawn > described as flag, title as text from courses",
            ),
            (
                Insight,
                "select document as id, version, not shown as flag, title as text from document \
                 where kind = 'course'",
            ),
        ],
    },
    Kind {
        what: "lessons",
        owner: (
            Catalog,
            "select id, told_version as version, not told_shown as flag, title as text from lesson \
             where told_version > 0",
        ),
        followers: &[(
            Insight,
            "select document as id, version, not shown as flag, title as text from document \
             where kind = 'lesson'",
        )],
    },
    Kind {
        what: "persons",
        owner: (
            Identity,
            "select id, version, erased_at is not null as flag, name as text from person",
        ),
        followers: &[
            (Catalog, PERSON_COPY),
            (Learning, PERSON_COPY),
            (Assessment, PERSON_COPY),
            (Certification, PERSON_COPY),
            (Notification, "select id, version, erased as flag, name as text from persons"),
        ],
    },
    Kind {
        what: "persons and their addresses",
        owner: (
            Identity,
            "select id, version, erased_at is not null as flag, mail as text from person",
        ),
        followers: &[(
            Notification,
            "select id, version, erased as flag, mail as text from persons",
        )],
    },
    Kind {
        what: "enrolments",
        owner: (
            Learning,
            "select id, version, not active as flag, cast('' as text) as text from enrolment",
        ),
        followers: &[
            (Catalog, ENROLMENT_COPY),
            (Assessment, ENROLMENT_COPY),
            (
                Notification,
                "select enrolment as id, version, cancelled as flag, cast('' as text) as text \
                 from enrolment_changes latest where not exists (select 1 from enrolment_changes later \
                 where later.enrolment = latest.enrolment and later.version > latest.version)",
            ),
        ],
    },
    Kind {
        what: "marks",
        owner: (
            Assessment,
            "select id, version, passed as flag, mark as text from attempt where state = 'graded'",
        ),
        followers: &[(
            Learning,
            "select attempt as id, version, passed as flag, mark as text from quiz_result",
        )],
    },
    Kind {
        what: "the organisation",
        owner: (Identity, "select id, version, 1 = 0 as flag, name as text from organisation"),
        followers: &[(
            Notification,
            "select id, version, 1 = 0 as flag, name as text from organisation",
        )],
    },
];

impl Audit<'_> {
    /// Everything that is copied is, at each follower, as its owner has it.
    pub(super) async fn copies(&mut self, platform: &Platform) -> anyhow::Result<()> {
        for kind in &KINDS {
            let (owner, sql) = kind.owner;
            let told = said(platform.db(owner)?, sql).await?;
            for (follower, sql) in kind.followers {
                let copied = said(platform.db(*follower)?, sql).await?;
                self.compare(&format!("{} at {}", kind.what, follower.name()), &told, &copied);
            }
        }
        Ok(())
    }

    fn compare(&mut self, what: &str, told: &BTreeSet<Said>, copied: &BTreeSet<Said>) {
        for one in told.difference(copied) {
            self.missing(format!("{what}: the owner has {one:?}, and no copy is the same"));
        }
        let known: BTreeSet<Uuid> = told.iter().map(|one| one.id).collect();
        for one in copied.iter().filter(|one| !known.contains(&one.id)) {
            self.twice(format!("{what}: a copy of nothing, {one:?}"));
        }
    }

    /// What `estrade reconcile` does, beside the services at work: nothing is to be repaired.
    pub(super) async fn in_step(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let watch = Watch { members: &platform.members, patience: PATIENCE };
        let report = watch.until_in_step(|_, _| true).await?;
        for line in &report.copies {
            let (kind, follower) = (&line.kind, &line.follower);
            if !line.answered {
                self.missing(format!("an answer of {follower} on how its {kind} stand"));
            }
            let differed = line.repaired + line.left;
            if differed > 0 {
                self.missing(format!("{differed} copies of {kind} at {follower}: they differed"));
            }
        }
        Ok(())
    }
}

async fn said(db: &Db, sql: &str) -> anyhow::Result<BTreeSet<Said>> {
    let rows: Vec<Said> = db.all(sql, vec![]).await?;
    Ok(rows.into_iter().collect())
}
