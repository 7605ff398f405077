//! A bounded map in memory, made for reading: a look-up takes a lock that readers share, marks the entry as used and
//! hops nowhere.
//!
//! What is over the bound leaves at once, by second chance: the oldest entry that nobody looked at since it was last
//! passed over. It must never keep what it let go of waiting in a queue, for entries hold keys.

use hashbrown::{HashTable, hash_table::Entry};
use parking_lot::RwLock;
use std::{
    collections::VecDeque,
    hash::{BuildHasher, Hash, RandomState},
    sync::atomic::{AtomicBool, Ordering},
};

/// Parts with a lock each: a writer holds up one in so many readers.
const SHARDS: usize = 64;

/// Removed keys that a shard's order may hold beyond as many as it has rows, so that few rows are not put in order anew
/// with every removal.
const ORDER_SLACK: usize = 64;

/// A bounded map. `S` is how keys are hashed: the default withstands keys that somebody chose.
pub(super) struct Kept<K, V, S = RandomState> {
    hasher: S,
    shards: Box<[RwLock<Shard<K, V>>]>,
    /// Of one shard.
    weight_max: u64,
}

struct Shard<K, V> {
    rows: HashTable<Row<K, V>>,
    /// Keys from the oldest on, each with the number its row had: a key that was removed and kept anew is here twice.
    order: VecDeque<(K, u64)>,
    next: u64,
    weight: u64,
}

struct Row<K, V> {
    key: K,
    value: V,
    weight: u64,
    number: u64,
    used: AtomicBool,
}

impl<K, V> Default for Shard<K, V> {
    fn default() -> Self {
        Self { rows: HashTable::new(), order: VecDeque::new(), next: 0, weight: 0 }
    }
}

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Default> Kept<K, V, S> {
    /// One that holds rows of this weight together.
    pub(super) fn new(weight_max: u64) -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self { hasher: S::default(), shards, weight_max: weight_max.div_ceil(SHARDS as u64) }
    }

    /// What is kept under a key.
    pub(super) fn get(&self, key: &K) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let shard = self.shard(hash)?.read();
        let row = shard.rows.find(hash, |row| row.key == *key)?;
        // Written when it changes only: a hot row's line stays with every core that reads it.
        if !row.used.load(Ordering::Relaxed) {
            row.used.store(true, Ordering::Relaxed);
        }
        Some(row.value.clone())
    }

    /// Keeps a value of weight one.
    pub(super) fn insert(&self, key: K, value: V) {
        self.insert_weighing(key, value, 1);
    }

    /// Keeps a value in place of what was kept under the key. One that alone is too heavy is not kept, and pushes
    /// nothing out.
    pub(super) fn insert_weighing(&self, key: K, value: V, weight: u64) {
        let hash = self.hasher.hash_one(&key);
        let Some(shard) = self.shard(hash) else { return };
        let mut shard = shard.write();
        if weight > self.weight_max {
            return shard.take(hash, |row| row.key == key);
        }
        shard.put(&self.hasher, hash, key, value, weight);
        shard.shrink(&self.hasher, self.weight_max);
    }

    /// Lets go of what is kept under a key.
    pub(super) fn remove(&self, key: &K) {
        let hash = self.hasher.hash_one(key);
        if let Some(shard) = self.shard(hash) {
            shard.write().take(hash, |row| row.key == *key);
        }
    }

    fn shard(&self, hash: u64) -> Option<&RwLock<Shard<K, V>>> {
        // The table looks at the lowest bits and the highest seven.
        self.shards.get(usize::try_from(hash >> 40).unwrap_or(0) % SHARDS)
    }
}

impl<K: Eq + Hash + Clone, V> Shard<K, V> {
    fn put(&mut self, hasher: &impl BuildHasher, hash: u64, key: K, value: V, weight: u64) {
        self.weight += weight;
        let same = |row: &Row<K, V>| row.key == key;
        match self.rows.entry(hash, same, |row| hasher.hash_one(&row.key)) {
            Entry::Occupied(mut known) => {
                let row = known.get_mut();
                self.weight -= row.weight;
                (row.value, row.weight) = (value, weight);
            }
            Entry::Vacant(vacant) => {
                let (number, used) = (self.next, AtomicBool::new(false));
                self.next += 1;
                self.order.push_back((key.clone(), number));
                vacant.insert(Row { key, value, weight, number, used });
            }
        }
    }

    fn take(&mut self, hash: u64, which: impl FnMut(&Row<K, V>) -> bool) {
        if let Ok(found) = self.rows.find_entry(hash, which) {
            self.weight -= found.remove().0.weight;
        }
        // Removing leaves a key behind in the order: it must not grow by it for ever.
        if self.order.len() > 2 * self.rows.len() + ORDER_SLACK {
            let numbers: std::collections::HashSet<u64> =
                self.rows.iter().map(|row| row.number).collect();
            self.order.retain(|(_, number)| numbers.contains(number));
        }
    }

