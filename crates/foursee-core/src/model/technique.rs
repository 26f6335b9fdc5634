//! Techniques: the ways by which one identity uses, becomes or empowers another. A layer declares its own, as rows.

use super::{Foothold, Verb};

/// One way to use a privilege, declared once as a `static` row of its layer's `techniques.rs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Technique {
    /// Kebab-case, starts with the layer: "kubernetes-exec". Never renumbered.
    pub id: &'static str,
    /// What it does.
    pub verb: Verb,
    /// The foothold in the holder that it takes.
    pub needs: Foothold,
    /// The foothold in the target that it gives.
    pub gives: Foothold,
    /// How a hop reads: "execs into", "assumes", "reads".
    pub says: &'static str,
    /// The document or specification that says so.
    pub source: &'static str,
}
