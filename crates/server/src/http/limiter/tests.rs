//! The limiter against those it is there for: hasty, patient, many at once, and with more addresses than it has room.

use super::{
    table::SHARD_PLACES_MAX,
    window::{GUESS_WINDOW, GUESSES_MAX},
    *,
};
use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

const SECOND: i64 = 1_000_000;
const WINDOW: i64 = GUESS_WINDOW.as_micros() as i64;

fn limiter() -> Limiter {
    Limiter::new(LimiterOptions::default())
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_767_225_600_000_000 + micros)
}

/// The `n`th address of one IPv4 neighbourhood.
fn v4(n: u16) -> IpAddr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::new(198, 51, high, low).into()
}

/// An address in the `n`th network of 64 bits of the `around`th neighbourhood.
fn v6(around: u16, n: u16) -> IpAddr {
    Ipv6Addr::new(0x2001, around, 0, n, 1, 2, 3, 4).into()
}

/// A wrong guess; whether it was looked at.
fn misses(limiter: &Limiter, from: IpAddr, now: Timestamp) -> bool {
    limiter.guess(from, now).is_ok()
}

/// The moments, of these in order, at which a wrong guess from one address was looked at.
fn looked_at(moments: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let limiter = limiter();
    moments.into_iter().filter(|moment| misses(&limiter, v4(1), at(*moment))).collect()
}

/// The most of these moments, in order, that any one window holds.
fn most_in_a_window(moments: &[i64]) -> usize {
    let until = |from: i64| moments.partition_point(|at| *at <= from + WINDOW);
    moments.iter().enumerate().map(|(n, from)| until(*from) - n).max().unwrap_or(0)
}

#[test]
fn a_hasty_attacker_has_ten_guesses_and_then_a_window_to_wait() {
    let looked_at = looked_at((0..100_000).map(|n| n * 1_000));
    assert_eq!(looked_at, (0..10).map(|n| n * 1_000).collect::<Vec<_>>());
}

#[test]
fn a_patient_attacker_never_has_more_than_ten_in_any_window() {
    let hour = 3_600 * SECOND;
    let every = |pause: i64| (0..24 * hour / pause).map(move |n| n * pause).collect::<Vec<_>>();
    // Thirty at ten a second, then five seconds of rest.
    let rests = (0..20_000).map(|n| n * SECOND / 10 + n / 30 * 5 * SECOND).collect();
    // All that a window allows, just before and just after each of its borders.
    let borders = (1..20).flat_map(|n| {
        let border = n * WINDOW;
        (-10..10).map(move |step| border + step)
    });
    let minutes = every(60 * SECOND);
    for (what, moments) in [
        ("one a minute", minutes.clone()),
        ("one in 89 seconds", every(89 * SECOND)),
        ("one in 90 seconds", every(90 * SECOND)),
        ("a rest after thirty", rests),
        ("bursts around borders", borders.collect()),
        ("one in 100 seconds, and a burst", {
            let mut moments = every(100 * SECOND);
            moments.extend((0..50).map(|n| 5 * hour + n));
            moments.sort_unstable();
            moments
        }),
    ] {
        let looked_at = looked_at(moments.iter().copied());
        assert_eq!(most_in_a_window(&looked_at), GUESSES_MAX, "{what}");
        assert!(looked_at.len() < moments.len(), "{what}: someone was refused");
    }
    // What the limiter stands for: a day of one a minute is 10 in each of 96 windows and not 1,440.
    assert!(looked_at(minutes).len() <= 960);
}

#[test]
fn a_hundred_at_the_same_moment_are_ten() {
    let limiter = limiter();
    let barrier = std::sync::Barrier::new(100);
    let looked_at = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                barrier.wait();
                let guess = limiter.guess(v4(1), at(0));
                looked_at.fetch_add(guess.is_ok().into(), std::sync::atomic::Ordering::Relaxed);
                barrier.wait();
                drop(guess);
            });
        }
    });
    assert_eq!(looked_at.into_inner(), GUESSES_MAX);
}

#[test]
fn right_guesses_are_not_counted_and_do_not_forgive_wrong_ones() {
    let limiter = limiter();
    for n in 0..1_000 {
        limiter.guess(v4(1), at(n)).unwrap().right();
    }
    for n in 0..9 {
        assert!(misses(&limiter, v4(1), at(2_000 + n)));
        limiter.guess(v4(1), at(2_000 + n)).unwrap().right();
    }
    assert!(misses(&limiter, v4(1), at(3_000)));
    limiter.guess(v4(1), at(3_001)).unwrap_err();
}

