//! Three proxies in turn under the same load.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::client::Client;
use crate::configuration;
use crate::process::{Process, pinned};
use crate::statistics::Series;

/// The core of the proxies, and that of everybody else.
const CORES: (usize, usize) = (0, 1);

struct Proxy {
    name: &'static str,
    address: SocketAddr,
    process: Process,
    rate: Series,
    p50: Series,
    p99: Series,
    cpu: Series,
    busy: Series,
    errors: u64,
}

struct Load<'a> {
    lua: &'a Path,
    routes: usize,
    connections: usize,
}

/// Runs the rounds and prints the table.
pub fn run(arguments: &Arguments) -> io::Result<()> {
    let (scratch, lua) = (arguments.path("scratch")?, arguments.path("lua")?);
    let load = Load {
        lua: &lua,
        routes: arguments.number("routes", 1000)?,
        connections: arguments.number("connections", 64)?,
    };
    let (rounds, seconds) = (
        arguments.number("rounds", 15)?,
        arguments.number("seconds", 3)?,
    );
    let backend: SocketAddr = ([127, 9, 0, 1], 18080).into();
    let mut echo = backend_process(&scratch, backend)?;
    echo.wait_for(backend)?;
    let mut proxies = [
        gateway(&scratch, &arguments.path("gateway")?, load.routes, backend)?,
        nginx(&scratch, load.routes, backend)?,
        haproxy(&scratch, load.routes, backend)?,
    ];
    for proxy in &mut proxies {
        proxy.process.wait_for(proxy.address)?;
        check(proxy, load.routes)?;
        measure(proxy, &load, 1, false)?;
    }
    for round in 0..rounds {
        for turn in 0..proxies.len() {
            // Whoever comes first in a round is another one each time.
            let turn = (turn + round) % proxies.len();
            measure(&mut proxies[turn], &load, seconds, true)?;
        }
        eprint!("\rround {} of {rounds}", round + 1);
    }
    eprintln!();
    print(&proxies, &load, rounds, seconds);
    Ok(())
}

/// nginx answers with what arrived; it does so in less time than any of the three takes to pass it on.
fn backend_process(scratch: &Path, address: SocketAddr) -> io::Result<Process> {
    let directory = scratch.join("backend");
    std::fs::create_dir(&directory)?;
    let file = directory.join("nginx.conf");
    configuration::backend(&file, address)?;
    let (file, directory) = (file.to_string_lossy(), directory.to_string_lossy());
    Process::start(
        Some(CORES.1),
        &program("nginx"),
        ["-e", "stderr", "-p", &*directory, "-c", &*file],
    )
}

fn start(
    name: &'static str,
    address: SocketAddr,
    program: &Path,
    arguments: &[&str],
) -> io::Result<Proxy> {
    Ok(Proxy {
        name,
        address,
        process: Process::start(Some(CORES.0), program, arguments)?,
        rate: Series::default(),
        p50: Series::default(),
        p99: Series::default(),
        cpu: Series::default(),
        busy: Series::default(),
        errors: 0,
    })
}

fn gateway(
    scratch: &Path,
    program: &Path,
    routes: usize,
    backend: SocketAddr,
) -> io::Result<Proxy> {
    let manifests = scratch.join("manifests");
    configuration::gateway(&manifests, routes, backend)?;
    start(
        "gateway",
        ([127, 9, 0, 2], 18080).into(),
        program,
        &[
            "--quiet",
            "--directory",
            &manifests.to_string_lossy(),
            "--bind-pool",
            "127.9.0.2/32",
            "--port-offset",
            "18000",
        ],
    )
}

fn nginx(scratch: &Path, routes: usize, backend: SocketAddr) -> io::Result<Proxy> {
    let (file, address) = (scratch.join("nginx.conf"), ([127, 9, 0, 3], 18080).into());
    configuration::nginx(&file, routes, address, backend)?;
    let (file, scratch) = (file.to_string_lossy(), scratch.to_string_lossy());
    start(
        "nginx",
        address,
        &program("nginx"),
        &["-e", "stderr", "-p", &scratch, "-c", &file],
    )
}

