//! The rule `kubernetes-custom-workloads-create`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role creates objects from which an operator makes pods.
    ///
    /// ## Why
    /// The operator makes the pod with the template that the object holds: as creating pods, past every rule that
    /// looks at pods and Deployments alone.
    ///
    /// ## Fix
    /// Bind it in the namespaces of those who run such jobs, with accounts that may do little.
    pub CustomWorkloadsCreate: "kubernetes-custom-workloads-create", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "creates objects from which an operator makes pods",
    any: &[right(&["create", "update", "patch"], "argoproj.io", "workflows"), right(&["create", "update", "patch"], "argoproj.io", "cronworkflows"), right(&["create", "update", "patch"], "argoproj.io", "workflowtemplates"), right(&["create", "update", "patch"], "tekton.dev", "taskruns"), right(&["create", "update", "patch"], "tekton.dev", "pipelineruns"), right(&["create", "update", "patch"], "tekton.dev", "tasks"), right(&["create", "update", "patch"], "tekton.dev", "pipelines"), right(&["create", "update", "patch"], "serving.knative.dev", "services"), right(&["create", "update", "patch"], "kubevirt.io", "virtualmachines"), right(&["create", "update", "patch"], "kubevirt.io", "virtualmachineinstances"), right(&["create", "update", "patch"], "ray.io", "rayclusters"), right(&["create", "update", "patch"], "ray.io", "rayjobs"), right(&["create", "update", "patch"], "sparkoperator.k8s.io", "sparkapplications"), right(&["create", "update", "patch"], "kubeflow.org", "notebooks")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['argoproj.io'], resources: ['workflows']}", "{verbs: [patch], apiGroups: ['tekton.dev'], resources: ['pipelineruns']}"],
    silent: ["{verbs: [get], apiGroups: ['argoproj.io'], resources: ['workflows']}"],
    twin: ["{verbs: [create], apiGroups: ['example.com'], resources: ['workflows']}"],
}
