//! The echo backend as a program.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use gatewright_echo::{Echo, Identity, datagram, line, secure, web};
use tokio::net::{TcpListener, UdpSocket};

/// A backend that answers with what arrived. At least one address is needed; each can be given several times.
#[derive(Debug, Parser)]
#[command(arg_required_else_help = true)]
struct Args {
    /// HTTP/1.1, HTTP/2 with prior knowledge, gRPC, WebSocket.
    #[arg(long, value_name = "ADDRESS")]
    http: Vec<SocketAddr>,
    /// The same over TLS; needs `--certificate` and `--key`.
    #[arg(long, value_name = "ADDRESS", requires = "certificate")]
    https: Vec<SocketAddr>,
    /// Lines over TCP.
    #[arg(long, value_name = "ADDRESS")]
    tcp: Vec<SocketAddr>,
    /// Lines over TLS; needs `--certificate` and `--key`.
    #[arg(long, value_name = "ADDRESS", requires = "certificate")]
    tls: Vec<SocketAddr>,
    /// Datagrams.
    #[arg(long, value_name = "ADDRESS")]
    udp: Vec<SocketAddr>,
    /// DNS queries over UDP.
    #[arg(long, value_name = "ADDRESS")]
    dns: Vec<SocketAddr>,
    /// The certificate chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Authorities of the certificates that clients must show, in PEM.
    #[arg(long, value_name = "FILE")]
    client_authorities: Option<PathBuf>,
    /// The namespace to tell.
    #[arg(
        long,
        value_name = "NAME",
        env = "NAMESPACE",
        default_value = "default"
    )]
    namespace: String,
    /// The pod to tell.
    #[arg(long, value_name = "NAME", env = "POD_NAME", default_value = "echo")]
    pod: String,
    /// The Service to tell.
    #[arg(long, value_name = "NAME", env = "SERVICE_NAME", default_value = "")]
    service: String,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let echo = Arc::new(Echo::new(Identity {
        namespace: args.namespace.clone(),
        pod: args.pod.clone(),
        service: args.service.clone(),
    }));
    let settings = |is_http| match (&args.certificate, &args.key) {
        (Some(certificate), Some(key)) => {
            let authorities = args.client_authorities.as_ref().map(std::fs::read);
            let authorities = authorities.transpose()?;
            let (certificate, key) = (std::fs::read(certificate)?, std::fs::read(key)?);
            secure::config(&certificate, &key, authorities.as_deref(), is_http).map(Some)
        }
        _ => Ok(None),
    };
    for address in &args.http {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(web::serve(listener, None, Arc::clone(&echo)));
    }
    for address in &args.https {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(web::serve(listener, settings(true)?, Arc::clone(&echo)));
    }
    for address in &args.tcp {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(line::serve(listener, None, Arc::clone(&echo)));
    }
    for address in &args.tls {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(line::serve(listener, settings(false)?, Arc::clone(&echo)));
    }
    for address in &args.udp {
        let socket = UdpSocket::bind(address).await?;
        tokio::spawn(datagram::serve(socket, Arc::clone(&echo)));
    }
    for address in &args.dns {
        tokio::spawn(datagram::serve_dns(UdpSocket::bind(address).await?));
    }
    std::future::pending().await
}
