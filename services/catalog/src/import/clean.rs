//! Markdown as others write it, made readable here: Carpentries' `:::` blocks become quotations,
//! `{: .callout}` attributes go, links between files become links between lessons. A picture
//! that came along is shown, any other becomes its description and is noted. What stands in code is left
//! alone.

use std::{borrow::Cow, collections::BTreeMap};

use super::{NOTED, folder::Shown};
use crate::domain::image;

/// The lessons of a course by their file names, for links between them.
pub(super) struct Links<'a> {
    pub course: &'a str,
    pub lessons: BTreeMap<&'a str, &'a str>,
    /// The pictures that came along, by their names within the course's folder.
    pub pictures: &'a BTreeMap<String, Shown>,
    /// The folder in which the lessons lie.
    pub within: &'a str,
}

impl Links<'_> {
    /// Where a picture that came along will be served. It is named from the lesson's folder, from the course's,
    /// or uploaded without any folder.
    fn picture(&self, target: &str) -> Option<String> {
        let mut name = path(target);
        while let Some(rest) = name.strip_prefix("./").or_else(|| name.strip_prefix("../")) {
            name = rest;
        }
        let beside = format!("{}/{name}", self.within);
        let plain = name.rsplit('/').next().unwrap_or_default();
        [beside.trim_start_matches('/'), name, plain]
            .into_iter()
            .find_map(|name| self.pictures.get(name))
            .map(|shown| image::address(self.course, &shown.hash, shown.kind))
    }
}

/// Nobody sets blocks deeper in each other than this.
const DEEPEST: usize = 4;

/// What becomes of a `:::` block's lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// They stand as they are, such as objectives.
    Plain,
    /// They are set apart as a quotation, such as callouts, challenges and solutions.
    Quoted,
}

/// A text as it should be read.
pub(super) struct Cleaned {
    pub text: String,
    /// The pictures that it shows and that did not come along.
    pub missing: Vec<String>,
}

pub(super) fn clean(text: &str, links: &Links<'_>) -> Cleaned {
    let mut out = String::with_capacity(text.len());
    let mut missing = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut code: Option<&str> = None;
    for line in text.lines() {
        let mark = code_mark(line);
        let is_code = code.is_some() || mark.is_some();
        code = match (code, mark) {
            (None, Some(mark)) => Some(mark),
            (Some(open), Some(mark)) if closes(open, mark, line) => None,
            (open, _) => open,
        };
        match fence(line).filter(|_| !is_code) {
            Some(name) => turn(name, &mut blocks, &mut out),
            None if is_code => write(line, &blocks, &mut out),
            None => write(&clean_line(line, links, &mut missing), &blocks, &mut out),
        }
    }
    Cleaned { text: squeeze(&out), missing }
}

/// Opens or closes a block. Either way an empty line parts it from what is outside.
fn turn(name: &str, blocks: &mut Vec<Block>, out: &mut String) {
    let Some(name) = name.split_whitespace().next() else {
        blocks.pop();
        return write("", blocks, out);
    };
    let (block, heading) = match name {
        "instructor" => (Block::Quoted, "**For instructors**"),
        "objectives" => (Block::Plain, "**Objectives**"),
        "questions" => (Block::Plain, "**Questions**"),
        "keypoints" => (Block::Plain, "**Key points**"),
        "prereq" => (Block::Quoted, "**Before you start**"),
        _ => (Block::Quoted, ""),
    };
    write("", blocks, out);
    if blocks.len() < DEEPEST {
        blocks.push(block);
    }
    if !heading.is_empty() {
        write(heading, blocks, out);
    }
}

fn write(line: &str, blocks: &[Block], out: &mut String) {
    let depth = blocks.iter().filter(|block| **block == Block::Quoted).count();
    let empty = line.trim().is_empty();
    out.push_str(&"> ".repeat(depth)[..(2 * depth).saturating_sub(usize::from(empty))]);
    out.push_str(if empty { "" } else { line });
    out.push('\n');
}

/// The backticks or tildes that a line opens or closes code with.
fn code_mark(line: &str) -> Option<&str> {
    let line = line.trim_start_matches([' ', '>']);
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let end = line.find(|c| c != sign).unwrap_or(line.len());
    // Code within a line: ```x``` is no fence.
    (end >= 3 && !(sign == '`' && line[end..].contains('`'))).then(|| &line[..end])
}

