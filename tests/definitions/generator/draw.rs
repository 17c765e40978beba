//! Numbers that look random and follow from a seed alone.

/// Splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero up to `end`, which is not drawn.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).expect("below a u32")
    }

    /// True that often out of a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len().try_into().expect("a short list")) as usize]
    }

    /// The text that often out of a hundred, else nothing.
    pub fn maybe<'a>(&mut self, percent: u32, text: &'a str) -> &'a str {
        if self.percent(percent) { text } else { "" }
    }

    /// A part of the list, at least one of it, in its order.
    pub fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        let first = self.one(of);
        let others = of.iter().copied();
        others
            .filter(|one| *one == first || self.percent(30))
            .collect()
    }
}
