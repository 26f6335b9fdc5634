//! Java's key stores and trust stores, as far as OpenSSL reads them: PEM, and PKCS#12 for a key. What a file is shows in
//! its first bytes, whatever the type says.

use super::Settings;
use super::login::{Given, set};
use std::path::Path;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Pem,
    Pkcs12,
    Jks,
    Other,
}

fn form(path: &str) -> Result<Form, String> {
    let bytes = std::fs::read(Path::new(path)).map_err(|error| format!("{path}: {error}"))?;
    Ok(match bytes.as_slice() {
        [0xfe, 0xed, 0xfe, 0xed, ..] => Form::Jks,
        [0x30, ..] => Form::Pkcs12,
        text if text.windows(11).any(|one| one == b"-----BEGIN ") => Form::Pem,
        _ => Form::Other,
    })
}

/// Sets what the stores say.
pub(super) fn apply(given: &Given, all: &mut Settings) -> Result<(), String> {
    if let Some(path) = set(given, "ssl.truststore.location") {
        match form(path)? {
            Form::Pem => all.client.insert("ssl.ca.location", path.to_owned()),
            Form::Pkcs12 | Form::Jks => {
                return Err(format!(
                    "{path} is a Java trust store, which librdkafka cannot read: write it as PEM (`keytool -list -rfc -keystore {path} > ca.pem`) and set ssl.truststore.type=PEM, ssl.truststore.location=ca.pem"
                ));
            }
            Form::Other => return Err(format!("{path} holds no certificate in PEM")),
        };
    }
    if let Some(pem) = set(given, "ssl.truststore.certificates") {
        all.client.insert("ssl.ca.pem", pem.to_owned());
    }
    if let Some(path) = set(given, "ssl.keystore.location") {
        match form(path)? {
            Form::Pem => {
                all.client.insert("ssl.certificate.location", path.to_owned());
                all.client.insert("ssl.key.location", path.to_owned());
            }
            Form::Pkcs12 => {
                let password = set(given, "ssl.keystore.password").unwrap_or_default();
                all.client.insert("ssl.keystore.location", path.to_owned());
                all.client.insert("ssl.keystore.password", password.to_owned());
            }
            Form::Jks => {
                return Err(format!(
                    "{path} is a JKS key store, which librdkafka cannot read: write it as PKCS#12 (`keytool -importkeystore -srckeystore {path} -destkeystore key.p12 -deststoretype PKCS12`) and set ssl.keystore.location=key.p12"
                ));
            }
            Form::Other => return Err(format!("{path} is neither PEM nor PKCS#12")),
        }
    }
    for (from, to) in [
        ("ssl.keystore.key", "ssl.key.pem"),
        ("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
    ] {
        if let Some(pem) = set(given, from) {
            all.client.insert(to, pem.to_owned());
        }
    }
    Ok(())
}
