//! The tables, step by step; a released step never changes.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001-copies",
        sql: "create table persons (id uuid primary key, version bigint not null, name text not null, \
              mail text not null, language text not null, time_zone text not null, erased boolean not null); \
              create table courses (id uuid primary key, described bigint not null, course_key text not null, \
              title text not null, quizzes text not null, withdrawn bigint not null); \
              create table enrolment_changes (enrolment uuid not null, version bigint not null, \
              person uuid not null, course uuid not null, cancelled boolean not null, \
              changed_at timestamptz not null, primary key (enrolment, version)); \
              create index enrolment_changes_course on enrolment_changes (course, person); \
              create table turns (id uuid primary key, turn bigint not null)",
    },
    Migration {
        name: "0002-deliveries",
        sql: "create table deliveries (id uuid primary key, fact text not null, person uuid not null, \
              channel text not null, kind text not null, subject uuid not null, event uuid not null, \
              course uuid not null, state text not null, reason text, attempts integer not null, \
              open_jobs integer not null, created_at timestamptz not null, \
              settled_at timestamptz, unique (fact, person, channel)); \
              create index deliveries_person on deliveries (person, created_at); \
              create table inbox_items (id uuid primary key, person uuid not null, course uuid not null, \
              notice text not null, created_at timestamptz not null, read_at timestamptz); \
              create index inbox_items_person on inbox_items (person, created_at); \
              create table announcements (lesson uuid primary key, event uuid not null, \
              course uuid not null, title text not null, published_at timestamptz not null); \
              create index announcements_course on announcements (course, published_at)",
    },
    Migration {
        name: "0003-reaching-people",
        sql: "create table preferences (person uuid not null, kind text not null, channel text not null, \
              wanted boolean not null, primary key (person, kind, channel)); \
              create table devices (id uuid primary key, person uuid not null, endpoint text not null unique, \
              p256dh bytea not null, auth bytea not null, created_at timestamptz not null); \
              create index devices_person on devices (person); \
              create table push_keys (id integer primary key, public_key text not null, sealed text not null)",
    },
    Migration {
        name: "0004-quiet-hours",
        sql: "create table quiet_hours (person uuid primary key, begins text not null, ends text not null); \
              alter table deliveries add column waits_until timestamptz",
    },
    Migration {
        name: "0004-step",
        sql: "alter table persons add column hash text not null default ''; \
              alter table courses add column hash text not null default ''; \
              alter table enrolment_changes add column hash text not null default ''",
    },
    Migration {
        name: "0005-pages",
        sql: "alter table devices add column name text not null default ''; \
              alter table devices add column gone_at timestamptz; \
              alter table announcements add column text text; \
              create index inbox_items_unread on inbox_items (person) where read_at is null; \
              create table organisation (id uuid primary key, version bigint not null, \
              name text not null, address text not null, mentions text not null, \
              hash text not null default ''); \
              create table invitations (id uuid primary key, version bigint not null)",
    },
    // Copies from before do not know who teaches: without their hash they differ, and are sent anew.
    Migration {
        name: "0006-instructor",
        sql: "alter table courses add column instructor uuid; \
              update courses set hash = ''",
    },
    // Nor in which language their titles are.
    Migration {
        name: "0007-language",
        sql: "alter table courses add column language text not null default ''; \
              update courses set hash = ''",
    },
];