#[test]
fn a_mapped_or_neighbouring_spelling_is_no_new_guess() {
    let limiter = limiter();
    for n in 0..5 {
        assert!(misses(&limiter, "192.0.2.1".parse().unwrap(), at(n)));
        assert!(misses(&limiter, "::ffff:192.0.2.1".parse().unwrap(), at(n)));
    }
    assert!(!misses(&limiter, "192.0.2.1".parse().unwrap(), at(9)));
    assert!(!misses(&limiter, "::ffff:c000:201".parse().unwrap(), at(9)));
    assert!(misses(&limiter, "192.0.2.2".parse().unwrap(), at(9)));
    let network = |n| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, n, n, n, n).into();
    let looked_at = (0..1_000).filter(|n| misses(&limiter, network(*n), at(9))).count();
    assert_eq!(looked_at, GUESSES_MAX);
}

#[test]
fn whoever_has_more_addresses_than_there_is_room_shares_what_is_left() {
    let limiter = limiter();
    let places = u16::try_from(SHARD_PLACES_MAX).unwrap();
    assert!((0..places).all(|n| misses(&limiter, v6(1, n), at(0))));
    // Everyone who has no place by now is one.
    let newcomers = (places..60_000).filter(|n| misses(&limiter, v6(1, *n), at(SECOND))).count();
    assert_eq!(newcomers, GUESSES_MAX);
    // And whoever had one had nothing forgotten.
    for n in 0..places {
        let more = (0..20).filter(|_| misses(&limiter, v6(1, n), at(2 * SECOND))).count();
        assert_eq!(more, GUESSES_MAX - 1, "{n}");
    }
}

#[test]
fn cycling_through_addresses_gains_nothing_while_room_comes_and_goes() {
    let limiter = limiter();
    let places = u16::try_from(SHARD_PLACES_MAX).unwrap();
    // Room for all but one, whose guesses are counted with everyone's, until the others' window is over.
    assert!((0..places).all(|n| misses(&limiter, v6(1, n), at(0))));
    let late = v6(1, places);
    let tries = (0..4 * WINDOW / SECOND).map(|n| WINDOW - 10 * SECOND + n * SECOND);
    let looked_at: Vec<i64> = tries.filter(|now| misses(&limiter, late, at(*now))).collect();
    assert_eq!(most_in_a_window(&looked_at), GUESSES_MAX);
    assert!(looked_at.len() > GUESSES_MAX, "it has room again in the end");
}

#[test]
fn newcomers_have_places_of_their_own_again_once_the_others_are_over() {
    let limiter = limiter();
    let places = u16::try_from(SHARD_PLACES_MAX).unwrap();
    assert!((0..places).all(|n| misses(&limiter, v6(1, n), at(0))));
    for n in places..places + 10 {
        assert!((0..GUESSES_MAX).all(|_| misses(&limiter, v6(1, n), at(WINDOW + SECOND))));
        assert!(!misses(&limiter, v6(1, n), at(WINDOW + SECOND)));
    }
}

#[test]
fn a_right_guess_among_newcomers_is_taken_back_from_what_they_share() {
    let limiter = limiter();
    let places = u16::try_from(SHARD_PLACES_MAX).unwrap();
    assert!((0..places).all(|n| misses(&limiter, v6(1, n), at(0))));
    for n in 0..100 {
        limiter.guess(v6(1, places + n), at(n.into())).unwrap().right();
    }
    assert!(misses(&limiter, v6(1, places), at(SECOND)));
}

#[test]
fn a_network_full_of_attackers_is_felt_in_its_own_corner_alone() {
    let limiter = limiter();
    let mut attacks = (0..4).flat_map(|_| (0..u16::MAX).map(|n| v6(1, n)));
    assert!(attacks.by_ref().any(|from| !misses(&limiter, from, at(0))), "it is full");
    attacks.for_each(|from| drop(limiter.guess(from, at(0))));
    let untouched = (2..1_002).filter(|around| misses(&limiter, v6(*around, 0), at(1))).count();
    // One in 64 by design; this many by any luck.
    assert!(untouched > 900, "{untouched} of 1000");
}

#[test]
fn unknown_credentials_are_refused_above_the_rate_and_for_their_address_alone() {
    let limiter = limiter();
    let let_through = (0..5_000).filter(|_| limiter.unknown(v4(1), at(0)).is_ok()).count();
    assert_eq!(let_through, 1_000);
    assert_eq!(limiter.unknown(v4(1), at(0)).unwrap_err().secs(), 1);
    limiter.unknown(v4(2), at(0)).unwrap();
    limiter.unknown(v4(1), at(SECOND)).unwrap();
    assert!(misses(&limiter, v4(1), at(0)), "a credential is no guess");
}

#[test]
fn a_flood_from_every_address_of_a_network_is_one_flood_once_there_is_no_room() {
    let limiter = Limiter::new(LimiterOptions { unknown_per_second: 1 });
    let let_through = (0..u16::MAX).filter(|n| limiter.unknown(v6(1, *n), at(0)).is_ok()).count();
    assert_eq!(let_through, SHARD_PLACES_MAX + 1);
    limiter.unknown(v6(1, u16::MAX), at(SECOND)).unwrap();
}

