//! A proxy at the side of a client in a mesh: it asks the library for the rules of Services.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use gatewright::api::Object;
use gatewright::filter::{self, Draw, Outcome};
use gatewright::resolve::{Controller, resolve};
use gatewright::router::{Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::Bundle;
use gatewright::{manifest, validate};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::pods::Pods;
use crate::world::World;

/// Where a client believes it connects to.
#[derive(Clone, Debug)]
pub struct Destination {
    pub client_namespace: String,
    pub namespace: String,
    pub service: String,
    pub port: u16,
}

/// The rules of a world, and where its Services are.
pub struct Mesh {
    router: Router,
    /// By namespace, name and port.
    endpoints: Vec<((String, String, u16), Vec<SocketAddr>)>,
}

impl Mesh {
    pub fn of(world: &World, pods: &Pods<'_>, bundle: &str) -> Self {
        let bundle: Bundle = bundle.parse().expect("bundle");
        let mut builder = Snapshot::builder();
        let mut endpoints = Vec::new();
        for object in &world.objects {
            if object["kind"] == "Service" {
                endpoints.extend(endpoints_of(object, pods));
            }
            let mut object = object.clone();
            manifest::complete(&mut object);
            let object = validate::default_and_prune(&object, bundle);
            builder.put(Object::from_value(object).expect("a typed object"));
        }
        let controller = Controller::default().with_bundle(bundle);
        let resolution = resolve(&builder.build(), &controller);
        Mesh {
            router: Router::compile(&resolution.plan),
            endpoints,
        }
    }

    /// Opens a connection to a Service by way of a proxy of its own.
    pub async fn connect(self: &Arc<Self>, to: Destination) -> io::Result<TcpStream> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mesh = Arc::clone(self);
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await?;
            let service = service_fn(|request| {
                let (mesh, to) = (Arc::clone(&mesh), to.clone());
                async move { Ok::<_, Infallible>(mesh.serve(request, &to).await) }
            });
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .map_err(io::Error::other)
        });
        TcpStream::connect(address).await
    }

    async fn serve(&self, request: Request<Incoming>, to: &Destination) -> Response<Full<Bytes>> {
        let (parts, _) = request.into_parts();
        match self.answer(&parts, to).await {
            Ok(response) => response,
            Err(_) => bare(502),
        }
    }

    async fn answer(
        &self,
        parts: &http::request::Parts,
        to: &Destination,
    ) -> io::Result<Response<Full<Bytes>>> {
        let connection = Connection {
            target: Target::Service {
                namespace: &to.namespace,
                name: &to.service,
                client_namespace: &to.client_namespace,
            },
            port: to.port,
            protocol: ConnectionProtocol::Http,
            sni: None,
        };
        let head = RequestHead::from_parts(parts).map_err(io::Error::other)?;
        let listener = match self.router.accept(&connection) {
            Accepted::Http(listener) => listener,
            Accepted::PassThrough => {
                let endpoint = self.endpoint(&to.namespace, &to.service, to.port)?;
                let mut request = Request::new(Full::default());
                *request.method_mut() = parts.method.clone();
                *request.uri_mut() = parts.uri.clone();
                *request.headers_mut() = parts.headers.clone();
                return send(endpoint, request).await;
            }
            other => return Err(io::Error::other(format!("{other:?}"))),
        };
        let matched = match listener.find(&head) {
            Ok(matched) => matched,
            Err(none) => return Ok(bare(none.status())),
        };
        match filter::apply(&matched, &head, Draw::of(fastrand::u64(..))) {
            Outcome::Forward(forward) => {
                let target = &forward.backend.target;
                let port = target.port.ok_or(io::ErrorKind::InvalidInput)?;
                let endpoint = self.endpoint(&target.name.namespace, &target.name.name, port)?;
                let mut request = Request::new(Full::default());
                *request.method_mut() = parts.method.clone();
                *request.uri_mut() = forward.request.target().parse().map_err(io::Error::other)?;
                for (name, value) in forward.request.lines() {
                    append(request.headers_mut(), name, value);
                }
                if let Some(host) = &forward.request.host {
                    append(request.headers_mut(), "host", host);
                }
                let mut response = send(endpoint, request).await?;
                let status = response.status().as_u16();
                forward.respond(status, response.headers_mut());
                Ok(response)
            }
            Outcome::Redirect(redirection) => {
                let mut response = bare(redirection.status);
                redirection.write_to(response.headers_mut());
                Ok(response)
            }
            Outcome::Respond(answer) => {
                let mut response = bare(answer.status);
                answer.write_to(response.headers_mut());
                Ok(response)
            }
            Outcome::Ask(_) => Err(io::Error::other("nobody to ask")),
        }
    }

    fn endpoint(&self, namespace: &str, name: &str, port: u16) -> io::Result<SocketAddr> {
        let found = self
            .endpoints
            .iter()
            .find(|((own, own_name, own_port), _)| {
                own == namespace && own_name == name && *own_port == port
            });
        let endpoints = found.map_or(&[][..], |(_, endpoints)| endpoints);
        fastrand::choice(endpoints)
            .copied()
            .ok_or(io::ErrorKind::HostUnreachable.into())
    }
}

type Endpoints = ((String, String, u16), Vec<SocketAddr>);

fn endpoints_of(service: &Value, pods: &Pods<'_>) -> Vec<Endpoints> {
    let full = crate::world::full_name(service);
    let (namespace, name) = full.split_once('/').expect("ns/name");
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    ports
        .map(|port| {
            let port = port["port"].as_u64().expect("port") as u16;
            let key = (namespace.to_owned(), name.to_owned(), port);
            (key, pods.endpoints(service, port))
        })
        .collect()
}

async fn send(
    endpoint: SocketAddr,
    request: Request<Full<Bytes>>,
) -> io::Result<Response<Full<Bytes>>> {
    let stream = TcpStream::connect(endpoint).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection);
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::TRANSFER_ENCODING);
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(Response::from_parts(parts, Full::new(body)))
}

fn bare(status: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn append(headers: &mut http::HeaderMap, name: &str, value: &[u8]) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
    headers.append(name, HeaderValue::from_bytes(value).expect("a value"));
}
