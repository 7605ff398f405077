//! The fenced blocks of a document.

/// A fenced block.
pub(super) struct Block<'text> {
    /// The line of its fence.
    pub(super) line: usize,
    /// What stands after its fence.
    pub(super) words: Vec<&'text str>,
    /// What it holds.
    pub(super) lines: Vec<&'text str>,
}

/// The fenced blocks of a text.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                let words = info.split_whitespace().collect();
                open = Some(Block { line: number + 1, words, lines: Vec::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    match open {
        None => Ok(blocks),
        Some(block) => Err(at(block.line, "the block is not closed")),
    }
}

impl Block<'_> {
    /// What `pip install` is given.
    pub(super) fn packages(&self) -> Vec<String> {
        let words =
            self.lines.iter().filter_map(|line| line.split_once("pip install ")).map(|(_, w)| w);
        let words =
            words.flat_map(str::split_whitespace).map(|word| word.trim_matches(['\'', '"']));
        words.filter(|word| !word.starts_with('-')).map(str::to_owned).collect()
    }
}

/// A complaint about a line.
pub(super) fn at(line: usize, why: &str) -> String {
    format!("line {line}: {why}")
}
