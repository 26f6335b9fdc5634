//! As which principal a client certificate acts: `ssl.principal.mapping.rules`.
//!
//! Source: `SslPrincipalMapper` of kafka-clients 4.4.0, and what the class itself answers (tests/anchor.rs). The first
//! rule whose pattern matches the whole name gives the principal: every place in the name that the pattern is then
//! found at, replaced. None means that the login fails. Patterns are Java's; those that mean the same here are read
//! (see `pattern`), a rule with another is a gap.

mod pattern;

use pattern::Pattern;

/// How a setting is cut into rules, in Kafka's own words.
const SPLIT: &str = r"\s*((DEFAULT)|RULE:((\\.|[^\\/])*)/((\\.|[^\\/])*)/([LU]?).*?|(.*?))\s*(,\s*|$)";
/// What one of them is.
const RULE: &str = r"(DEFAULT)|RULE:((\\.|[^\\/])*)/((\\.|[^\\/])*)/([LU]?).*?|(.*?)";

/// What a certificate's name becomes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// `User:` and this.
    Name(String),
    /// No rule applies: the login fails.
    Refused,
    /// Not known, and why.
    Unknown(&'static str),
}

/// The rules of a setting, in order.
pub struct Mapping(Vec<Rule>);

enum Rule {
    Default,
    Made {
        pattern: Pattern,
        replacement: Vec<Part>,
        case: Case,
    },
}

enum Part {
    Text(String),
    Group(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Lower,
    Upper,
}

impl Mapping {
    /// Reads a setting's value.
    ///
    /// # Errors
    /// In words: the setting is one that a broker refuses, or says what cannot be expressed here.
    pub fn parse(value: &str) -> Result<Self, &'static str> {
        let value = value.trim_matches(|one| one <= ' ');
        plain(value)?;
        let (split, whole) = (Pattern::parse(SPLIT)?, Pattern::parse(RULE)?);
        let mut rules = Vec::new();
        for found in split.all(value) {
            let text = found.get(1).map_or("", |one| one.as_str());
            let groups = whole.at_start(text).ok_or("a rule that a broker refuses")?;
            if groups.get(0).map_or(0, |one| one.end()) != text.len() {
                return Err("a rule that a broker refuses");
            }
            if groups.get(1).is_some() {
                rules.push(Rule::Default);
            } else if let (Some(pattern), Some(replacement)) = (groups.get(2), groups.get(4)) {
                let pattern = Pattern::parse(pattern.as_str())?;
                rules.push(Rule::Made {
                    replacement: parts(replacement.as_str(), pattern.groups())?,
                    pattern,
                    case: match groups.get(6).map(|one| one.as_str()) {
                        Some("L") => Case::Lower,
                        Some("U") => Case::Upper,
                        _ => Case::Kept,
                    },
                });
            }
        }
        Ok(Self(rules))
    }

    /// The principal's name for a certificate's, as the JVM prints that (RFC 2253, `CN=a,OU=b`).
    #[must_use]
    pub fn name(&self, certificate: &str) -> Named {
        if let Err(why) = plain(certificate) {
            return Named::Unknown(why);
        }
        for rule in &self.0 {
            let Rule::Made {
                pattern,
                replacement,
                case,
            } = rule
            else {
                return Named::Name(certificate.to_owned());
            };
            if !pattern.is_whole(certificate) {
                continue;
            }
            let name = replaced(certificate, pattern, replacement);
            return match case {
                Case::Kept => Named::Name(name),
                _ if !name.is_ascii() => Named::Unknown("letters beyond ASCII change their case"),
                Case::Lower => Named::Name(name.to_ascii_lowercase()),
                Case::Upper => Named::Name(name.to_ascii_uppercase()),
            };
        }
        Named::Refused
    }
}

/// Refuses what Java's patterns treat in a way of their own: ends of lines, and what takes two UTF-16 units.
fn plain(text: &str) -> Result<(), &'static str> {
    let odd = |one: char| matches!(one, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') || one > '\u{ffff}';
    if text.contains(odd) {
        Err("an end of a line, or a letter beyond U+FFFF")
    } else {
        Ok(())
    }
}

