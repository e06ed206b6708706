//! Comma-separated values, as spreadsheets write and read them. One row is one line: a cell with a
//! line break in it is not read.

/// What a spreadsheet puts between cells: French ones write semicolons.
const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// A cell that begins with one of these is a formula to a spreadsheet, and may do harm on the
/// machine of whoever opens it.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The separator that a line uses: the first that stands outside quotes.
pub(crate) fn separator(line: &str) -> char {
    let mut is_quoted = false;
    for character in line.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            separator if !is_quoted && SEPARATORS.contains(&separator) => return separator,
            _ => {}
        }
    }
    ','
}

/// The cells of a line, without the spaces around them; `None` if a quote is not closed.
pub(crate) fn cells(line: &str, separator: char) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut()?;
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if is_quoted || cell.trim().is_empty() => is_quoted = !is_quoted,
            other if other == separator && !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    (!is_quoted).then(|| cells.iter().map(|cell| cell.trim().to_owned()).collect())
}

/// A line of a file, with its end. Nothing in it is a formula.
pub(crate) fn row<'a>(cells: impl IntoIterator<Item = &'a str>, separator: char) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(&separator.to_string()))
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_write_is_read() {
        assert_eq!(separator("ana@example.org;queues"), ';');
        assert_eq!(separator("\"Nguyễn, Ana\"\tqueues"), '\t');
        assert_eq!(separator("alone"), ',');
        let read = |line| cells(line, ',');
        assert_eq!(read("a, b ,"), Some(vec!["a".into(), "b".into(), String::new()]));
        assert_eq!(read("\"a,\"\"b\"\"\", c"), Some(vec!["a,\"b\"".into(), "c".into()]));
        assert_eq!(read("it\"s,b"), Some(vec!["it\"s".into(), "b".into()]));
        assert_eq!(read("\"never closed, b"), None);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for hostile in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"] {
            let row = row([hostile, "x"], ',');
            assert!(row.starts_with("\"'"), "{row}");
        }
        assert_eq!(row(["Ana \"the\" First", "12"], ';'), "\"Ana \"\"the\"\" First\";\"12\"\r\n");
    }
}