#[test]
fn a_rate_of_none_is_no_limit() {
    let limiter = Limiter::new(LimiterOptions { unknown_per_second: 0 });
    assert!((0..100_000).all(|_| limiter.unknown(v4(1), at(0)).is_ok()));
}

#[test]
fn nothing_of_an_address_is_in_what_is_logged() {
    let limiter = limiter();
    let guess = limiter.guess(v4(1), at(0)).unwrap();
    assert_eq!(format!("{limiter:?} {guess:?}"), "Limiter Guess");
}

/// Pauses as attackers make them: none, a moment, around a tenth of a window, around a whole one.
fn pause() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0),
        3 => 1..SECOND,
        2 => SECOND..200 * SECOND,
        1 => (WINDOW / 10 - 1)..=(WINDOW / 10 + 1),
        1 => (WINDOW - 1)..=(WINDOW + 1),
    ]
}

proptest! {
    /// The model keeps every guess that was looked at and not right, for ever, and counts those of the window.
    #[test]
    fn guesses_agree_with_a_model_that_forgets_nothing(
        steps in prop::collection::vec((0..3_u16, pause(), prop::bool::weighted(0.2)), 1..400)
    ) {
        let limiter = limiter();
        let (mut now, mut kept) = (0, Vec::<(u16, i64)>::new());
        for (who, pause, right) in steps {
            now += pause;
            let own = kept.iter().filter(|(whose, at)| *whose == who && now - at <= WINDOW);
            let room = own.count() < GUESSES_MAX;
            let guess = limiter.guess(v4(who), at(now));
            prop_assert_eq!(guess.is_ok(), room, "address {} at {}", who, now);
            match guess {
                Ok(guess) if right => guess.right(),
                Ok(_wrong) => kept.push((who, now)),
                Err(_) => {}
            }
        }
        for who in 0..3 {
            let own: Vec<i64> =
                kept.iter().filter(|(whose, _)| *whose == who).map(|(_, at)| *at).collect();
            prop_assert!(most_in_a_window(&own) <= GUESSES_MAX);
        }
    }

    /// Places fill up one after the other, so that room comes and goes; nobody is let through more for it.
    #[test]
    fn nobody_has_more_than_the_limit_however_full_it_is(
        filled_within in 0..2 * WINDOW,
        steps in prop::collection::vec((0..20_u16, pause(), 1..15), 1..100),
    ) {
        let limiter = limiter();
        let places = u16::try_from(SHARD_PLACES_MAX).unwrap();
        for n in 0..places {
            let moment = filled_within * i64::from(n) / i64::from(places);
            let _ = limiter.guess(v6(1, n), at(moment));
        }
        let (mut now, mut kept) = (filled_within, vec![Vec::new(); 20]);
        for (who, pause, guesses) in steps {
            now += pause;
            // Half of them have a place already.
            let looked_at = (0..guesses).filter(|_| misses(&limiter, v6(1, places - 10 + who), at(now)));
            let looked_at = looked_at.count();
            kept[usize::from(who)].extend(std::iter::repeat_n(now, looked_at));
        }
        for own in kept {
            prop_assert!(most_in_a_window(&own) <= GUESSES_MAX);
        }
    }

    #[test]
    fn whoever_stays_below_the_limit_is_never_refused_whatever_the_neighbours_do(
        pauses in prop::collection::vec(0..4 * WINDOW / 10, 1..100),
        busy in prop::collection::vec(0..50_usize, 100),
    ) {
        let limiter = limiter();
        let (mut now, mut own) = (0, Vec::<i64>::new());
        for (pause, busy) in pauses.into_iter().zip(busy) {
            now += pause;
            (0..busy).for_each(|_| drop(limiter.guess(v4(2), at(now))));
            // Guesses only when that makes no eleventh in a window.
            if own.iter().filter(|at| now - **at <= WINDOW).count() < GUESSES_MAX {
                prop_assert!(misses(&limiter, v4(1), at(now)));
                own.push(now);
            }
        }
    }

    /// Let through in any stretch of time: what the bucket holds, and what runs into it meanwhile.
    #[test]
    fn unknown_credentials_keep_to_their_rate(
        rate in 1..50_u32,
        pauses in prop::collection::vec(prop_oneof![Just(0), 0..SECOND], 1..300),
    ) {
        let limiter = Limiter::new(LimiterOptions { unknown_per_second: rate });
        let (mut now, mut passed) = (0, Vec::<i64>::new());
        for pause in pauses {
            now += pause;
            let last_second = passed.iter().filter(|at| now - **at <= SECOND).count();
            let through = limiter.unknown(v4(1), at(now)).is_ok();
            prop_assert!(through || last_second >= rate as usize, "refused below the rate");
            if through {
                passed.push(now);
            }
        }
        for (n, from) in passed.iter().enumerate() {
            for (m, to) in passed.iter().enumerate().skip(n) {
                let most = i64::from(rate) + (to - from) * i64::from(rate) / SECOND;
                prop_assert!((m - n) as i64 <= most);
            }
        }
    }
}
