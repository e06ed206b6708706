//! The index, what it finds, and what happened to each person.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[SEARCH_AND_TIMELINE, STEP, FINDING, QUIZZES];

/// Quizzes have titles here, which their courses tell: with no hash of what it was made from each course is told
/// once more at the next comparison.
const QUIZZES: Migration = Migration {
    name: "0004-quizzes",
    sql: "update document set hash = '' where kind = 'course' and shown",
};

/// A search reads the key of the terms and no more: it holds the weight, and the course, whose lessons are
/// found only while it is shown. No term is twice in a document, though the key no longer says it.
const FINDING: Migration = Migration {
    name: "0003-finding",
    sql: "
create table term_anew (
    term bytea not null,
    document uuid not null,
    course uuid not null,
    weight integer not null,
    primary key (term, document, course, weight)
);
insert into term_anew (term, document, course, weight)
    select t.term, t.document, d.course, t.weight from term t join document d on d.document = t.document;
drop table term;
alter table term_anew rename to term;
create index term_document on term (document)",
};

/// The hash of what each document was made from.
const STEP: Migration = Migration {
    name: "0002-step",
    sql: "
alter table document add column hash text not null default ''",
};

const SEARCH_AND_TIMELINE: Migration = Migration {
    name: "0001-search-and-timeline",
    // A term is bytes, for those are compared alike by both databases, whatever the collation.
    sql: "
create table document (
    document uuid primary key,
    course uuid not null,
    kind text not null,
    version bigint not null,
    shown boolean not null,
    key text not null,
    language text not null,
    title text not null,
    text text not null
);
create table term (
    term bytea not null,
    document uuid not null,
    weight integer not null,
    primary key (term, document)
);
create index term_document on term (document);
create table people (
    person uuid primary key,
    erased boolean not null
);
create table entry (
    event uuid not null,
    field text not null,
    person uuid,
    event_type text not null,
    happened_at timestamptz not null,
    course uuid,
    ids text not null,
    primary key (event, field)
);
create index entry_person on entry (person, happened_at, event)",
};
