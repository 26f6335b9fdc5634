//! Questions about others: SubjectAccessReviews. The server answers them and keeps nothing.

use crate::client::{Client, Failure};
use crate::target::Found;
use foursee_capture::{CollectError, Terms};
use k8s_openapi::Resource;
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinSet;

/// The answers in the order of the questions: each a SubjectAccessReview in JSON, or why there is none.
pub type Answers = Vec<Result<String, String>>;

/// What [`review`](crate::review()) gives.
pub type Reviewing<'a> = Pin<Box<dyn Future<Output = Result<Answers, CollectError>> + Send + 'a>>;

pub(crate) async fn all(found: &Found, questions: &[String], terms: &Terms) -> Result<Answers, CollectError> {
    let client = Client::connect(found, terms).await?;
    let path: Arc<str> = format!(
        "/apis/{}/{}",
        SubjectAccessReview::API_VERSION,
        SubjectAccessReview::URL_PATH_SEGMENT
    )
    .into();
    let mut tasks = JoinSet::new();
    for (number, question) in questions.iter().enumerate() {
        let (client, path, question) = (client.clone(), Arc::clone(&path), question.clone());
        tasks.spawn(async move { (number, client.ask(&path, &question).await) });
    }
    let mut answers: Answers = vec![Err("it was not asked".to_owned()); questions.len()];
    while let Some(ended) = tasks.join_next().await {
        let Ok((number, answer)) = ended else { continue };
        if let Err(Failure::Login(why)) = answer {
            let target = found.name.clone();
            return Err(CollectError::Refused { target, why });
        }
        if let Some(slot) = answers.get_mut(number) {
            *slot = answer.map_err(|failure| said(&failure));
        }
    }
    Ok(answers)
}

/// Why there is no answer.
fn said(failure: &Failure) -> String {
    match failure {
        Failure::Denied(why) => {
            format!("create subjectaccessreviews.authorization.k8s.io was refused: {why}")
        }
        Failure::Login(why) => why.clone(),
        Failure::Answer(status, why) => format!("status {status}: {why}"),
        Failure::Lost(why) => format!("it was cut off: {why}"),
        Failure::Deadline => "the deadline came first".to_owned(),
        Failure::Absent => "this server does not serve SubjectAccessReviews".to_owned(),
        Failure::Expired | Failure::TooLarge | Failure::Malformed => {
            "it is not what API servers answer".to_owned()
        }
    }
}
