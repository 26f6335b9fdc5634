//! libpq's two files: `pg_service.conf` (settings under a name) and `.pgpass` (passwords by address).

use super::conninfo::Pairs;
use std::path::Path;

/// The settings of one service in the text of a service file, if it is there.
pub(super) fn service(text: &str, name: &str) -> Result<Option<Pairs>, String> {
    let mut found: Option<Pairs> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            if section == name {
                found = Some(Pairs::new());
            }
            continue;
        }
        let Some(pairs) = &mut found else { continue };
        if line.starts_with("ldap://") {
            return Err(format!(
                "line {} looks the service up by LDAP, which is not supported",
                at + 1
            ));
        }
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {} is no `key=value`", at + 1))?;
        if key.trim() == "service" {
            return Err(format!("line {} names another service", at + 1));
        }
        pairs
            .entry(key.trim().to_owned())
            .or_insert_with(|| value.trim().to_owned());
    }
    Ok(found)
}

/// The password for an address in the text of a password file: the first line that fits.
pub(super) fn password(text: &str, address: [&str; 4]) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim_end_matches('\r');
        if line.starts_with('#') {
            return None;
        }
        let mut fields = fields(line).into_iter();
        for want in address {
            let (raw, field) = fields.next()?;
            if raw != "*" && field != want {
                return None;
            }
        }
        fields
            .next()
            .map(|(_, password)| password)
            .filter(|password| !password.is_empty())
    })
}

/// The fields of a line, each as it stands and with its `\` taken off. The fifth goes on to the next `:`, as libpq has it.
fn fields(line: &str) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), String::new())];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == ':' {
            all.push((String::new(), String::new()));
            continue;
        }
        let Some((raw, field)) = all.last_mut() else { break };
        raw.push(letter);
        match letter {
            '\\' => match letters.next() {
                Some(next) => {
                    raw.push(next);
                    field.push(next);
                }
                None => field.push('\\'),
            },
            other => field.push(other),
        }
    }
    all
}

/// Whether a file of secrets may be used, by libpq's rule: nobody but its owner has anything to do with it.
#[cfg(unix)]
pub(super) fn is_private(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let all = std::fs::metadata(path)?;
    Ok(all.is_file() && all.permissions().mode() & 0o077 == 0)
}

/// Elsewhere libpq does not look.
#[cfg(not(unix))]
pub(super) fn is_private(path: &Path) -> std::io::Result<bool> {
    Ok(std::fs::metadata(path)?.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services() {
        let text = "# all\n[other]\nhost=o\n[shop]\n host = h \nport=1\nhost=again\n\n[shop]\nport=2\n";
        let pairs = service(text, "shop").unwrap().unwrap();
        assert_eq!(
            (pairs["host"].as_str(), pairs["port"].as_str(), pairs.len()),
            ("h", "1", 2)
        );
        assert_eq!(service(text, "none").unwrap(), None);
        assert_eq!(
            service("[s]\nsecret\n", "s").unwrap_err(),
            "line 2 is no `key=value`"
        );
        assert!(service("[s]\nldap://h\n", "s").unwrap_err().contains("LDAP"));
        assert!(
            service("[s]\nservice=t\n", "s")
                .unwrap_err()
                .contains("another service")
        );
    }

    #[test]
    fn passwords() {
        let text = "#h:1:d:u:no\nh:1:d:u:one\n*:*:*:o\\:dd:t\\\\wo\\:x\n*:*:*:*:\n*:*:*:last:three";
        let of = |address| password(text, address);
        assert_eq!(of(["h", "1", "d", "u"]).as_deref(), Some("one"));
        assert_eq!(of(["x", "9", "y", "o:dd"]).as_deref(), Some("t\\wo:x"));
        assert_eq!(of(["x", "9", "y", "last"]).as_deref(), Some("three"));
        assert_eq!(of(["x", "9", "y", "u"]), None);
        assert_eq!(
            password("\\*:1:d:u:p", ["h", "1", "d", "u"]),
            None,
            "an escaped star is a name"
        );
    }
}
