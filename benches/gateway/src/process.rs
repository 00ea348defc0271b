//! Processes that end with this one.

use std::ffi::OsStr;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A process on one core; it is told to end when this is dropped.
pub struct Process(Child);

impl Process {
    /// Starts a program on a core, or anywhere. The kernel ends it if this process dies.
    pub fn start<A: AsRef<OsStr>>(
        core: Option<usize>,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> io::Result<Self> {
        let mut command = pinned(core, program);
        command.args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Process(command.spawn()?))
    }

    /// Waits until somebody answers at an address.
    pub fn wait_for(&mut self, address: SocketAddr) -> io::Result<()> {
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.0.try_wait()? {
                return Err(io::Error::other(format!("ended early: {status}")));
            }
            if started.elapsed() > Duration::from_secs(20) {
                return Err(io::Error::other(format!("nobody answers at {address}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// CPU time so far, its children's included, in clock ticks of 10 ms.
    pub fn ticks(&self) -> u64 {
        let own = self.0.id();
        ticks_of(own) + children(own).into_iter().map(ticks_of).sum::<u64>()
    }

    /// Memory that is resident, in KiB.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // `kill` of the standard library would not let nginx end its worker.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// A command on one core, or anywhere, that ends with this process.
pub fn pinned(core: Option<usize>, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    if let Some(core) = core {
        command.args(["taskset", "-c", &core.to_string()]);
    }
    command.arg(program);
    command
}

fn children(process: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let listed = listed.unwrap_or_default();
    listed.split_whitespace().flat_map(str::parse).collect()
}

/// User and system time: fields 14 and 15, counted behind the name, which may hold spaces.
fn ticks_of(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let Some((_, fields)) = stat.rsplit_once(')') else {
        return 0;
    };
    let times = fields.split_whitespace().skip(11).take(2);
    times.flat_map(str::parse::<u64>).sum()
}
