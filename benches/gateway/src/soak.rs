//! Requests while routes change: is each answer one that the configuration of its time explains?
//!
//! Each change of a route makes a new version of it, and most answers name the version that gave them. An answer is explained
//! if a version does that may have been in force while the request was under way: none that was replaced longer than `--lag`
//! before the request began, and none older than one that an answer had named by then.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::backend;
use crate::client::{Answer, Client};
use crate::configuration;
use crate::process::Process;
use crate::variant::{BACKENDS, EMPTY, Variant, stamp};

/// Versions that are remembered of each route.
const REMEMBERED: usize = 64;

/// Unexplained answers that are printed.
const MOST_PRINTED: u64 = 20;

struct Version {
    number: u64,
    variant: Variant,
    /// When the next one had taken its place.
    replaced: Option<Instant>,
}

struct Route {
    host: String,
    versions: Mutex<VecDeque<Version>>,
    /// The newest version that an answer named.
    seen: AtomicU64,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    by_status: [AtomicU64; 6],
    changes: AtomicU64,
    unexplained: AtomicU64,
    unanswered: AtomicU64,
    /// The longest time that a replaced version still answered, in milliseconds.
    longest_lag: AtomicU64,
}

struct Soak {
    routes: Vec<Route>,
    counts: Counts,
    manifests: PathBuf,
    staging: PathBuf,
    /// How long it may take from the change of a file until it is in force.
    lag: Duration,
    gateway: SocketAddr,
    ends: AtomicBool,
}

/// Runs for the given time and prints what happened.
pub fn run(arguments: &Arguments) -> io::Result<()> {
    let scratch = arguments.path("scratch")?;
    let minutes: f64 = arguments.number("minutes", 30.0)?;
    let (rate, changes) = (
        arguments.number("rate", 1500.0)?,
        arguments.number("changes", 10.0)?,
    );
    let soak = Soak {
        routes: (0..arguments.number("routes", 200)?)
            .map(Route::new)
            .collect(),
        counts: Counts::default(),
        manifests: scratch.join("manifests"),
        staging: scratch.join("staging"),
        lag: Duration::from_secs_f64(arguments.number("lag", 3.0)?),
        gateway: ([127, 9, 1, 1], 18080).into(),
        ends: AtomicBool::new(false),
    };
    soak.prepare()?;
    let program = arguments.path("gateway")?;
    let mut process = Process::start(None, &program, soak.gateway_arguments())?;
    process.wait_for(soak.gateway)?;
    let clients = 16_u32;
    thread::scope(|scope| {
        scope.spawn(|| soak.change(Duration::from_secs_f64(1.0 / changes)));
        for seed in 0..clients {
            let pause = Duration::from_secs_f64(f64::from(clients) / rate);
            let soak = &soak;
            scope.spawn(move || soak.ask(u64::from(seed) + 1, pause));
        }
        let watched = soak.watch(&process, Duration::from_secs_f64(minutes * 60.0));
        soak.ends.store(true, Ordering::Relaxed);
        watched
    })
}

impl Route {
    fn new(route: usize) -> Self {
        let first = Version {
            number: 1,
            variant: Variant::Forward(BACKENDS[0]),
            replaced: None,
        };
        Route {
            host: configuration::host(route),
            versions: Mutex::new(VecDeque::from([first])),
            seen: AtomicU64::new(0),
        }
    }

    /// Whether a version that may have been in force explains an answer.
    fn explains(&self, answer: &Answer, began: Instant, seen: u64, lag: Duration) -> bool {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.iter().any(|version| {
            version.number >= seen
                && version
                    .replaced
                    .is_none_or(|replaced| replaced + lag >= began)
                && version.variant.explains(answer, &self.host, version.number)
        })
    }

    /// How long before `began` a version had been replaced.
    fn lag(&self, number: u64, began: Instant) -> Duration {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let version = versions.iter().find(|version| version.number == number);
        let replaced = version.and_then(|version| version.replaced);
        replaced.map_or(Duration::ZERO, |replaced| {
            began.saturating_duration_since(replaced)
        })
    }
}

impl Soak {
    /// Starts backends, writes the first configuration.
    fn prepare(&self) -> io::Result<()> {
        fs::create_dir(&self.manifests)?;
        fs::create_dir(&self.staging)?;
        fs::write(self.manifests.join("gateway.yaml"), configuration::GATEWAY)?;
        for name in BACKENDS {
            let listener = TcpListener::bind("127.9.1.2:0")?;
            let service = configuration::service(name, Some(listener.local_addr()?));
            fs::write(self.manifests.join(format!("{name}.yaml")), service)?;
            thread::spawn(move || backend::serve(&listener, name));
        }
        fs::write(
            self.manifests.join("empty.yaml"),
            configuration::service(EMPTY, None),
        )?;
        for (index, route) in self.routes.iter().enumerate() {
            let first = Variant::Forward(BACKENDS[0]).manifest(index, &route.host, 1);
            fs::write(self.file(index), first.unwrap_or_default())?;
        }
        Ok(())
    }

