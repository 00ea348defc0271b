//! The end of the process, as connections learn of it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// Set once, when the process is to end: connections finish what they have.
#[derive(Debug, Default)]
pub struct Draining {
    /// Says what `token` does, without the lock that asking it takes.
    has_begun: AtomicBool,
    token: CancellationToken,
}

impl Draining {
    /// Tells all.
    pub fn begin(&self) {
        self.has_begun.store(true, Ordering::Release);
        self.token.cancel();
    }

    /// Resolves when it has begun.
    pub async fn begun(&self) {
        self.token.cancelled().await;
    }

    /// Drives a connection to its end. When draining begins, `finish` tells it to take no further request.
    pub async fn drive<C: Future>(
        &self,
        connection: C,
        finish: impl FnOnce(Pin<&mut C>),
    ) -> C::Output {
        let mut connection = pin!(connection);
        let mut begun = pin!(self.token.cancelled());
        let (mut is_waiting, mut finish) = (false, Some(finish));
        poll_fn(|context| {
            // A connection is polled with each step of a request. After the first time `begun` wakes its task.
            let asks = !is_waiting || self.has_begun.load(Ordering::Acquire);
            is_waiting = true;
            if asks
                && finish.is_some()
                && begun.as_mut().poll(context).is_ready()
                && let Some(finish) = finish.take()
            {
                finish(connection.as_mut());
            }
            connection.as_mut().poll(context)
        })
        .await
    }
}
