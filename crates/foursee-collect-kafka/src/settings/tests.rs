use super::{Places, Settings, Token};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("foursee-kafka-settings-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn find(target: Option<&str>, variables: &[(&str, &str)], home: Option<&Path>) -> Result<Settings, String> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    Places {
        variable: &|name| variables.get(name).map(|value| (*value).to_owned()),
        home,
    }
    .find(target)
    .map_err(|error| error.to_string())
}

fn why(target: Option<&str>, variables: &[(&str, &str)]) -> String {
    find(target, variables, None).err().unwrap()
}

#[test]
fn a_list_alone_is_a_client_without_a_login() {
    let all = find(Some("a:1, [::1]:9092"), &[], None).unwrap();
    assert_eq!(all.servers, "a:1,[::1]:9092");
    assert_eq!(all.client["security.protocol"], "plaintext");
    assert_eq!(all.principal.as_deref(), Some("User:ANONYMOUS"));
}

#[test]
fn javas_names_become_librdkafkas() {
    let folder = Folder::new("java");
    let pem = folder.file("ca.pem", "# a CA\n-----BEGIN CERTIFICATE-----\n");
    let file = folder.file("client.properties", format!("bootstrap.servers=k:9093\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n  username=\"alice\" password=\"planted-secret\";\nssl.truststore.type=PEM\nssl.truststore.location={pem}\nssl.endpoint.identification.algorithm=\n"));
    let all = find(Some(&file), &[("KAFKA_SASL_MECHANISM", "PLAIN")], None).unwrap();
    let want = [
        ("bootstrap.servers", "k:9093"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.password", "planted-secret"),
        ("sasl.username", "alice"),
        ("security.protocol", "sasl_ssl"),
        ("ssl.ca.location", &pem),
        ("ssl.endpoint.identification.algorithm", "none"),
    ];
    let shown: Vec<(&str, &str)> = all.client.iter().map(|(key, value)| (*key, &**value)).collect();
    assert_eq!(shown, want);
    assert_eq!(all.principal.as_deref(), Some("User:alice"));
    assert_eq!(all.secrets, ["planted-secret"]);
}

#[test]
fn the_environment_is_laid_over_kcats_file() {
    let folder = Folder::new("kcat");
    folder.file(".config/kcat.conf", "metadata.broker.list=old:1\nsecurity.protocol=sasl_plaintext\nsasl.mechanisms=PLAIN\nsasl.username=bob\nsasl.password=planted-secret\n");
    let all = find(
        None,
        &[
            ("KAFKA_BOOTSTRAP_SERVERS", "new:2"),
            ("KAFKA_SASL_USERNAME", "alice"),
        ],
        Some(&folder.0),
    )
    .unwrap();
    assert_eq!((&*all.servers, &*all.client["sasl.username"]), ("new:2", "alice"));
    let all = find(Some("other:3"), &[], Some(&folder.0)).unwrap();
    assert_eq!((&*all.servers, &*all.client["sasl.username"]), ("other:3", "bob"));
}

#[test]
fn tokens_come_from_the_environment_a_file_or_a_subject() {
    let login = |more: (&'static str, &'static str)| {
        let mut variables = vec![
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
        ];
        variables.push(more);
        find(Some("a:1"), &variables, None).map(|all| (all.token.unwrap(), all.principal))
    };
    assert!(
        matches!(login(("KAFKA_SASL_OAUTHBEARER_TOKEN", "x.y.z")).unwrap(), (Token::Static(token), None) if token == "x.y.z")
    );
    assert!(
        matches!(login(("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "file:///run/t")).unwrap(), (Token::File(path), None) if path == Path::new("/run/t"))
    );
    let unsigned = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"alice\";";
    assert!(
        matches!(login(("KAFKA_SASL_JAAS_CONFIG", unsigned)).unwrap(), (Token::Unsigned(_), Some(principal)) if principal == "User:alice")
    );
    assert!(
        login(("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "https://idp/token"))
            .err()
            .unwrap()
            .contains("KAFKA_SASL_OAUTHBEARER_TOKEN")
    );
}

#[test]
fn stores_are_told_by_their_bytes_and_errors_say_what_to_do() {
    let folder = Folder::new("stores");
    let jks = folder.file("a.jks", [0xfe, 0xed, 0xfe, 0xed, 0, 0]);
    let p12 = folder.file("a.p12", [0x30, 0x82, 1, 2]);
    let ssl = |key: &'static str, path: &str| {
        find(
            Some("a:1"),
            &[
                ("KAFKA_SECURITY_PROTOCOL", "SSL"),
                (key, path),
                ("KAFKA_SSL_KEYSTORE_PASSWORD", "planted-secret"),
            ],
            None,
        )
    };
    for (key, path) in [
        ("KAFKA_SSL_TRUSTSTORE_LOCATION", &jks),
        ("KAFKA_SSL_TRUSTSTORE_LOCATION", &p12),
        ("KAFKA_SSL_KEYSTORE_LOCATION", &jks),
    ] {
        let why = ssl(key, path).err().unwrap();
        assert!(
            why.contains("keytool") && why.contains(path) && !why.contains("planted"),
            "{why}"
        );
    }
    let all = ssl("KAFKA_SSL_KEYSTORE_LOCATION", &p12).unwrap();
    assert_eq!(all.client["ssl.keystore.password"], "planted-secret");
    assert_eq!(all.principal, None);
    assert!(
        ssl("KAFKA_SSL_TRUSTSTORE_LOCATION", "/nowhere/at/all")
            .err()
            .unwrap()
            .contains("/nowhere/at/all")
    );
}

#[test]
fn what_cannot_be_followed_is_said_without_secrets() {
    let sasl = ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT");
    assert!(why(None, &[]).contains("KAFKA_BOOTSTRAP_SERVERS"));
    assert!(why(Some("nowhere.properties"), &[]).contains("no such file"));
    assert!(why(Some("host:port"), &[]).contains("`host:port` is no HOST:PORT"));
    let url = why(Some("SASL_SSL://u:planted-secret@h:1"), &[]);
    assert!(
        url.contains("KAFKA_SECURITY_PROTOCOL") && !url.contains("planted"),
        "{url}"
    );
    assert!(why(Some("a:1"), &[("KAFKA_SECURITY_PROTOCOL", "TLS")]).contains("`TLS`"));
    assert!(why(Some("a:1"), &[sasl]).contains("Kerberos"));
    assert!(why(Some("a:1"), &[sasl, ("KAFKA_SASL_MECHANISM", "PLAIN")]).contains("user and a password"));
    let half = "x.PlainLoginModule required username=\"u\" password=\"planted-secret";
    let said = why(Some("a:1"), &[sasl, ("KAFKA_SASL_JAAS_CONFIG", half)]);
    assert!(
        said.contains("sasl.jaas.config") && !said.contains("planted"),
        "{said}"
    );
    let delegated =
        "x.ScramLoginModule required username=\"t\" password=\"planted-secret\" tokenauth=\"true\";";
    let said = why(
        Some("a:1"),
        &[
            sasl,
            ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
            ("KAFKA_SASL_JAAS_CONFIG", delegated),
        ],
    );
    assert!(
        said.contains("delegation token") && !said.contains("planted"),
        "{said}"
    );
}
