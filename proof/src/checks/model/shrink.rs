//! Of a sequence that differs, the steps that matter.

use super::{line::Lines, run};
use crate::model::Step;

/// How often a sequence is run again at most, to make it smaller.
const TRIES: usize = 300;

/// Leaves out steps while what is left still differs, and tells what is left.
pub(super) async fn smallest(
    lines: &mut Lines,
    seed: u64,
    number: u64,
    mut steps: Vec<Step>,
    first: String,
) -> String {
    let mut story = run::again(lines, &steps).await;
    let mut chunk = steps.len().div_ceil(2);
    let mut tries = 0;
    while chunk > 0 && tries < TRIES && story.is_some() {
        let mut at = 0;
        let before = steps.len();
        while at < steps.len() && tries < TRIES {
            let end = (at + chunk).min(steps.len());
            let fewer: Vec<Step> = [&steps[..at], &steps[end..]].concat();
            tries += 1;
            match run::again(lines, &fewer).await {
                Some(still) => (steps, story) = (fewer, Some(still)),
                None => at = end,
            }
        }
        if chunk == 1 && steps.len() == before {
            break;
        }
        chunk = if chunk == 1 { 1 } else { chunk / 2 };
    }
    match story {
        Some((how, told)) => {
            format!("seed {seed}, sequence {number}, {} steps left\n{told}{how}", steps.len())
        }
        None => format!("seed {seed}, sequence {number}, once and not again: {first}"),
    }
}
