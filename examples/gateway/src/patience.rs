//! How long clients may take to say what they want.
//!
//! A client that sends its head byte by byte, or nothing at all, must not keep a connection for ever. A timer for each head would
//! cost more than its routing does. So time goes on in steps here: each worker has a clock that it moves, and with it wakes its
//! connections. Before a head that comes in time nothing is done but to note the time on that clock.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// The longest a connection waits for its turn to be looked at.
const LONGEST_STEP: Duration = Duration::from_secs(5);

thread_local! {
    static CLOCK: Clock = Clock {
        now: Cell::new(Instant::now()),
        waiting: RefCell::default(),
    };
}

/// The clock of a worker, and who wants to be woken when it moves.
struct Clock {
    now: Cell<Instant>,
    waiting: RefCell<Vec<Waker>>,
}

fn now() -> Instant {
    CLOCK.with(|clock| clock.now.get())
}

/// How often a worker should [`step`], for clients to have so much time.
pub fn step_for(patience: Duration) -> Duration {
    LONGEST_STEP.min(patience / 4)
}

/// Moves the clock of this worker.
pub fn step() {
    let waiting = CLOCK.with(|clock| {
        clock.now.set(Instant::now());
        clock.waiting.take()
    });
    for task in waiting {
        task.wake();
    }
}

/// Has a task woken when the clock of its worker moves.
#[derive(Debug, Default)]
pub struct Alarm {
    set_at: Option<Instant>,
}

impl Alarm {
    /// To be called in each step of the task; it does something in the first one after the clock has moved.
    pub fn set(&mut self, context: &Context<'_>) {
        CLOCK.with(|clock| {
            let now = Some(clock.now.get());
            if self.set_at != now {
                self.set_at = now;
                clock.waiting.borrow_mut().push(context.waker().clone());
            }
        });
    }
}

/// The clock of the worker, for hyper. Tasks that wait for it need an [`Alarm`]. Times are right to a step.
#[derive(Clone, Copy, Debug)]
pub struct Steps;

impl Timer for Steps {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until(deadline))
    }

    fn now(&self) -> Instant {
        now()
    }
}

struct Until(Instant);

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if now() < self.0 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

impl Sleep for Until {}

/// What a client does once for each connection, in time.
pub async fn within<T>(
    patience: Duration,
    done: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    match tokio::time::timeout(patience, done).await {
        Ok(done) => done,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
