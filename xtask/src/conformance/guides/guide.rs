//! A guide's text as the steps its reader makes.
//!
//! A `console` block is typed: `$ ` begins a command, a backslash at the end of a line and `<<WORD` carry it on, and
//! what follows is what it prints, with `[exit N]` at the end when it fails. A `console waits` block has one command
//! that goes on while the next blocks are typed; the block that begins with what it prints then is its end. A block
//! with `file=NAME` is a file. `pip install` in a block of another kind says what the reader has to have.

use super::{
    super::Stop,
    blocks::{Block, at, blocks},
};
use std::path::Path;

/// A guide.
#[derive(Debug)]
pub(super) struct Guide {
    /// Its file's name.
    pub(super) name: String,
    /// The Python packages it says to install.
    pub(super) packages: Vec<String>,
    /// What its reader does, in order.
    pub(super) steps: Vec<Step>,
}

/// Something its reader does.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Writes a file.
    File { name: String, text: String },
    /// Types a command.
    Run(Call),
    /// Types a command in a terminal of its own, which then waits for something.
    Begin(Call),
    /// Looks at what that command printed since, and at how it ended.
    End { shown: Vec<String>, code: i32 },
}

/// A command and what is shown of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Call {
    /// The line it stands in.
    pub(super) line: usize,
    pub(super) command: String,
    pub(super) shown: Vec<String>,
    pub(super) code: i32,
}

impl Guide {
    /// Whether there is anything to run in it.
    pub(super) fn has_transcript(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Run(_)))
    }
}

impl Call {
    /// Its first line.
    pub(super) fn title(&self) -> &str {
        self.command.lines().next().unwrap_or_default()
    }
}

/// The guides in a folder, by name.
pub(super) fn all(folder: &Path) -> Result<Vec<Guide>, Stop> {
    let mut guides = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Stop::broken)? {
        let path = entry.map_err(Stop::broken)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name.filter(|name| name.ends_with(".md")) else { continue };
        let text = std::fs::read_to_string(&path).map_err(Stop::broken)?;
        let guide = read(&name, &text);
        guides.push(guide.map_err(|why| Stop::Broken(format!("docs/guides/{name}: {why}")))?);
    }
    guides.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(guides)
}

/// The steps of a text.
fn read(name: &str, text: &str) -> Result<Guide, String> {
    let mut guide = Guide { name: name.to_owned(), packages: Vec::new(), steps: Vec::new() };
    let mut waits = false;
    for block in blocks(text)? {
        let steps = match block.words.as_slice() {
            ["console"] => typed(&block, waits)?,
            ["console", "waits"] => begun(&block)?,
            ["console", ..] => return Err(at(block.line, "no such kind of console block")),
            words => {
                guide.packages.extend(block.packages());
                written(&block, words)?.into_iter().collect()
            }
        };
        for step in steps {
            match (&step, waits) {
                (Step::Begin(_), true) => {
                    return Err(at(block.line, "another command waits already"));
                }
                (Step::Begin(_), false) => waits = true,
                (Step::End { .. }, _) => waits = false,
                (Step::File { .. } | Step::Run(_), _) => {}
            }
            guide.steps.push(step);
        }
    }
    if waits {
        return Err("a command waits and its end is not shown".to_owned());
    }
    Ok(guide)
}

/// The commands of a block; what stands before the first is the end of the one that waits.
fn typed(block: &Block<'_>, waits: bool) -> Result<Vec<Step>, String> {
    let mut lines = block.lines.iter().copied().enumerate().peekable();
    let mut steps = Vec::new();
    let before = shown(&mut lines);
    if !before.is_empty() {
        if !waits {
            return Err(at(block.line + 1, "output of no command: `$ ` begins one"));
        }
        let (shown, code) = ended(before);
        steps.push(Step::End { shown, code });
    }
    while let Some((number, first)) = lines.next() {
        let mut command = first.strip_prefix("$ ").unwrap_or(first).to_owned();
        while command.ends_with('\\') {
            let (_, more) = lines.next().unwrap_or_default();
            command.push('\n');
            command.push_str(more);
        }
        if let Some(end) = here_document(&command).map(str::to_owned) {
            loop {
                let (_, more) =
                    lines.next().ok_or_else(|| at(block.line + 1 + number, "no end of <<"))?;
                command.push('\n');
                command.push_str(more);
                if more == end {
                    break;
                }
            }
        }
        let (shown, code) = ended(shown(&mut lines));
        steps.push(Step::Run(Call { line: block.line + 1 + number, command, shown, code }));
    }
    Ok(steps)
}

fn begun(block: &Block<'_>) -> Result<Vec<Step>, String> {
    match typed(block, false)?.as_mut_slice() {
        [Step::Run(call)] => Ok(vec![Step::Begin(call.clone())]),
        _ => Err(at(block.line, "one command waits, no more and no less")),
    }
}

