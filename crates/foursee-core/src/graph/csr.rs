//! Compressed adjacency: each vertex's arcs side by side, the more certain first.
#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT (ids): numbers come from the estate that the table was built of"
)]

/// Arcs by tail.
#[derive(Default)]
pub(super) struct Csr {
    begins: Vec<u32>,
    arcs: Vec<(u32, u32)>,
}

impl Csr {
    /// From (tail, head, edge); rows are ordered by the edge's certainty, then by edge and head.
    pub(super) fn new(
        vertices: usize,
        arcs: impl Iterator<Item = (u32, u32, u32)> + Clone,
        certainty: impl Fn(u32) -> u8,
    ) -> Self {
        let mut begins = vec![0u32; vertices + 1];
        for (tail, ..) in arcs.clone() {
            begins[tail as usize + 1] += 1;
        }
        for at in 0..vertices {
            begins[at + 1] += begins[at];
        }
        let mut next = begins.clone();
        let mut table = vec![(0u32, 0u32); begins[vertices] as usize];
        for (tail, head, edge) in arcs {
            let slot = &mut next[tail as usize];
            table[*slot as usize] = (head, edge);
            *slot += 1;
        }
        for row in begins.windows(2) {
            table[row[0] as usize..row[1] as usize]
                .sort_unstable_by_key(|(head, edge)| (certainty(*edge), *edge, *head));
        }
        Self { begins, arcs: table }
    }

    /// The (head, edge) pairs of a vertex.
    pub(super) fn of(&self, vertex: u32) -> &[(u32, u32)] {
        match (
            self.begins.get(vertex as usize),
            self.begins.get(vertex as usize + 1),
        ) {
            (Some(from), Some(to)) => &self.arcs[*from as usize..*to as usize],
            _ => &[],
        }
    }
}
