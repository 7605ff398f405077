//! Ways to change an export, and where each has to be found.

use super::{
    export::{Export, House, OTHER, TENANT, What, event, event_line, head_line},
    forged,
};
use crate::dice::Dice;
use serde_json::Value;
use std::ops::{Range, RangeInclusive};
use subrosa_crypto::{checkpoint::LaneEnd, link};

/// Where a change was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In the first line, or before it was believed.
    Start,
    /// In a lane, at a place.
    At(u32, u64),
}

/// A way to change it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bit,
    EventTaken,
    EventTakenAnew,
    EventChanged,
    EventChangedAnew,
    EventPutInAnew,
    EventsSwapped,
    EventTwice,
    EventMoved,
    AnothersEvent,
    LaneTaken,
    LanesSwapped,
    LanePutIn,
    LaneCut,
    Cut,
    CheckpointTaken,
    CheckpointTwice,
    CheckpointMoved,
    EarlierEnd,
    Member,
    EndTaken,
    AnothersEnd,
    AnothersCheckpoint,
    AnotherCheckpoint,
    AnothersAll,
    Head,
    LineEnd,
    Space,
}

use Kind::*;

impl Kind {
    pub(super) const ALL: [Self; 28] = [
        Bit,
        EventTaken,
        EventTakenAnew,
        EventChanged,
        EventChangedAnew,
        EventPutInAnew,
        EventsSwapped,
        EventTwice,
        EventMoved,
        AnothersEvent,
        LaneTaken,
        LanesSwapped,
        LanePutIn,
        LaneCut,
        Cut,
        CheckpointTaken,
        CheckpointTwice,
        CheckpointMoved,
        EarlierEnd,
        Member,
        EndTaken,
        AnothersEnd,
        AnothersCheckpoint,
        AnotherCheckpoint,
        AnothersAll,
        Head,
        LineEnd,
        Space,
    ];
}

type Edit = (Range<usize>, Vec<u8>);
type Near = (u32, RangeInclusive<u64>);

/// A change to an export.
pub(super) struct Attack {
    kind: Kind,
    /// Parts of the text and what is put in their places.
    edits: Vec<Edit>,
    /// Where it may be found: where it was done, as what was there or as what is there now.
    near: Vec<Near>,
    /// Whether it may be found in the first line.
    start: bool,
}

impl Attack {
    pub(super) fn draw(kind: Kind, house: &House, export: &Export, dice: &mut Dice) -> Self {
        let lane = dice.below(export.lanes.into()) as u32;
        let seq = 1 + dice.below(export.length);
        let at = export.find(lane, seq);
        let any = dice.below(export.lines.len() as u64) as usize;
        let spot = dice.any();
        let mut attack = Self { kind, edits: Vec::new(), near: Vec::new(), start: false };
        match kind {
            Bit => attack.bit(export, any, spot),
            EventTaken => attack.instead(export, at, Vec::new(), (lane, seq..=seq)),
            EventTakenAnew => attack.anew(forged::taken(export, lane, seq), export, lane, seq),
            EventChangedAnew => attack.anew(forged::changed(export, lane, seq), export, lane, seq),
            EventPutInAnew => attack.anew(forged::put_in(export, lane, seq), export, lane, seq),
            EventChanged => {
                let (_, hash) = export.event(lane, seq);
                let line = event_line(lane, seq, &event(TENANT, spot >> 8), &hash);
                attack.instead(export, at, line, (lane, seq..=seq));
            }
            AnothersEvent => {
                let (canonical, (_, before)) = (event(OTHER, seq), export.event(lane, seq - 1));
                let hash = link(lane, seq, &before, &canonical);
                let line = event_line(lane, seq, &canonical, &hash);
                attack.instead(export, at, line, (lane, seq..=seq));
            }
            EventsSwapped => {
                let seq = seq.min(export.length - 1);
                let at = export.find(lane, seq);
                let both = [export.line(at + 1), export.line(at)].concat();
                attack.edits.push((export.span(at..at + 2), both));
                attack.near.push((lane, seq..=seq));
            }
            EventTwice => {
                let both = export.line(at).repeat(2);
                attack.instead(export, at, both, (lane, seq + 1..=seq + 1));
            }
            EventMoved => attack.moved(export, at, any),
            LaneTaken => {
                attack.edits.push((export.span(export.lane(lane)), Vec::new()));
                attack.near.push((lane, 1..=1));
            }
            LanesSwapped => {
                let first = lane.min(export.lanes - 2);
                let last = first + 1 + dice.below((export.lanes - first - 1).into()) as u32;
                let (a, b) = (export.span(export.lane(first)), export.span(export.lane(last)));
                let texts = (export.text[a.clone()].to_vec(), export.text[b.clone()].to_vec());
                attack.edits = vec![(a, texts.1), (b, texts.0)];
                attack.near.push((last, export.length + 1..=export.length + 1));
            }
            LanePutIn => {
                let number = export.lanes + dice.below(9) as u32;
                let end = export.span(export.lines.len() - 1..export.lines.len());
                attack.edits.push((end.start..end.start, forged::lane(number)));
                attack.near.push((number, 1..=1));
            }
            LaneCut => {
                attack.edits.push((export.span(at..export.lane(lane).end), Vec::new()));
                attack.near.push((lane, seq..=seq));
            }
            Cut => {
                let span = export.span(any..any + 1);
                let from = span.start + spot as usize % span.len();
                attack.edits.push((from..export.text.len(), Vec::new()));
                attack.near_line(export, any);
            }
            Member => {
                let start = export.span(any..any + 1).start;
                attack.edits.push((start..start + 1, b"{\"a\":1,".to_vec()));
                attack.near_line(export, any);
            }
            Space => {
                let span = export.span(any..any + 1);
                let place = if spot.is_multiple_of(2) { span.start + 1 } else { span.end - 1 };
                attack.edits.push((place..place, b" ".to_vec()));
                attack.near_line(export, any);
            }
            LineEnd => attack.line_end(export, any, spot),
            Head => {
                let key = house.key();
                let (key, tenant) = match spot.is_multiple_of(2) {
                    true => (house.others_key(), TENANT),
                    false => (key, OTHER),
                };
                attack.edits.push((export.span(0..1), head_line(&key, tenant)));
                attack.near_line(export, 0);
            }
            CheckpointTaken | CheckpointTwice | CheckpointMoved | AnothersCheckpoint
            | AnotherCheckpoint | AnothersAll => {
                attack.checkpoint(house, export, dice, lane, any);
            }
            EndTaken | AnothersEnd | EarlierEnd => attack.end(house, export, lane, seq),
        }
        attack
    }

