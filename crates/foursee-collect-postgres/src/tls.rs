//! TLS as libpq's `sslmode` means it, by rustls.
//!
//! | mode | the server's certificate |
//! | --- | --- |
//! | `disable` | there is none: no TLS |
//! | `prefer`, `require` | whatever it is; that the server has its key is checked |
//! | `verify-ca` | is signed by a CA of `sslrootcert`; its name is not looked at |
//! | `verify-full` | is signed, and for the host that was named |

use crate::settings::{Settings, SslMode};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The connector for a mode.
pub(crate) fn connector(settings: &Settings, mode: SslMode) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match mode {
        SslMode::VerifyFull => versions.with_root_certificates(roots(settings)?),
        SslMode::Disable | SslMode::Prefer | SslMode::Require | SslMode::VerifyCa => {
            let chain = match mode {
                SslMode::VerifyCa => Some(
                    WebPkiServerVerifier::builder_with_provider(
                        roots(settings)?.into(),
                        Arc::clone(&provider),
                    )
                    .build()
                    .map_err(|error| error.to_string())?,
                ),
                _ => None,
            };
            versions
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Nameless { chain, provider }))
        }
    };
    let mut config = match client(settings)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the client's certificate cannot be used: {error}"))?,
        None => builder.with_no_client_auth(),
    };
    if settings.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn roots(settings: &Settings) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    match settings
        .root
        .as_deref()
        .filter(|path| *path != Path::new("system"))
    {
        Some(path) => {
            for one in certificates(path)? {
                store.add(one).map_err(|error| {
                    format!("{}: a CA's certificate cannot be used: {error}", path.display())
                })?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
        }
    }
    if store.is_empty() {
        return Err("there is no CA to check the server with: say sslrootcert=FILE".to_owned());
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bad = |why: String| format!("{}: {why}", path.display());
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| bad(error.to_string()))?;
    if all.is_empty() {
        return Err(bad("there is no PEM certificate in it".to_owned()));
    }
    Ok(all)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The client's certificate and key, if there is one.
fn client(settings: &Settings) -> Result<Option<Identity>, String> {
    let Some(certificate) = &settings.certificate else {
        return Ok(None);
    };
    let key = settings
        .key
        .as_ref()
        .ok_or_else(|| format!("{}: where is its key? Say sslkey=FILE", certificate.display()))?;
    if !key_is_private(key).map_err(|error| format!("{}: {error}", key.display()))? {
        return Err(format!(
            "{}: others have permissions on the key (chmod 600)",
            key.display()
        ));
    }
    // The error of a key names no part of it.
    let found = PrivateKeyDer::from_pem_file(key)
        .map_err(|_| format!("{}: there is no unencrypted PEM key in it", key.display()))?;
    Ok(Some((certificates(certificate)?, found)))
}

/// libpq's rule: the owner alone; where root owns it, its group may read.
#[cfg(unix)]
fn key_is_private(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let all = std::fs::metadata(path)?;
    let others = if all.uid() == 0 { 0o037 } else { 0o077 };
    Ok(all.permissions().mode() & others == 0)
}

#[cfg(not(unix))]
fn key_is_private(path: &Path) -> std::io::Result<bool> {
    std::fs::metadata(path).map(|_| true)
}

/// Checks the chain, if it is to be checked, and never the name.
#[derive(Debug)]
struct Nameless {
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Nameless {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        // The name is looked at last, when the chain has been found good.
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
