//! Loopback addresses: a range for each run, a part of it for each test.

use std::net::{Ipv4Addr, TcpListener};

/// `127.x.0.0/16`, ours as long as this lives: runs beside each other on one machine do not meet.
pub struct Range {
    second: u8,
    /// Added to ports below 1024 where those may not be bound, else 0.
    pub offset: u16,
    _mark: TcpListener,
}

/// `127.x.y.0/24`: Gateways in the lower half, pods in the upper one.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    second: u8,
    third: u8,
}

/// Whoever listens on this port of a range's first address has the range.
const MARK: u16 = 47_000;

impl Range {
    pub fn reserve() -> Self {
        let (second, mark) = (64..=250)
            .find_map(|second| {
                let mark = TcpListener::bind((Ipv4Addr::new(127, second, 0, 1), MARK)).ok()?;
                Some((second, mark))
            })
            .expect("a range of loopback addresses that nobody uses");
        let low = TcpListener::bind((Ipv4Addr::new(127, second, 0, 1), 80));
        Range {
            second,
            offset: if low.is_ok() { 0 } else { 20_000 },
            _mark: mark,
        }
    }

    /// The part of the n-th test, from 0.
    pub fn part(&self, n: usize) -> Part {
        Part {
            second: self.second,
            third: u8::try_from(n + 1).expect("at most 254 tests"),
        }
    }
}

impl Part {
    /// The addresses of Gateways, as `--bind-pool` takes them.
    pub fn gateways(self) -> String {
        format!("127.{}.{}.0/25", self.second, self.third)
    }

    /// The address of the n-th pod.
    pub fn pod(self, n: usize) -> Ipv4Addr {
        let last = u8::try_from(129 + n).expect("at most 126 pods");
        Ipv4Addr::new(127, self.second, self.third, last)
    }
}