    /// The export, so changed.
    pub(super) fn text(&self, export: &Export) -> Vec<u8> {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = Vec::with_capacity(export.text.len() + 1_024);
        let mut done = 0;
        for (range, with) in edits {
            text.extend_from_slice(&export.text[done..range.start]);
            text.extend_from_slice(with);
            done = range.end;
        }
        text.extend_from_slice(&export.text[done..]);
        assert!(text != export.text, "{:?} changes something", self.kind);
        text
    }

    /// How this was not found where it was done, if it was not.
    pub(super) fn missed(&self, found: &Result<(), Place>) -> Option<String> {
        let fits = match found {
            Ok(()) => false,
            Err(Place::Start) => self.start,
            Err(Place::At(lane, seq)) => {
                self.near.iter().any(|(own, places)| own == lane && places.contains(seq))
            }
        };
        let Self { kind, edits, near, start } = self;
        let first = edits.iter().map(|(range, _)| range.clone()).next();
        (!fits).then(|| format!("{kind:?} at {first:?}: {found:?} for {near:?}, start {start}"))
    }

    fn instead(&mut self, export: &Export, at: usize, with: Vec<u8>, near: Near) {
        self.edits.push((export.span(at..at + 1), with));
        self.near.push(near);
    }

    /// A lane that was linked anew from an event on is found by the next checkpoint, or by the end: somewhere after the
    /// last checkpoint that vouches for what is before.
    fn anew(&mut self, edit: Edit, export: &Export, lane: u32, seq: u64) {
        self.edits.push(edit);
        let (after, until) = (export.vouched(lane, seq), export.vouches(lane, seq));
        self.near.push((lane, after + 1..=until + 2));
    }

    fn bit(&mut self, export: &Export, line: usize, spot: u64) {
        let span = export.span(line..line + 1);
        let place = span.start + (spot >> 3) as usize % span.len();
        let byte = export.text[place] ^ (1 << (spot & 7));
        self.edits.push((place..place + 1, vec![byte]));
        self.near_line(export, line);
        // An event that says it is of another lane is out of place there.
        let mut changed = export.line(line).to_vec();
        changed[place - span.start] = byte;
        let claims: Value = serde_json::from_slice(&changed).unwrap_or_default();
        if let Some(lane) = claims["lane"].as_u64().and_then(|lane| u32::try_from(lane).ok()) {
            self.near.push((lane, 1..=1));
        }
    }

    fn moved(&mut self, export: &Export, at: usize, to: usize) {
        let to = if to == at || to == at + 1 || to == 0 { 1 + at % 2 } else { to };
        let to = if to == at || to == at + 1 { at + 2 } else { to };
        let point = export.span(to..to + 1).start;
        let line = export.line(at).to_vec();
        self.edits.push((export.span(at..at + 1), Vec::new()));
        self.edits.push((point..point, line));
        self.near_line(export, at);
        self.near.push(reached(export, to));
        // Where it is put it may be the first of its lane.
        if let What::Event(lane, _) = export.lines[at].what {
            self.near.push((lane, 1..=2));
        }
    }

