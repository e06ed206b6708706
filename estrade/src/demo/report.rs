//! The books, as a person reads them or as JSON.

use super::{books::Books, journey::PASSWORD, stage::Stage};
use crate::cli::DemoOptions;

pub(super) fn show(books: &Books, options: &DemoOptions) -> anyhow::Result<()> {
    if options.json {
        println!("{}", serde_json::to_string_pretty(books)?);
    } else {
        print_events(books);
        print_totals(books);
    }
    Ok(())
}

fn print_events(books: &Books) {
    println!(
        "\n{:<42} {:>9}   {:<34} {:>8} {:>5} {:>5}",
        "event", "published", "handler", "handled", "held", "dead"
    );
    for (event_type, book) in &books.events {
        let mut named = format!("{event_type:<42} {:>9}", book.published);
        for (handler, line) in &book.handlers {
            println!(
                "{named}   {handler:<34} {:>8} {:>5} {:>5}",
                line.handled, line.held, line.dead
            );
            named = format!("{:<42} {:>9}", "", "");
        }
    }
}

fn print_totals(books: &Books) {
    let notifications = &books.notifications;
    println!();
    line("learners enrolled", books.learners, books.enrolments, "enrolments");
    line("attempts given in", books.attempts.submitted, books.attempts.graded, "graded");
    line(
        "courses completed",
        books.certificates.completed,
        books.certificates.issued,
        "certificates issued",
    );
    line(
        "certificates",
        books.certificates.issued,
        books.certificates.files,
        "PDFs read and their hashes right",
    );
    for (channel, delivered) in &notifications.delivered {
        let suppressed = notifications.suppressed.get(channel).copied().unwrap_or(0);
        let failed = notifications.failed.get(channel).copied().unwrap_or(0);
        println!(
            "{:<28} {:>7}   {delivered} delivered, {suppressed} not sent on purpose, {failed} failed",
            format!("notifications, {channel}"),
            notifications.expected
        );
    }
    line(
        "mails sent",
        notifications.delivered.get("mail").copied().unwrap_or(0),
        notifications.mail_files,
        "in the mail folder",
    );
    let compared: i64 = books.copies.compared.values().sum();
    line("copies of courses", compared, books.copies.drift, "differ from the catalogue's");
    println!("{:<28} {:>7}", "dead letters", books.dead);
    for finding in &books.findings {
        println!("  {finding}");
    }
    println!("\nlost {}, duplicated {}, in {} s", books.lost, books.duplicates, books.seconds);
}

fn line(what: &str, count: i64, other: i64, of_what: &str) {
    println!("{what:<28} {count:>7}   {other} {of_what}");
}

/// What an operator finds that is not as it should be, and what to do about it.
const FOR_OPERATORS: &str = "\
What an operator can mend:
  /operations/dead     certification.issue gave up on a certificate, because a copy was lost that is
                       there again: try it first, then give it once more, and it is issued
                       certification.copy-person was sent what nobody can read: discard it
  /operations/copies   certification has somebody under a wrong name: compare and repair; by itself
                       that is found about an hour after the start, and every six hours from then on";

/// Where to look around, and as whom. On standard error: standard output is for the books alone.
pub(super) fn show_where(stage: &Stage) {
    let config = &stage.config;
    eprintln!("\nCertificates lie in {}", config.files_folder().display());
    eprintln!("Mails lie in        {}", config.mail_folder().display());
    eprintln!("Look around at      {}", stage.address());
    for (who, mail, what) in stage.accounts() {
        eprintln!("  {who:<14} {mail:<27} {what}");
    }
    eprintln!("  everybody's password: {PASSWORD}");
    eprintln!("{FOR_OPERATORS}");
    eprintln!("Ctrl-C ends it; the data stays in {} until the next demo.", config.data.display());
}
