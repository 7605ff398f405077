//! What a guide cannot know and shows an example of: where the server listens, and the code of a sign-in.
//!
//! In a command the example is replaced by what is there, in what was printed the other way round; so the text of a
//! guide stays what a reader types and sees.

use std::net::SocketAddr;

/// Where guides say the server listens: the default.
const ADDRESS: &str = "127.0.0.1:7420";

/// The letters of the codes people type.
const LETTERS: &str = "BCDFGHJKLMNPQRSTVWXZ";

/// Examples, and what this run has instead.
#[derive(Debug)]
pub(super) struct Standins {
    pairs: Vec<(String, String)>,
}

impl Standins {
    /// The example of an address; codes are learnt.
    pub(super) fn of(address: SocketAddr) -> Self {
        Self { pairs: vec![(ADDRESS.to_owned(), address.to_string())] }
    }

    /// A guide's text with what is there in place of the examples.
    pub(super) fn actual(&self, text: &str) -> String {
        let replace = |text: String, (example, actual): &(String, String)| {
            text.replace(example.as_str(), actual)
        };
        self.pairs.iter().fold(text.to_owned(), replace)
    }

    /// Printed lines with the examples in place of what is there.
    pub(super) fn shown(&self, printed: &[String]) -> Vec<String> {
        let replace = |line: String, (example, actual): &(String, String)| {
            line.replace(actual.as_str(), example)
        };
        printed.iter().map(|line| self.pairs.iter().fold(line.clone(), replace)).collect()
    }

    /// The first code that is printed is the one that is shown.
    pub(super) fn learn(&mut self, shown: &[String], printed: &[String]) {
        let (Some(example), Some(actual)) = (code(shown), code(printed)) else { return };
        if self.pairs.iter().any(|(known, _)| *known == example) {
            return;
        }
        let hyphened = |code: &str| code.split_at_checked(4).map(|(a, b)| format!("{a}-{b}"));
        self.pairs.extend(hyphened(&example).zip(hyphened(&actual)));
        self.pairs.push((example, actual));
    }
}

/// The first code in some lines, without its hyphen.
fn code(lines: &[String]) -> Option<String> {
    let words = lines
        .iter()
        .flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))));
    words
        .map(|word| word.replacen('-', "", 1))
        .find(|word| word.len() == 8 && word.chars().all(|letter| LETTERS.contains(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_address_is_exchanged_both_ways() {
        let standins = Standins::of("127.0.0.1:4711".parse().unwrap());
        let typed = standins.actual("curl http://127.0.0.1:7420/a");
        assert_eq!(typed, "curl http://127.0.0.1:4711/a");
        let printed = lines("listening on 127.0.0.1:4711");
        assert_eq!(standins.shown(&printed), ["listening on 127.0.0.1:7420"]);
    }

    #[test]
    fn a_code_is_learnt_once_and_exchanged_with_its_hyphen_and_without() {
        let mut standins = Standins::of("127.0.0.1:4711".parse().unwrap());
        let shown = lines("Opening: http://127.0.0.1:7420/device?code=WDJBMJHT");
        standins.learn(&shown, &lines("nothing yet\nOPERATOR"));
        assert_eq!(standins.actual("approve WDJBMJHT"), "approve WDJBMJHT");
        standins.learn(&shown, &lines("Opening: http://127.0.0.1:4711/device?code=BBCCDDFF"));
        standins.learn(&shown, &lines("Opening: http://127.0.0.1:4711/device?code=ZZZZZZZZ"));
        assert_eq!(standins.actual("approve WDJB-MJHT"), "approve BBCC-DDFF");
        assert_eq!(standins.shown(&lines("BBCCDDFF, BBCC-DDFF")), ["WDJBMJHT, WDJB-MJHT"]);
    }
}
