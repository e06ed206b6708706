//! The tables of `identity`.

use bus::Migration;

/// `mail_key` is the address as it is compared; an erased person has none, and so no longer holds it.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
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
}];
