//! Which events showed a request: each once.

/// One event that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// A hash of its auditID and of what is counted of it: that of both stages of a long request is one.
    Known(u64),
    /// A long request that began, without an auditID.
    Began,
    /// A request that ended, without an auditID.
    Ended,
}

/// The events that showed a request on a day.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Events {
    /// Hashes; in order and each once from seal on.
    known: Vec<u64>,
    began: u32,
    ended: u32,
}

impl Events {
    /// How many requests these are, from seal on. Without an auditID nothing tells an event that is read twice from two,
    /// and the stages of a long request are paired by their numbers.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.known.len() as u64 + u64::from(self.began.max(self.ended))
    }

    pub(super) fn add(&mut self, event: Event) {
        match event {
            Event::Known(hash) => self.push(hash),
            Event::Began => self.began = self.began.saturating_add(1),
            Event::Ended => self.ended = self.ended.saturating_add(1),
        }
    }

    pub(super) fn merge(&mut self, part: Self) {
        self.began = self.began.saturating_add(part.began);
        self.ended = self.ended.saturating_add(part.ended);
        if self.known.is_empty() {
            self.known = part.known;
        } else {
            part.known.into_iter().for_each(|hash| self.push(hash));
        }
    }

    /// What is there twice goes before more room is taken, and then room is made for as much again, so that each hash is
    /// sorted a bounded number of times.
    fn push(&mut self, hash: u64) {
        if self.known.len() == self.known.capacity() {
            self.tidy();
            self.known.reserve_exact(self.known.len().max(1));
        }
        self.known.push(hash);
    }

    fn tidy(&mut self) {
        self.known.sort_unstable();
        self.known.dedup();
    }

    pub(super) fn seal(&mut self) {
        self.tidy();
        self.known.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once_in_any_order_and_split() {
        let hashes: Vec<u64> = (0..1_000_u64)
            .map(|at| (at % 300).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        let of = |hashes: &[u64]| {
            let mut all = Events::default();
            hashes.iter().for_each(|hash| all.add(Event::Known(*hash)));
            all
        };
        let mut forward = of(&hashes);
        let mut split = of(&hashes[700..]);
        split.merge(of(&hashes[..700]));
        split.merge(Events::default());
        let most = split.known.capacity();
        forward.seal();
        split.seal();
        assert_eq!((forward.requests(), &forward), (300, &split));
        assert!(most <= 600, "{most}");
    }

    #[test]
    fn without_an_audit_id_stages_are_paired() {
        let mut all = Events::default();
        [
            Event::Began,
            Event::Ended,
            Event::Began,
            Event::Known(7),
            Event::Known(7),
        ]
        .into_iter()
        .for_each(|event| all.add(event));
        all.seal();
        assert_eq!(all.requests(), 3);
    }
}
