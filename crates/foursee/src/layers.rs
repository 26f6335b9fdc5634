//! The layers that foursee brings.

use foursee_core::registry::{Registry, RegistryError};

/// A registry of foursee's five layers and its rules over the whole graph.
///
/// # Errors
/// Never for what is built in; the signature is that of adding to it.
pub fn built_in() -> Result<Registry, RegistryError> {
    Registry::new()
        .layer(foursee_aws::Aws)?
        .layer(foursee_kubernetes::Kubernetes)?
        .layer(foursee_container::Container)?
        .layer(foursee_postgres::Postgres)?
        .layer(foursee_kafka::Kafka)
}
