//! One sequence: each step taken by the model and by the server, and their answers compared.

use super::{body, closing, draw, line::Lines, names::Names, record};
use crate::{
    dice::Dice,
    model::{Act, Answer, Step, Who, World},
};
use std::fmt::Write;

/// What came of a sequence.
pub(super) enum Ran {
    /// Every answer was as expected: so many steps.
    Alike(u64),
    /// One was not.
    Differs { steps: Vec<Step>, how: String },
}

/// A sequence under way.
struct Sequence<'a> {
    lines: &'a mut Lines,
    world: World,
    names: Names,
    taken: u64,
    told: String,
}

/// Draws a sequence of 20 to 60 steps and takes it.
pub(super) async fn drawn(lines: &mut Lines, seed: u64, number: u64) -> Ran {
    let mut dice = Dice::new(seed, number);
    let length = 20 + dice.below(41) as u32;
    let mut sequence = Sequence::begin(lines).await;
    let mut steps = vec![];
    for serial in 1..=length {
        let moves = sequence.lines.moves_time();
        let step = draw::step(&mut dice, &sequence.world, serial, moves);
        steps.push(step.clone());
        if let Err(how) = sequence.take(&step).await {
            return Ran::Differs { steps, how };
        }
    }
    match sequence.close().await {
        Ok(taken) => Ran::Alike(taken),
        Err(how) => Ran::Differs { steps, how },
    }
}

/// Takes these steps on a new tenant: what differs and the story of it, or nothing.
pub(super) async fn again(lines: &mut Lines, steps: &[Step]) -> Option<(String, String)> {
    let mut sequence = Sequence::begin(lines).await;
    for step in steps {
        if let Err(how) = sequence.take(step).await {
            return Some((how, sequence.told));
        }
    }
    let told = sequence.told.clone();
    sequence.close().await.err().map(|how| (how, told))
}

impl<'a> Sequence<'a> {
    async fn begin(lines: &'a mut Lines) -> Self {
        let (slug, made) = lines.tenant().await;
        let world = World::new(slug, made);
        Self { lines, world, names: Names::new(), taken: 0, told: String::new() }
    }

    async fn close(mut self) -> Result<u64, String> {
        for step in closing::steps(&self.world) {
            self.take(&step).await?;
        }
        Ok(self.taken)
    }

    /// Takes a step, and where its answer has a token but not the token's id, asks for that.
    async fn take(&mut self, step: &Step) -> Result<(), String> {
        let answered = self.one(step).await?;
        let hides = matches!(
            step.act,
            Act::Personal { .. } | Act::PersonalFor { .. } | Act::MakeApiKey { enabled: true, .. }
        );
        if hides && answered {
            let by = Who::Holder(step.serial, 0);
            self.one(&Step { serial: step.serial, by, act: Act::Current, wait: 0 }).await?;
        }
        if step.serial == 1 && self.names.word("~integration").is_none() {
            self.learn_store().await;
        }
        Ok(())
    }

    /// The id of the built-in store, which new groups name.
    async fn learn_store(&mut self) {
        let path = "/api/svc/v1/provider-integrations";
        let token = self.names.word("$v1.0").expect("the first token works");
        let store = self.lines.ask(Some(token), false, "GET", path, None).await;
        let known = self.names.fits(&"~integration".into(), &store.body["data"][0]["id"]);
        known.expect("there is a store");
    }

    /// True when it was done. A step that needs what was never made is passed over.
    async fn one(&mut self, step: &Step) -> Result<bool, String> {
        let token = match step.by {
            Who::Holder(number, generation) => {
                let Some(token) = self.names.word(&format!("$v{number}.{generation}")) else {
                    return Ok(false);
                };
                Some(token.to_owned())
            }
            Who::Operator | Who::Nobody => None,
        };
        let Some(path) = body::path(&step.act, &self.world, &self.names) else {
            return Ok(false);
        };
        let body = body::body(&step.act, &self.world, &self.names);
        let (method, _) = step.act.route();
        self.lines.pass(1 + step.wait);
        let said = body.as_ref().map_or(String::new(), ToString::to_string);
        let _ = writeln!(self.told, "  {:>4} {:?} {method} {path} {said}", step.serial, step.by);
        if step.wait > 0 {
            let _ = writeln!(self.told, "       (after {} ms)", step.wait);
        }
        let expected = self.world.take(step);
        let operator = step.by == Who::Operator;
        let heard = self.lines.ask(token.as_deref(), operator, method, &path, body).await;
        self.taken += 1;
        self.compare(step, &expected, heard.status, &heard.body).map_err(|how| {
            if matches!(step.act, Act::Audit) {
                return how;
            }
            let expected = format!("{} {}", expected.status, expected.body);
            format!("{how}\n  expected {expected}\n  actual   {} {}", heard.status, heard.body)
        })?;
        Ok(expected.status < 300)
    }

    fn compare(
        &mut self,
        step: &Step,
        expected: &Answer,
        status: u16,
        body: &serde_json::Value,
    ) -> Result<(), String> {
        let who = format!("step {}, {:?}", step.serial, step.act);
        if status != expected.status {
            return Err(format!("{who}: answered {status}, not {}", expected.status));
        }
        if matches!(step.act, Act::Audit) && status == 200 {
            return record::compare(&mut self.names, &self.world.log, body)
                .map_err(|how| format!("{who}{how}"));
        }
        self.names.fits(&expected.body, body).map_err(|how| format!("{who}: {how}"))
    }
}
