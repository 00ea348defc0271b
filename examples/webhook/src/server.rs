//! HTTPS around [`review::answer`].

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatewright::vocab::Bundle;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::review;

/// No API server sends more: its own limit for a request is 3 MiB, and a review holds an object twice.
const LARGEST: usize = 8 << 20;

/// The longest time that a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who the webhook is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate chain in PEM.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

impl Identity {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read or used, or they do not belong together.
    pub fn config(&self) -> io::Result<Arc<ServerConfig>> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Answers reviews until the listener fails.
///
/// # Errors
///
/// Those of the listener. What goes wrong on one connection ends that connection.
pub async fn serve(listener: TcpListener, identity: Identity, bundle: Bundle) -> io::Result<()> {
    loop {
        let (tcp, peer) = listener.accept().await?;
        let identity = identity.clone();
        tokio::spawn(async move {
            if let Err(why) = connection(tcp, &identity, bundle).await {
                eprintln!("{peer}: {why}");
            }
        });
    }
}

async fn connection(tcp: TcpStream, identity: &Identity, bundle: Bundle) -> io::Result<()> {
    let acceptor = TlsAcceptor::from(identity.config()?);
    let stream = tokio::time::timeout(PATIENCE, acceptor.accept(tcp)).await??;
    let service =
        service_fn(|request| async move { Ok::<_, Infallible>(respond(request, bundle).await) });
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

async fn respond(request: Request<Incoming>, bundle: Bundle) -> Response<Full<Bytes>> {
    if request.uri().path() == "/ready" {
        return plain(StatusCode::OK, "ready\n");
    }
    let Ok(body) = Limited::new(request.into_body(), LARGEST).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "no review is as large\n");
    };
    match review::answer(&body.to_bytes(), bundle) {
        Ok(answer) => {
            let mut response = plain(StatusCode::OK, answer.to_string());
            let json = header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(why) => plain(StatusCode::BAD_REQUEST, format!("{why}\n")),
    }
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}
