//! Work on many files at once, results in the order of the files.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Failure;

/// Below this many files no progress is shown.
const PROGRESS_FROM: usize = 50;

/// Runs `work` on every file, on all cores, and `take` on every result, in the order of the files, on this thread.
///
/// Progress is shown on standard error if that is a terminal.
pub(super) fn each_file<T: Send>(
    files: &[PathBuf],
    work: impl Fn(&PathBuf) -> T + Sync,
    mut take: impl FnMut(T, &ProgressBar) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let progress = progress_bar(files.len());
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(files.len());
    let outcome = thread::scope(|scope| {
        // A short queue: workers wait when results are not taken.
        let (sender, results) = mpsc::sync_channel(threads * 4);
        for _ in 0..threads {
            let (sender, work, next) = (sender.clone(), &work, &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(index) else {
                        return;
                    };
                    // Nobody listens any more: taking failed.
                    if sender.send((index, work(file))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut wanted = 0;
        for (index, result) in results {
            early.insert(index, result);
            while let Some(result) = early.remove(&wanted) {
                take(result, &progress)?;
                wanted += 1;
                progress.inc(1);
            }
        }
        Ok(())
    });
    progress.finish_and_clear();
    outcome
}

fn progress_bar(files: usize) -> ProgressBar {
    if files < PROGRESS_FROM {
        return ProgressBar::hidden();
    }
    // Drawn on standard error, and only on a terminal.
    let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {eta} left") {
        bar.set_style(style);
    }
    bar
}
