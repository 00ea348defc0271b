//! The admin port: `/metrics`, `/ready`.

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::body::{Body, full};
use crate::live::Shared;

/// Serves the admin port.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let response = answer(request.uri().path(), &shared);
                async move { Ok::<_, std::convert::Infallible>(response) }
            });
            // A scraper that goes away is no matter.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(path: &str, shared: &Shared) -> Response<Body> {
    let (status, text) = match path {
        "/metrics" => (StatusCode::OK, shared.metrics.text()),
        "/ready" if shared.metrics.is_configured() => (StatusCode::OK, String::from("ready\n")),
        "/ready" => {
            let waiting = String::from("nothing is configured yet\n");
            (StatusCode::SERVICE_UNAVAILABLE, waiting)
        }
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(full(text));
    *response.status_mut() = status;
    response
}
