//! The collector of Kubernetes clusters: what `kubectl get -A -o json` prints, of every kind that is read for an audit.
//!
//! Collecting only ever lists and gets. Kinds are read side by side, each in chunks, and a chunk is given away as soon as it is
//! whole, so that a large cluster never stands in memory. Documents have kubectl's form: a List whose objects say their
//! kind, without managedFields. Left out beside these is the annotation with the whole applied object, which may hold
//! what is a secret by now. Of Secrets the server is asked for the columns that `kubectl get` shows and for metadata:
//! their values never leave it.
//!
//! Targets are contexts of the kubeconfig, found and logged in to as kubectl does it: `KUBECONFIG`, `~/.kube/config`, the
//! pod's own account within a cluster; client certificates, tokens, exec plugins; `HTTPS_PROXY`.
//!
//! Absent on purpose: watches, whatever writes, values of ConfigMaps other than EKS's aws-auth, access one namespace at
//! a time.
//!
//! [`review`] is no collecting: it asks the server what others may do, by SubjectAccessReviews, of which nothing is kept.
//!
//! The future runs on Tokio's threads, with its timers and I/O on. The feature `latest` chooses the Kubernetes version
//! of k8s-openapi's types; a program that chooses one itself turns the default features off.

mod client;
mod kinds;
mod listing;
mod page;
mod read;
mod review;
mod target;

use foursee_capture::{CollectError, Collecting, Collector, Sink, Terms};
use std::num::NonZeroU32;
use std::path::Path;
use target::Found;

pub use kinds::{PERMISSIONS, grant};
pub use review::{Answers, Reviewing};

/// How many objects one chunk has: kubectl's own number.
const CHUNK: NonZeroU32 = NonZeroU32::new(500).unwrap();

/// One cluster to be read.
#[derive(Clone, Debug)]
pub struct KubernetesCluster {
    found: Found,
    chunk: NonZeroU32,
}

impl KubernetesCluster {
    /// The cluster of a context of the kubeconfig that `KUBECONFIG` names, else of `~/.kube/config`. Without a target,
    /// of its current context; where there is no kubeconfig, the cluster that this process runs in.
    ///
    /// # Errors
    ///
    /// [`CollectError::Settings`] where there is no such context, or the kubeconfig cannot be read.
    pub fn new(target: Option<&str>) -> Result<Self, CollectError> {
        Found::of_process(target).map(Self::of)
    }

    /// The cluster of a context of one kubeconfig file, else of its current context.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_file(kubeconfig: &Path, context: Option<&str>) -> Result<Self, CollectError> {
        Found::in_file(kubeconfig, context).map(Self::of)
    }

    const fn of(found: Found) -> Self {
        Self { found, chunk: CHUNK }
    }

    /// Puts questions about others, each a SubjectAccessReview in JSON, and gives the answers in their order.
    ///
    /// # Errors
    ///
    /// [`CollectError`] where there is no answer at all.
    pub async fn review(&self, questions: &[String], terms: &Terms) -> Result<Answers, CollectError> {
        review::all(&self.found, questions, terms).await
    }

    /// How many objects are asked for at a time; 500 otherwise.
    #[must_use]
    pub const fn chunk(mut self, objects: NonZeroU32) -> Self {
        self.chunk = objects;
        self
    }
}

impl Collector for KubernetesCluster {
    fn layer(&self) -> &'static str {
        "kubernetes"
    }

    fn target(&self) -> String {
        self.found.name.clone()
    }

    fn collect<'a>(&'a self, into: &'a dyn Sink, terms: &'a Terms) -> Collecting<'a> {
        Box::pin(async move {
            let client = client::Client::connect(&self.found, terms).await?;
            read::Reading::new(client, into, terms, self.target(), self.chunk)
                .all()
                .await
        })
    }
}

/// Puts questions about others to a context's cluster; see [`KubernetesCluster::review`].
///
/// # Errors
///
/// [`CollectError`] where there is no such context, or no answer at all.
pub fn review<'a>(target: Option<&'a str>, questions: &'a [String], terms: &'a Terms) -> Reviewing<'a> {
    Box::pin(async move { KubernetesCluster::new(target)?.review(questions, terms).await })
}

/// The collector of a context; see [`KubernetesCluster::new`].
///
/// # Errors
///
/// [`CollectError::Settings`] where there is no such context, or the kubeconfig cannot be read.
pub fn collector(target: Option<&str>) -> Result<Box<dyn Collector>, CollectError> {
    Ok(Box::new(KubernetesCluster::new(target)?))
}
