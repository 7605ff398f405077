//! What a guide shows against what was printed: `…` stands for any characters of a line, and alone for any lines.

const ANY: char = '…';

/// Whether all that was printed is what is shown.
pub(super) fn match_all(shown: &[String], printed: &[String]) -> bool {
    glob(shown, printed, |line| line.trim() == ANY.to_string(), |line, text| match_line(line, text))
}

fn match_line(shown: &str, printed: &str) -> bool {
    let (shown, printed): (Vec<char>, Vec<char>) =
        (shown.chars().collect(), printed.chars().collect());
    glob(&shown, &printed, |c| *c == ANY, |a, b| a == b)
}

/// Whether `items` follow `pattern`, in which some things stand for any number of items.
fn glob<T, U>(
    pattern: &[T],
    items: &[U],
    any: impl Fn(&T) -> bool,
    same: impl Fn(&T, &U) -> bool,
) -> bool {
    let (mut p, mut i) = (0, 0);
    // The last wildcard, and the first item after what it stands for so far.
    let mut back: Option<(usize, usize)> = None;
    while let Some(item) = items.get(i) {
        match pattern.get(p) {
            Some(one) if any(one) => {
                back = Some((p, i));
                p += 1;
            }
            Some(one) if same(one, item) => {
                p += 1;
                i += 1;
            }
            _ => {
                let Some((wildcard, until)) = back else { return false };
                back = Some((wildcard, until + 1));
                p = wildcard + 1;
                i = until + 1;
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(any))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(shown: &str, printed: &str) -> bool {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        match_all(&lines(shown), &lines(printed))
    }

    #[test]
    fn an_ellipsis_stands_for_characters_of_one_line() {
        for (shown, printed) in [
            ("", ""),
            ("v1 is live", "v1 is live"),
            ("token sr_pat_… ends", "token sr_pat_abc ends"),
            ("a…c…e", "abcde"),
            ("a…", "a"),
            ("…b", "abab"),
        ] {
            assert!(matches(shown, printed), "{shown:?} {printed:?}");
        }
        for (shown, printed) in
            [("", "x"), ("x", ""), ("a…c", "ab"), ("a", "ab"), ("a…b", "a\nb"), ("…b", "aba")]
        {
            assert!(!matches(shown, printed), "{shown:?} {printed:?}");
        }
    }

    #[test]
    fn an_ellipsis_alone_stands_for_lines() {
        for (shown, printed) in [
            ("…", ""),
            ("…", "a\nb"),
            ("a\n…\nd", "a\nb\nc\nd"),
            ("a\n…\nd", "a\nd"),
            ("a\n…\nb…\n…", "a\nx\nb1\nb2\ny"),
        ] {
            assert!(matches(shown, printed), "{shown:?} {printed:?}");
        }
        for (shown, printed) in [("a\n…", "b\na"), ("a\n…\nd", "a\nb\nc"), ("…\na", "a\nb")] {
            assert!(!matches(shown, printed), "{shown:?} {printed:?}");
        }
    }
}
