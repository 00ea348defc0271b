//! A gateway on gatewright: a controller and a proxy in one process.
//!
//! Every decision about routing is the library's. What is here is what a library cannot have: sockets, TLS, connections to
//! backends, watching for changes, writing statuses. Data flows:
//!
//! ```text
//! provider (directory or cluster) -> objects -> follow -> live::Live { resolution, router, endpoints, certificates }
//! bind (sockets by Gateway and port) -> worker -> connection (server name) -> proxy | stream | udp -> forward -> upstream
//! ```

mod addresses;
mod admin;
mod auth;
mod backend_tls;
mod bind;
mod body;
mod budget;
mod connection;
mod drain;
mod endpoints;
mod follow;
mod forward;
mod live;
mod log;
mod material;
mod metrics;
mod patience;
mod provider;
mod proxy;
mod rewind;
mod server_tls;
mod session;
mod stream;
mod udp;
mod upstream;
mod worker;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::{ArgGroup, Parser};
use gatewright::resolve::{Controller, Features, X509Reader};
use gatewright::vocab::Bundle;
use ipnet::IpNet;
use tokio::sync::Semaphore;

use crate::addresses::Addresses;
use crate::bind::Sockets;
use crate::follow::Follow;
use crate::live::{Live, Shared};
use crate::provider::Directory;

// Every request makes and frees a few dozen small things.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The most copies that are on their way to mirrors at a time: a mirror that hangs must not take all connections.
const MOST_MIRRORED: usize = 1024;

/// A gateway for the Kubernetes Gateway API.
#[derive(Debug, Parser)]
#[command(group(ArgGroup::new("source").required(true)))]
struct Args {
    /// A directory of manifests, watched for changes.
    #[arg(long, value_name = "DIR", group = "source")]
    directory: Option<PathBuf>,
    /// A cluster: one of the kubeconfig, else the one that the process runs in. Its statuses are written.
    #[cfg(feature = "cluster")]
    #[arg(
        long,
        value_name = "CONTEXT",
        group = "source",
        requires = "controller"
    )]
    #[arg(num_args = 0..=1, require_equals = true)]
    cluster: Option<Option<String>>,
    /// Name of the controller, in a cluster also the field manager of statuses [default: every GatewayClass is ours].
    #[arg(long, value_name = "NAME")]
    controller: Option<String>,
    /// Release and channel [default: what the CRDs of the cluster say, for a directory the newest].
    #[arg(long, value_name = "BUNDLE")]
    bundle: Option<Bundle>,
    /// Features that are switched off, by their names in the specification.
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    without: Vec<String>,
    /// Addresses for Gateways: the first Gateway gets the first one, and so on [default: every address of the machine].
    #[arg(long, value_name = "CIDR")]
    bind_pool: Option<IpNet>,
    /// What statuses of Gateways say without a pool [default: the address that the machine reaches others from].
    #[arg(long, value_name = "ADDRESS", conflicts_with = "bind_pool")]
    publish: Vec<IpAddr>,
    /// Added to every port, for those who may not bind low ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port_offset: u16,
    /// Where metrics are served.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// No access log.
    #[arg(long)]
    quiet: bool,
    /// How many seconds a client has for a TLS handshake, and from one response to the end of the next request's head.
    #[arg(long, value_name = "SECONDS", default_value_t = 75)]
    client_timeout: u64,
    /// How many seconds connections have to finish when the process ends.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    drain: u64,
}

// This thread follows the configuration; workers serve.
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let args = Args::parse();
    let patience = Duration::from_secs(args.client_timeout.max(1));
    let workers = worker::Workers::start(thread::available_parallelism()?.get(), patience)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // For those that do not ask; nobody has set another one yet.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let addresses = Arc::new(Addresses::new(args.bind_pool, args.publish));
    let controller = args
        .controller
        .as_deref()
        .map_or_else(Controller::default, Controller::named)
        .with_features(features(&args.without)?)
        .with_certificate_reader(Arc::new(X509Reader))
        .with_data_plane(Arc::clone(&addresses) as _);
    let live = ArcSwap::from_pointee(Live::empty(provider));
    let shared = Arc::new(Shared {
        live,
        metrics: Default::default(),
        log: if args.quiet {
            log::Log::off()
        } else {
            log::Log::stdout()
        },
        seal: session::Seal::fresh().map_err(|_| io::Error::other("no randomness"))?,
        budgets: Default::default(),
        draining: Default::default(),
        mirrors: Arc::new(Semaphore::new(MOST_MIRRORED)),
        patience,
    });
    if let Some(address) = args.admin {
        tokio::spawn(admin::serve(
            tokio::net::TcpListener::bind(address).await?,
            Arc::clone(&shared),
        ));
    }
    let mut sockets = Sockets::new(workers, args.port_offset);
    let follow = Follow::new(controller, &addresses, &mut sockets, &shared);
    if let Some(directory) = args.directory {
        let bundle = args.bundle.unwrap_or_default();
        follow
            .run(Directory::watch(directory, bundle, !args.quiet)?, ends())
            .await?;
    } else {
        #[cfg(feature = "cluster")]
        follow
            .run(
                provider::Cluster::watch(
                    args.cluster.flatten(),
                    args.bundle,
                    &args.controller.unwrap_or_default(),
                )
                .await?,
                ends(),
            )
            .await?;
    }
    sockets.close();
    shared.draining.begin();
    let until = tokio::time::Instant::now() + Duration::from_secs(args.drain);
    while shared.metrics.open() > 0 && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn features(without: &[String]) -> io::Result<Features> {
    let all = Ok(Features::default());
    let off = |features: io::Result<Features>, name: &String| {
        features?.without(name).map_err(io::Error::other)
    };
    without.iter().fold(all, off)
}

/// Resolves when the process is asked to end.
async fn ends() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(_) => return std::future::pending().await,
        };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
