//! Makes much of little: everything that a small platform holds, once more for each number, under other ids.
//! The services are not asked, since that would take an hour; what comes of it is what they would have
//! written, but for ids within long texts.

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::house::open;

const SERVICES: [&str; 7] =
    ["identity", "catalog", "learning", "assessment", "certification", "notification", "insight"];

/// Of these there is one for the whole platform.
const ALONE: [&str; 2] = ["push_keys", "organisation"];

/// Of everything there are `times` as many afterwards; `times` is at least two.
pub async fn multiply(data: &Path, times: u32) {
    for service in SERVICES {
        let database = open(data, service).await;
        let tables = texts(
            &database,
            "select name from sqlite_master where type = 'table' \
             and name not like 'bus\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\'",
        );
        for table in tables.await.iter().filter(|table| !ALONE.contains(&table.as_str())) {
            copy(&database, table, times).await;
        }
    }
}

/// Everybody takes the courses of the demo's learner, and did there what the learner did: ten thousand on
/// one roster, and as many attempts at one quiz.
pub async fn follow_the_learner(data: &Path) {
    let learning = open(data, "learning").await;
    let whom = "select hex(person) from person_copy where mail = 'learner@example.org' \
                order by rowid limit 1";
    let model = format!("x'{}'", texts(&learning, whom).await.remove(0));
    let fresh = |column| (column, "randomblob(16)");
    let learner = ("learner", "p.person");
    let (sorted, found) = (("sort_key", "p.sort_key"), ("search_key", "p.search_key"));
    follow(&learning, "enrolment", &model, &[fresh("id"), learner, sorted, found]).await;
    follow(&learning, "quiz_result", &model, &[fresh("attempt"), learner]).await;
    execute(
        &learning,
        &format!(
            "insert into lesson_read (enrolment, lesson, read_at) select e.id, r.lesson, r.read_at \
             from enrolment m join lesson_read r on r.enrolment = m.id \
             join enrolment e on e.course = m.course where m.learner = {model} on conflict do nothing"
        ),
    )
    .await;
    let assessment = open(data, "assessment").await;
    follow(&assessment, "enrolment_copy", &model, &[fresh("enrolment"), learner]).await;
    follow(&assessment, "attempt", &model, &[fresh("id"), learner]).await;
}

/// The rows of a model learner once more for each person, some of their columns changed.
async fn follow(database: &DatabaseConnection, table: &str, model: &str, changed: &[(&str, &str)]) {
    let columns = columns(database, table).await;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let value = |name: &&str| {
        let change = changed.iter().find(|(column, _)| column == name);
        change.map_or_else(|| format!("m.{name}"), |(_, value)| (*value).to_owned())
    };
    let values: Vec<String> = names.iter().map(value).collect();
    let (names, values) = (names.join(", "), values.join(", "));
    let sql = format!(
        "insert into {table} ({names}) select {values} from person_copy p cross join {table} m \
         where m.learner = {model} on conflict do nothing"
    );
    execute(database, &sql).await;
}

async fn copy(database: &DatabaseConnection, table: &str, times: u32) {
    let columns = columns(database, table).await;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().map(Column::changed).collect();
    let (names, values) = (names.join(", "), values.join(", "));
    let sql = format!(
        "with recursive copy(copy_number) as (select 1 union all select copy_number + 1 from copy \
         where copy_number < {times} - 1), \
         original as materialized (select * from {table}) \
         insert into {table} ({names}) select {values} from copy cross join original"
    );
    execute(database, &sql).await;
}

struct Column {
    name: String,
    kind: String,
    is_unique: bool,
}

impl Column {
    /// What stands in a copy: ids differ in their first four bytes, texts that must differ have a number.
    fn changed(&self) -> String {
        let name = &self.name;
        match self.kind.as_str() {
            "uuid" => format!("unhex(printf('%08x', copy_number)) || substr({name}, 5)"),
            "text" if self.is_unique => format!("copy_number || '-' || {name}"),
            // The catalogue is read by its titles.
            "text" if name == "title" => format!("{name} || ' ' || copy_number"),
            _ => name.clone(),
        }
    }
}

async fn columns(database: &DatabaseConnection, table: &str) -> Vec<Column> {
    let described = format!("select name || ' ' || lower(type) from pragma_table_info('{table}')");
    let described = texts(database, &described).await;
    let unique = texts(database, &unique_without_ids(table)).await;
    let column = |described: &String| {
        let (name, kind) = described.split_once(' ').unwrap();
        let is_unique = unique.iter().any(|unique| unique == name);
        Column { name: name.to_owned(), kind: kind.to_owned(), is_unique }
    };
    described.iter().map(column).collect()
}

/// The columns of what must be unique and holds no id, which would tell the copies apart already.
fn unique_without_ids(table: &str) -> String {
    format!(
        "select c.name from pragma_index_list('{table}') i, pragma_index_info(i.name) c \
         where i.\"unique\" and not exists (select 1 from pragma_index_info(i.name) o \
         join pragma_table_info('{table}') t on t.name = o.name where lower(t.type) = 'uuid')"
    )
}

async fn execute(database: &DatabaseConnection, sql: &str) {
    database.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn texts(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
