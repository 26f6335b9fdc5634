//! The report for a person: a summary that is read in ten seconds, then findings by layer and cause, ways and gaps.

use crate::plain;
use foursee_core::finding::Named;
use foursee_core::model::{Reason, Rung, Severity};
use foursee_core::report::{GapRow, HopRow, JudgedFinding, NodeRow, PathRow, Report, Status};
use std::io::{self, Write};

/// How much is printed, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colours (ANSI escapes).
    pub color: bool,
    /// Everything: each gap, each identity, each place, every way.
    pub all: bool,
    /// The summary alone.
    pub brief: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        self.paint(
            match severity {
                Severity::Critical => "1;31",
                Severity::High => "31",
                Severity::Medium => "33",
                Severity::Low => "36",
                Severity::Info => "2",
            },
            text,
        )
    }
}

/// Writes the report.
///
/// # Errors
/// When the output cannot be written.
pub fn write(report: &Report, style: Style, mut out: impl Write) -> io::Result<()> {
    summary(report, style, &mut out)?;
    if style.brief {
        return Ok(());
    }
    findings(report, style, &mut out)?;
    ways(report, style, &mut out)?;
    gaps(report, style, &mut out)
}

fn summary(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let summary = &report.summary;
    writeln!(
        out,
        "{}  {} in {}, {}, as of {}",
        style.bold("Audited "),
        count(report.scopes.len(), "scope"),
        count(summary.documents, "document"),
        size(summary.bytes),
        report.as_of
    )?;
    for scope in &report.scopes {
        let name = if scope.title == scope.name {
            plain(&scope.name)
        } else {
            format!("{} ({})", plain(&scope.title), plain(&scope.name)).into()
        };
        writeln!(
            out,
            "          {:<11} {name:<46} {:<12} {}",
            plain(&scope.layer),
            plain(scope.environment.as_deref().unwrap_or("-")),
            count(scope.identities, "identity"),
        )?;
    }
    // What was refused, cut or broken first; then what nobody gave; never what no platform offers.
    let rank = |gap: &GapRow| match gap.reason {
        Reason::Denied => 0,
        Reason::Truncated | Reason::Malformed | Reason::TooLarge => 1,
        Reason::Unsupported => 3,
        _ => 2,
    };
    let mut shown: Vec<&GapRow> = report
        .gaps
        .iter()
        .filter(|gap| gap.reason != Reason::Inherent)
        .collect();
    shown.sort_by_key(|gap| rank(gap));
    writeln!(
        out,
        "{}  {}; {:.0} % of the rules could look",
        style.bold("Not seen"),
        count(report.gaps.len(), "gap"),
        summary.outcome.coverage
    )?;
    for gap in shown.iter().take(4) {
        writeln!(out, "          {}", gap_line(report, gap))?;
    }
    let open: usize = summary.open.values().sum();
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| Some((severity, summary.open.get(&severity)?)))
        .map(|(severity, number)| style.severity(severity, &format!("{number} {}", severity.as_str())))
        .collect();
    let judged = report.findings.len() - open;
    let rest = if judged == 0 {
        String::new()
    } else {
        format!("; {judged} more at target, intended or waived")
    };
    writeln!(
        out,
        "{}  {}{}{rest}",
        style.bold("Worst   "),
        count(open, "open finding"),
        if open == 0 {
            String::new()
        } else {
            format!(": {}", words.join(", "))
        }
    )?;
    for one in report
        .findings
        .iter()
        .filter(|one| one.status == Status::Open)
        .take(5)
    {
        let severity = style.severity(one.severity, &format!("{:<8}", one.severity.as_str()));
        writeln!(out, "          {severity} {}", shorten(&plain(&one.title), 100))?;
    }
    if !summary.rungs.is_empty() {
        let rungs: Vec<String> = Rung::ALL
            .into_iter()
            .filter_map(|rung| {
                Some(format!(
                    "{} on {} {}",
                    summary.rungs.get(&rung)?,
                    rung.number(),
                    rung.as_str()
                ))
            })
            .collect();
        writeln!(
            out,
            "{}  {} with grants: {}",
            style.bold("Spectrum"),
            count(summary.rungs.values().sum(), "identity"),
            rungs.join(", ")
        )?;
    }
    if !summary.owners.is_empty() {
        let mut owners: Vec<(&String, &usize)> = summary.owners.iter().collect();
        owners.sort_by_key(|(name, number)| (std::cmp::Reverse(**number), name.is_empty(), (*name).clone()));
        let words: Vec<String> = owners
            .iter()
            .take(8)
            .map(|(name, number)| {
                format!(
                    "{} {number}",
                    if name.is_empty() {
                        "nobody".into()
                    } else {
                        plain(name)
                    }
                )
            })
            .collect();
        let more = owners.len().saturating_sub(8);
        let more = if more == 0 {
            String::new()
        } else {
            format!(", {more} more")
        };
        writeln!(out, "{}  {}{more}", style.bold("Owned by"), words.join(", "))?;
    }
    if !report.paths.is_empty() {
        writeln!(
            out,
            "{}  {} from outside to what somebody would want",
            style.bold("Ways in "),
            count(report.paths.len(), "way")
        )?;
        // One way a place to come in, before a second one.
        let mut entries = std::collections::BTreeSet::new();
        let (first, rest): (Vec<&PathRow>, Vec<&PathRow>) = report
            .paths
            .iter()
            .partition(|path| entries.insert(path.entry.as_str()));
        for path in first.into_iter().chain(rest).take(3) {
            writeln!(out, "          {}", shorten(&way_line(path), 150))?;
        }
    }
    let outcome = &summary.outcome;
    for path in &outcome.nothing_from {
        writeln!(
            out,
            "{}  nothing to audit in {}",
            style.bold("Missing "),
            plain(path)
        )?;
    }
    if let Some(passed) = outcome.gate_passed {
        let word = if passed {
            "passed".to_owned()
        } else {
            format!("failed at {}", count(outcome.gate_findings, "open finding"))
        };
        writeln!(out, "{}  {word}", style.bold("Gate    "))?;
    }
    if outcome.coverage_met == Some(false) {
        writeln!(
            out,
            "{}  {:.1} % is less than was required",
            style.bold("Coverage"),
            outcome.coverage
        )?;
    }
    if !report.resolved.is_empty() || !report.unknown.is_empty() {
        writeln!(
            out,
            "{}  {} resolved, {} of which it cannot be told",
            style.bold("Baseline"),
            report.resolved.len(),
            report.unknown.len()
        )?;
    }
    Ok(())
}

