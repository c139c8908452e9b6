use std::fmt::Write as _;

/// A Markdown table with a heading.
#[derive(Debug)]
pub(crate) struct Table {
    text: String,
}

impl Table {
    pub(crate) fn new(heading: &str, about: &str, columns: &[&str]) -> Self {
        let mut text = format!("## {heading}\n\n{about}\n\n|");
        columns.iter().for_each(|column| text += &format!(" {column} |"));
        text += "\n|";
        columns.iter().for_each(|_| text += "---|");
        text += "\n";
        Self { text }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        // A String takes everything.
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
        eprintln!("{}", cells.join(" | "));
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// What was found beside what was to be reached.
pub(crate) fn beside(found: &str, expected: &str) -> String {
    format!("{found} [{expected}]")
}
