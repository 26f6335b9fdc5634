//! Conditions: the operators, exactly.
//!
//! Sources: IAM User Guide, reference_policies_elements_condition_operators,
//! reference_policies_condition-single-vs-multi-valued-context-keys, access-analyzer-reference-policy-checks.
//! Where AWS documents nothing, the choice is pinned by a test in `tests/conditions.rs`.

use super::value::{Network, Number, base64, date};
use super::{Context, Template, Tri, Value};
use foursee_core::model::glob;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// What an operator compares, without its negation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// Text, byte for byte.
    StringEquals,
    /// Text, whatever its case.
    StringEqualsIgnoreCase,
    /// Text with wildcards.
    StringLike,
    /// A number, by that comparison.
    Numeric(Comparison),
    /// A date, by that comparison.
    Date(Comparison),
    /// true or false.
    Bool,
    /// Base64 text of equal bytes.
    BinaryEquals,
    /// An address of a network.
    IpAddress,
    /// An ARN, part by part.
    Arn,
    /// Whether the key is there.
    Null,
    /// An operator that is not known.
    Unknown,
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// Equal.
    Equals,
    /// The request's value is less.
    LessThan,
    /// Less or equal.
    LessThanEquals,
    /// Greater.
    GreaterThan,
    /// Greater or equal.
    GreaterThanEquals,
}

impl Comparison {
    fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThan => order.is_gt(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}

/// The set operator before an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantifier {
    /// None: the key is single-valued.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// One operator, key and list of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    /// As the policy names the operator.
    pub name: Box<str>,
    /// What it compares.
    pub operator: Operator,
    /// Whether it is one of the negated operators.
    pub negated: bool,
    /// Its set operator.
    pub quantifier: Quantifier,
    /// Whether it ends in `IfExists`.
    pub if_exists: bool,
    /// The key, as the policy has it.
    pub key: Box<str>,
    /// The values: one suffices, or for a negated operator none may match.
    pub values: Vec<Template>,
}