/// Every place where the pattern is found, replaced: Java's `replaceAll`.
fn replaced(text: &str, pattern: &Pattern, replacement: &[Part]) -> String {
    let mut out = String::new();
    let mut done = 0;
    for found in pattern.all(text) {
        let Some(all) = found.get(0) else { continue };
        out.push_str(text.get(done..all.start()).unwrap_or_default());
        for part in replacement {
            match part {
                Part::Text(own) => out.push_str(own),
                Part::Group(number) => out.push_str(found.get(*number).map_or("", |one| one.as_str())),
            }
        }
        done = all.end();
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// The parts of a replacement: `$1` is a group, as many digits as still name one; `\x` is `x`. A number that names no
/// group stands for itself where it is the only one: Kafka escapes it (and a second one in the wrong place).
fn parts(text: &str, groups: usize) -> Result<Vec<Part>, &'static str> {
    let mut all = Vec::new();
    let mut own = String::new();
    let mut literal = 0;
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        if one == '\\' {
            own.push(rest.next().ok_or("a replacement that ends in a backslash")?);
            // Kafka looks for groups without regard to backslashes.
            if own.ends_with('$') {
                return Err("an escaped `$` in a replacement");
            }
            continue;
        }
        if one != '$' {
            own.push(one);
            continue;
        }
        let mut digits = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let mut number = None;
        let mut used = 0;
        for digit in digits.bytes() {
            let next = number
                .unwrap_or(0_usize)
                .saturating_mul(10)
                .saturating_add(usize::from(digit - b'0'));
            if next > groups {
                break;
            }
            number = Some(next);
            used += 1;
        }
        if digits.is_empty() || digits.len() > 9 {
            return Err("a `$` in a replacement that no number follows");
        }
        match number {
            Some(number) => {
                all.push(Part::Text(std::mem::take(&mut own)));
                all.push(Part::Group(number));
                own.push_str(digits.get(used..).unwrap_or_default());
            }
            None if groups > 0 && literal == 0 => {
                literal += 1;
                own.push('$');
                own.push_str(&digits);
            }
            None => return Err("a group in a replacement that its pattern does not have"),
        }
    }
    all.push(Part::Text(own));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{Mapping, Named};

    fn name(rules: &str, certificate: &str) -> Named {
        Mapping::parse(rules).map_or_else(Named::Unknown, |all| all.name(certificate))
    }

    fn is(name: &str) -> Named {
        Named::Name(name.to_owned())
    }

    #[test]
    fn the_first_rule_that_matches_the_whole_name_gives_it() {
        let rules = "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,RULE:^CN=(.*?),OU=(.*?),O=(.*?)$/$1@$2/L,DEFAULT";
        assert_eq!(name(rules, "CN=kafka,OU=ServiceUsers,O=x"), is("kafka"));
        assert_eq!(name(rules, "CN=Ann,OU=Adm,O=Corp"), is("ann@adm"));
        assert_eq!(name(rules, "CN=Ann"), is("CN=Ann"));
        assert_eq!(name("RULE:^CN=Ann/x/", "CN=Ann,O=y"), Named::Refused);
        assert_eq!(name("", "CN=Ann"), Named::Refused);
    }

    #[test]
    fn a_pattern_is_replaced_wherever_it_is_found() {
        assert_eq!(name("RULE:.*/x/", "CN=a"), is("xx"));
        assert_eq!(name("RULE:CN=(.*?)/$1/", "CN=ann"), is("ann"));
        assert_eq!(name("RULE:^CN=(.*)$/$1$9/U", "CN=ann"), is("ANN$9"));
    }

    #[test]
    fn what_cannot_be_expressed_is_said() {
        for rules in [
            "RULE:^CN=(?i)ann$/x/",
            r"RULE:^(.)\1$/x/",
            "RULE:^(a*)*$/x/",
            "RULE:a++/x/",
            "RULE:^CN=a$/$1/",
            "RULE:[a&&b]/x/",
            "RULE:a{2000}/x/",
            "NO RULE",
            "DEFAULTS",
        ] {
            assert!(Mapping::parse(rules).is_err(), "{rules}");
        }
        let deep = format!("RULE:{}{}/x/", "(".repeat(10_000), ")".repeat(10_000));
        assert!(Mapping::parse(&deep).is_err());
        assert!(matches!(name("DEFAULT", "CN=a\nb"), Named::Unknown(_)));
        assert!(matches!(name("RULE:.*/é/L", "CN=a"), Named::Unknown(_)));
    }
}
