//! How far two samples of times are from being of one kind.

/// A percentile of what is sorted.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

/// Welch's t of what is below both 99th percentiles: a stall of the machine's is no answer.
pub(crate) fn welch(a: &[f64], b: &[f64]) -> f64 {
    let most = percentile(a, 99).min(percentile(b, 99));
    let moments = |all: &[f64]| {
        let kept: Vec<f64> = all.iter().copied().filter(|time| *time < most).collect();
        let count = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / count;
        (mean, kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0) / count)
    };
    let ((mean_a, a), (mean_b, b)) = (moments(a), moments(b));
    (mean_b - mean_a) / (a + b).sqrt()
}

/// Kolmogorov's and Smirnov's distance of two sorted lists.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    let below = |all: &[f64], time: f64| {
        all.partition_point(|one| *one <= time) as f64 / all.len().max(1) as f64
    };
    let apart = |time: &f64| (below(a, *time) - below(b, *time)).abs();
    a.iter().chain(b).map(apart).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: u32, count: u32) -> Vec<f64> {
        (from..from + count).map(f64::from).collect()
    }

    #[test]
    fn a_percentile_is_one_of_the_times_and_of_none_zero() {
        let times = ramp(0, 100);
        assert_eq!([50, 99].map(|percent| percentile(&times, percent)), [50.0, 99.0]);
        assert_eq!(percentile(&[7.0], 99), 7.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }

    #[test]
    fn the_same_times_are_not_apart_and_others_are() {
        let times = ramp(0, 1_000);
        assert_eq!((welch(&times, &times), distance(&times, &times)), (0.0, 0.0));
        let later = ramp(500, 1_000);
        assert_eq!(distance(&times, &later), 0.5);
        assert_eq!(distance(&times, &ramp(5_000, 10)), 1.0);
        assert!(welch(&times, &later) > 4.5, "what comes second takes longer");
        assert!(welch(&later, &times) < -4.5);
    }

    #[test]
    fn welch_is_what_it_is_by_hand() {
        // Of 1 to 5 and 3 to 7 the last of each is left out: means 2.5 and 3.5, variances 5/3 of 4 and 1/2 of 2.
        let t = welch(&ramp(1, 5), &ramp(3, 5));
        let by_hand = 1.0 / (5.0 / 3.0 / 4.0 + 0.5 / 2.0_f64).sqrt();
        assert!((t - by_hand).abs() < 1e-12, "{t}");
    }

    #[test]
    fn a_stall_is_no_answer() {
        let (mut times, calm) = (ramp(0, 1_000), ramp(0, 1_000));
        if let Some(last) = times.last_mut() {
            *last = 1e9;
        }
        assert!(welch(&calm, &times).abs() < 0.1);
    }
}
