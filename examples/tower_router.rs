//! Routing as `tower` middleware, with the core alone: it asks the router about each request, does what the filters say, and
//! tells the service inside by an extension where the request goes.
//!
//! `cargo run --no-default-features --example tower_router`
#![allow(clippy::expect_used, clippy::panic, reason = "an example may stop")]

use std::future::{Ready, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use gatewright::filter::{self, Draw, Forward, Outcome};
use gatewright::plan::{self, Action, Attachment, Backend, Filter, HttpMatch, Plan, Rule};
use gatewright::router::{self, Accepted, RequestHead, Router};
use http::{Request, Response, StatusCode, header::HOST, request::Parts};
use tower_layer::{Layer, layer_fn};
use tower_service::Service;

/// Asks the router; requests for the service inside have their [`Backend`] among their extensions.
#[derive(Clone)]
struct Routed<S>(Arc<Router>, S);

impl<S, Asked, Answered> Service<Request<Asked>> for Routed<S>
where
    S: Service<Request<Asked>, Response = Response<Answered>> + Clone + Send + 'static,
    S::Future: Send,
    Asked: Send + 'static,
    Answered: Default,
{
    type Response = Response<Answered>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.1.poll_ready(context)
    }

    fn call(&mut self, request: Request<Asked>) -> Self::Future {
        // The one that is ready goes along, a copy stays.
        let copy = self.clone();
        let Routed(router, mut inner) = std::mem::replace(self, copy);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(head) = RequestHead::from_parts(&parts) else {
                return Ok(bare(400));
            };
            // A server knows this when a client connects.
            let connection = router::Connection {
                target: router::Target::Only,
                port: 80,
                protocol: router::ConnectionProtocol::Http,
                sni: None,
            };
            let Accepted::Http(listener) = router.accept(&connection) else {
                return Ok(bare(404));
            };
            let found = match listener.find(&head) {
                Ok(found) => found,
                Err(nothing) => return Ok(bare(nothing.status())),
            };
            // Chance is the caller's: draw a number here. Nobody asks auth servers: what needs one is refused.
            let outcome = filter::apply(&found, &head, Draw::of(0)).resume_failed();
            let mut response = match &outcome {
                Outcome::Forward(forward) => inner.call(outgoing(&parts, forward, body)).await?,
                Outcome::Redirect(redirection) => bare(redirection.status),
                Outcome::Respond(answer) => bare(answer.status),
                Outcome::Ask(_) => bare(500),
            };
            let status = response.status().as_u16();
            outcome.respond(status, response.headers_mut());
            Ok(response)
        })
    }
}

/// The request as the backend gets it.
fn outgoing<T>(client: &Parts, forward: &Forward<'_>, body: T) -> Request<T> {
    let mut request = Request::from_parts(client.clone(), body);
    *request.uri_mut() = forward.request.target().parse().unwrap_or_default();
    forward.request.apply_to(request.headers_mut());
    request.extensions_mut().insert(forward.backend.clone());
    request
}

fn bare<T: Default>(status: u16) -> Response<T> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// Stands for a client of backends: it tells where it would send a request.
#[derive(Clone)]
struct Backends;

impl Service<Request<()>> for Backends {
    type Response = Response<String>;
    type Error = String;
    type Future = Ready<Result<Response<String>, String>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let backend = request.extensions().get::<Backend>().expect("a decision");
        let name = &backend.target.name.name;
        ready(Ok(Response::new(format!("{name} got {}", request.uri()))))
    }
}

#[rustfmt::skip]
fn main() {
    // `/cart` goes to the cart as `/v2`; what was `/old` is elsewhere.
    let path = Some(plan::PathModifier::ReplacePrefixMatch("/v2".into()));
    let rewrite = plan::Rewrite { hostname: None, path };
    let redirect = plan::Redirect { hostname: Some("new.example.com".into()), ..Default::default() };
    let cart = Action::forward([Backend::service("shop", "cart", 8080)]);
    let cart = cart.with_filters([Filter::Rewrite(rewrite)]);
    let old = Action::forward([]).with_filters([Filter::Redirect(redirect)]);
    let cart = Rule::http(0, [HttpMatch::prefix("/cart")], cart);
    let old = Rule::http(1, [HttpMatch::prefix("/old")], old);
    let route = Attachment::any_host(plan::Route::http("shop", "front", [cart, old]));
    let head = plan::ListenerHead::http("shop", "public", "web", 80);
    let gateway = plan::Gateway::new("shop", "public", [plan::Listener::new(head, [route])]);
    let router = Arc::new(Router::compile(&Plan::of([gateway])));

    let mut service = layer_fn(|inner| Routed(Arc::clone(&router), inner)).layer(Backends);
    let mut get = |path: &str| {
        let request = Request::get(path).header(HOST, "shop.example.com");
        let mut answer = pin!(service.call(request.body(()).expect("a request")));
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.expect("an answer"),
            Poll::Pending => panic!("nothing here waits"),
        }
    };
    assert_eq!(get("/cart/42?page=2").body(), "cart got /v2/42?page=2");
    assert_eq!(get("/old").headers()["location"], "http://new.example.com/old");
    assert_eq!(get("/elsewhere").status(), StatusCode::NOT_FOUND);
}

#[test]
fn requests_go_where_the_plan_says() {
    main();
}
