//! The catalogue's tables. A lesson's text lies apart, so that an outline is read without it.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001-catalogue",
    sql: "
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
create index quiz_place_course on quiz_place (course, position)",
}];
