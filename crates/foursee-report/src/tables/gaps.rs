//! The gaps table.

use super::Table;
use super::cell::{Cell, maybe, number, text, whole, words};
use foursee_core::report::Report;

/// One row a gap.
pub(super) const GAPS: Table = Table {
    name: "gaps",
    columns: &[
        words("layer"),
        words("scope"),
        words("target"),
        words("facet"),
        words("reason"),
        words("hides"),
        words("closes"),
        words("document"),
        words("pointer"),
        whole("line"),
        words("rules"),
    ],
    rows: gaps,
};

fn gaps(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for one in &report.gaps {
        take(vec![
            text(one.layer.as_str()),
            maybe(one.scope.as_deref()),
            text(one.target.as_str()),
            text(one.facet.as_str()),
            text(one.reason.as_str()),
            text(one.hides.as_str()),
            text(one.closes.as_str()),
            maybe(one.place.as_ref().map(|place| place.document.as_str())),
            maybe(one.place.as_ref().map(|place| place.pointer.as_str())),
            number(one.place.as_ref().map(|place| place.line)),
            text(one.rules.join("; ")),
        ]);
    }
}
