//! "Did you mean …?"

/// The known name nearest to what was typed, if it is near enough to be meant: a third of it wrong at most, or only
/// its case.
pub(crate) fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = typed.to_ascii_lowercase();
    known
        .map(|name| (strsim::damerau_levenshtein(&folded, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| distance * 3 <= name.len().max(3))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["STRIPE_API_KEY", "DATABASE_URL", "stripe-test"];
        let meant = |typed| nearest(typed, known.into_iter());
        assert_eq!(meant("STRIPE_API_KYE"), Some("STRIPE_API_KEY"));
        assert_eq!(meant("database_url"), Some("DATABASE_URL"));
        assert_eq!(meant("SENTRY_DSN"), None);
        assert_eq!(nearest("A", [].into_iter()), None);
    }
}
