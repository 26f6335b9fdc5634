//! Which cluster a target names, found where kubectl finds it.

use foursee_capture::CollectError;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use std::path::Path;

/// What a cluster is called that this process runs in.
const INSIDE: &str = "in-cluster";

/// A cluster that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The context's name.
    pub name: String,
    at: At,
}

#[derive(Clone)]
enum At {
    Context(Box<Kubeconfig>),
    Inside,
}

/// Without what a kubeconfig holds: tokens and keys are in it.
impl std::fmt::Debug for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Context(_) => "Context",
            Self::Inside => "Inside",
        })
    }
}

impl Found {
    /// By what the process has around it.
    pub(crate) fn of_process(context: Option<&str>) -> Result<Self, CollectError> {
        match Kubeconfig::read() {
            Ok(all) => Self::context(all, context),
            Err(error) if context.is_none() && is_absent(&error) && Config::incluster().is_ok() => Ok(Self {
                name: INSIDE.to_owned(),
                at: At::Inside,
            }),
            Err(error) => Err(settings(context.unwrap_or("kubeconfig"), kubeconfig(&error))),
        }
    }

    /// In one file.
    pub(crate) fn in_file(file: &Path, context: Option<&str>) -> Result<Self, CollectError> {
        let all = Kubeconfig::read_from(file)
            .map_err(|error| settings(&file.display().to_string(), kubeconfig(&error)))?;
        Self::context(all, context)
    }

    fn context(all: Kubeconfig, context: Option<&str>) -> Result<Self, CollectError> {
        let Some(name) = context.or(all.current_context.as_deref()).map(str::to_owned) else {
            return Err(settings(
                "kubeconfig",
                "it has no current context: name one, `kubectl config get-contexts` lists them".to_owned(),
            ));
        };
        if all.contexts.iter().all(|one| one.name != name) {
            return Err(settings(
                &name,
                "there is no context of that name: `kubectl config get-contexts` lists them".to_owned(),
            ));
        }
        Ok(Self {
            name,
            at: At::Context(Box::new(all)),
        })
    }

    /// How the cluster is reached.
    pub(crate) async fn config(&self) -> Result<Config, CollectError> {
        let options = KubeConfigOptions {
            context: Some(self.name.clone()),
            ..KubeConfigOptions::default()
        };
        let config = match &self.at {
            At::Inside => Config::incluster().map_err(|error| error.to_string()),
            At::Context(all) => Config::from_custom_kubeconfig((**all).clone(), &options)
                .await
                .map_err(|error| kubeconfig(&error)),
        };
        let mut config = config.map_err(|why| settings(&self.name, why))?;
        // Waiting and trying again is the client's, which knows the deadline.
        config.default_retry = false;
        Ok(config)
    }
}

fn settings(target: &str, why: String) -> CollectError {
    CollectError::Settings {
        target: target.to_owned(),
        why,
    }
}

fn is_absent(error: &KubeconfigError) -> bool {
    match error {
        KubeconfigError::FindPath => true,
        KubeconfigError::ReadConfig(io, _) => io.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// What is wrong with a kubeconfig, without what stands in it.
fn kubeconfig(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(at) => format!("the kubeconfig is not well formed, at line {}", at.line()),
            None => "the kubeconfig is not well formed".to_owned(),
        },
        KubeconfigError::ReadConfig(io, path) => {
            format!("the kubeconfig `{}` cannot be read: {io}", path.display())
        }
        KubeconfigError::ParseProxyUrl(_) => "its proxy is not a URL".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "https://a:6443"}}, {name: b, cluster: {server: "https://b:6443"}}]
users: [{name: u, user: {token: planted-secret}}]
contexts: [{name: a, context: {cluster: a, user: u}}, {name: b, context: {cluster: b, user: u}}]
current-context: b
"#;

    fn found(text: &str, context: Option<&str>) -> Result<Found, CollectError> {
        Found::context(Kubeconfig::from_yaml(text).unwrap(), context)
    }

    #[test]
    fn a_target_is_a_context_and_none_is_the_current_one() {
        assert_eq!(found(TWO, None).unwrap().name, "b");
        let one = found(TWO, Some("a")).unwrap();
        assert_eq!(one.name, "a");
        assert!(!format!("{one:?}").contains("planted-secret"));
        let none = found(TWO, Some("c")).unwrap_err().to_string();
        assert!(none.starts_with("c: there is no context of that name"), "{none}");
        let none = found("apiVersion: v1\nkind: Config\n", None)
            .unwrap_err()
            .to_string();
        assert!(none.contains("no current context"), "{none}");
    }

    #[test]
    fn what_is_wrong_with_a_kubeconfig_is_said_without_its_secrets() {
        let broken = "apiVersion: v1\nusers: [{name: u, user: {token: planted-secret}}\nx: y\n";
        let error = Kubeconfig::from_yaml(broken).unwrap_err();
        let said = kubeconfig(&error);
        assert!(said.starts_with("the kubeconfig is not well formed"), "{said}");
        assert!(!said.contains("planted-secret"), "{said}");
    }
}
