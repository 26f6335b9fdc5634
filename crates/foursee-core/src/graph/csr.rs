//! Compressed adjacency: what follows each row, side by side.
#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT (ids): numbers come from the estate that the table was built of"
)]

/// Numbers by row. A table without any takes no room.
#[derive(Default)]
pub(super) struct Csr {
    begins: Vec<u32>,
    items: Vec<u32>,
}

impl Csr {
    /// From (row, item), each row in the order in which its items come.
    pub(super) fn new(rows: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut begins = vec![0u32; rows + 1];
        for (row, _) in pairs.clone() {
            begins[row as usize + 1] += 1;
        }
        for at in 0..rows {
            begins[at + 1] += begins[at];
        }
        if begins[rows] == 0 {
            return Self::default();
        }
        let mut next = begins.clone();
        let mut items = vec![0u32; begins[rows] as usize];
        for (row, item) in pairs {
            let slot = &mut next[row as usize];
            items[*slot as usize] = item;
            *slot += 1;
        }
        Self { begins, items }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items of a row.
    pub(super) fn of(&self, row: u32) -> &[u32] {
        match (self.begins.get(row as usize), self.begins.get(row as usize + 1)) {
            (Some(from), Some(to)) => &self.items[*from as usize..*to as usize],
            _ => &[],
        }
    }
}
