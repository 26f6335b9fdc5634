//! The paths table.

use super::Table;
use super::cell::{Cell, count, maybe, text, whole, words};
use foursee_core::report::Report;

/// One row a hop of a way.
pub(super) const PATHS: Table = Table {
    name: "paths",
    columns: &[
        whole("path"),
        whole("hop"),
        words("certainty"),
        words("entry"),
        words("prize"),
        words("from_layer"),
        words("from_scope"),
        words("from_kind"),
        words("from"),
        words("needs"),
        words("technique"),
        words("verb"),
        words("to_layer"),
        words("to_scope"),
        words("to_kind"),
        words("to"),
        words("gives"),
        words("over"),
        words("condition"),
        words("confirmed"),
        words("document"),
        words("pointer"),
        whole("line"),
    ],
    rows: paths,
};

fn paths(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for (path, one) in report.paths.iter().enumerate() {
        for (at, hop) in one.hops.iter().enumerate() {
            take(vec![
                count(path + 1),
                count(at + 1),
                text(hop.certainty.as_str()),
                text(one.entry.as_str()),
                text(one.prize.as_str()),
                text(hop.from.layer.as_str()),
                text(hop.from.scope.as_str()),
                text(hop.from.kind.as_str()),
                text(hop.from.name.as_str()),
                text(hop.needs.as_str()),
                text(hop.technique.as_str()),
                text(hop.verb.as_str()),
                text(hop.to.layer.as_str()),
                text(hop.to.scope.as_str()),
                text(hop.to.kind.as_str()),
                text(hop.to.name.as_str()),
                text(hop.gives.as_str()),
                maybe(hop.over.as_deref()),
                text(hop.condition.as_str()),
                text(hop.confirmed.as_str()),
                text(hop.place.document.as_str()),
                text(hop.place.pointer.as_str()),
                Cell::Number(hop.place.line.into()),
            ]);
        }
    }
}
