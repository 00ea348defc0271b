//! What a change does not touch stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::objects::{route, shop};
use crate::{NEW, Running};

/// A backend that counts its connections.
async fn counting(address: &str) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind(address).await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    count
}

#[tokio::test]
async fn connections_to_backends_outlive_changes_of_other_objects() {
    let count = counting("127.90.41.200:8080").await;
    let running = Running::start(41, NEW, shop(41)).await;
    running.serves("/cart", 200).await;
    // One request at a time needs one connection for each thread that serves.
    let most = std::thread::available_parallelism().unwrap().get();
    for change in 0..3 * most {
        let path = format!("/other-{change}");
        running
            .cluster
            .put(route(&format!("other-{change}"), &path));
        running.serves(&path, 200).await;
        assert_eq!(running.get("shop.test", "/cart").await.unwrap().0, 200);
    }
    let count = count.load(Ordering::Relaxed);
    assert!(count <= most, "{count} connections");
}
