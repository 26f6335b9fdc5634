//! The ways by which one identity uses, becomes or empowers another in Kafka.
//!
//! A row says what the privilege is for whoever holds it; whether somebody holds it is the authorizer's word.

use foursee_core::model::{Foothold, Technique, Verb};

macro_rules! technique {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $verb:ident, $says:literal, $source:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $name: Technique = Technique {
                id: $id,
                verb: Verb::$verb,
                needs: Foothold::Acts,
                gives: Foothold::Acts,
                says: $says,
                source: $source,
            };
        )*
        /// All of them.
        pub static ALL: &[&Technique] = &[$(&$name),*];
    };
}

technique! {
    /// TOPIC READ.
    READ = "kafka-read", Read, "reads", "KafkaApis.handleFetchRequest";
    /// TOPIC WRITE.
    WRITE = "kafka-write", Write, "writes", "KafkaApis.handleProduceRequest";
    /// TOPIC DELETE, or CLUSTER DELETE for every topic.
    DELETE = "kafka-delete", Delete, "deletes", "ControllerApis.handleDeleteTopics";
    /// TOPIC or CLUSTER ALTER_CONFIGS.
    ALTER_CONFIGS = "kafka-alter-configs", Administer, "alters the configuration of",
        "ControllerApis.handleIncrementalAlterConfigs";
    /// CLUSTER ALTER: who may create and delete ACLs.
    ALTER_ACLS = "kafka-alter-acls", Delegate, "alters the ACLs of", "AclApis.handleCreateAcls";
    /// CLUSTER ALTER, where SCRAM is enabled: a new password for anybody.
    RESET_SCRAM = "kafka-reset-scram", Become, "sets the SCRAM password of",
        "ControllerApis.handleAlterUserScramCredentials";
    /// USER CREATE_TOKENS: a token acts as its owner.
    CREATE_TOKENS = "kafka-create-tokens", Become, "makes out a delegation token of",
        "KafkaApis.handleCreateTokenRequest, KIP-373";
    /// CLUSTER CLUSTER_ACTION: any partition, as a follower fetches it.
    FETCH_AS_FOLLOWER = "kafka-fetch-as-follower", Read, "reads as a follower", "KafkaApis.handleFetchRequest";
    /// An entry of super.users.
    SUPER_USER = "kafka-super-user", Delegate, "is super user of", "StandardAuthorizerData.authorize";
    /// A listener that asks for no login.
    NO_LOGIN = "kafka-no-login", Become, "connects without a login as",
        "the listener's security protocol: DefaultKafkaPrincipalBuilder";
}
