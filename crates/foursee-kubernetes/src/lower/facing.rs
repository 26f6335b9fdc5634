//! Which load balancers face the internet, by what clouds read of a Service or an Ingress.

use crate::facts::Service;

/// Whether a Service or Ingress is open to the internet, and why.
pub(super) fn internet_facing(service: &Service) -> Option<String> {
    let said = |key: &str| service.meta.annotation(key).map(str::to_lowercase);
    if service.ingress {
        let scheme = said("alb.ingress.kubernetes.io/scheme");
        let alb = &*service.sort == "alb" || scheme.is_some();
        // The load balancer controller's default is internal.
        let facing = if alb {
            scheme.as_deref() == Some("internet-facing")
        } else {
            true
        };
        return facing.then(|| format!("ingress {}", service.meta.full_name()));
    }
    if &*service.sort != "LoadBalancer" {
        return None;
    }
    let narrowed = !service.source_ranges.is_empty()
        && !service
            .source_ranges
            .iter()
            .any(|range| matches!(&**range, "0.0.0.0/0" | "::/0"));
    (!internal(said) && !narrowed).then(|| format!("service {}", service.meta.full_name()))
}

/// Whether annotations of a Service make its load balancer internal; `said` gives their values in lower case.
pub(crate) fn internal(said: impl Fn(&str) -> Option<String>) -> bool {
    let aws = "service.beta.kubernetes.io/aws-load-balancer";
    let scheme = said(&format!("{aws}-scheme"));
    let controller = matches!(
        said(&format!("{aws}-type")).as_deref(),
        Some("external" | "nlb-ip")
    );
    match scheme.as_deref() {
        Some(scheme) => scheme == "internal",
        None => {
            controller
                || matches!(
                    said(&format!("{aws}-internal")).as_deref(),
                    Some("true" | "0.0.0.0/0")
                )
                || said("networking.gke.io/load-balancer-type").as_deref() == Some("internal")
                || said("cloud.google.com/load-balancer-type").as_deref() == Some("internal")
                || said("service.beta.kubernetes.io/azure-load-balancer-internal").as_deref() == Some("true")
        }
    }
}
