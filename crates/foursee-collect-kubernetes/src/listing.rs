//! The listing of one kind: chunk after chunk, the next one on its way while the last is kept.

use crate::client::{Client, Failure};
use crate::kinds::{Kind, Read};
use crate::page::page;
use kube::api::ListParams;
use kube::core::Request;
use std::collections::HashSet;
use std::num::NonZeroU32;
use tokio::sync::mpsc::Sender;

/// How often a listing begins anew, because the server had forgotten where it was.
const RESTARTS: usize = 3;

/// Something of a kind's listing.
#[derive(Debug)]
pub(crate) enum Part {
    /// A document, if there is something new in it; how many objects, and how many there are in all as far as known.
    Chunk(Option<String>, u64, Option<u64>),
    /// There is no more, or no more can be had.
    End(Result<(), Failure>),
}

/// Lists a kind, to the receiver's end or its own.
pub(crate) async fn list(
    client: Client,
    kind: &'static Kind,
    chunk: NonZeroU32,
    to: Sender<(&'static Kind, Part)>,
) {
    let mut ended = Err(Failure::Absent);
    for served in kind.versions() {
        ended = chunks(&client, kind, &served, chunk, &to).await;
        if ended != Err(Failure::Absent) {
            break;
        }
    }
    // Nobody listens any more where the reading was given up.
    let _ = to.send((kind, Part::End(ended))).await;
}

/// The same in one version of the API.
async fn chunks(
    client: &Client,
    kind: &'static Kind,
    served: &Kind,
    chunk: NonZeroU32,
    to: &Sender<(&'static Kind, Part)>,
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let (mut next, mut restarts, mut first) = (None, 0, true);
    loop {
        let body = match client
            .get(&call(served, chunk, next.as_deref())?, accept(served))
            .await
        {
            // What was given stays; what is new since, or was not reached, comes now.
            Err(Failure::Expired) if restarts < RESTARTS => {
                restarts += 1;
                next = None;
                continue;
            }
            other => other?,
        };
        let page = page(&body, served, first, &mut seen)?;
        drop(body);
        first = false;
        let of = page.remaining.map(|behind| behind + seen.len() as u64);
        if to
            .send((kind, Part::Chunk(page.text, page.objects, of)))
            .await
            .is_err()
        {
            return Ok(());
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

/// A call's path and query.
pub(crate) fn call(kind: &Kind, chunk: NonZeroU32, next: Option<&str>) -> Result<String, Failure> {
    let mut terms = ListParams::default().limit(chunk.get());
    if let Read::Named(name) = kind.read {
        terms = terms.fields(&format!("metadata.name={name}"));
    }
    if let Some(next) = next {
        terms = terms.continue_token(next);
    }
    uri(&kind.path(), &terms)
}

/// A listing's path and query.
pub(crate) fn uri(path: &str, terms: &ListParams) -> Result<String, Failure> {
    Request::new(path)
        .list(terms)
        .map(|request| request.uri().to_string())
        .map_err(|_| Failure::Malformed)
}

/// In which form the server is to answer.
const fn accept(kind: &Kind) -> &'static str {
    match kind.read {
        // The rows of a table have objects of kind PartialObjectMetadata, and beside these the cells of `kubectl get`.
        Read::Metadata => "application/json;as=Table;v=v1;g=meta.k8s.io",
        Read::Whole | Read::Named(_) => "application/json",
    }
}
