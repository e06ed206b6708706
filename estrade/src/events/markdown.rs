//! The page for people, `docs/events.md`: what each event means, who tells and who hears it, its
//! fields and a sample, and how to listen from another language.

use std::fmt::Write as _;

use super::{
    Told,
    schema::{Field, Schema},
};

const BEGINNING: &str = include_str!("beginning.md");

pub(super) fn document(all: &[Told]) -> anyhow::Result<String> {
    let mut page = String::from(BEGINNING);
    contents(&mut page, all)?;
    let mut owner = "";
    for told in all {
        if told.owner() != owner {
            owner = told.owner();
            write!(page, "\n## {owner}\n")?;
        }
        event(&mut page, told)?;
    }
    Ok(page)
}

fn contents(page: &mut String, all: &[Told]) -> anyhow::Result<()> {
    writeln!(page, "| event | what it says | queues |\n| --- | --- | --- |")?;
    for told in all {
        let (name, meaning) = (told.event_type(), Schema::of(told.described).meaning());
        let first = meaning.split_inclusive(". ").next().unwrap_or_default().trim_end();
        let anchor = name.replace('.', "");
        writeln!(page, "| [`{name}`](#{anchor}) | {first} | {} |", told.queues.len())?;
    }
    Ok(())
}

fn event(page: &mut String, told: &Told) -> anyhow::Result<()> {
    let schema = Schema::of(told.described);
    write!(page, "\n### {}\n\n{}\n\n", told.event_type(), schema.meaning())?;
    let publishers: Vec<&str> = told.publishers.iter().map(|name| name.name()).collect();
    writeln!(page, "Published by `{}`. Heard by {}.\n", publishers.join("`, `"), hearers(told))?;
    table(page, &schema.fields())?;
    for (name, fields) in schema.inner() {
        write!(page, "\n{name}:\n\n")?;
        table(page, &fields)?;
    }
    write!(page, "\n```json\n{}\n```\n", told.described.sample.trim_end())?;
    Ok(())
}

fn hearers(told: &Told) -> String {
    if told.queues.is_empty() {
        return "no queue of ours".to_owned();
    }
    let queues: Vec<String> =
        told.queues.iter().map(|heard| format!("`{}`", heard.queue)).collect();
    queues.join(", ")
}

fn table(page: &mut String, fields: &[Field]) -> anyhow::Result<()> {
    writeln!(page, "| field | type | meaning |\n| --- | --- | --- |")?;
    for Field { name, shape, required, meaning } in fields {
        let optional = if *required { "" } else { ", optional" };
        let meaning = meaning.replace('|', "\\|");
        writeln!(page, "| `{name}` | {shape}{optional} | {meaning} |")?;
    }
    Ok(())
}
