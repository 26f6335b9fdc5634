//! How PostgreSQL's clients write where they connect: libpq's URLs and keywords, JDBC, Npgsql.

use super::{BAD_TEXT, Connection, NO_HOST, Target, Why, checked, endpoint};

/// Every host of a target with its port, as one login each. The database defaults to the user's name, as in libpq and pgjdbc.
pub(super) fn logins(target: &Target, setting: usize) -> Result<Vec<Connection>, Why> {
    let database = target
        .database
        .as_deref()
        .filter(|d| !d.is_empty())
        .map(checked)
        .transpose()?;
    if target.hosts.trim().is_empty() {
        return Err(NO_HOST);
    }
    let hosts: Vec<&str> = target.hosts.split(',').map(str::trim).collect();
    let ports: Vec<&str> = target.ports.split(',').map(str::trim).collect();
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err("lists as many ports as it has no hosts for");
    }
    let mut realms = Vec::new();
    for (at, host) in hosts.into_iter().enumerate() {
        let port = ports
            .get(at)
            .or_else(|| ports.first())
            .copied()
            .unwrap_or_default();
        realms.push(endpoint(host, port, "5432")?);
    }
    let subject = checked(target.user.as_deref().unwrap_or_default().trim())?;
    Ok(realms
        .into_iter()
        .map(|realm| Connection {
            kind: "postgres-login",
            realm,
            subject: subject.clone(),
            audience: Some(database.clone().unwrap_or_else(|| subject.clone())),
            setting,
        })
        .collect())
}

/// The PostgreSQL URLs in a text, and whether each is JDBC's. A text that begins with one is one URL to its end.
pub(super) fn urls_in(text: &str) -> Vec<(bool, &str)> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("jdbc:") || lower.starts_with("jdbc-secretsmanager:") {
        return if lower.contains(":postgresql:") {
            vec![(true, text)]
        } else {
            Vec::new()
        };
    }
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find("postgres")) {
        let start = from + at;
        from = start + "postgres".len();
        let Some(rest) = text.get(start..) else { break };
        if scheme_end(rest).is_none() {
            if lower.get(..start).is_some_and(|b| b.ends_with("jdbc:"))
                && rest
                    .get(..11)
                    .is_some_and(|p| p.eq_ignore_ascii_case("postgresql:"))
            {
                found.extend(text.get(start - 5..).map(|rest| (true, until_blank(rest))));
            }
            continue;
        }
        let before = lower.get(..start).unwrap_or_default();
        if before.ends_with("jdbc:") {
            found.extend(text.get(start - 5..).map(|rest| (true, until_blank(rest))));
        } else if start == 0 {
            return vec![(false, text)];
        } else if !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            found.push((false, until_blank(rest)));
        }
    }
    found
}

pub(super) fn until_blank(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
        .next()
        .unwrap_or(text)
}

/// Where the authority begins in `postgres://`, `postgresql://`, `postgresql+driver://`.
pub(super) fn scheme_end(text: &str) -> Option<usize> {
    let (scheme, _) = text.split_once("://")?;
    let lower = scheme.get(..40.min(scheme.len()))?.to_ascii_lowercase();
    let base = lower.split('+').next()?;
    let driver = lower
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_'));
    (matches!(base, "postgres" | "postgresql") && driver && scheme.len() <= 40).then(|| scheme.len() + 3)
}

