//! How an API server authorizes and admits: by the arguments of its static pod, where the cluster has one.

use super::shapes::{PodShape, text_of};
use crate::facts::{ApiServer, Meta};

/// The API server that a pod of kube-system runs; none where it runs something else.
pub(super) fn of_pod(pod: &PodShape<'_>, meta: &Meta) -> Option<ApiServer> {
    let labelled = meta.label("component").or_else(|| meta.label("k8s-app")) == Some("kube-apiserver");
    if &*meta.namespace != "kube-system" || !labelled {
        return None;
    }
    let words: Vec<String> = pod
        .spec
        .containers
        .iter()
        .filter(|one| *one.name == *"kube-apiserver")
        .flat_map(|one| one.command.iter().chain(&one.args).flatten())
        .filter_map(|raw| text_of(raw).map(|text| text.into_owned()))
        .collect();
    if words.is_empty() {
        return None;
    }
    // The last of a flag's values counts, as `--flag=value` or in two words.
    let flag = |name: &str| -> Option<&str> {
        words.iter().enumerate().rev().find_map(|(at, word)| {
            let rest = word.trim_start_matches('-').strip_prefix(name)?;
            if rest.is_empty() {
                return words.get(at + 1).map(String::as_str);
            }
            rest.strip_prefix('=')
        })
    };
    let list = |name: &str| -> Vec<Box<str>> {
        flag(name)
            .unwrap_or_default()
            .split(',')
            .filter(|one| !one.is_empty())
            .map(Into::into)
            .collect()
    };
    let configured = flag("authorization-config").is_some_and(|file| !file.is_empty());
    let mut modes = list("authorization-mode");
    if modes.is_empty() && !configured {
        modes.push("AlwaysAllow".into());
    }
    let off = list("disable-admission-plugins");
    let mut plugins = list("enable-admission-plugins");
    plugins.retain(|one| !off.contains(one));
    Some(ApiServer {
        modes,
        configured,
        plugins,
        place: meta.place,
    })
}
