/// Rows of equal length as text: every column as wide as its widest cell, nothing after the last one.
pub(crate) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; COLUMNS]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_their_signs() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["a", "→ b", ""]), row(["long", "b", "c"])];
        assert_eq!(table(&rows), "a     → b\nlong  b    c");
    }
}