fn closes(open: &str, mark: &str, line: &str) -> bool {
    mark.starts_with(open) && line.trim_end().ends_with(mark)
}

fn clean_line<'a>(line: &'a str, links: &Links<'_>, missing: &mut Vec<String>) -> Cow<'a, str> {
    let trimmed = line.trim();
    if trimmed.starts_with("{:") && trimmed.ends_with('}') {
        return "".into();
    }
    if line.contains("](") { link(line, links, missing).into() } else { line.into() }
}

/// The name on a `:::` fence, empty on one that closes.
fn fence(line: &str) -> Option<&str> {
    let name = line.strip_prefix(":::")?.trim_matches([':', ' ', '{', '}', '.', '#']);
    name.chars().all(|c| c.is_alphanumeric() || " -_.{}#=\"'".contains(c)).then_some(name)
}

/// Rewrites the links and pictures of one line; those in code spans stay.
fn link(line: &str, links: &Links<'_>, missing: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut in_code = false;
    while let Some(at) = rest.find(['[', '!', '`']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('`') {
            in_code = !in_code;
        } else if let Some((found, after)) = parse(rest).filter(|_| !in_code) {
            out.push_str(&rewrite(&found, links, missing));
            rest = after;
            continue;
        }
        let (sign, after) = rest.split_at(1);
        out.push_str(sign);
        rest = after;
    }
    out.push_str(rest);
    out
}

struct Found<'a> {
    is_picture: bool,
    text: &'a str,
    target: &'a str,
    whole: &'a str,
    /// What `{alt='…'}` says.
    description: Option<&'a str>,
}

/// `[text](target)` or `![text](target){alt='…'}` at the start, and what follows.
fn parse(start: &str) -> Option<(Found<'_>, &str)> {
    let is_picture = start.starts_with('!');
    let inner = start.strip_prefix('!').unwrap_or(start).strip_prefix('[')?;
    let (text, rest) = inner.split_once("](")?;
    if text.contains([']', '[']) {
        return None;
    }
    let (target, mut after) = rest.split_once(')')?;
    let mut description = None;
    if let Some(attributes) = after.strip_prefix('{') {
        let (attributes, rest) = attributes.split_once('}')?;
        description = attribute(attributes);
        after = rest;
    }
    let whole = &start[..start.len() - after.len()];
    Some((Found { is_picture, text, target, whole, description }, after))
}

fn attribute(attributes: &str) -> Option<&str> {
    let value = attributes.split_once("alt=")?.1;
    let quote = value.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
    let value = &value[1..];
    Some(&value[..value.rfind(quote)?])
}

fn rewrite(found: &Found<'_>, links: &Links<'_>, missing: &mut Vec<String>) -> String {
    let target = found.target.trim();
    let leaves = target.contains(':') || target.starts_with(['/', '#']);
    if found.is_picture {
        return match links.picture(target) {
            _ if leaves => picture(found, found.target),
            Some(address) => picture(found, &address),
            None => {
                note(path(target), missing);
                described(found)
            }
        };
    }
    if leaves {
        return found.whole.to_owned();
    }
    match links.lessons.get(path(target).trim_start_matches("./")) {
        Some(lesson) => format!("[{}](/courses/{}/lessons/{lesson})", found.text, links.course),
        None => found.text.to_owned(),
    }
}

/// What a target names, without its title, its anchor and its query.
fn path(target: &str) -> &str {
    target.split([' ', '#', '?']).next().unwrap_or_default()
}

fn note(name: &str, missing: &mut Vec<String>) {
    let is_new = !name.is_empty() && missing.iter().all(|known| known != name);
    if missing.len() < NOTED && is_new {
        missing.push(name.to_owned());
    }
}

fn picture(found: &Found<'_>, target: &str) -> String {
    let text = found.description.unwrap_or(found.text);
    format!("![{text}]({target})")
}

/// Brackets and the like would make a link of it again.
fn described(found: &Found<'_>) -> String {
    let text = found.description.unwrap_or(found.text).replace(['*', '[', ']', '\\'], "");
    if text.trim().is_empty() { String::new() } else { format!("*{}*", text.trim()) }
}

/// At most one empty line at a time outside code, none at the ends.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut empty, mut code) = (0, false);
    for line in text.trim_matches('\n').lines() {
        code ^= code_mark(line).is_some();
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty <= 1 || code {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
