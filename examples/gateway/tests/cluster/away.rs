//! The API server goes away and comes back.

use std::time::{Duration, Instant};

use crate::objects::{route, shop};
use crate::server::Server;
use crate::{NEW, Running, backend, is_accepted};

#[tokio::test]
async fn traffic_goes_on_without_the_api_server_and_statuses_catch_up() {
    backend("127.90.21.200:8080", "one").await;
    let mut gateway = Running::start(21, NEW, shop(21)).await;
    gateway.serves("/cart", 200).await;
    gateway.status("HTTPRoute", "cart", is_accepted).await;

    // Connections end, new ones are refused, what happens is not told later. Nothing depends on how long; GATEWAY_AWAY says
    // it in seconds for a run by hand.
    let away = std::env::var("GATEWAY_AWAY").map_or(3, |seconds| seconds.parse().unwrap());
    let away = Duration::from_secs(away);
    let server = gateway.server.take().unwrap();
    let address = server.address.to_string();
    gateway.cluster.go_down();
    drop(server);
    let mut changed = route("cart", "/basket");
    changed["spec"]["hostnames"] = serde_json::json!(["shop.test"]);
    gateway.cluster.put(changed);
    gateway.cluster.put(route("second", "/second"));
    let (left, mut requests, mut longest) = (Instant::now(), 0, Duration::ZERO);
    while left.elapsed() < away {
        let asked = Instant::now();
        let answer = gateway.get("shop.test", "/cart").await;
        longest = longest.max(asked.elapsed());
        requests += 1;
        assert_eq!(answer, Some((200, "one".to_owned())));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(gateway.get("shop.test", "/second").await.unwrap().0, 404);

    let back = Instant::now();
    gateway.cluster.come_back();
    gateway.server = Some(Server::start(gateway.cluster.clone(), &address).await);
    gateway.serves("/second", 200).await;
    gateway.serves("/basket", 200).await;
    gateway.serves("/cart", 404).await;
    gateway.status("HTTPRoute", "second", is_accepted).await;
    gateway
        .status("HTTPRoute", "cart", |status| {
            status["parents"][0]["conditions"][0]["observedGeneration"] == 2
        })
        .await;
    println!(
        "away for {away:?}: {requests} requests answered, the longest took {longest:?}; caught up after {:?}",
        back.elapsed()
    );
}

#[tokio::test]
async fn a_gateway_that_starts_before_the_api_server_waits_for_it() {
    backend("127.90.22.200:8080", "one").await;
    let mut gateway = Running::start(22, NEW, shop(22)).await;
    let server = gateway.server.take().unwrap();
    let address = server.address.to_string();
    drop(server);
    tokio::time::sleep(Duration::from_millis(300)).await;
    gateway.server = Some(Server::start(gateway.cluster.clone(), &address).await);
    gateway.serves("/cart", 200).await;
    gateway.status("HTTPRoute", "cart", is_accepted).await;
}
