//! The schema of `learning`.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[ENROLMENTS, STEP];

/// The hash of what each copy was made from, and when a seat was given up.
const STEP: Migration = Migration {
    name: "0002-step",
    sql: "
alter table course_copy add column hash text not null default '';
alter table quiz_result add column hash text not null default '';
alter table enrolment add column cancelled_at timestamptz",
};

const ENROLMENTS: Migration = Migration {
    name: "0001-enrolments",
    sql: "
create table course_copy (
    course uuid primary key,
    version bigint not null,
    withdrawn boolean not null,
    outline text not null,
    outline_version bigint not null
);
create table enrolment (
    id uuid primary key,
    learner uuid not null,
    course uuid not null,
    version bigint not null,
    active boolean not null,
    enrolled_at timestamptz not null,
    completed_at timestamptz,
    unique (learner, course)
);
create index enrolment_course on enrolment (course, id);
create table lesson_read (
    enrolment uuid not null,
    lesson uuid not null,
    read_at timestamptz not null,
    primary key (enrolment, lesson)
);
create table quiz_result (
    attempt uuid primary key,
    version bigint not null,
    learner uuid not null,
    course uuid not null,
    quiz uuid not null,
    mark text not null,
    out_of text not null,
    passed boolean not null
);
create index quiz_result_learner on quiz_result (learner, course)",
};