    /// Lets go of rows until the rest is light enough.
    fn shrink(&mut self, hasher: &impl BuildHasher, weight_max: u64) {
        while self.weight > weight_max {
            let Some((key, number)) = self.order.pop_front() else { return };
            let hash = hasher.hash_one(&key);
            let same = |row: &Row<K, V>| row.number == number && row.key == key;
            match self.rows.find(hash, same) {
                Some(row) if row.used.swap(false, Ordering::Relaxed) => {
                    self.order.push_back((key, number));
                }
                Some(_) => self.take(hash, |row| row.number == number && row.key == key),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All in one shard.
    #[derive(Default)]
    struct Alike;

    impl BuildHasher for Alike {
        type Hasher = Alike;

        fn build_hasher(&self) -> Alike {
            Alike
        }
    }

    impl std::hash::Hasher for Alike {
        fn finish(&self) -> u64 {
            0
        }

        fn write(&mut self, _: &[u8]) {}
    }

    fn kept(rows: u64) -> Kept<u32, u32, Alike> {
        Kept::new(rows * SHARDS as u64)
    }

    fn has(kept: &Kept<u32, u32, Alike>) -> Vec<u32> {
        (0..100)
            .filter(|key| kept.shards[0].read().rows.iter().any(|row| row.key == *key))
            .collect()
    }

    #[test]
    fn the_oldest_that_nobody_looked_at_leaves_first() {
        let kept = kept(3);
        (0..3).for_each(|key| kept.insert(key, key));
        assert_eq!(kept.get(&0), Some(0));
        kept.insert(3, 3);
        assert_eq!(has(&kept), [0, 2, 3]);
        kept.insert(4, 4);
        assert_eq!(has(&kept), [0, 3, 4], "one look is one second chance");
    }

    #[test]
    fn a_scan_ends_even_if_everything_was_looked_at_and_one_row_is_too_heavy() {
        let kept = kept(3);
        (0..3).for_each(|key| kept.insert(key, key));
        (0..3).for_each(|key| assert_eq!(kept.get(&key), Some(key)));
        kept.insert(3, 3);
        let three = has(&kept);
        assert_eq!(three.len(), 3);
        kept.insert_weighing(9, 9, 4);
        assert_eq!(has(&kept), three, "it is not kept, and nothing makes room for it");
        kept.insert_weighing(three[0], 9, 4);
        assert_eq!(has(&kept), three[1..], "nor is what it was to replace");
        assert_eq!(kept.shards[0].read().weight, 2);
    }

    #[test]
    fn whatever_is_done_at_once_the_bound_holds_and_nothing_is_told_of_another_key() {
        const BOUND: u64 = 64 * SHARDS as u64;
        let kept: Kept<u64, u64> = Kept::new(BOUND);
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let kept = &kept;
                scope.spawn(move || {
                    for at in 0..20_000_u64 {
                        let key = (at * 31 + thread * 7) % 2_000;
                        match at % 5 {
                            0 | 1 => kept.insert_weighing(key, key * 10, 1 + key % 9),
                            2 if at % 3 == 0 => kept.remove(&key),
                            _ => assert!(kept.get(&key).is_none_or(|value| value == key * 10)),
                        }
                    }
                });
            }
        });
        for shard in &kept.shards {
            let shard = shard.read();
            assert!(shard.weight <= BOUND / SHARDS as u64);
            assert_eq!(shard.weight, shard.rows.iter().map(|row| row.weight).sum::<u64>());
            assert!(shard.order.len() <= 2 * shard.rows.len() + ORDER_SLACK);
        }
    }

    #[test]
    fn what_is_kept_anew_weighs_what_it_weighs_now() {
        let kept = kept(10);
        kept.insert_weighing(1, 1, 8);
        kept.insert_weighing(1, 2, 3);
        kept.insert_weighing(2, 2, 7);
        assert_eq!(has(&kept), [1, 2]);
        assert_eq!(kept.get(&1), Some(2));
    }

    #[test]
    fn what_is_removed_is_gone_and_leaves_nothing_that_grows() {
        let kept = kept(100);
        for _ in 0..10_000 {
            kept.insert(1, 1);
            kept.remove(&1);
        }
        assert_eq!(kept.get(&1), None);
        let shard = kept.shards[0].read();
        assert!(shard.order.len() <= 2 * ORDER_SLACK, "{}", shard.order.len());
        assert_eq!((shard.weight, shard.rows.len()), (0, 0));
    }
}
