//! The tables of `identity`.

use bus::Migration;

/// `mail_key` is the address as it is compared; an erased person has none, and so no longer holds it.
const PEOPLE: Migration = Migration {
    name: "0001-people",
    sql: "
create table person (
    id uuid primary key,
    version bigint not null,
    name text not null,
    mail text not null,
    mail_key text,
    password_hash text not null,
    language text not null,
    time_zone text not null,
    roles text not null,
    registered_at timestamptz not null,
    erased_at timestamptz
);
create unique index person_mail on person (mail_key)",
};

/// `search_key` is what a search looks through: name and address without accents and capitals. What was
/// written before has its accents there until it is written again. Of `sessions_from` see [`SESSIONS`].
const FINDING_PEOPLE: Migration = Migration {
    name: "0002-finding-people",
    sql: "
alter table person add column search_key text not null default '';
alter table person add column sessions_from timestamptz;
update person set search_key = lower(name || ' ' || mail) where erased_at is null;
create index person_search on person (search_key, id)",
};

/// Nobody's (`person` is null) are there so that asking for a mail takes as long whether there is an
/// account or not.
const PASSWORD_RESETS: Migration = Migration {
    name: "0003-password-resets",
    sql: "
create table password_reset (
    id uuid primary key,
    person uuid,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index password_reset_expiry on password_reset (expires_at);
create index password_reset_person on password_reset (person)",
};

/// `open_key` is the address while the invitation can still be accepted: nobody has two.
const INVITATIONS: Migration = Migration {
    name: "0004-invitations",
    sql: "
create table invitation (
    id uuid primary key,
    version bigint not null,
    name text not null,
    mail text not null,
    open_key text,
    language text not null,
    roles text not null,
    invited_by uuid,
    invited_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    person uuid
);
create unique index invitation_open on invitation (open_key);
create index invitation_person on invitation (person)",
};

/// One row, once somebody has written it.
const ORGANISATION: Migration = Migration {
    name: "0005-organisation",
    sql: "
create table organisation (
    id uuid primary key,
    version bigint not null,
    name text not null,
    address text not null,
    legal_en text not null,
    legal_fr text not null,
    activity_number text not null,
    representative text not null,
    capacity text not null,
    logo_key text,
    logo_sha256 text,
    logo_size bigint,
    logo_media_type text,
    logo_width bigint,
    logo_height bigint,
    updated_at timestamptz not null
)",
};

/// A row goes when its archive expires, or its person is erased.
const EXPORTS: Migration = Migration {
    name: "0006-exports",
    sql: "
create table export (
    id uuid primary key,
    person uuid not null,
    language text not null,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    collected_at timestamptz,
    ready_at timestamptz,
    failed_at timestamptz,
    file_key text,
    file_sha256 text,
    file_size bigint
);
create unique index export_person on export (person);
create table export_part (
    export uuid not null,
    service text not null,
    file_key text not null,
    file_sha256 text not null,
    file_size bigint not null,
    documents text not null,
    primary key (export, service)
)",
};

/// Empty is what the platform was set up with.
const PLACE: Migration = Migration {
    name: "0007-place",
    sql: "
alter table organisation add column place text not null default '';
alter table organisation add column retention_years text not null default ''",
};

/// Addresses that somebody wants to be reached at and has not confirmed yet; for a day.
const ADDRESS_CHANGES: Migration = Migration {
    name: "0008-address-changes",
    sql: "
create table address_change (
    id uuid primary key,
    person uuid not null,
    mail text not null,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index address_change_expiry on address_change (expires_at);
create index address_change_person on address_change (person)",
};

/// All that a search asks for and counts is in one index: nobody's row is read who is not shown.
const PEOPLE_FOUND: Migration = Migration {
    name: "0009-people-found",
    sql: "
drop index person_search;
create index person_found on person (search_key, id, roles, erased_at)",
};

/// Whose row those who took turns locked. Nobody does any more: the bus can let one be alone.
const TURNS: Migration = Migration {
    name: "0010-turns",
    sql: "
create table turns (
    id uuid primary key,
    turn bigint not null
)",
};

/// Since when sessions must have begun is kept as every service keeps it; nobody reads `sessions_from` any more.
const SESSIONS: Migration = Migration {
    name: "0011-sessions",
    sql: "
insert into bus_ended_session (person, since)
    select id, sessions_from from person where sessions_from is not null",
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    PEOPLE,
    FINDING_PEOPLE,
    PASSWORD_RESETS,
    INVITATIONS,
    ORGANISATION,
    EXPORTS,
    PLACE,
    ADDRESS_CHANGES,
    PEOPLE_FOUND,
    TURNS,
    SESSIONS,
];
