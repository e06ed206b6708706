//! The catalogue's tables. A lesson's text lies apart, so that an outline is read without it.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001-catalogue", sql: CATALOGUE },
    Migration { name: "0002-authoring", sql: AUTHORING },
    Migration { name: "0003-kept", sql: KEPT },
    Migration { name: "0004-enrolments", sql: ENROLMENTS },
    Migration { name: "0005-persons", sql: PERSONS },
];

const CATALOGUE: &str = "
create table course (
    id uuid primary key,
    key text not null unique,
    state text not null,
    version bigint not null,
    revision bigint not null,
    told_version bigint not null,
    told_shown boolean not null,
    language text not null,
    title text not null,
    summary text not null,
    objectives text not null,
    minutes integer not null,
    design text not null,
    instructor uuid,
    import_hash text,
    updated_at timestamptz not null
);
create index course_instructor on course (instructor, key);
create table section (
    id uuid primary key,
    course uuid not null,
    position integer not null,
    title text not null,
    imported boolean not null
);
create index section_course on section (course, position);
create table lesson (
    id uuid primary key,
    course uuid not null,
    section uuid not null,
    position integer not null,
    key text not null,
    state text not null,
    version bigint not null,
    told_version bigint not null,
    told_shown boolean not null,
    title text not null,
    minutes integer not null,
    required boolean not null,
    imported boolean not null,
    initial boolean not null,
    text_hash text not null,
    published_at timestamptz
);
create index lesson_course on lesson (course, position);
create table lesson_text (
    lesson uuid primary key,
    text text not null
);
create table quiz_place (
    id uuid primary key,
    course uuid not null,
    position integer not null,
    title text not null,
    required boolean not null,
    pass_percent integer not null,
    minutes integer not null,
    section uuid
);
create index quiz_place_course on quiz_place (course, position)";

/// What a browser needs besides: words to search for, drafts of lessons that learners see already,
/// images, and uploads that somebody has not decided on yet. A course saved before is searched without
/// its accents folded until it is saved again.
const AUTHORING: &str = "
alter table course add column search_text text not null default '';
update course set search_text = lower(title || ' ' || summary);
alter table quiz_place add column key text;
create table lesson_draft (
    lesson uuid primary key,
    course uuid not null,
    base bigint not null,
    revision bigint not null,
    title text not null,
    text text not null,
    minutes integer not null,
    required boolean not null,
    saved_at timestamptz not null,
    saved_by uuid not null
);
create index lesson_draft_course on lesson_draft (course);
create table image (
    id uuid primary key,
    course uuid not null,
    file_key text not null,
    sha256 text not null,
    size bigint not null,
    media_type text not null,
    width integer not null,
    height integer not null,
    description text not null,
    uploaded_at timestamptz not null,
    uploaded_by uuid not null
);
create unique index image_course on image (course, sha256);
create table upload (
    id uuid primary key,
    person uuid not null,
    content text not null,
    uploaded_at timestamptz not null
);
create index upload_person on upload (person)";

/// Which quizzes came with an import: only those go when a later one lacks them. Of the earlier ones nobody
/// knows, so they stay. And how far the revisions of a draft had come that was deleted.
const KEPT: &str = "
alter table quiz_place add column imported boolean not null default false;
create table deleted_course (
    id uuid primary key,
    revision bigint not null
)";

/// Copies of who takes which course. They start empty, and so are asked for when the service starts. The
/// seat of somebody who was erased stays as nobody's: without it, it would be missed and sent anew.
const ENROLMENTS: &str = "
create table enrolment_copy (
    enrolment uuid primary key,
    learner uuid,
    course uuid not null,
    version bigint not null,
    active boolean not null,
    changed_at timestamptz not null,
    hash text not null
);
create index enrolment_copy_learner on enrolment_copy (learner, course);
create table completion_copy (
    enrolment uuid primary key,
    completed_at timestamptz not null
);
create table learner (
    person uuid primary key,
    erased boolean not null
)";

/// Copies of persons: to whom a course may be handed over, and whose it is. They start empty as well.
const PERSONS: &str = "
create table person_copy (
    person uuid primary key,
    version bigint not null,
    erased boolean not null,
    name text not null,
    mail text not null,
    teaches boolean not null,
    hash text not null
);
create index person_copy_mail on person_copy (mail)";
