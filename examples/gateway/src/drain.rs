//! The end of the process, as connections learn of it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::patience::Alarm;

/// Set once, when the process is to end: connections finish what they have.
#[derive(Debug, Default)]
pub struct Draining {
    /// What `token` is about to say, without the lock that asking it in each step of a request would take.
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

    /// Drives a connection to its end, and looks at it whenever the clock of its worker moves. When draining begins, `finish`
    /// tells it to take no further request.
    pub async fn drive<C: Future>(
        &self,
        connection: C,
        finish: impl FnOnce(Pin<&mut C>),
    ) -> C::Output {
        let mut connection = pin!(connection);
        let mut begun = pin!(self.token.cancelled());
        let (mut is_waiting, mut finish) = (false, Some(finish));
        let mut alarm = Alarm::default();
        poll_fn(|context| {
            // Once is enough: it has the task woken, after `has_begun` is set.
            if !is_waiting {
                is_waiting = true;
                let _ = begun.as_mut().poll(context);
            }
            if self.has_begun.load(Ordering::Acquire)
                && let Some(finish) = finish.take()
            {
                finish(connection.as_mut());
            }
            alarm.set(context);
            connection.as_mut().poll(context)
        })
        .await
    }
}
