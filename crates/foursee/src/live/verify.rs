//! A sample of foursee's own answers, put to the platform: those that findings rest on first.

use super::{LiveError, Terms, live};
use crate::Opened;
use foursee_core::layer::QuestionError;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One answer that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Disagreement {
    /// The question, in the platform's own words (JSON).
    pub question: String,
    /// Whether foursee says that it is allowed, and why.
    pub ours: (bool, String),
    /// Whether the platform says that it is allowed, and why.
    pub theirs: (bool, String),
}

/// What verifying came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Verified {
    /// How many questions the platform answered.
    pub answered: usize,
    /// How many of these foursee and the platform allow.
    pub allowed: usize,
    /// The answers that differ.
    pub disagreements: Vec<Disagreement>,
    /// The questions that the platform did not answer, with why.
    pub unanswered: Vec<(String, String)>,
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The platform is not asked.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The layer has nobody whom it could ask.
    #[error("`{0}` is not verified live: only kubernetes is")]
    Layer(String),
    /// foursee itself does not answer, as where several scopes could be meant.
    #[error(transparent)]
    Question(#[from] QuestionError),
}

/// Puts a sample of the answers over these documents to a live platform; see [`Questions`].
///
/// # Errors
/// [`VerifyError`] where the platform cannot be asked, or it is not clear which scope is meant.
pub async fn verify(
    opened: &Opened,
    layer: &str,
    scope: Option<&str>,
    target: Option<&str>,
    sample: usize,
    terms: &Terms,
) -> Result<Verified, VerifyError> {
    let ask = live(layer)?
        .review
        .ok_or_else(|| VerifyError::Layer(layer.to_owned()))?;
    let questions = Questions::new(opened, layer, scope, sample)?;
    let answers = ask(target, questions.texts(), terms)
        .await
        .map_err(LiveError::from)?;
    Ok(questions.compare(answers)?)
}

/// What to ask a live platform: at most so many questions, about whom findings name first, then about everybody else,
/// of everybody a few before anybody's many. Only `kubernetes` has any: SubjectAccessReviews, of which it keeps nothing.
pub struct Questions<'o> {
    opened: &'o Opened,
    layer: &'o str,
    scope: Option<&'o str>,
    texts: Vec<String>,
}

impl<'o> Questions<'o> {
    /// A sample of so many.
    ///
    /// # Errors
    /// [`QuestionError`] where several scopes could be meant, or the layer has no such questions.
    pub fn new(
        opened: &'o Opened,
        layer: &'o str,
        scope: Option<&'o str>,
        sample: usize,
    ) -> Result<Self, QuestionError> {
        let texts = questions(opened, layer, scope, sample)?;
        Ok(Self {
            opened,
            layer,
            scope,
            texts,
        })
    }

    /// The questions, each in JSON.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What the platform's answers, in the order of the questions, come to beside foursee's own.
    ///
    /// # Errors
    /// [`QuestionError`] where foursee does not answer.
    pub fn compare(self, answers: Vec<Result<String, String>>) -> Result<Verified, QuestionError> {
        let mut verified = Verified::default();
        for (question, answer) in self.texts.into_iter().zip(answers) {
            let answer = answer.and_then(|text| status(&text).ok_or_else(|| "it has no status".to_owned()));
            let theirs = match answer {
                Ok(theirs) => theirs,
                Err(why) => {
                    verified.unanswered.push((question, why));
                    continue;
                }
            };
            let mut out = Vec::new();
            self.opened.decide(self.layer, self.scope, &question, &mut out)?;
            let ours = verdict(&serde_json::from_slice(&out).unwrap_or_default());
            verified.answered += 1;
            verified.allowed += usize::from(ours.0 && theirs.0);
            if ours.0 != theirs.0 {
                verified.disagreements.push(Disagreement {
                    question,
                    ours,
                    theirs,
                });
            }
        }
        Ok(verified)
    }
}

/// The status of a SubjectAccessReview: whether it is allowed, and the reason.
fn status(text: &str) -> Option<(bool, String)> {
    let review: Value = serde_json::from_str(text).ok()?;
    let status = review.get("status")?;
    status.get("allowed")?;
    Some(verdict(status))
}

fn verdict(status: &Value) -> (bool, String) {
    let word = |key: &str| status.get(key).and_then(Value::as_str).unwrap_or_default();
    let said = [word("reason"), word("evaluationError")].map(str::trim);
    let reason = said
        .into_iter()
        .filter(|one| !one.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    (status.get("allowed") == Some(&Value::Bool(true)), reason)
}

/// SubjectAccessReviews, of everybody a few before anybody's many.
fn questions(
    opened: &Opened,
    layer: &str,
    scope: Option<&str>,
    sample: usize,
) -> Result<Vec<String>, QuestionError> {
    let report = opened.report();
    let of = |name: Option<&str>| scope.is_none() || name == scope;
    let found = report
        .findings
        .iter()
        .filter(|one| one.layer == layer && of(one.scope.as_deref()))
        .flat_map(|one| &one.identities)
        .map(|one| (&*one.kind, &*one.name));
    let others = report
        .identities
        .iter()
        .filter(|one| one.layer == layer && of(Some(&one.scope)))
        .map(|one| (one.kind.as_str(), one.name.as_str()));
    let mut seen = BTreeSet::new();
    let mut each: Vec<std::vec::IntoIter<String>> = Vec::new();
    for (kind, name) in found.chain(others) {
        let Some((user, groups)) = subject(kind, name).filter(|_| seen.insert((kind, name))) else {
            continue;
        };
        let mut out = Vec::new();
        let held = json!({ "user": user, "groups": groups, "reviews": true }).to_string();
        opened.decide(layer, scope, &held, &mut out)?;
        let reviews: Value = serde_json::from_slice(&out).unwrap_or_default();
        let reviews = reviews
            .get("reviews")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let asked = reviews.into_iter().map(|mut spec| {
            if let Some(spec) = spec.as_object_mut() {
                spec.insert("user".to_owned(), json!(user));
                spec.insert("groups".to_owned(), json!(groups));
            }
            json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec })
                .to_string()
        });
        each.push(asked.collect::<Vec<_>>().into_iter());
    }
    let mut all = Vec::new();
    while all.len() < sample && !each.is_empty() {
        each.retain_mut(|one| match one.next() {
            Some(question) => {
                all.push(question);
                true
            }
            None => false,
        });
    }
    all.truncate(sample);
    Ok(all)
}

/// Whom a server knows under a node's name, with the groups that it would add.
fn subject(kind: &str, name: &str) -> Option<(String, Vec<String>)> {
    let everybody = "system:authenticated".to_owned();
    match kind {
        "serviceaccount" => {
            let (namespace, account) = name.split_once('/')?;
            let groups = [
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
                everybody,
            ];
            Some((
                format!("system:serviceaccount:{namespace}:{account}"),
                groups.to_vec(),
            ))
        }
        "user" => Some((name.to_owned(), vec![everybody])),
        "group" if name.contains("unauthenticated") => {
            Some(("system:anonymous".to_owned(), vec![name.to_owned()]))
        }
        "group" => Some(("foursee:somebody".to_owned(), vec![name.to_owned(), everybody])),
        _ => None,
    }
}
