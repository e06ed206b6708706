//! The schema of `certification`.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[CERTIFICATES, STEP, REISSUE, FOUND];

/// All that a search asks for is in one index, and those that were not gathered yet are in another, which is
/// empty soon.
const FOUND: Migration = Migration {
    name: "0004-found",
    sql: "
drop index certificate_issued;
create index certificate_found on certificate (issued_at, id, state, search);
create index certificate_ungathered on certificate (id) where search is null",
};

/// A certificate may be issued anew in another's place, so that a learner may have several of a course,
/// of which one is the first and each replaces one. Neither database can take a table's own `unique`
/// away by the same words: the table is made anew. `search` is what an administrator looks for,
/// without capitals and accents; null where it was not gathered yet.
const REISSUE: Migration = Migration {
    name: "0003-reissue",
    sql: "
create table certificate_anew (
    id uuid primary key,
    learner uuid not null,
    course uuid not null,
    enrolment uuid not null,
    code text not null,
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
    revocation_cause text,
    replaces uuid,
    replaced_by uuid,
    reissue_reason text,
    search text
);
insert into certificate_anew (id, learner, course, enrolment, code, state, facts, issued_at, completed_at,
    pdf_key, pdf_sha256, pdf_size, missing_glyphs, failure, revoked_at, revocation_reason)
    select id, learner, course, enrolment, code, state, facts, issued_at, completed_at,
    pdf_key, pdf_sha256, pdf_size, missing_glyphs, failure, revoked_at, revocation_reason from certificate;
drop table certificate;
alter table certificate_anew rename to certificate;
create unique index certificate_code on certificate (code);
create unique index certificate_first on certificate (learner, course) where replaces is null;
create unique index certificate_replaces on certificate (replaces) where replaces is not null;
create index certificate_learner on certificate (learner, issued_at);
create index certificate_issued on certificate (issued_at, id);
create table organisation_copy (
    organisation uuid primary key,
    version bigint not null,
    hash text not null,
    told text not null,
    logo_wanted text,
    logo text
)",
};

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
