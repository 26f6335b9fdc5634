//! The findings, by layer and scope, each with what it stands on.

use super::Style;
use super::style::{at, count, shorten};
use crate::plain;
use foursee_core::finding::Named;
use foursee_core::report::{JudgedFinding, Report, Status};
use std::io::{self, Write};

/// Writes them.
pub(super) fn write(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
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
        style.bold(&style.fold(11, &plain(&one.title)))
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
    writeln!(
        out,
        "           {}",
        style.dim(&style.fold(11, &facts.join(" · ")))
    )?;
    if !one.identities.is_empty() {
        let most = if style.all { usize::MAX } else { 5 };
        let names: Vec<String> = one.identities.iter().take(most).map(show).collect();
        let more = one.identities.len() - names.len();
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        let names = format!("affects {}{more}", names.join(", "));
        writeln!(out, "           {}", style.fold(11, &names))?;
    }
    let most = if style.all { usize::MAX } else { 2 };
    for evidence in one.evidence.iter().take(most) {
        let at = match at(&evidence.place) {
            at if at.is_empty() => "the configuration".to_owned(),
            at => at,
        };
        let line = format!("at {at}: {}", shorten(&plain(&evidence.says), 120));
        writeln!(out, "           {}", style.fold(11, &line))?;
    }
    if let Some(more) = one.evidence.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "           and {}", count(more, "more place"))?;
    }
    if !one.fix.is_empty() {
        let fix = format!("fix: {}", shorten(&plain(&one.fix), 200));
        writeln!(out, "           {}", style.fold(11, &fix))?;
    }
    Ok(())
}

fn show(named: &Named) -> String {
    format!("{} {}", plain(&named.kind), plain(&named.name))
}
