//! A review over HTTPS.

use std::sync::Arc;

use gatewright::vocab::Bundle;
use gatewright_webhook::server::{Identity, serve};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

const NAME: &str = "webhook.gateway-system.svc";

#[tokio::test]
async fn a_review_is_answered() {
    let own = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let directory = std::env::temp_dir().join(format!("gatewright-webhook-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let identity = Identity {
        certificate: directory.join("tls.crt"),
        key: directory.join("tls.key"),
    };
    std::fs::write(&identity.certificate, own.cert.pem()).unwrap();
    std::fs::write(&identity.key, own.signing_key.serialize_pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, identity, Bundle::default()));

    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    let stream = connector(own.cert.der()).connect(name, tcp).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {"uid": "7a1c", "operation": "CREATE", "object": {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": "edge"},
            "spec": {},
        }},
    });
    let mut post = |body: String| {
        let request = Request::post("/validate").body(Full::<bytes::Bytes>::from(body));
        sender.send_request(request.unwrap())
    };
    let response = post(review.to_string()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["response"]["allowed"], false);
    let cause = &answer["response"]["status"]["details"]["causes"][0];
    assert_eq!(cause["field"], "spec.controllerName");
    assert_eq!(cause["reason"], "FieldValueRequired");

    assert_eq!(post(String::from("no review")).await.unwrap().status(), 400);
    std::fs::remove_dir_all(directory).unwrap();
}

fn connector(trusted: &CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}
