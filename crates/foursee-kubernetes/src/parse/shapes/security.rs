//! Security contexts: read from a pod, and written again into what Pod Security looks at ([`crate::parse::pods`]).

use foursee_core::document::{Many, Str};
use serde::{Deserialize, Serialize, Serializer};

/// The security context of a pod or of a container.
#[derive(Deserialize, Serialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct SecurityShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", serialize_with = "text")]
    pub proc_mount: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<CapabilitiesShape<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<ProfileShape<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<ProfileShape<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<Box<SeLinuxShape<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows_options: Option<WindowsShape>,
    #[serde(borrow, skip_serializing_if = "none", serialize_with = "all")]
    pub sysctls: Many<SysctlShape<'a>>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub(in crate::parse) struct CapabilitiesShape<'a> {
    #[serde(borrow, skip_serializing_if = "none", serialize_with = "texts")]
    pub add: Many<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "none", serialize_with = "texts")]
    pub drop: Many<Str<'a>>,
}

/// A seccomp or AppArmor profile.
#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ProfileShape<'a> {
    #[serde(borrow, rename = "type", serialize_with = "bare")]
    pub sort: Str<'a>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub(in crate::parse) struct SeLinuxShape<'a> {
    #[serde(
        borrow,
        rename = "type",
        skip_serializing_if = "empty",
        serialize_with = "bare"
    )]
    pub sort: Str<'a>,
    #[serde(borrow, skip_serializing_if = "empty", serialize_with = "bare")]
    pub user: Str<'a>,
    #[serde(borrow, skip_serializing_if = "empty", serialize_with = "bare")]
    pub role: Str<'a>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct WindowsShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_process: Option<bool>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
pub(in crate::parse) struct SysctlShape<'a> {
    #[serde(borrow, serialize_with = "bare")]
    pub name: Str<'a>,
}

fn none<T>(all: &Many<T>) -> bool {
    all.is_empty()
}

fn empty(text: &Str<'_>) -> bool {
    text.is_empty()
}

fn bare<S: Serializer>(text: &Str<'_>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

fn text<S: Serializer>(text: &Option<Str<'_>>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_some(text.as_deref().unwrap_or_default())
}

fn texts<S: Serializer>(all: &Many<Str<'_>>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|one| &**one))
}

fn all<T: Serialize, S: Serializer>(all: &Many<T>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter())
}
