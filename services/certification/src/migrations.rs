//! The schema of `certification`.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[CERTIFICATES, STEP];

/// The hash of what each copy was made from.
const STEP: Migration = Migration {
    name: "0002-step",
    sql: "
alter table course_copy add column hash text not null default '';
alter table person_copy add column hash text not null default ''",
};

/// Every version of a course that was heard is kept in `course_outline`: a certificate says what the
/// course was when it was completed, not what it became.
const CERTIFICATES: Migration = Migration {
    name: "0001-certificates",
    sql: "
create table course_copy (
    course uuid primary key,
    version bigint not null,
    withdrawn boolean not null
);
create table course_outline (
    course uuid not null,
    version bigint not null,
    outline text not null,
    primary key (course, version)
);
create table person_copy (
    person uuid primary key,
    version bigint not null,
    erased boolean not null,
    name text not null,
    language text not null,
    time_zone text not null
);
create table certificate (
    id uuid primary key,
    learner uuid not null,
    course uuid not null,
    enrolment uuid not null,
    code text not null unique,
    state text not null,
    facts text not null,
    issued_at timestamptz not null,
    completed_at timestamptz not null,
    pdf_key text,
    pdf_sha256 text,
    pdf_size bigint,
    missing_glyphs text not null,
    failure text,
    revoked_at timestamptz,
    revocation_reason text,
    unique (learner, course)
)",
};
