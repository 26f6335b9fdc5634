//! Patterns over actions and resources.
//!
//! Sources: IAM User Guide, reference_policies_elements_action, reference_policies_elements_resource, reference-arns.

use super::{Context, Template, Tri};
use foursee_core::model::glob;
use std::collections::BTreeSet;

/// A pattern over actions; prefix and name ignore case, `*` and `?` stand anywhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActionPattern {
    text: Box<str>,
    form: Form,
}

/// How a pattern is matched: most are an action's name, or its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Malformed,
    /// No wildcard.
    Name,
    /// One `*`, at the end.
    Beginning,
    Glob,
}

impl ActionPattern {
    /// Compiles a pattern. One that is malformed (no colon and not `*`, blanks, commas) matches nothing.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let all = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*' | b'?' | b':');
        let one_colon = text.bytes().filter(|byte| *byte == b':').count() == 1;
        let halves = text
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        let form = match text.find(['*', '?']) {
            _ if !(all || one_colon && halves && text.bytes().all(plain)) => Form::Malformed,
            None => Form::Name,
            Some(at) if at + 1 == text.len() && text.ends_with('*') => Form::Beginning,
            Some(_) => Form::Glob,
        };
        Self {
            text: text.into(),
            form,
        }
    }

    /// As the policy has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is one that AWS could ever match.
    #[must_use]
    pub const fn well_formed(&self) -> bool {
        !matches!(self.form, Form::Malformed)
    }

    /// Whether it is every action there is.
    #[must_use]
    pub fn all(&self) -> bool {
        self.well_formed()
            && (self.text.bytes().all(|byte| byte == b'*')
                || self
                    .text
                    .split_once(':')
                    .is_some_and(|(service, name)| stars(service) && stars(name)))
    }

    /// The service, where it is every action of one service.
    #[must_use]
    pub fn whole_service(&self) -> Option<&str> {
        let (service, name) = self.text.split_once(':')?;
        (self.well_formed() && stars(name) && !service.contains(['*', '?'])).then_some(service)
    }

    /// The beginnings of the actions that it can mean, as [`beginning`] has them.
    pub(super) fn beginnings(&self) -> u64 {
        let text = self.text.as_bytes();
        match text.get(..3) {
            _ if !self.well_formed() => 0,
            Some(first) if !first.contains(&b'*') && !first.contains(&b'?') => beginning(first),
            _ => u64::MAX,
        }
    }

    /// Whether the action (lower case) is meant.
    #[must_use]
    pub fn matches(&self, lower_action: &str) -> bool {
        let (text, given) = (self.text.as_bytes(), lower_action.as_bytes());
        match self.form {
            Form::Malformed => false,
            Form::Name => text.eq_ignore_ascii_case(given),
            Form::Beginning => text.split_last().is_some_and(|(_, text)| {
                given
                    .get(..text.len())
                    .is_some_and(|given| given.eq_ignore_ascii_case(text))
            }),
            Form::Glob => glob_ignoring_case(&self.text, lower_action),
        }
    }
}

/// How an action begins, as one of 64 bits: actions of one beginning have one bit, and one that is too short to have a
/// beginning has all.
pub(super) fn beginning(action: &[u8]) -> u64 {
    let [one, two, three, ..] = action else {
        return u64::MAX;
    };
    let [one, two, three] = [one, two, three].map(|byte| u32::from(byte.to_ascii_lowercase()));
    1 << ((one * 31 * 31 + two * 31 + three).wrapping_mul(0x9E37_79B1) >> 26)
}

/// As [`glob`], over ASCII bytes: the pattern's letters count as lower case, as the action is given.
fn glob_ignoring_case(text: &str, lower: &str) -> bool {
    // A letter outside ASCII is one character of several bytes.
    if !lower.is_ascii() {
        return glob(&text.to_ascii_lowercase(), lower);
    }
    let (pattern, given) = (text.as_bytes(), lower.as_bytes());
    let (mut p, mut g) = (0usize, 0usize);
    let mut retry: Option<(usize, usize)> = None;
    let mut patience = PATIENCE;
    loop {
        match (pattern.get(p), given.get(g)) {
            (Some(b'*'), _) => {
                p += 1;
                retry = Some((p, g));
            }
            (Some(b'?'), Some(_)) => {
                p += 1;
                g += 1;
            }
            (Some(a), Some(b)) if a.to_ascii_lowercase() == *b => {
                p += 1;
                g += 1;
            }
            (None, None) => return true,
            _ => {
                let Some((after, tried)) = retry.filter(|(_, tried)| *tried < given.len()) else {
                    return false;
                };
                if patience == 0 {
                    return glob(&text.to_ascii_lowercase(), lower);
                }
                patience -= 1;
                p = after;
                g = tried + 1;
                retry = Some((p, g));
            }
        }
    }
}

