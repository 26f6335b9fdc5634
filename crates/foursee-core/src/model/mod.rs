//! The words that everything else uses, one noun a file. Nothing here reads a document or knows a platform.

mod certainty;
mod foothold;
mod gap;
mod ids;
mod kind;
mod ladder;
mod pattern;
mod rung;
mod severity;
mod technique;
mod time;
mod verb;
mod wild;

pub use certainty::Certainty;
pub use foothold::{Foothold, Footholds};
pub use gap::{Gap, Reason};
pub use ids::{ConditionId, DocId, KindId, NodeId, ScopeId, Sym, TechniqueId};
pub use kind::{Class, Kind};
pub use ladder::{Ladder, Limit, Step, step};
pub use pattern::{Pattern, glob, holds};
pub use rung::Rung;
pub use severity::{Confidence, Severity};
pub use technique::Technique;
pub use time::Time;
pub use verb::{Family, Verb};
pub use wild::{Wild, wild};
