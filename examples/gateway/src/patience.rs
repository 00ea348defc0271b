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
use slab::Slab;

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
    waiting: RefCell<Slab<Waker>>,
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
    for (_, task) in waiting {
        task.wake();
    }
}

/// Has a task woken when the clock of its worker moves.
#[derive(Debug, Default)]
pub struct Alarm {
    /// When it was set last, and its place among those who wait.
    set: Option<(Instant, usize)>,
}

impl Alarm {
    /// To be called in each step of the task; it does something in the first one after the clock has moved.
    pub fn set(&mut self, context: &Context<'_>) {
        CLOCK.with(|clock| {
            let now = clock.now.get();
            if self.set.is_none_or(|(at, _)| at != now) {
                let waker = context.waker().clone();
                self.set = Some((now, clock.waiting.borrow_mut().insert(waker)));
            }
        });
    }
}

/// A waker keeps the memory of its task: none must wait for a connection that is gone.
impl Drop for Alarm {
    fn drop(&mut self) {
        let Some((at, place)) = self.set else { return };
        // There is no clock any more when the worker ends.
        let gone = CLOCK.try_with(|clock| {
            let is_waiting = clock.now.get() == at;
            is_waiting.then(|| clock.waiting.borrow_mut().try_remove(place))
        });
        drop(gone);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn an_alarm_rings_once_in_each_step() {
        let task = Arc::new(Task::default());
        let waker = Waker::from(Arc::clone(&task));
        let context = Context::from_waker(&waker);
        let mut alarm = Alarm::default();
        for rings in 1..=3 {
            alarm.set(&context);
            alarm.set(&context);
            step();
            assert_eq!(task.0.load(Ordering::Relaxed), rings);
        }
    }

    #[test]
    fn an_alarm_that_is_gone_keeps_no_task() {
        let task = Arc::new(Task::default());
        let waker = Waker::from(Arc::clone(&task));
        let (mut gone, mut stays) = (Alarm::default(), Alarm::default());
        gone.set(&Context::from_waker(&waker));
        stays.set(&Context::from_waker(&waker));
        drop(gone);
        assert_eq!(
            Arc::strong_count(&task),
            3,
            "of the test, of its waker, of one alarm"
        );
        step();
        assert_eq!(task.0.load(Ordering::Relaxed), 1);
        drop(stays);
        drop(waker);
        assert_eq!(Arc::strong_count(&task), 1);
    }
}
