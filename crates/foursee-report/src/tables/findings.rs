//! The findings table.

use super::Table;
use super::cell::{Cell, count, maybe, number, text, whole, words};
use foursee_core::model::Rung;
use foursee_core::report::Report;

/// One row a finding, the worst first.
pub(super) const FINDINGS: Table = Table {
    name: "findings",
    columns: &[
        words("fingerprint"),
        words("rule"),
        words("layer"),
        words("scope"),
        words("severity"),
        words("confidence"),
        whole("rung"),
        whole("attainable"),
        whole("target"),
        words("status"),
        words("since"),
        words("title"),
        words("cause"),
        whole("identities"),
        words("identity_names"),
        words("resource_kind"),
        words("resource"),
        words("owner"),
        words("owner_read_from"),
        words("document"),
        words("pointer"),
        whole("line"),
        words("fix"),
    ],
    rows: findings,
};

fn findings(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for one in &report.findings {
        let place = one.evidence.first().map(|first| &first.place);
        let names: Vec<&str> = one.identities.iter().map(|named| &*named.name).collect();
        take(vec![
            text(one.fingerprint.as_str()),
            text(one.rule),
            text(one.layer),
            maybe(one.scope.as_deref()),
            text(one.severity.as_str()),
            text(one.confidence.as_str()),
            number(one.rung.map(Rung::number)),
            number(one.attainable.map(Rung::number)),
            number(one.target.map(Rung::number)),
            text(one.status.as_str()),
            maybe(one.since.map(foursee_core::judge::Since::as_str)),
            text(one.title.as_str()),
            text(one.cause.as_str()),
            count(names.len()),
            text(names.join("; ")),
            maybe(one.resource.as_ref().map(|named| &*named.kind)),
            maybe(one.resource.as_ref().map(|named| &*named.name)),
            maybe(one.owner.as_ref().map(|owner| owner.name.as_str())),
            maybe(one.owner.as_ref().map(|owner| owner.read_from.as_str())),
            maybe(place.map(|place| place.document.as_str())),
            maybe(place.map(|place| place.pointer.as_str())),
            number(place.map(|place| place.line)),
            text(one.fix.as_str()),
        ]);
    }
}