/// So many fresh starts behind a `*`; then [`glob`], which knows how to go on without any.
const PATIENCE: usize = 64;

fn stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// A pattern over resources: five header parts in which wildcards stay, then a rest in which `*` runs over anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResourcePattern {
    text: Box<str>,
    shape: Shape,
    /// It has fewer than the six parts of an ARN.
    short: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Shape {
    All,
    /// No variables, and no wildcard before the byte where the rest begins.
    Plain(usize),
    Parts(Box<[Template]>),
}

impl ResourcePattern {
    /// Compiles a pattern. Missing parts are filled with `*`.
    #[must_use]
    pub fn new(text: &str, variables: bool) -> Self {
        if stars(text) {
            return Self {
                text: text.into(),
                shape: Shape::All,
                short: false,
            };
        }
        let parts = parts_of(text, variables);
        let short = parts.len() < 6;
        let has_variables = variables && text.contains("${");
        let header: usize = parts.iter().take(5).map(|part| part.len() + 1).sum();
        let plain_header = !text
            .get(..header.min(text.len()))
            .unwrap_or_default()
            .contains(['*', '?']);
        let shape = if !short && !has_variables && plain_header {
            Shape::Plain(header)
        } else {
            let mut parts: Vec<Template> = parts
                .into_iter()
                .map(|part| Template::new(part, variables))
                .collect();
            parts.resize_with(6, || Template::new("*", false));
            Shape::Parts(parts.into())
        };
        Self {
            text: text.into(),
            shape,
            short,
        }
    }

    /// As the policy has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is `*`.
    #[must_use]
    pub const fn all(&self) -> bool {
        matches!(self.shape, Shape::All)
    }

    /// Whether it has fewer parts than an ARN; only identity policies are said to fill these.
    #[must_use]
    pub const fn short(&self) -> bool {
        self.short
    }

    /// Whether it has variables.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        matches!(&self.shape, Shape::Parts(parts) if parts.iter().any(Template::has_variables))
    }

    /// Whether the resource is meant. A request for `*` is meant by `*` alone. A variable without a value means
    /// nothing.
    #[must_use]
    pub fn matches(&self, resource: &str, context: &Context, missing: &mut BTreeSet<String>) -> Tri {
        match &self.shape {
            Shape::All => Tri::Yes,
            Shape::Plain(header) => {
                let Some((head, rest)) = self.text.split_at_checked(*header) else {
                    return Tri::No;
                };
                resource
                    .strip_prefix(head)
                    .is_some_and(|given| glob(rest, given))
                    .into()
            }
            Shape::Parts(parts) => {
                let mut unknown = false;
                let mut keys = BTreeSet::new();
                let mut given = resource.splitn(6, ':');
                for part in parts {
                    let Some(given) = given.next() else { return Tri::No };
                    if part.has_variables() {
                        let Some(filled) = part.fill(context, &mut keys) else {
                            return Tri::No;
                        };
                        if !filled.matches(given) {
                            return Tri::No;
                        }
                        unknown |= filled.unknown;
                    } else if !part.matches_plain(given) {
                        return Tri::No;
                    }
                }
                if unknown {
                    missing.extend(keys);
                    Tri::Maybe
                } else {
                    Tri::Yes
                }
            }
        }
    }

    /// The pattern as a glob over ARNs, and whether it means less than that: a variable stands as `*`.
    #[must_use]
    pub fn loose(&self) -> (String, bool) {
        match &self.shape {
            Shape::All => ("*".to_owned(), false),
            Shape::Plain(_) => (self.text.to_string(), false),
            Shape::Parts(parts) => {
                let mut unsure = false;
                let mut missing = BTreeSet::new();
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let filled = part.fill(&Context::default(), &mut missing);
                        unsure |= filled.as_ref().is_none_or(|filled| filled.unknown);
                        filled
                            .and_then(|filled| filled.glob())
                            .unwrap_or_else(|| "*".to_owned())
                    })
                    .collect();
                (parts.join(":"), unsure)
            }
        }
    }

    /// The pattern as a glob over the ARNs that begin with `header` ("arn:aws:iam::111122223333:"), if it can mean
    /// any: the rest is kept, and a variable whose value is not known stands as `*` (the second field says so).
    #[must_use]
    pub fn within(&self, header: &str, context: &Context) -> Option<(String, bool)> {
        match &self.shape {
            Shape::All => Some((format!("{header}*"), false)),
            Shape::Plain(at) => {
                let (head, rest) = self.text.split_at_checked(*at)?;
                (head == header).then(|| (format!("{header}{rest}"), false))
            }
            Shape::Parts(parts) => {
                let mut unsure = false;
                let mut missing = BTreeSet::new();
                let mut given = header.splitn(6, ':');
                let mut rest = None;
                for (at, part) in parts.iter().enumerate() {
                    let filled = part.fill(context, &mut missing)?;
                    unsure |= filled.unknown;
                    if at == 5 {
                        rest = Some(match filled.glob() {
                            Some(text) => text,
                            None => {
                                unsure = true;
                                "*".to_owned()
                            }
                        });
                    } else if !filled.matches(given.next().unwrap_or_default()) {
                        return None;
                    }
                }
                Some((format!("{header}{}", rest.unwrap_or_default()), unsure))
            }
        }
    }
}

