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
