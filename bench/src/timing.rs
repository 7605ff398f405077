//! `cargo xtask bench timing`: whether the time of an answer tells what the answer does not.
//!
//! A secret that is not there, one of another tenant and one that the caller may not see have one 404; a credential
//! that nobody has and one that somebody had have one 401. Each class is asked for over one connection, in an order
//! drawn anew for every round, so that what else the machine does falls on all of them alike. It says what it saw and
//! holds nothing to it: what may be a leak on one machine is its neighbours' on another. But the last class is answered
//! sooner for a reason, and a run that does not see that sees nothing.

use crate::{
    alike::{self, Class, POOL},
    failure::{Failure, Result},
    options::Options,
    process::{self, Home},
    random::Random,
    say,
    statistics::{distance, percentile, welch},
    stock::{Size, Stock},
    wire,
};

/// Rounds that are measured, each of which asks for every class once, and rounds before that.
const ROUNDS: usize = 20_000;
const WARM: usize = 500;

/// What KS is above by chance once in a hundred, of so many answers.
const CHANCE: f64 = 0.0163;

/// How the table is to be read: 0.0163 is where KS says `not alike` by chance once in a hundred, of 20,000 and 20,000.
const READ: &str = "Each class is compared with the first that is answered like it: KS is the largest distance between \
    the two distributions, by chance above 0.0163 once in a hundred, and t is Welch's, of what is below both 99th \
    percentiles, by chance beyond ±4.5 hardly ever; both find differences that are far too small to be seen over a \
    network, so look at the medians as well, and run it again before believing either.";

/// Measures, and prints the table; whether what must be told apart was.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let home = Home::make(options)?;
    // The limiter tells who is wrong too often. Here that is everybody.
    let server = home.serve(&options.serve(&["--unknown-credentials-per-second", "0"]))?;
    let stock = Stock::fill(&home, &server, Size { tenants: 2, tokens: 4 * POOL, secrets: 0 })?;
    let mut classes = alike::classes(&server, &stock)?;
    let mut line = wire::tcp(server.address)?;
    let mut random = Random::new(2);
    for round in 0..WARM + ROUNDS {
        for at in shuffled(classes.len(), &mut random) {
            let Some(class) = classes.get_mut(at) else { continue };
            let chosen = random.below(class.requests.len());
            let request = class.requests.get(chosen).map_or(&[][..], Vec::as_slice);
            let (status, time) = line.time(request)?;
            if status != class.status {
                return Err(Failure::new(format!("{}: {status}", class.name)));
            }
            if round >= WARM {
                class.micros.push(time.as_secs_f64() * 1e6);
            }
        }
    }
    server.stop()?;
    say(format!("`{}` on {}, {ROUNDS} answers a class\n", options.command, process::machine()));
    say("| answer | asked for | median µs | p99 µs | t | KS |\n|---|---|---|---|---|---|");
    classes.iter_mut().for_each(|class| class.micros.sort_by(f64::total_cmp));
    let (mut first, mut apart): (Option<&Class>, _) = (None, 0.0);
    for class in &classes {
        let Class { like, name, micros, .. } = class;
        let (half, most) = (percentile(micros, 50), percentile(micros, 99));
        let compared = match first.filter(|first| first.like == *like) {
            Some(first) => {
                let (t, ks) = (welch(&first.micros, micros), distance(&first.micros, micros));
                apart = ks;
                format!("{t:+.1} | {ks:.4}")
            }
            None => {
                first = Some(class);
                " | ".to_owned()
            }
        };
        say(format!("| {like} | {name} | {half:.1} | {most:.1} | {compared} |"));
    }
    say(format!("\n{READ}"));
    let right = apart > CHANCE;
    if !right {
        say("The last row is looked up by nobody and was not told apart: this run shows nothing.");
    }
    Ok(right)
}

/// The numbers below `count` in an order of chance.
fn shuffled(count: usize, random: &mut Random) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    (1..count).rev().for_each(|at| order.swap(at, random.below(at + 1)));
    order
}
