//! The collector of a Kafka cluster .
