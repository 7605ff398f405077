//! Chance that can be had again: the same seed throws the same.

/// The seed of a run, unless `SUBROSA_SEED` says another.
const SEED: u64 = 4;

/// Numbers drawn from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// The seed of this run, said to whoever watches it.
pub(crate) fn seed() -> u64 {
    let said = std::env::var("SUBROSA_SEED").ok().and_then(|text| text.parse().ok());
    let seed = said.unwrap_or(SEED);
    println!("SUBROSA_SEED={seed}");
    seed
}

impl Dice {
    /// Dice of their own for each `stream` of a seed.
    pub(crate) const fn new(seed: u64, stream: u64) -> Self {
        Self(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ stream.wrapping_mul(0xA24B_AED4_963E_E407))
    }

    /// Any number (SplitMix64).
    pub(crate) const fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.any() % end
    }

    /// True so many times in a hundred.
    pub(crate) const fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// One of these; `None` of none.
    pub(crate) fn pick<T: Clone>(&mut self, from: impl IntoIterator<Item = T>) -> Option<T> {
        let from: Vec<T> = from.into_iter().collect();
        let at = self.below(from.len().max(1) as u64) as usize;
        from.get(at).cloned()
    }
}
