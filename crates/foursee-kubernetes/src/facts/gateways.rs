//! The Gateway API (gateway.networking.k8s.io): Gateways, what they listen at, the routes that lead from there to
//! Services, and which references to other namespaces are granted.
//!
//! Of `status` only what is said of the object as it now is counts: a condition of an older generation says nothing.
//! What cannot be read of a listener is kept as unread: it is in doubt, and never taken as what refuses a route.

use super::{LabelSelector, Meta, Port};

/// What the controller of an object says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It is in effect.
    Taken,
    /// Neither; or that it is taken and not yet in effect.
    Silent,
    /// It is refused.
    Refused,
}

/// A GatewayClass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayClass {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.controllerName`.
    pub controller: Box<str>,
    /// What is said of it; none for a manifest.
    pub word: Option<Word>,
}

/// A Gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.gatewayClassName`.
    pub class: Box<str>,
    /// `spec.listeners`.
    pub listeners: Vec<Listener>,
    /// `spec.allowedListeners`: of which namespaces ListenerSets add to its listeners.
    pub sets: Namespaces,
    /// `spec.defaultScope` is All: routes that want the default Gateways are its own too.
    pub default: bool,
    /// `status.addresses`, else `spec.addresses`.
    pub addresses: Vec<Box<str>>,
    /// `spec.infrastructure.annotations`: those of what is made for it, a load balancer's Service.
    pub infrastructure: Vec<(Box<str>, Box<str>)>,
    /// What is said of it; none for a manifest.
    pub word: Option<Word>,
}

/// A ListenerSet (or XListenerSet): listeners that are added to a Gateway's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerSet {
    /// "ListenerSet" or "XListenerSet".
    pub kind: &'static str,
    /// Its metadata.
    pub meta: Meta,
    /// `spec.parentRef`.
    pub parent: Reference,
    /// `spec.listeners`.
    pub listeners: Vec<Listener>,
    /// What is said of it; none for a manifest.
    pub word: Option<Word>,
}

/// A listener: where a Gateway takes connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// `name`.
    pub name: Box<str>,
    /// `hostname`; none is every host.
    pub hostname: Option<Box<str>>,
    /// `port`; none where it is no port.
    pub port: Option<u16>,
    /// `protocol`, in upper case.
    pub protocol: Box<str>,
    /// `tls.mode` is Passthrough: TLS ends behind it.
    pub passthrough: bool,
    /// `tls.certificateRefs`: what it ends TLS with, by name.
    pub certificates: Vec<Reference>,
    /// `allowedRoutes.namespaces`.
    pub namespaces: Namespaces,
    /// `allowedRoutes.kinds`: API group and kind; empty is what goes with the protocol.
    pub kinds: Vec<(Box<str>, Box<str>)>,
    /// `supportedKinds` of its status: the kinds of routes that its controller takes there; empty where it does not say.
    pub supported: Vec<(Box<str>, Box<str>)>,
    /// What is said of it; none where nothing is.
    pub word: Option<Word>,
}

/// Namespaces from which something is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Namespaces {
    /// Its own.
    Same,
    /// Every one.
    All,
    /// Those with such labels.
    Selector(LabelSelector),
    /// None.
    None,
    /// It cannot be read.
    Unread,
}

/// A reference to an object, with its defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The API group; core is "".
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// The namespace; none is that of who refers.
    pub namespace: Option<Box<str>>,
    /// The name.
    pub name: Box<str>,
    /// `sectionName`: of a parent, the listener; may be empty.
    pub section: Box<str>,
    /// `port`: of a parent, the listener's; of a backend, the Service's.
    pub port: Option<Port>,
}

/// A route: an HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which of [`ROUTES`].
    pub kind: &'static str,
    /// Its metadata.
    pub meta: Meta,
    /// `spec.parentRefs`.
    pub parents: Vec<Reference>,
    /// `spec.useDefaultGateways` is All.
    pub default: bool,
    /// `spec.hostnames`; empty is every host.
    pub hostnames: Vec<Box<str>>,
    /// To where it sends what comes: backends of its rules that have a weight, mirrors, and who is asked for leave.
    pub backends: Vec<Reference>,
    /// `status.parents`; none for a manifest.
    pub status: Option<Vec<ParentStatus>>,
}

/// The kinds of routes.
pub const ROUTES: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/// What the controller of a parent says of a route there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentStatus {
    /// `parentRef`.
    pub parent: Reference,
    /// `controllerName`.
    pub controller: Box<str>,
    /// Whether the parent takes the route.
    pub accepted: Word,
    /// Whether all that it refers to may be referred to and was found.
    pub resolved: Word,
}

/// A ReferenceGrant: which objects of its namespace those of others may refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceGrant {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.from`: who refers.
    pub from: Vec<GrantFrom>,
    /// `spec.to`: what is referred to.
    pub to: Vec<GrantTo>,
}

/// Objects of a namespace that may refer to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantFrom {
    /// Their API group.
    pub group: Box<str>,
    /// Their kind.
    pub kind: Box<str>,
    /// Their namespace.
    pub namespace: Box<str>,
}

/// Objects that may be referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantTo {
    /// Their API group; core is "".
    pub group: Box<str>,
    /// Their kind.
    pub kind: Box<str>,
    /// The one of that name; none is all of the kind.
    pub name: Option<Box<str>>,
}
