//! The webhook as a program.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use gatewright::vocab::Bundle;
use gatewright_webhook::server::{self, Identity};
use tokio::net::TcpListener;

/// An admission webhook for the Kubernetes Gateway API.
#[derive(Debug, Parser)]
struct Args {
    /// Where it listens.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8443")]
    listen: SocketAddr,
    /// The certificate chain in PEM. It is read again for each connection, so that a renewed one is used.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Its private key in PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Release and channel of the CRDs in the cluster.
    #[arg(long, value_name = "BUNDLE", default_value_t = Bundle::default())]
    bundle: Bundle,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let identity = Identity {
        certificate: args.certificate,
        key: args.key,
    };
    // A file that is missing is better told now than to the first API server.
    identity.config()?;
    let listener = TcpListener::bind(args.listen).await?;
    server::serve(listener, identity, args.bundle).await
}