    fn gateway_arguments(&self) -> Vec<String> {
        let arguments = [
            "--quiet",
            "--directory",
            &self.manifests.to_string_lossy(),
            "--bind-pool",
            "127.9.1.1/32",
            "--port-offset",
            "18000",
        ];
        arguments.map(str::to_owned).into()
    }

    fn file(&self, route: usize) -> PathBuf {
        self.manifests.join(format!("route-{route}.yaml"))
    }

    /// Changes one route after the other.
    fn change(&self, pause: Duration) {
        let (mut chance, mut due) = (Chance::new(0), Instant::now());
        while !self.ends.load(Ordering::Relaxed) {
            let (index, variant) = (chance.below(self.routes.len()), Variant::of(chance.next()));
            if let Err(why) = self.replace(index, variant) {
                eprintln!("route {index}: {why}");
            }
            self.counts.changes.fetch_add(1, Ordering::Relaxed);
            due += pause;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    fn replace(&self, index: usize, variant: Variant) -> io::Result<()> {
        let route = &self.routes[index];
        let number = {
            let mut versions = route
                .versions
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let number = versions.back().map_or(1, |last| last.number + 1);
            // It may answer as soon as the file is there, so it is known before.
            versions.push_back(Version {
                number,
                variant,
                replaced: None,
            });
            if versions.len() > REMEMBERED {
                versions.pop_front();
            }
            number
        };
        self.write(index, variant.manifest(index, &route.host, number))?;
        let mut versions = route
            .versions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for version in versions
            .iter_mut()
            .filter(|version| version.number < number)
        {
            version.replaced.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// A reader sees the file before or the file after, never a part.
    fn write(&self, index: usize, manifest: Option<String>) -> io::Result<()> {
        let file = self.file(index);
        match manifest {
            Some(manifest) => {
                let staged = self.staging.join("next.yaml");
                fs::write(&staged, manifest)?;
                fs::rename(staged, file)
            }
            None => match fs::remove_file(file) {
                Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
                done => done,
            },
        }
    }

    /// Sends requests to routes by chance.
    fn ask(&self, seed: u64, pause: Duration) {
        let (mut chance, mut due) = (Chance::new(seed), Instant::now());
        let mut client = Client::new(self.gateway);
        while !self.ends.load(Ordering::Relaxed) {
            let route = &self.routes[chance.below(self.routes.len())];
            let seen = route.seen.load(Ordering::SeqCst);
            let began = Instant::now();
            let answer = client.get(&route.host, "/app/item");
            self.judge(route, answer, began, seen);
            // Who is late does not hurry.
            due = (due + pause).max(Instant::now() - pause);
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    fn judge(&self, route: &Route, answer: io::Result<Answer>, began: Instant, seen: u64) {
        let counts = &self.counts;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                if counts.unanswered.fetch_add(1, Ordering::Relaxed) < MOST_PRINTED {
                    eprintln!("{}: no answer: {why}", route.host);
                }
                return;
            }
        };
        let hundreds = usize::from(answer.status / 100).min(5);
        counts.by_status[hundreds].fetch_add(1, Ordering::Relaxed);
        if !route.explains(&answer, began, seen, self.lag)
            && counts.unexplained.fetch_add(1, Ordering::Relaxed) < MOST_PRINTED
        {
            eprintln!("{}: unexplained, {seen} was seen: {answer:?}", route.host);
        }
        if let Some(number) = stamp(&answer) {
            route.seen.fetch_max(number, Ordering::SeqCst);
            let lag = u64::try_from(route.lag(number, began).as_millis());
            counts
                .longest_lag
                .fetch_max(lag.unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// Prints memory and counts until the time is over.
    fn watch(&self, process: &Process, time: Duration) -> io::Result<()> {
        let started = Instant::now();
        let every = Duration::from_secs(300);
        println!(
            "| minute | resident, KiB | requests | 2xx | 3xx | 4xx | 5xx | changes | unexplained | no answer | longest lag, ms |"
        );
        println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        // The first line after a minute: connections stand and every thread has allocated.
        let mut due = time.min(Duration::from_secs(60));
        loop {
            thread::sleep(due.saturating_sub(started.elapsed()));
            self.print(process, started.elapsed());
            io::stdout().flush()?;
            if due >= time {
                return Ok(());
            }
            let next = (due.as_secs() / every.as_secs() + 1) * every.as_secs();
            due = time.min(Duration::from_secs(next));
        }
    }

    fn print(&self, process: &Process, elapsed: Duration) {
        let counts = &self.counts;
        let [requests, changes, unexplained, unanswered, lag] = [
            &counts.requests,
            &counts.changes,
            &counts.unexplained,
            &counts.unanswered,
            &counts.longest_lag,
        ]
        .map(|count| count.load(Ordering::Relaxed));
        let status = |hundreds: usize| counts.by_status[hundreds].load(Ordering::Relaxed);
        println!(
            "| {:.0} | {} | {requests} | {} | {} | {} | {} | {changes} | {unexplained} | {unanswered} | {lag} |",
            elapsed.as_secs_f64() / 60.0,
            process.resident(),
            status(2),
            status(3),
            status(4),
            status(5),
        );
    }
}

/// Chance that is the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