impl Clause {
    /// Compiles a clause. An operator that is not known makes the clause, and so its statement, possible only.
    #[must_use]
    pub fn new(operator: &str, key: &str, values: &[&str], variables: bool) -> Self {
        let lower = operator.trim().to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            Some(_) => (Quantifier::One, "?"),
            None => (Quantifier::One, &*lower),
        };
        let (rest, if_exists) = rest
            .strip_suffix("ifexists")
            .map_or((rest, false), |rest| (rest, true));
        let (mut kind, negated) = operator_of(rest);
        if kind == Operator::Null && if_exists {
            kind = Operator::Unknown;
        }
        let filled = matches!(
            kind,
            Operator::StringEquals
                | Operator::StringEqualsIgnoreCase
                | Operator::StringLike
                | Operator::Arn
                | Operator::Bool
        );
        Self {
            name: operator.into(),
            operator: kind,
            negated,
            quantifier,
            if_exists,
            key: key.into(),
            values: values
                .iter()
                .map(|value| Template::new(value, variables && filled))
                .collect(),
        }
    }

    /// Whether it holds. A key of which nothing is known makes it possible, and goes to `missing`.
    #[must_use]
    pub fn holds(&self, context: &Context, missing: &mut BTreeSet<String>) -> Tri {
        if self.operator == Operator::Unknown {
            return Tri::Maybe;
        }
        if self.operator == Operator::Null {
            return self.null(context, missing);
        }
        if self.values.is_empty() && !self.if_exists && self.quantifier != Quantifier::All {
            return Tri::No;
        }
        let Some(value) = context.get(&self.key) else {
            missing.insert(self.key.to_string());
            return Tri::Maybe;
        };
        let given: Vec<&str> = match value {
            Value::Absent => return self.absent(),
            Value::Ambiguous => return Tri::Maybe,
            Value::One(one) => vec![one],
            Value::Many(all) if all.is_empty() => return self.absent(),
            Value::Many(all) => all.iter().map(String::as_str).collect(),
        };
        if self.values.is_empty() {
            return Tri::No;
        }
        let mut keys = BTreeSet::new();
        let mut passes = |given: &str| {
            let any = Tri::any(
                self.values
                    .iter()
                    .map(|wanted| self.matches(wanted, given, context, &mut keys)),
            );
            if self.negated { any.not() } else { any }
        };
        let result = match (self.quantifier, given.as_slice()) {
            (Quantifier::One, [one]) => {
                // A multi-valued key without a set operator: AWS does not say which value is compared.
                let multi = matches!(value, Value::Many(_)) || Context::multi_valued(&self.key);
                if multi { Tri::Maybe } else { passes(one) }
            }
            (Quantifier::One, _) => Tri::Maybe,
            (Quantifier::All, all) if all.iter().all(|one| one.is_empty()) => Tri::Yes,
            (Quantifier::All, all) => all.iter().map(|one| passes(one)).min().unwrap_or(Tri::Yes),
            (Quantifier::Any, all) => {
                Tri::any(all.iter().filter(|one| !one.is_empty()).map(|one| passes(one)))
            }
        };
        if result == Tri::Maybe {
            missing.extend(keys);
        }
        result
    }

    /// What it says where the key is missing or empty.
    fn absent(&self) -> Tri {
        match self.quantifier {
            Quantifier::All => Tri::Yes,
            _ if self.if_exists => Tri::Yes,
            Quantifier::Any => Tri::No,
            Quantifier::One => (self.negated && !self.values.is_empty()).into(),
        }
    }

    fn null(&self, context: &Context, missing: &mut BTreeSet<String>) -> Tri {
        match self.quantifier {
            Quantifier::All => return Tri::Yes,
            Quantifier::Any => return Tri::No,
            Quantifier::One => {}
        }
        let wants = |word: &str| {
            self.values
                .iter()
                .any(|value| value.text().eq_ignore_ascii_case(word))
        };
        if wants("true") && wants("false") {
            return Tri::Yes;
        }
        if !wants("true") && !wants("false") {
            return Tri::No;
        }
        let null = match context.get(&self.key) {
            None => {
                missing.insert(self.key.to_string());
                return Tri::Maybe;
            }
            Some(Value::Ambiguous) => false,
            Some(Value::Absent) => true,
            Some(Value::One(one)) => one.is_empty() && user_set(&self.key),
            Some(Value::Many(all)) => all.iter().all(|one| one.is_empty() && user_set(&self.key)),
        };
        (null == wants("true")).into()
    }

    /// Whether one value of the request matches one of the policy, before negation.
    fn matches(
        &self,
        wanted: &Template,
        given: &str,
        context: &Context,
        missing: &mut BTreeSet<String>,
    ) -> Tri {
        let Some(filled) = wanted.fill(context, missing) else {
            return Tri::No;
        };
        let text = || filled.text();
        let known: bool = match self.operator {
            // `*` and `?` are letters here, so a value that is not known is possible, whatever stands around it.
            Operator::StringEquals if filled.unknown => return Tri::Maybe,
            Operator::StringEqualsIgnoreCase if filled.unknown => return Tri::Maybe,
            Operator::Bool if filled.unknown => return Tri::Maybe,
            Operator::StringEquals => text() == given,
            Operator::StringEqualsIgnoreCase => text().to_lowercase() == given.to_lowercase(),
            Operator::StringLike if filled.unknown => {
                return if filled.matches(given) {
                    Tri::Maybe
                } else {
                    Tri::No
                };
            }
            Operator::StringLike => filled.matches(given),
            Operator::Bool => {
                let is_bool =
                    |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
                is_bool(given) && text().eq_ignore_ascii_case(given)
            }
            Operator::Numeric(how) => match (Number::parse(given), Number::parse(wanted.text())) {
                (Some(given), Some(wanted)) => how.fits(given.compare(&wanted)),
                _ => false,
            },
            Operator::Date(how) => match (date(given), date(wanted.text())) {
                (Some(given), Some(wanted)) => how.fits(given.cmp(&wanted)),
                _ => false,
            },
            Operator::BinaryEquals => {
                base64(given).is_some_and(|given| base64(wanted.text()).is_some_and(|wanted| wanted == given))
            }
            Operator::IpAddress => match (Network::parse(given), Network::parse(wanted.text())) {
                (Some(given), Some(wanted)) => {
                    let unseen = self.key.eq_ignore_ascii_case("aws:SourceIp") && wanted.private();
                    wanted.contains(&given) && !unseen
                }
                _ => false,
            },
            Operator::Arn => return arn(wanted, given, context, missing),
            Operator::Null | Operator::Unknown => return Tri::Maybe,
        };
        known.into()
    }
}

