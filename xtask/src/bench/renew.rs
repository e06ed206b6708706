//! A page that a full run wrote, in which an item is measured anew, without an hour for all the others.
//!
//! Only items whose figures stand alone: what is compared with another item's is measured in one run with it.

use anyhow::{Context, Result, bail};

use super::table::{HEAD, Table};

/// They have nothing to do with another item, and no processor time in the table of all.
const ALONE: [u8; 4] = [3, 4, 6, 7];

/// What the page says before comes from here, for it may say something else by now.
const HEAD_END: &str = "## The machine\n";

/// # Errors
/// When one of these is measured only with others.
pub(crate) fn check(items: &[u8]) -> Result<()> {
    let Some(bound) = items.iter().find(|item| !ALONE.contains(item)) else { return Ok(()) };
    bail!(
        "item {bound} is compared with others: only a full run, or items {ALONE:?}, are for the record"
    )
}

/// The page with these items' figures in the place of its own, and a line that says so.
///
/// # Errors
/// When the page is of another machine or build, or lacks one of the items.
pub(crate) fn renew(
    page: &str,
    table: &Table,
    items: &[u8],
    machine: &str,
    when: &str,
) -> Result<String> {
    if let Some(other) = machine.lines().find(|line| !page.lines().any(|known| known == *line)) {
        bail!("the page does not say `{other}`, it was measured elsewhere: do a full run");
    }
    let (_, rest) = page.split_once(HEAD_END).context("the page does not name its machine")?;
    let mut renewed = format!("{HEAD}{rest}");
    for item in items {
        put_section(&mut renewed, &table.section(*item), *item)?;
        put_note(&mut renewed, *item, when)?;
    }
    for row in table.goal_rows() {
        put_goal(&mut renewed, &row)?;
    }
    Ok(renewed)
}

/// From its heading to the next.
fn put_section(page: &mut String, section: &str, item: u8) -> Result<()> {
    let heading = section.lines().next().context("nothing was measured")?;
    let begin = page.find(&format!("\n{heading}\n")).map(|before| before + 1);
    let begin = begin.with_context(|| format!("the page has no item {item}: do a full run"))?;
    let length = page[begin..].find("\n### ").map_or(page.len() - begin, |before| before + 1);
    page.replace_range(begin..begin + length, section);
    Ok(())
}

/// Among the lines about the machine, in the place of an earlier one.
fn put_note(page: &mut String, item: u8, when: &str) -> Result<()> {
    let start = format!("- item {item} alone, ");
    let kept: Vec<&str> = page.lines().filter(|line| !line.starts_with(&start)).collect();
    let mut text = kept.join("\n") + "\n";
    let place = text.find("\nThe run took").context("the page does not say how long it took")?;
    text.insert_str(place, &format!("{start}{when}\n"));
    *page = text;
    Ok(())
}

/// By what it is about.
fn put_goal(page: &mut String, row: &str) -> Result<()> {
    let (goals, about) = ("\n### Goals\n", row.split_inclusive('|').take(2).collect::<String>());
    let from = page.find(goals).context("the page has no goals")?;
    let begin = page[from..].find(&format!("\n{about}")).map(|before| from + before + 1);
    let begin = begin.with_context(|| format!("the page has no goal {about}: do a full run"))?;
    let length = page[begin..].find('\n').unwrap_or(page.len() - begin);
    page.replace_range(begin..begin + length, row);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::time::Duration;

    use super::*;
    use crate::bench::table::Wanted;

    fn measured(memory: f64, slowest: f64) -> Table {
        let mut table = Table::default();
        table.add(6, "memory", memory, "MB");
        table.add(7, "`/courses`", slowest, "ms");
        table.goal("memory", memory, Wanted::AtMost(300.0), "MB");
        table.goal("the slowest page", slowest, Wanted::AtMost(10.0), "ms");
        table
    }

    fn page() -> String {
        measured(90.0, 12.0).page("- 2 cores\n", "- commit `a`\n- on one day\n", Duration::ZERO)
    }

    fn anew() -> Table {
        let mut table = Table::default();
        table.add(7, "`/people`", 8.0, "ms");
        table.goal("the slowest page", 8.0, Wanted::AtMost(10.0), "ms");
        table
    }

    #[test]
    fn an_item_takes_the_place_of_what_was_measured_before_and_all_else_stays() {
        let mut renewed = page();
        for when in ["commit `b`, on the next day", "commit `c`, on a third"] {
            renewed = renew(&renewed, &anew(), &[7], "- 2 cores\n", when).unwrap();
            let note =
                format!("- commit `a`\n- on one day\n- item 7 alone, {when}\n\nThe run took");
            assert!(renewed.contains(&note), "{renewed}");
        }
        let expected = page()
            .replace("| `/courses` | 12.0 ms | once |", "| `/people` | 8.00 ms | once |")
            .replace("| at most 10 ms | 12.0 ms (missed) |", "| at most 10 ms | 8.00 ms |")
            .replace("- on one day\n", "- on one day\n- item 7 alone, commit `c`, on a third\n");
        assert_eq!(renewed, expected);
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let refused = renew(&page(), &anew(), &[7], "- 4 cores\n", "").unwrap_err().to_string();
        assert!(refused.contains("4 cores") && refused.contains("do a full run"), "{refused}");
        assert!(renew("", &anew(), &[7], "", "").is_err());
        assert!(check(&[7, 3]).is_ok());
        let refused = check(&[7, 5]).unwrap_err().to_string();
        assert!(refused.starts_with("item 5 is compared with others"), "{refused}");
    }
}
