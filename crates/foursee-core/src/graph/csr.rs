//! Compressed adjacency: each vertex's arcs side by side.
#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT (ids): numbers come from the estate that the table was built of"
)]

use std::ops::Range;

/// Arcs by the vertex that they are found from: the other end of each, and a byte that says what it is.
#[derive(Default)]
pub(super) struct Csr {
    begins: Vec<u32>,
    ends: Vec<u32>,
    classes: Vec<u8>,
}

impl Csr {
    /// From (vertex, other end, class), which may come in any order of vertices; a row keeps the order in which its arcs
    /// come.
    pub(super) fn new(vertices: usize, arcs: impl Iterator<Item = (u32, u32, u8)> + Clone) -> Self {
        let mut begins = vec![0u32; vertices + 1];
        for (vertex, ..) in arcs.clone() {
            begins[vertex as usize + 1] += 1;
        }
        for at in 0..vertices {
            begins[at + 1] += begins[at];
        }
        let mut next = begins.clone();
        let all = begins[vertices] as usize;
        let (mut ends, mut classes) = (vec![0u32; all], vec![0u8; all]);
        for (vertex, end, class) in arcs {
            let slot = &mut next[vertex as usize];
            ends[*slot as usize] = end;
            classes[*slot as usize] = class;
            *slot += 1;
        }
        Self {
            begins,
            ends,
            classes,
        }
    }

    /// The (other end, class) pairs of a vertex.
    pub(super) fn of(&self, vertex: u32) -> impl Iterator<Item = (u32, u8)> + '_ {
        let row = row(&self.begins, vertex);
        self.ends[row.clone()]
            .iter()
            .copied()
            .zip(self.classes[row].iter().copied())
    }
}

/// The part of a table that belongs to a vertex; nothing where the table has no such row.
pub(super) fn row(begins: &[u32], vertex: u32) -> Range<usize> {
    let at = vertex as usize;
    match (begins.get(at), begins.get(at + 1)) {
        (Some(from), Some(to)) => *from as usize..*to as usize,
        _ => 0..0,
    }
}
