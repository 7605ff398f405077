//! Of a sequence that differs, the steps that matter.

use super::{line::Lines, run};
use crate::model::Step;

/// Leaves out steps while what is left still differs, and tells what is left. It is run again so often at most.
pub(super) async fn smallest(
    lines: &mut Lines,
    (seed, number): (u64, u64),
    mut steps: Vec<Step>,
    first: String,
    most: u64,
) -> String {
    let mut story = run::again(lines, &steps).await;
    let mut chunk = steps.len().div_ceil(2);
    let mut tries = 0;
    while chunk > 0 && tries < most && story.is_some() {
        let mut at = 0;
        let before = steps.len();
        while at < steps.len() && tries < most {
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
