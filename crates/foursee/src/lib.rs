//! Privilege auditor for cloud, cluster, container and code: the library to embed.
