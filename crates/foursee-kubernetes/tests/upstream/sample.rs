//! How much is asked, and numbers that only look random.

/// A generator that a seed decides.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// One time in so many.
    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }

    /// From one to so many of them.
    pub(crate) fn some<'a>(&mut self, from: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..=self.roll(most)).map(|_| self.pick(from)).collect()
    }
}

/// The seeds of one comparison: as many worlds as it takes for so many questions, `each` a world; a tenth of them
/// unless all are asked for.
pub(crate) fn seeds(all: usize, each: usize) -> std::ops::Range<u64> {
    let full = std::env::var("FOURSEE_UPSTREAM").is_ok_and(|word| word == "full");
    let first = std::env::var("FOURSEE_UPSTREAM_SEED").map_or(20_261_128, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("FOURSEE_UPSTREAM_SEED is no number"))
    });
    let worlds = all.div_ceil(each).div_ceil(if full { 1 } else { 10 });
    first..first + u64::try_from(worlds).unwrap()
}