fn findings(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let mut layers: Vec<(&str, Option<&str>)> = Vec::new();
    for one in &report.findings {
        let key = (one.layer, one.scope.as_deref());
        if !layers.contains(&key) {
            layers.push(key);
        }
    }
    layers.sort_unstable();
    for key in layers {
        let scope = report.scopes.iter().find(|scope| Some(&*scope.name) == key.1);
        let title = scope.map_or_else(|| key.1.unwrap_or("between scopes"), |scope| &scope.title);
        writeln!(out, "\n{}", style.bold(&format!("{} · {}", key.0, plain(title))))?;
        for one in report
            .findings
            .iter()
            .filter(|one| (one.layer, one.scope.as_deref()) == key)
        {
            finding(one, style, out)?;
        }
    }
    Ok(())
}

fn finding(one: &JudgedFinding, style: Style, out: &mut impl Write) -> io::Result<()> {
    let severity = style.severity(one.severity, &format!("{:<8}", one.severity.as_str()));
    let since = one
        .since
        .map_or(String::new(), |since| format!(" [{}]", since.as_str()));
    let status = if one.status == Status::Open {
        String::new()
    } else {
        format!(" ({})", one.status.as_str())
    };
    writeln!(
        out,
        "  {severity} {}{status}{since}",
        style.bold(&plain(&one.title))
    )?;
    let mut facts = vec![
        one.rule.to_owned(),
        format!("{} confidence", one.confidence.as_str()),
    ];
    if let Some(rung) = one.rung {
        let asked = one
            .target
            .map_or(String::new(), |target| format!(", asked {}", target.number()));
        let able = one
            .attainable
            .map_or(String::new(), |rung| format!(" (attainable {})", rung.number()));
        facts.push(format!("stands on {}{asked}{able}", rung.number()));
    }
    facts.push(one.owner.as_ref().map_or("no owner".to_owned(), |owner| {
        format!("owner {} ({})", plain(&owner.name), plain(&owner.read_from))
    }));
    writeln!(out, "           {}", style.dim(&facts.join(" · ")))?;
    if !one.identities.is_empty() {
        let most = if style.all { usize::MAX } else { 5 };
        let names: Vec<String> = one.identities.iter().take(most).map(show).collect();
        let more = one.identities.len() - names.len();
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        writeln!(out, "           affects {}{more}", names.join(", "))?;
    }
    let most = if style.all { usize::MAX } else { 2 };
    for evidence in one.evidence.iter().take(most) {
        let place = &evidence.place;
        let pointer = if place.pointer.is_empty() {
            String::new()
        } else {
            format!(" {}", plain(&place.pointer))
        };
        let at = if place.document.is_empty() {
            "the configuration".into()
        } else {
            format!("{}:{}", plain(&place.document), place.line)
        };
        writeln!(
            out,
            "           at {at}{pointer}: {}",
            shorten(&plain(&evidence.says), 120)
        )?;
    }
    if let Some(more) = one.evidence.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "           and {more} more places")?;
    }
    if !one.fix.is_empty() {
        writeln!(out, "           fix: {}", shorten(&plain(&one.fix), 200))?;
    }
    Ok(())
}