/// An ARN pattern and an ARN, part by part: no wildcard crosses a colon before the resource part.
fn arn(wanted: &Template, given: &str, context: &Context, missing: &mut BTreeSet<String>) -> Tri {
    if !wanted.text().is_empty() && wanted.text().bytes().all(|byte| byte == b'*') {
        return Tri::Yes;
    }
    if wanted.has_variables() {
        let Some(filled) = wanted.fill(context, missing) else {
            return Tri::No;
        };
        return match filled.unknown {
            true if filled.matches(given) => Tri::Maybe,
            true => Tri::No,
            false => match filled.glob() {
                Some(text) => arn_glob(&text, given).into(),
                None => (filled.text() == given).into(),
            },
        };
    }
    arn_glob(wanted.text(), given).into()
}

fn arn_glob(wanted: &str, given: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (wanted.splitn(6, ':').collect(), given.splitn(6, ':').collect());
    wanted.len() == 6
        && given.len() == 6
        && wanted
            .iter()
            .zip(&given)
            .all(|(wanted, given)| glob(wanted, given))
}

/// Whether users choose the key's values: an empty one then counts as null.
fn user_set(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["requesttag/", "resourcetag/", "principaltag/"]
        .iter()
        .any(|part| key.contains(&format!(":{part}")))
}

fn operator_of(lower: &str) -> (Operator, bool) {
    use Comparison::{Equals, GreaterThan, GreaterThanEquals, LessThan, LessThanEquals};
    let comparison = |rest: &str| match rest {
        "equals" => Some((Equals, false)),
        "notequals" => Some((Equals, true)),
        "lessthan" => Some((LessThan, false)),
        "lessthanequals" => Some((LessThanEquals, false)),
        "greaterthan" => Some((GreaterThan, false)),
        "greaterthanequals" => Some((GreaterThanEquals, false)),
        _ => None,
    };
    match lower {
        "stringequals" => (Operator::StringEquals, false),
        "stringnotequals" => (Operator::StringEquals, true),
        "stringequalsignorecase" => (Operator::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Operator::StringEqualsIgnoreCase, true),
        "stringlike" => (Operator::StringLike, false),
        "stringnotlike" => (Operator::StringLike, true),
        "bool" => (Operator::Bool, false),
        "binaryequals" => (Operator::BinaryEquals, false),
        "ipaddress" => (Operator::IpAddress, false),
        "notipaddress" => (Operator::IpAddress, true),
        "arnequals" | "arnlike" => (Operator::Arn, false),
        "arnnotequals" | "arnnotlike" => (Operator::Arn, true),
        "null" => (Operator::Null, false),
        _ => {
            let numeric = lower.strip_prefix("numeric").and_then(comparison);
            let dated = lower.strip_prefix("date").and_then(comparison);
            match (numeric, dated) {
                (Some((how, negated)), _) => (Operator::Numeric(how), negated),
                (_, Some((how, negated))) => (Operator::Date(how), negated),
                _ => (Operator::Unknown, false),
            }
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<&str> = self.values.iter().map(Template::text).collect();
        write!(out, "{} {} [{}]", self.name, self.key, values.join(", "))
    }
}
