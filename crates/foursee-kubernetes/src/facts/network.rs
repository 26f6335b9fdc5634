//! NetworkPolicies (networking.k8s.io/v1), and the ports that they and Services speak of.
//!
//! What of a policy cannot be read is kept as unread: it is in doubt, and never taken as what keeps traffic away.

use super::{LabelSelector, Meta};
use std::net::IpAddr;

/// A NetworkPolicy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.podSelector`: the pods of its namespace that it is for.
    pub pods: LabelSelector,
    /// `spec.ingress`; none where the policy says nothing of what comes in.
    pub ingress: Option<Vec<NetworkRule>>,
    /// `spec.egress`; none where the policy says nothing of what goes out.
    pub egress: Option<Vec<NetworkRule>>,
}

/// A rule of a NetworkPolicy: it lets through what one of its peers and one of its ports are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkRule {
    /// `from` or `to`; empty is everywhere.
    pub peers: Vec<Peer>,
    /// `ports`; empty is every port.
    pub ports: Vec<PolicyPort>,
}

/// One side that a rule lets talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// `ipBlock`: addresses outside the cluster.
    Block {
        /// `cidr`.
        cidr: Block,
        /// `except`.
        except: Vec<Block>,
    },
    /// Pods by their own labels and those of their namespaces; without the latter, of the policy's namespace.
    Pods {
        /// `namespaceSelector`.
        namespaces: Option<LabelSelector>,
        /// `podSelector`.
        pods: Option<LabelSelector>,
    },
    /// It cannot be read.
    Unread,
}

/// A range of addresses, as CIDR writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// An address of it.
    pub address: IpAddr,
    /// How many bits all of its addresses share with that one.
    pub bits: u8,
}

/// A port, by number or name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Port {
    /// By number, from 1.
    Number(u16),
    /// By the name that the container gives it.
    Name(Box<str>),
}

/// What is spoken on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Protocol {
    /// TCP, which is meant where nothing is said.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// By the API's own word; empty is TCP.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "TCP" => Some(Self::Tcp),
            "UDP" => Some(Self::Udp),
            "SCTP" => Some(Self::Sctp),
            _ => None,
        }
    }
}

/// Ports that a rule of a NetworkPolicy is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyPort {
    /// All of a protocol.
    All(Protocol),
    /// From the one to the other: `port` and `endPort`.
    Range(Protocol, u16, u16),
    /// Those of that name in the pods that are talked to.
    Named(Protocol, Box<str>),
    /// It cannot be read.
    Unread,
}

/// A port that a container declares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerPort {
    /// `name`; may be empty.
    pub name: Box<str>,
    /// `containerPort`.
    pub number: u16,
    /// `protocol`.
    pub protocol: Protocol,
    /// `hostPort`: the port of the node that leads to it; 0 where there is none.
    pub host_port: u16,
    /// `hostIP` is an address that only the node itself reaches.
    pub loopback: bool,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// `name`; may be empty.
    pub name: Box<str>,
    /// `port`; none where it is no port.
    pub port: Option<u16>,
    /// `targetPort`, which is `port` where it is not said; none where it cannot be read.
    pub target: Option<Port>,
    /// `protocol`; none where it cannot be read.
    pub protocol: Option<Protocol>,
    /// `nodePort`: every node leads from it to the Service; 0 where there is none.
    pub node_port: u16,
}

/// Where an Ingress leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backend {
    /// The Service.
    pub service: Box<str>,
    /// The Service's port; none where it is not said.
    pub port: Option<Port>,
}
