//! What a role's trust asks of a token: issuer, subject, audience, and the rest.

use crate::policy::{Clause, Operator, Statement};
use crate::techniques::{PUBLIC_ISSUERS, PublicIssuer};
use foursee_core::model::Pattern;

/// The issuer of a provider's ARN or name.
pub(crate) fn issuer_of(provider: &str) -> &str {
    let issuer = provider
        .split_once(":oidc-provider/")
        .map_or(provider, |(_, issuer)| issuer);
    issuer.trim_end_matches('/')
}

/// What a trust statement asks of a token.
pub(crate) struct Claims {
    pub(crate) issuer: String,
    /// The subjects that are accepted; `Any` where nothing is asked of it.
    pub(crate) subjects: Vec<Pattern>,
    /// The audiences; empty where nothing is asked.
    pub(crate) audience: Vec<String>,
    /// Further conditions, as text.
    pub(crate) others: Vec<String>,
    /// Whether subjects or audiences are more than these patterns say.
    pub(super) unsure: bool,
    /// Some other claim names a tenant.
    tenant_claim: bool,
    /// Something is asked of the subject.
    pub(crate) asks_subject: bool,
}

impl Claims {
    pub(crate) fn of(statement: &Statement, issuer: &str) -> Self {
        let mut claims = Self {
            issuer: issuer.to_owned(),
            subjects: vec![Pattern::Any],
            audience: Vec::new(),
            others: Vec::new(),
            unsure: false,
            tenant_claim: false,
            asks_subject: false,
        };
        let public = PUBLIC_ISSUERS
            .iter()
            .find(|row| row.issuer.eq_ignore_ascii_case(issuer));
        for clause in &statement.conditions {
            let name = clause.key.len().checked_sub(issuer.len() + 1).and_then(|_| {
                let (head, name) = clause.key.split_at_checked(issuer.len())?;
                head.eq_ignore_ascii_case(issuer)
                    .then(|| name.strip_prefix(':'))
                    .flatten()
            });
            match (name.map(str::to_ascii_lowercase).as_deref(), patterns(clause)) {
                (Some("sub"), Some(patterns)) => {
                    claims.asks_subject = true;
                    claims.narrow(&patterns);
                }
                (Some("aud"), Some(patterns))
                    if patterns.iter().all(|one| matches!(one, Pattern::Exact(_))) =>
                {
                    claims.audience.extend(patterns.iter().map(Pattern::to_string));
                    claims.tenant_claim |= public.is_some_and(|row| row.claims.contains(&"aud"));
                }
                (Some(claim), patterns) => {
                    let fixed =
                        patterns.is_some_and(|all| all.iter().all(|one| !one.literal_prefix().is_empty()));
                    claims.tenant_claim |= fixed && public.is_some_and(|row| row.claims.contains(&claim));
                    claims.others.push(clause.to_string());
                }
                (None, _) => claims.others.push(clause.to_string()),
            }
        }
        claims
    }

    fn narrow(&mut self, by: &[Pattern]) {
        use crate::authorize::{Meet, meet};
        let mut both = Vec::new();
        for one in &self.subjects {
            for other in by {
                match meet(one, other) {
                    Meet::Nothing => {}
                    Meet::This(pattern) => both.push(pattern),
                    Meet::Unsure => {
                        self.unsure = true;
                        both.push(other.clone());
                    }
                }
            }
        }
        both.sort();
        both.dedup();
        self.subjects = both;
    }

    /// The public issuer, if whoever signs up there may have a token made out that is accepted.
    pub(crate) fn anybody(&self) -> Option<&'static PublicIssuer> {
        let public = PUBLIC_ISSUERS
            .iter()
            .find(|row| row.issuer.eq_ignore_ascii_case(&self.issuer))?;
        let open = self.subjects.iter().any(|subject| open_to_all(public, subject));
        (open && !self.tenant_claim).then_some(public)
    }
}

/// Whether a pattern over subjects leaves the tenant open.
fn open_to_all(public: &PublicIssuer, subject: &Pattern) -> bool {
    if matches!(subject, Pattern::Exact(_)) {
        return false;
    }
    let fixed = subject.literal_prefix();
    match fixed.strip_prefix(public.before) {
        // `repo:shop*` is open too: anybody may call an organisation shop-2.
        Some(tenant) => public.after == '\0' || !tenant.contains(public.after),
        None => public.before.starts_with(fixed),
    }
}

/// A positive clause over text, as patterns.
fn patterns(clause: &Clause) -> Option<Vec<Pattern>> {
    if clause.negated
        || clause.values.is_empty()
        || clause.values.iter().any(crate::policy::Template::has_variables)
    {
        return None;
    }
    // Tokens always have a subject and an audience, one of each: a set operator changes nothing.
    match clause.operator {
        Operator::StringEquals => Some(
            clause
                .values
                .iter()
                .map(|value| Pattern::Exact(value.text().into()))
                .collect(),
        ),
        Operator::StringLike => Some(
            clause
                .values
                .iter()
                .map(|value| Pattern::from_glob(value.text()))
                .collect(),
        ),
        _ => None,
    }
}
