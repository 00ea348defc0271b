//! TCP and TLS connections.

use std::io::ErrorKind;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::certificates::{Authority, base64};
use crate::objects::{gateway, shop, slice};
use crate::{NEW, Running, condition, until};

/// A Gateway with listeners of every sort.
fn gateway_of_all_sorts() -> Value {
    let mut gateway = gateway("front");
    gateway["spec"]["listeners"] = json!([
        {"name": "web", "port": 80, "protocol": "HTTP"},
        {"name": "tcp", "port": 90, "protocol": "TCP"},
        {"name": "tls", "port": 91, "protocol": "TLS", "tls": {"mode": "Passthrough"}}
    ]);
    gateway
}

fn tcp_route(service: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "TCPRoute",
        "metadata": {"namespace": "shop", "name": "stream"},
        "spec": {
            "parentRefs": [{"name": "front", "sectionName": "tcp"}],
            "rules": [{"backendRefs": [{"name": service, "port": 80}]}]
        }
    })
}

/// Sends some bytes and reads what comes; an error is that of the connection.
async fn exchange(address: &str, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await?;
    Ok(read)
}

/// The beginning of a TLS handshake record.
const TLS: &[u8] = &[0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];

/// L4-TCP-03/04, LISTEN-SEL-13.
#[tokio::test]
async fn connections_that_nothing_serves_are_reset() {
    let mut objects = shop(51);
    objects[2] = gateway_of_all_sorts();
    objects.push(tcp_route("missing"));
    let running = Running::start(51, NEW, objects).await;
    running
        .status("TCPRoute", "stream", |status| {
            let conditions = &status["parents"][0]["conditions"];
            condition(conditions, "ResolvedRefs") == ("False", "BackendNotFound")
        })
        .await;
    running
        .status("Gateway", "front", |status| {
            condition(&status["conditions"], "Programmed").0 == "True"
        })
        .await;
    for (what, port, bytes) in [
        ("a Route without a usable backend", 20_090, &b"hello"[..]),
        ("TLS on a port in clear", 20_080, TLS),
        (
            "clear text on a port for TLS",
            20_091,
            b"GET / HTTP/1.1\r\n\r\n",
        ),
    ] {
        let error = exchange(&format!("127.90.51.1:{port}"), bytes).await;
        assert_eq!(
            error.map_err(|error| error.kind()),
            Err(ErrorKind::ConnectionReset),
            "{what}"
        );
    }
}

fn secret(name: &str, (chain, key): (&str, &str)) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": "shop", "name": name},
        "data": {"tls.crt": base64(chain), "tls.key": base64(key)}
    })
}

/// A TLS server that greets those who present a certificate of the authority.
async fn demanding(address: &str, authority: &Authority) {
    let config = authority.server("backend.test");
    let acceptor = tokio_rustls::TlsAcceptor::from(config);
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                stream.write_all(b"welcome").await?;
                stream.shutdown().await
            });
        }
    });
}

/// GW-BCC-01: whatever the protocol. BTLS-17: without it the connection fails, and is reset.
#[tokio::test]
async fn tls_to_backends_of_tcp_routes_presents_the_certificate_of_the_gateway() {
    let authority = Authority::new();
    demanding("127.90.52.200:8443", &authority).await;
    let (chain, key) = authority.pair("gateway.test");
    let mut own = gateway_of_all_sorts();
    own["spec"]["tls"] = json!({"backend": {"clientCertificateRef": {"name": "own"}}});
    let mut objects = shop(52);
    objects[2] = own;
    objects.extend([
        tcp_route("cart"),
        slice("127.90.52.200", 8443),
        secret("own", (&chain, &key)),
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": "shop", "name": "authority"},
            "data": {"ca.crt": authority.pem}
        }),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "BackendTLSPolicy",
            "metadata": {"namespace": "shop", "name": "cart"},
            "spec": {
                "targetRefs": [{"group": "", "kind": "Service", "name": "cart"}],
                "validation": {
                    "hostname": "backend.test",
                    "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "authority"}]
                }
            }
        }),
    ]);
    let running = Running::start(52, NEW, objects).await;
    let address = "127.90.52.1:20090";
    until("the backend greets", async || {
        exchange(address, b"")
            .await
            .is_ok_and(|read| read == b"welcome")
    })
    .await;
    running.cluster.put(gateway_of_all_sorts());
    until("nobody is greeted without the certificate", async || {
        let error = exchange(address, b"").await.map_err(|error| error.kind());
        error == Err(ErrorKind::ConnectionReset)
    })
    .await;
}

/// GW-CERT-04: a key that does not belong to its certificate is no certificate.
#[tokio::test]
async fn broken_certificates_show_in_the_status() {
    let authority = Authority::new();
    let (chain, key) = authority.pair("shop.test");
    let (_, other_key) = authority.pair("shop.test");
    let mut secure = gateway("front");
    secure["spec"]["listeners"] = json!([{
        "name": "secure", "port": 443, "protocol": "HTTPS",
        "tls": {"certificateRefs": [{"name": "cert"}]}
    }]);
    let mut objects = shop(53);
    objects[2] = secure;
    objects.push(secret("cert", (&chain, &other_key)));
    let running = Running::start(53, NEW, objects).await;
    let resolved = |status: &Value, expected: (&str, &str)| {
        condition(&status["listeners"][0]["conditions"], "ResolvedRefs") == expected
    };
    running
        .status("Gateway", "front", |status| {
            resolved(status, ("False", "InvalidCertificateRef"))
        })
        .await;
    running.cluster.put(secret("cert", (&chain, &key)));
    running
        .status("Gateway", "front", |status| {
            resolved(status, ("True", "ResolvedRefs"))
                && condition(&status["conditions"], "Programmed").0 == "True"
        })
        .await;
}
