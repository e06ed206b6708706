//! A look at a service's database without changing it: is it there, what of its schema is applied,
//! and what time is it there.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, FromQueryResult, Statement,
};

use crate::{Error, Location, Migration, migrations};

/// What a look at a database found.
#[derive(Clone, Debug)]
pub struct Survey {
    /// `SQLite 3.50.1`, `PostgreSQL 15.3`.
    pub server: String,
    /// How far its clock is ahead of this machine's, where it has one of its own.
    pub clock_ahead: Option<TimeDelta>,
    pub schema: Schema,
}

/// What of a schema is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Nothing: the first start makes it.
    Absent,
    Complete(usize),
    /// Not applied yet: the next start does.
    Behind(Vec<String>),
    /// Applied by another version; this one does not know them.
    Ahead(Vec<String>),
}

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

#[derive(FromQueryResult)]
struct Time {
    now: DateTime<Utc>,
}

impl Survey {
    /// Looks.
    ///
    /// # Errors
    /// When the database cannot be reached or read.
    pub async fn of(
        location: &Location,
        service: &str,
        steps: &[Migration],
    ) -> Result<Self, Error> {
        let connection = match location {
            Location::File(path) => {
                if !path.exists() {
                    return Ok(Self {
                        server: "SQLite".to_owned(),
                        clock_ahead: None,
                        schema: Schema::Absent,
                    });
                }
                Database::connect(options(format!("sqlite://{}?mode=ro", path.display()))).await?
            }
            Location::Postgres { url } => {
                let mut options = options(url.clone());
                options.set_schema_search_path(service);
                Database::connect(options).await?
            }
        };
        let survey = look(&connection, matches!(location, Location::File(_)), steps).await;
        let _ = connection.close().await;
        survey
    }
}

fn options(url: String) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false);
    options
}

async fn look(
    connection: &DatabaseConnection,
    is_file: bool,
    steps: &[Migration],
) -> Result<Survey, Error> {
    let (version, is_there, clock_ahead) = if is_file {
        let there = "select name as text from sqlite_schema where name = 'bus_migration'";
        (
            format!("SQLite {}", text(connection, "select sqlite_version() as text").await?),
            there,
            None,
        )
    } else {
        let there = "select table_name::text as text from information_schema.tables \
                     where table_schema = current_schema() and table_name = 'bus_migration'";
        let version = text(connection, "select current_setting('server_version') as text").await?;
        (format!("PostgreSQL {version}"), there, Some(clock_ahead(connection).await?))
    };
    let schema = if texts(connection, is_there).await?.is_empty() {
        Schema::Absent
    } else {
        let applied = texts(connection, "select name as text from bus_migration").await?;
        compare(&applied.into_iter().collect(), steps)
    };
    Ok(Survey { server: version, clock_ahead, schema })
}

fn compare(applied: &HashSet<String>, steps: &[Migration]) -> Schema {
    let known: Vec<&str> = migrations::schema(steps).map(|step| step.name).collect();
    let unknown: Vec<String> =
        applied.iter().filter(|name| !known.contains(&name.as_str())).cloned().collect();
    if !unknown.is_empty() {
        return Schema::Ahead(unknown);
    }
    let missing: Vec<String> =
        known.iter().filter(|name| !applied.contains(**name)).map(|&name| name.into()).collect();
    if missing.is_empty() { Schema::Complete(applied.len()) } else { Schema::Behind(missing) }
}

/// Half the way there and back is taken off.
async fn clock_ahead(connection: &DatabaseConnection) -> Result<TimeDelta, Error> {
    let asked = Utc::now();
    let sql = Statement::from_string(
        connection.get_database_backend(),
        "select clock_timestamp() as now",
    );
    let there = connection.query_one_raw(sql).await?;
    let answered = Utc::now();
    let there = there.map(|row| Time::from_query_result(&row, "")).transpose()?;
    let middle = asked + (answered - asked) / 2;
    Ok(there.map_or_else(TimeDelta::zero, |there| there.now - middle))
}

async fn text(connection: &DatabaseConnection, sql: &str) -> Result<String, Error> {
    Ok(texts(connection, sql).await?.into_iter().next().unwrap_or_default())
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Result<Vec<String>, Error> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    let texts = rows.iter().map(|row| Text::from_query_result(row, "").map(|row| row.text));
    Ok(texts.collect::<Result<_, _>>()?)
}
