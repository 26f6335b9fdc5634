//! Which Gateways face the internet: as an Ingress does, unless what is said of them makes them internal.
//!
//! Source: docs of GKE's GatewayClasses; of the AWS load balancer controller, whose load balancers are internal unless a
//! LoadBalancerConfiguration says otherwise; of Istio's waypoints.

use super::index::Index;
use super::stand::Stand;
use crate::facts::Gateway;
use crate::lower::internal;
use std::net::IpAddr;

/// Whether somebody on the internet reaches a Gateway.
pub(super) fn facing(index: &Index<'_>, gateway: &Gateway) -> Stand {
    let name = gateway.meta.full_name();
    let controller = index.class(&gateway.class).map_or("", |one| &one.controller);
    // Google's classes have these names in every cluster.
    let google = gateway.class.starts_with("gke-")
        && (controller.is_empty() || controller.starts_with("networking.gke.io/"))
        && ["-rilb", "-internal", "gke-td"]
            .iter()
            .any(|part| gateway.class.contains(part));
    let mesh = controller == "istio.io/mesh-controller";
    let made = |key: &str| {
        let all = gateway.infrastructure.iter();
        all.into_iter()
            .find(|(one, _)| **one == *key)
            .map(|(_, value)| value.to_lowercase())
    };
    if google || mesh || internal(made) {
        return Stand::Not;
    }
    let mut stand = Stand::sure();
    let own = |key: &str| gateway.meta.annotation(key).map(str::to_lowercase);
    if internal(own) {
        stand = Stand::doubt(format!(
            "the annotations of Gateway {name}, which make a load balancer internal, are not passed on to its own"
        ));
    }
    if controller.starts_with("gateway.k8s.aws/") {
        stand = stand.and(|| {
            Stand::doubt(format!(
                "a LoadBalancerConfiguration makes the load balancer of Gateway {name} internet-facing"
            ))
        });
    }
    if !gateway.addresses.is_empty() && gateway.addresses.iter().all(|one| within(one)) {
        stand = stand.and(|| {
            Stand::doubt(format!(
                "somebody outside reaches the addresses of Gateway {name}, which are private"
            ))
        });
    }
    stand
}

/// Whether an address is none of the internet's.
fn within(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(one)) => {
            let [first, second, ..] = one.octets();
            one.is_private()
                || one.is_loopback()
                || one.is_link_local()
                // Shared by customers of one provider.
                || (first == 100 && (64..128).contains(&second))
        }
        Ok(IpAddr::V6(one)) => one.is_loopback() || one.is_unique_local() || one.is_unicast_link_local(),
        Err(_) => address.ends_with(".svc") || address.ends_with(".svc.cluster.local"),
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn addresses_that_the_internet_does_not_have() {
        for (address, is) in [
            ("10.0.0.1", true),
            ("172.31.0.1", true),
            ("172.32.0.1", false),
            ("192.168.0.1", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("169.254.0.1", true),
            ("127.0.0.1", true),
            ("203.0.113.9", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("::1", true),
            ("2001:db8::1", false),
            ("site-istio.infra.svc.cluster.local", true),
            ("site.example.com", false),
            ("", false),
            ("my-address", false),
        ] {
            assert_eq!(within(address), is, "{address}");
        }
    }
}
