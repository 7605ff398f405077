//! Columns of text, as wide as their widest cell. What came from elsewhere loses its control characters, so that a
//! name or a note cannot drive the terminal.

/// Lays out rows under a head. The last column is not padded.
pub(crate) fn lines<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .map(|row| row.map(|cell| clean(&cell)))
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> =
        row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    cells.join("  ").trim_end().to_owned() + "\n"
}

/// Text without control characters.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_are_gone() {
        let rows = vec![["A".into(), "x\x1b[2J".into()], ["LONGER".into(), String::new()]];
        assert_eq!(lines(["NAME", "NOTE"], rows), "NAME    NOTE\nA       x [2J\nLONGER\n");
    }
}