/// libpq's URL: `postgresql://[user[:password]@][host[:port],...][/database][?name=value&...]`.
pub(super) fn postgres_url(text: &str) -> Result<Target, Why> {
    let rest = scheme_end(text).and_then(|end| text.get(end..)).ok_or(BAD_TEXT)?;
    // libpq ends the user part at the first `@` before a `/`; others at the last one: the host must not hold a password's end.
    let first = rest
        .find(['@', '/'])
        .filter(|at| rest.as_bytes().get(*at) == Some(&b'@'));
    let (who, rest) = match first {
        Some(first) => {
            let end = rest
                .get(first..)
                .and_then(|r| r.find(['/', '?']))
                .map_or(rest.len(), |at| first + at);
            let last = rest.get(..end).and_then(|r| r.rfind('@')).unwrap_or(first);
            (rest.get(..first), rest.get(last + 1..).unwrap_or_default())
        }
        None => (None, rest),
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    if database.contains('@') || hosts.contains('@') {
        return Err(
            "its password holds a `/` or `@` that is not written as %2F or %40, so its parts cannot be told apart",
        );
    }
    let user = who
        .map(|who| decoded(who.split(':').next().unwrap_or_default()))
        .transpose()?;
    let mut target = Target {
        hosts: decoded(hosts)?,
        ports: String::new(),
        user: user.filter(|u| !u.is_empty()),
        database: Some(decoded(database)?).filter(|d| !d.is_empty()),
    };
    parameters(query, &mut target)?;
    Ok(target)
}

/// pgjdbc's URL: `jdbc:postgresql:[//host[:port],...][/]database[?user=...]`, behind the wrappers that pass it on.
pub(super) fn jdbc_url(text: &str) -> Result<Target, Why> {
    let lower = text.to_ascii_lowercase();
    let at = lower.find("postgresql:").ok_or(BAD_TEXT)?;
    if lower
        .get(..at)
        .is_some_and(|wrapper| wrapper.contains("secretsmanager"))
    {
        return Err("takes its user from a secret of AWS Secrets Manager");
    }
    let rest = text.get(at + "postgresql:".len()..).unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = match place.strip_prefix("//") {
        Some(place) => place.split_once('/').unwrap_or((place, "")),
        None => ("localhost", place.trim_start_matches('/')),
    };
    if hosts.contains('@') || database.contains('@') {
        return Err("has a user before its host, which the JDBC driver does not read");
    }
    let mut target = Target {
        hosts: if hosts.is_empty() {
            "localhost".to_owned()
        } else {
            hosts.to_owned()
        },
        ports: String::new(),
        user: None,
        database: Some(decoded(database)?).filter(|d| !d.is_empty()),
    };
    parameters(query, &mut target)?;
    Ok(target)
}

pub(super) fn parameters(query: &str, target: &mut Target) -> Result<(), Why> {
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "user" => target.user = Some(decoded(value)?),
            "host" | "hostaddr" => target.hosts = decoded(value)?,
            "port" => target.ports = decoded(value)?,
            "dbname" => target.database = Some(decoded(value)?),
            _ => {}
        }
    }
    Ok(())
}

/// Percent-decoded; a reference such as `%(X)s` or a broken escape is an error.
pub(super) fn decoded(text: &str) -> Result<String, Why> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit(bytes.next()), digit(bytes.next()));
        let whole = high.zip(low).and_then(|(h, l)| u8::try_from(h * 16 + l).ok());
        out.push(whole.filter(|b| *b != 0).ok_or("has a broken percent escape")?);
    }
    String::from_utf8(out).map_err(|_| BAD_TEXT)
}

/// libpq's keyword string: `host=... user='...' dbname=...`. None where it is not one.
pub(super) fn keywords(text: &str) -> Option<Result<Target, Why>> {
    const KNOWN: [&str; 12] = [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "dbname",
        "sslmode",
        "application_name",
        "connect_timeout",
        "target_session_attrs",
        "passfile",
        "options",
    ];
    let (first, _) = text.split_once('=')?;
    let clear = text.contains("host") && (text.contains("user") || text.contains("dbname"));
    if !clear || !KNOWN.contains(&first.trim()) || text.contains(';') && !text.contains(' ') {
        return None;
    }
    let mut target = Target::default();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            name.push(c);
        }
        if name.is_empty() && chars.peek().is_none() {
            break;
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next() != Some('=') {
            return Some(Err("looks like a libpq connection string, but is none"));
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = chars.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match chars.next() {
                Some('\\') => value.extend(chars.next()),
                Some('\'') if quoted => break,
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return Some(Err("has a quote that is not closed")),
                None => break,
            }
        }
        match name.as_str() {
            "host" => target.hosts = value,
            "hostaddr" if target.hosts.is_empty() => target.hosts = value,
            "port" => target.ports = value,
            "user" => target.user = Some(value),
            "dbname" => target.database = Some(value),
            _ => {}
        }
    }
    let speaks = target.user.is_some() || target.database.is_some();
    (!target.hosts.is_empty() && speaks).then_some(Ok(target))
}

/// Npgsql's string: `Host=...;Port=...;Username=...;Database=...`. None where it is not one.
pub(super) fn npgsql(text: &str) -> Option<Result<Target, Why>> {
    let mut target = Target::default();
    let mut pairs = 0;
    for pair in text.split(';').filter(|p| !p.trim().is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        pairs += 1;
        match name.trim().to_ascii_lowercase().as_str() {
            "host" => target.hosts = value,
            "port" => target.ports = value,
            "username" | "user name" | "user id" | "userid" | "user" => target.user = Some(value),
            "database" | "db" => target.database = Some(value),
            _ => {}
        }
    }
    let ours = pairs > 1 && !target.hosts.is_empty() && target.user.is_some() && target.ports != "3306";
    ours.then_some(Ok(target))
}
