//! The layers that foursee brings: those whose features are on, by default all five.

use foursee_core::registry::{Registry, RegistryError};

/// A registry of foursee's layers and its rules over the whole graph.
///
/// # Errors
/// Never for what is built in; the signature is that of adding to it.
pub fn built_in() -> Result<Registry, RegistryError> {
    let registry = Registry::new();
    #[cfg(feature = "aws")]
    let registry = registry.layer(foursee_aws::Aws)?;
    #[cfg(feature = "kubernetes")]
    let registry = registry.layer(foursee_kubernetes::Kubernetes)?;
    #[cfg(feature = "container")]
    let registry = registry.layer(foursee_container::Container)?;
    #[cfg(feature = "postgres")]
    let registry = registry.layer(foursee_postgres::Postgres)?;
    #[cfg(feature = "kafka")]
    let registry = registry.layer(foursee_kafka::Kafka)?;
    Ok(registry)
}