    fn line_end(&mut self, export: &Export, line: usize, spot: u64) {
        let end = export.span(line..line + 1).end;
        let last = export.lines.len() - 1;
        match spot % 4 {
            0 => {
                self.edits.push((end - 1..end, b"\r\n".to_vec()));
                self.near_line(export, line);
            }
            1 => {
                self.edits.push((end..end, b"\n".to_vec()));
                self.near.push(reached(export, line + 1));
            }
            2 => {
                self.edits.push((export.text.len() - 1..export.text.len(), Vec::new()));
                self.near_line(export, last);
            }
            _ => {
                self.edits.push((export.text.len()..export.text.len(), b" ".to_vec()));
                self.near_line(export, last);
            }
        }
    }

    fn checkpoint(
        &mut self,
        house: &House,
        export: &Export,
        dice: &mut Dice,
        lane: u32,
        any: usize,
    ) {
        let of = |line: &usize| matches!(export.lines[*line].what, What::Checkpoint(..));
        let all: Vec<usize> = (0..export.lines.len()).filter(of).collect();
        let at = dice.pick(all.iter().copied()).unwrap();
        let What::Checkpoint(own, seq) = export.lines[at].what else { return };
        let (_, hash) = export.event(own, seq);
        match self.kind {
            // Only that it is missing can be told, and of which lane.
            CheckpointTaken => self.instead(export, at, vec![], (own, 1..=export.length)),
            CheckpointTwice => {
                let both = export.line(at).repeat(2);
                self.instead(export, at, both, (own, seq + 1..=seq + 1));
            }
            CheckpointMoved => self.moved(export, at, any),
            AnothersCheckpoint => {
                let line = house.others_checkpoint(own, seq, hash);
                self.instead(export, at, line, (own, seq + 1..=seq + 1));
            }
            AnotherCheckpoint => {
                let place = 1 + dice.below(export.length);
                let place = if (lane, place) == (own, seq) { seq - 1 } else { place };
                let (_, hash) = export.event(lane, place);
                let line = house.checkpoint(lane, place, hash);
                self.instead(export, at, line, (own, seq + 1..=seq + 1));
            }
            _ => {
                for line in &all {
                    let What::Checkpoint(own, seq) = export.lines[*line].what else { return };
                    let (_, hash) = export.event(own, seq);
                    let made = house.others_checkpoint(own, seq, hash);
                    self.edits.push((export.span(*line..line + 1), made));
                }
                let last = export.lines.len() - 1;
                let end = house.others_end(&ends(export, 0, export.length));
                self.edits.push((export.span(last..last + 1), end));
                self.near.push(reached(export, all[0]));
            }
        }
    }

    fn end(&mut self, house: &House, export: &Export, lane: u32, seq: u64) {
        let last = export.lines.len() - 1;
        let (with, near) = match self.kind {
            // What was exported before the lane had this event is not the end of what is here.
            EarlierEnd => (house.end(&ends(export, lane, seq - 1)), (lane, seq..=seq)),
            AnothersEnd => {
                (house.others_end(&ends(export, 0, export.length)), reached(export, last))
            }
            _ => (Vec::new(), reached(export, last)),
        };
        self.instead(export, last, with, near);
    }

    /// Where a change to a line may be found: at what the line is, or at what the walk has reached there.
    fn near_line(&mut self, export: &Export, line: usize) {
        self.near.push(reached(export, line));
        match export.lines[line].what {
            What::Head => self.start = true,
            What::Event(lane, seq) => self.near.push((lane, seq..=seq)),
            What::Checkpoint(..) | What::End => {}
        }
    }
}

/// The place after the line before this one.
fn reached(export: &Export, line: usize) -> Near {
    match export.lines[..line].last().map(|line| line.what) {
        None | Some(What::Head) => (0, 1..=1),
        Some(What::Event(lane, seq) | What::Checkpoint(lane, seq)) => (lane, seq + 1..=seq + 1),
        Some(What::End) => (export.lanes - 1, export.length + 1..=export.length + 1),
    }
}

/// Where each lane ends, one of them at this place.
fn ends(export: &Export, shorter: u32, until: u64) -> Vec<LaneEnd> {
    let end = |lane: u32| {
        let seq = if lane == shorter { until } else { export.length };
        let (_, link) = export.event(lane, seq);
        LaneEnd { lane, seq, link, checkpoints: export.checkpoints_until(lane, seq) }
    };
    (0..export.lanes).map(end).collect()
}