/// The file a block is, if it is one.
fn written(block: &Block<'_>, words: &[&str]) -> Result<Option<Step>, String> {
    let Some(name) = words.iter().find_map(|word| word.strip_prefix("file=")) else {
        return Ok(None);
    };
    if name.is_empty() || name.contains('/') {
        return Err(at(block.line, "a file has a name and no folder"));
    }
    let text = block.lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(Some(Step::File { name: name.to_owned(), text }))
}

/// The lines up to the next command.
fn shown<'text>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (usize, &'text str)>>,
) -> Vec<String> {
    let mut shown = Vec::new();
    while let Some((_, line)) = lines.next_if(|(_, line)| !line.starts_with("$ ")) {
        shown.push(line.trim_end().to_owned());
    }
    while shown.last().is_some_and(String::is_empty) {
        shown.pop();
    }
    shown
}

/// What was printed and the exit code that is said after it.
fn ended(mut shown: Vec<String>) -> (Vec<String>, i32) {
    let said = shown.last().and_then(|line| line.strip_prefix("[exit ")?.strip_suffix(']'));
    let code = said.and_then(|code| code.parse().ok());
    if code.is_some() {
        shown.pop();
    }
    (shown, code.unwrap_or(0))
}

/// The line that ends the document which a command carries, if it carries one.
fn here_document(command: &str) -> Option<&str> {
    let (_, rest) = command.split_once("<<")?;
    let word = rest.split_whitespace().next()?.trim_matches(['\'', '"', ')', ';']);
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        read("a.md", text).unwrap().steps
    }

    fn run(line: usize, command: &str, shown: &[&str], code: i32) -> Step {
        let shown = shown.iter().map(|&line| line.into()).collect();
        Step::Run(Call { line, command: command.into(), shown, code })
    }

    #[test]
    fn commands_are_read_with_what_they_print_and_how_they_end() {
        let text = "# T\n```console\n$ a \\\n   b\none\n\ntwo  \n$ c\n$ d\nno\n[exit 4]\n```\n";
        let [first, second, third] = &*steps(text) else { panic!("three commands") };
        assert_eq!(*first, run(3, "a \\\n   b", &["one", "", "two"], 0));
        assert_eq!(*second, run(8, "c", &[], 0));
        assert_eq!(*third, run(9, "d", &["no"], 4));
    }

    #[test]
    fn a_document_goes_into_the_command_to_its_last_line() {
        let text = "```console\n$ cat <<'END' > x\n$ not a command\nEND\nout\n```\n";
        assert_eq!(steps(text), [run(2, "cat <<'END' > x\n$ not a command\nEND", &["out"], 0)]);
    }

    #[test]
    fn files_and_packages_are_found_and_other_blocks_are_not_run() {
        let text = "```yaml file=a.yaml\nb: c\n```\n```sh\npip install -q 'x[y]==1' z\n```\n```toml\nd = 1\n```\n";
        let guide = read("a.md", text).unwrap();
        assert_eq!(guide.steps, [Step::File { name: "a.yaml".into(), text: "b: c\n".into() }]);
        assert_eq!(guide.packages, ["x[y]==1", "z"]);
        assert!(!guide.has_transcript());
    }

    #[test]
    fn a_command_waits_until_its_end_is_shown() {
        let text = "```console waits\n$ login\ncode\n```\n```console\n$ approve\n```\n\
                    ```console\nlogged in\n[exit 1]\n$ next\n```\n";
        let [Step::Begin(login), approve, end, next] = &*steps(text) else { panic!("four steps") };
        assert_eq!(
            (login.command.as_str(), login.shown.as_slice()),
            ("login", &["code".into()][..])
        );
        assert_eq!(*approve, run(6, "approve", &[], 0));
        assert_eq!(*end, Step::End { shown: vec!["logged in".into()], code: 1 });
        assert_eq!(*next, run(11, "next", &[], 0));
    }

    #[test]
    fn what_cannot_be_run_is_said_with_its_line() {
        for (text, line) in [
            ("```console\nout\n```\n", "line 2"),
            ("```console sometimes\n$ a\n```\n", "line 1"),
            ("```console\n$ a\n", "line 1"),
            ("```console\n$ a <<END\nb\n```\n", "line 2"),
            ("```console waits\n$ a\n$ b\n```\n", "line 1"),
            ("```yaml file=../a\n```\n", "line 1"),
            ("```console waits\n$ a\n```\n", "its end is not shown"),
        ] {
            let why = read("a.md", text).unwrap_err();
            assert!(why.contains(line), "{text:?}: {why}");
        }
    }
}
