//! A reader of certificates that reads each content once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::certificate_reader::{CertificateReader, InvalidCertificate};

/// Most contents that are remembered of each sort; then it begins anew.
const MOST: usize = 10_000;

/// Asks another reader, whose answers depend on the bytes alone, and remembers what it said.
#[derive(Debug)]
pub(super) struct Remembering {
    reader: Arc<dyn CertificateReader>,
    pairs: Mutex<Pairs>,
    authorities: Mutex<Authorities>,
}

type Pairs = HashMap<[Box<[u8]>; 2], Result<Vec<String>, InvalidCertificate>>;
type Authorities = HashMap<Box<[u8]>, Result<(), InvalidCertificate>>;

impl Remembering {
    /// Remembers what a reader says.
    pub(super) fn new(reader: Arc<dyn CertificateReader>) -> Self {
        Remembering {
            reader,
            pairs: Mutex::default(),
            authorities: Mutex::default(),
        }
    }
}

impl CertificateReader for Remembering {
    fn read_pair(&self, chain: &[u8], key: &[u8]) -> Result<Vec<String>, InvalidCertificate> {
        let content = [chain.into(), key.into()];
        if let Some(known) = lock(&self.pairs).get(&content) {
            return known.clone();
        }
        let answer = self.reader.read_pair(chain, key);
        put(&mut lock(&self.pairs), content, answer.clone());
        answer
    }

    fn read_authorities(&self, bundle: &[u8]) -> Result<(), InvalidCertificate> {
        if let Some(known) = lock(&self.authorities).get(bundle) {
            return known.clone();
        }
        let answer = self.reader.read_authorities(bundle);
        put(&mut lock(&self.authorities), bundle.into(), answer.clone());
        answer
    }
}

/// What was remembered by a thread that panicked is right all the same.
fn lock<T>(known: &Mutex<T>) -> MutexGuard<'_, T> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put<K: std::hash::Hash + Eq, V>(known: &mut HashMap<K, V>, content: K, answer: V) {
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(content, answer);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl CertificateReader for Counting {
        fn read_pair(&self, chain: &[u8], _: &[u8]) -> Result<Vec<String>, InvalidCertificate> {
            self.0.fetch_add(1, Ordering::Relaxed);
            String::from_utf8(chain.into())
                .map(|name| vec![name])
                .map_err(|why| InvalidCertificate::new(why.to_string()))
        }

        fn read_authorities(&self, bundle: &[u8]) -> Result<(), InvalidCertificate> {
            self.read_pair(bundle, bundle).map(drop)
        }
    }

    /// The same answers, each asked for once; chain and key both count.
    #[test]
    fn each_content_is_read_once() {
        let counting = Arc::new(Counting::default());
        let reader = Remembering::new(counting.clone());
        for _ in 0..3 {
            assert_eq!(reader.read_pair(b"a", b"k"), Ok(vec!["a".to_owned()]));
            assert!(reader.read_pair(b"\xff", b"k").is_err());
            assert!(reader.read_pair(b"ak", b"").is_ok());
            assert_eq!(reader.read_authorities(b"a"), Ok(()));
        }
        assert_eq!(counting.0.load(Ordering::Relaxed), 4);
    }
}
