//! Lines, facts and tables of the terminal summary: aligned text, at most eighty columns where
//! words allow it. Pure.

use super::figures::tame;

/// Columns of text a line may have, if its words allow.
const WIDTH: usize = 80;

/// Columns of a fact's label.
const LABEL: usize = 16;

/// Columns of a table's first cell at least, so that the tables of a page line up.
const FIRST_CELL: usize = 36;

/// Text that grows.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// The text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// A line as it is; whatever it holds cannot steer the terminal.
    pub(crate) fn line(&mut self, text: &str) {
        self.text.push_str(tame(text).trim_end());
        self.text.push('\n');
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// `Label           text that goes on below itself`; nothing for an empty text.
    pub(crate) fn fact(&mut self, label: &str, text: &str) {
        let mut label = label;
        for line in wrapped(text, WIDTH - LABEL) {
            self.line(&format!("{label:<LABEL$}{line}"));
            label = "";
        }
    }

    /// A line that ends in `...` where it would grow too long.
    pub(crate) fn cut(&mut self, text: &str) {
        if text.chars().count() <= WIDTH {
            return self.line(text);
        }
        let kept: String = text.chars().take(WIDTH - 4).collect();
        let words = kept
            .rsplit_once(' ')
            .map_or(kept.as_str(), |(words, _)| words);
        self.line(&format!("{words} ..."));
    }

    /// Text below a label of its own, indented.
    pub(crate) fn paragraph(&mut self, text: &str) {
        for line in wrapped(text, WIDTH - 2) {
            self.line(&format!("  {line}"));
        }
    }

    /// A table: the first column left, numbers right, under one heading line. An empty table
    /// leaves nothing.
    pub(crate) fn table(&mut self, headings: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let width = |column: usize| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            let (indent, least) = if column == 0 { (2, FIRST_CELL) } else { (0, 0) };
            let heading = headings[column].chars().count().max(least);
            cells
                .map(|cell| cell + indent)
                .max()
                .unwrap_or_default()
                .max(heading)
        };
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        self.gap();
        self.cells(&widths, headings);
        for row in rows {
            let mut cells: Vec<&str> = row.iter().map(String::as_str).collect();
            let first = format!("  {}", cells.first().unwrap_or(&""));
            if let Some(cell) = cells.first_mut() {
                *cell = &first;
            }
            self.cells(&widths, &cells);
        }
    }

    fn cells(&mut self, widths: &[usize], cells: &[&str]) {
        let mut line = String::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let padded = match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
            line.push_str(&padded);
        }
        self.line(&line);
    }
}

/// Breaks a text between words; a word longer than a line stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