fn show(named: &Named) -> String {
    format!("{} {}", plain(&named.kind), plain(&named.name))
}

fn ways(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold("Ways in"))?;
    let most = if style.all { usize::MAX } else { 10 };
    for path in report.paths.iter().take(most) {
        way(path, style, out)?;
    }
    if let Some(more) = report.paths.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more: -v, or --format json")?;
    }
    Ok(())
}

/// Writes one way: its hops, each with its statement.
///
/// # Errors
/// When the output cannot be written.
pub fn way(path: &PathRow, style: Style, out: &mut impl Write) -> io::Result<()> {
    let why = match (path.entry.is_empty(), path.prize.is_empty()) {
        (true, true) => String::new(),
        _ => format!(": {} → {}", plain(&path.entry), plain(&path.prize)),
    };
    writeln!(
        out,
        "  {}{why}",
        style.bold(&format!("{} way", path.certainty.as_str()))
    )?;
    if let Some(first) = path.hops.first() {
        writeln!(out, "    {}", node(&first.from))?;
    }
    for hop in &path.hops {
        writeln!(
            out,
            "    └ {} {}{}",
            plain(&hop.says),
            node(&hop.to),
            through(hop)
        )?;
        let place = &hop.place;
        let pointer = if place.pointer.is_empty() {
            String::new()
        } else {
            format!(" {}", plain(&place.pointer))
        };
        let at = if place.document.is_empty() {
            String::new()
        } else {
            format!("{}:{}{pointer}", plain(&place.document), place.line)
        };
        let condition = if hop.condition.is_empty() || hop.confirmed.contains(&hop.condition) {
            String::new()
        } else {
            format!(" · when {}", plain(&hop.condition))
        };
        let sure = if hop.confirmed == "yes" {
            hop.certainty.as_str().to_owned()
        } else {
            plain(&hop.confirmed).into_owned()
        };
        writeln!(
            out,
            "      {}",
            style.dim(&format!("{at} · {} · {sure}{condition}", hop.technique))
        )?;
    }
    Ok(())
}

fn through(hop: &HopRow) -> String {
    hop.over
        .as_ref()
        .map_or(String::new(), |over| format!(" (as {})", plain(over)))
}

fn node(node: &NodeRow) -> String {
    let scope = if node.scope_title.is_empty() {
        String::new()
    } else {
        format!("  [{} {}]", plain(&node.layer), plain(&node.scope_title))
    };
    format!("{} {}{scope}", plain(&node.kind), plain(&node.name))
}

fn way_line(path: &PathRow) -> String {
    let name = |node: &NodeRow| format!("{} {}", plain(&node.kind), plain(&node.name));
    let mut words: Vec<String> = path.hops.first().map(|hop| name(&hop.from)).into_iter().collect();
    words.extend(
        path.hops
            .iter()
            .filter(|hop| hop.to.layer != "core")
            .map(|hop| name(&hop.to)),
    );
    words.join(" → ")
}

fn gaps(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    if report.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold("Not seen"))?;
    let most = if style.all { usize::MAX } else { 12 };
    for gap in report.gaps.iter().take(most) {
        writeln!(out, "  {}", gap_line(report, gap))?;
        writeln!(
            out,
            "           {}",
            style.dim(&format!(
                "hides {}; closed by: {}",
                plain(&gap.hides),
                plain(&gap.closes)
            ))
        )?;
    }
    if let Some(more) = report.gaps.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more: -v, or --format json")?;
    }
    Ok(())
}

fn gap_line(report: &Report, gap: &GapRow) -> String {
    let scope = report
        .scopes
        .iter()
        .find(|scope| scope.layer == gap.layer && Some(&scope.name) == gap.scope.as_ref());
    let scope = scope.map_or(String::new(), |scope| format!("{}: ", plain(&scope.title)));
    let layer = if gap.layer.is_empty() { "input" } else { &gap.layer };
    let facet = if gap.facet.is_empty() {
        String::new()
    } else {
        format!(" ({})", plain(&gap.facet))
    };
    let at = gap.place.as_ref().filter(|place| !place.document.is_empty());
    let at = at.map_or(String::new(), |place| {
        format!(" at {}:{}", plain(&place.document), place.line)
    });
    format!(
        "{:<11} {scope}{}{facet}: {}{at}",
        plain(layer),
        plain(&gap.target),
        gap.reason.as_str()
    )
}

fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("ay") => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}