/// Splits at the first five colons that are not inside a variable.
fn parts_of(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut inside = false;
    let mut before = '\0';
    for (at, one) in text.char_indices() {
        match one {
            '{' if variables && before == '$' => inside = true,
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.push(text.get(begin..at).unwrap_or_default());
                begin = at + 1;
            }
            _ => {}
        }
        before = one;
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::super::Actions;
    use super::*;

    #[test]
    fn beginnings_leave_out_nothing_that_a_pattern_means() {
        let patterns = [
            "*",
            "***",
            "s3:*",
            "S3:Get*",
            "s*:*",
            "?3:a",
            "s?:*",
            "a:b",
            "A:*",
            "a:?",
            "ec2:Describe*",
            "ecs:*",
            "ec*:*",
            "iam:PassRole",
            "nocolon",
            "s3:Get Object",
            "",
            "s3:\u{e9}",
            "sqs:?end*",
            "*:*",
            "a*:b",
        ];
        let actions = [
            "s3:getobject",
            "s3:",
            "s3",
            "",
            "a:b",
            "ec2:describeinstances",
            "ecs:runtask",
            "iam:passrole",
            "sqs:sendmessage",
            "s3:\u{e9}",
            "\u{e9}:a",
            "a",
            "ab:b",
            "13:a",
        ];
        let mut meant = 0;
        for one in patterns {
            for other in patterns {
                for not in [false, true] {
                    let list: Vec<ActionPattern> = [one, other].map(ActionPattern::new).into();
                    let actions_of = Actions::new(not, list.clone());
                    for action in actions {
                        let want = list.iter().any(|pattern| pattern.matches(action)) != not;
                        assert_eq!(actions_of.matches(action), want, "{not} {one} {other} {action}");
                        meant += usize::from(want);
                    }
                }
            }
        }
        assert!(meant > 1_000, "{meant}");
        assert!(!Actions::new(true, Vec::new()).matches("s3:getobject"));
    }

    /// Found by the fuzzer of patterns.
    #[test]
    fn a_letter_outside_ascii_is_one_character() {
        assert!(ActionPattern::new("svc:a?c").matches("svc:a\u{e9}c"));
        assert!(!ActionPattern::new("svc:a??c").matches("svc:a\u{e9}c"));
        assert!(ActionPattern::new("SVC:*C").matches("svc:a\u{e9}c"));
    }

    #[test]
    fn long_patterns_over_long_actions_end() {
        let action = format!("svc:{}", "a".repeat(100_000));
        assert!(!ActionPattern::new(&format!("svc:{}b", "A*".repeat(50_000))).matches(&action));
        assert!(ActionPattern::new(&format!("svc:{}", "A*".repeat(50_000))).matches(&action));
    }
}
