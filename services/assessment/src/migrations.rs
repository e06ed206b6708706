//! The schema of `assessment`.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] =
    &[QUIZZES, STEP, BROWSER, WINDOWS, DECIDED, RESULTS, FEWER_INDEXES, SHARES];

/// Results are counted and put in order by an attempt's share of the whole mark, and searched by names: each in
/// an index that holds all that is asked.
const SHARES: Migration = Migration {
    name: "0008-shares",
    sql: "
alter table attempt add column share double precision;
update attempt set share = cast(mark as double precision) / cast(out_of as double precision) \
    where state = 'graded' and cast(out_of as double precision) <> 0;
drop index attempt_outcome;
create index attempt_outcome on attempt \
    (quiz, share, state, passed, number, id, learner, graded_at);
create index person_named on person_copy (person, search_key)",
};

/// Each attempt that is graded pays for each index: what three were read for, two hold. In one stand attempts in
/// the order in which they were made, with all by which a list of them is narrowed; in the other by what came of
/// them.
const FEWER_INDEXES: Migration = Migration {
    name: "0007-fewer-indexes",
    sql: "
drop index attempt_quiz;
drop index attempt_totals;
drop index attempt_sampled;
create index attempt_made on attempt (quiz, id, state, passed, learner);
create index attempt_outcome on attempt \
    (quiz, state, passed, mark, out_of, number, learner, id, graded_at)",
};

/// What came of a quiz is counted in indexes: an attempt's row is large, and a quiz has many.
const RESULTS: Migration = Migration {
    name: "0006-results",
    sql: "
create index attempt_totals on attempt (quiz, state, passed, mark, out_of, number, learner, id);
create index attempt_sampled on attempt (quiz, number, state, learner, graded_at);
create index person_erased on person_copy (person) where erased",
};

/// What courses decide of their quizzes counts here; marks are corrected; learners are found by name.
/// Copies whose hash is emptied are sent anew, with what they lack.
const DECIDED: Migration = Migration {
    name: "0005-decided",
    sql: "
alter table course_card add column updated_at timestamptz;
alter table placed_quiz add column placed_at timestamptz;
create table told_place (
    quiz uuid primary key,
    course uuid not null,
    version bigint not null,
    title text not null,
    pass_percent integer not null,
    told_at timestamptz not null
);
create table turns (id uuid primary key, turn bigint not null);
update course_copy set hash = '' where not withdrawn;
alter table person_copy add column search_key text not null default '';
update person_copy set search_key = lower(name), hash = '' where not erased;
create table mark_correction (
    id uuid primary key,
    attempt uuid not null,
    question uuid not null,
    mark_before text not null,
    mark_after text not null,
    corrected_by uuid not null,
    reason text not null,
    version bigint,
    corrected_at timestamptz not null
);
create index mark_correction_attempt on mark_correction (attempt, id);
create index mark_correction_person on mark_correction (corrected_by)",
};

/// Which pages know each answer as it is saved, so that no other puts something in its place unseen.
const WINDOWS: Migration = Migration {
    name: "0004-windows",
    sql: "
alter table attempt add column writers text not null default '{}'",
};

/// What pages show: whose course it is, who a learner is, and what an upload refused. The hashes that
/// are emptied differ from their owners', who therefore send what these copies lack.
const BROWSER: Migration = Migration {
    name: "0003-browser",
    sql: "
create table course_card (
    course uuid primary key,
    version bigint not null,
    title text not null,
    language text not null,
    instructor uuid,
    places text not null
);
update course_copy set hash = '' where not withdrawn;
create table person_copy (
    person uuid primary key,
    version bigint not null,
    erased boolean not null,
    name text not null,
    hash text not null
);
create table placed_quiz (
    quiz uuid primary key,
    course uuid not null,
    version bigint not null,
    key text,
    title text not null,
    pass_percent integer not null,
    course_title text not null,
    language text not null,
    instructor uuid
);
create index placed_quiz_course on placed_quiz (course);
create table quiz_upload (
    quiz uuid primary key,
    file text not null,
    accepted integer not null,
    refused text not null,
    uploaded_at timestamptz not null
);
alter table attempt add column saved bigint not null default 0;
create index attempt_quiz on attempt (quiz, id)",
};

/// The hash of what each copy was made from.
const STEP: Migration = Migration {
    name: "0002-step",
    sql: "
alter table course_copy add column hash text not null default '';
alter table enrolment_copy add column hash text not null default ''",
};

const QUIZZES: Migration = Migration {
    name: "0001-quizzes",
    sql: "
create table quiz (
    id uuid primary key,
    course uuid not null,
    key text not null,
    title text not null,
    pass_percent integer not null,
    max_attempts integer,
    version bigint not null,
    content_hash text not null,
    updated_at timestamptz not null,
    unique (course, key)
);
create table quiz_version (
    quiz uuid not null,
    version bigint not null,
    content text not null,
    created_at timestamptz not null,
    primary key (quiz, version)
);
create table course_copy (
    course uuid primary key,
    version bigint not null,
    withdrawn boolean not null
);
create table enrolment_copy (
    enrolment uuid primary key,
    learner uuid not null,
    course uuid not null,
    version bigint not null,
    active boolean not null
);
create index enrolment_copy_learner on enrolment_copy (learner, course);
create table attempt (
    id uuid primary key,
    quiz uuid not null,
    quiz_version bigint not null,
    course uuid not null,
    learner uuid not null,
    number integer not null,
    state text not null,
    answers text not null,
    hand_marks text not null default '{}',
    mark text,
    out_of text,
    passed boolean,
    started_at timestamptz not null,
    submitted_at timestamptz,
    graded_at timestamptz,
    version bigint not null,
    unique (quiz, learner, number)
);
create unique index attempt_open on attempt (quiz, learner) where state = 'in_progress';
create index attempt_awaiting on attempt (id) where state = 'awaiting_marking'",
};