fn haproxy(scratch: &Path, routes: usize, backend: SocketAddr) -> io::Result<Proxy> {
    let (file, address) = (scratch.join("haproxy.cfg"), ([127, 9, 0, 4], 18080).into());
    configuration::haproxy(&file, routes, address, backend)?;
    start(
        "HAProxy",
        address,
        &program("haproxy"),
        &["-db", "-q", "-f", &file.to_string_lossy()],
    )
}

/// Debian puts servers where not everybody looks.
fn program(name: &str) -> PathBuf {
    let installed = Path::new("/usr/sbin").join(name);
    if installed.exists() {
        installed
    } else {
        name.into()
    }
}

/// Every route must lead to the backend, and nothing else may, before anything is timed.
fn check(proxy: &Proxy, routes: usize) -> io::Result<()> {
    let mut client = Client::new(proxy.address);
    for route in 0..routes {
        let host = configuration::host(route);
        let answer = client.get(&host, "/app/item")?;
        if answer.status != 200 || answer.body != format!("GET {host} /app/item - echo") {
            let name = proxy.name;
            return Err(io::Error::other(format!("{name}, {host}: {answer:?}")));
        }
    }
    for (host, path) in [
        ("elsewhere.example.com", "/app"),
        ("host-0.example.com", "/"),
    ] {
        let answer = client.get(host, path)?;
        if answer.status != 404 {
            let name = proxy.name;
            return Err(io::Error::other(format!("{name}, {host}: {answer:?}")));
        }
    }
    Ok(())
}

fn measure(proxy: &mut Proxy, load: &Load<'_>, seconds: u32, counts: bool) -> io::Result<()> {
    let before = proxy.process.ticks();
    let output = pinned(Some(CORES.1), Path::new("wrk"))
        .args(["-t1", &format!("-c{}", load.connections)])
        .args([&format!("-d{seconds}s"), "--timeout", "5s", "-s"])
        .arg(load.lua)
        .arg(format!("http://{}", proxy.address))
        .args(["--", &load.routes.to_string()])
        .output()?;
    let cpu = (proxy.process.ticks() - before) as f64 * 10_000.0;
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let field = |name: &str| -> io::Result<f64> {
        let line = output.lines().find(|line| line.starts_with("measured "));
        let mut words = line.unwrap_or_default().split(' ');
        let value = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let value = value.and_then(|value| value.parse().ok());
        value.ok_or_else(|| io::Error::other(format!("wrk did not tell {name}: {output}")))
    };
    let (requests, microseconds) = (field("requests")?, field("microseconds")?);
    proxy.errors += field("errors")? as u64;
    if counts {
        proxy.rate.push(requests / microseconds * 1e6);
        proxy.p50.push(field("p50")? / 1000.0);
        proxy.p99.push(field("p99")? / 1000.0);
        proxy.cpu.push(cpu / requests);
        proxy.busy.push(cpu / microseconds * 100.0);
    }
    thread::sleep(Duration::from_millis(100));
    Ok(())
}

fn print(proxies: &[Proxy], load: &Load<'_>, rounds: usize, seconds: u32) {
    println!(
        "{} routes, {} connections, {rounds} rounds of {seconds} s, proxies in turn; median [lowest-highest]\n",
        load.routes, load.connections
    );
    println!(
        "| proxy | requests/s | ratio to nginx | p50, ms | p99, ms | CPU a request, us | its core busy, % | errors |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for proxy in proxies {
        let mut ratio = Series::default();
        let nginx = proxies.iter().find(|proxy| proxy.name == "nginx");
        let nginx = nginx.map_or(&[][..], |nginx| nginx.rate.values());
        for (own, other) in proxy.rate.values().iter().zip(nginx) {
            ratio.push(own / other);
        }
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            proxy.name,
            proxy.rate.text(0),
            ratio.text(2),
            proxy.p50.text(2),
            proxy.p99.text(2),
            proxy.cpu.text(1),
            proxy.busy.text(0),
            proxy.errors
        );
    }
}
