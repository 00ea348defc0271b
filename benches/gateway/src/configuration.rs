//! The same routes for three proxies: `host-N.example.com`, paths below `/app`, one backend; 404 for the rest.

use std::fmt::Write;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// A hostname of ours.
pub fn host(route: usize) -> String {
    format!("host-{route}.example.com")
}

/// Manifests: a Gateway, an HTTPRoute a host, a Service and its endpoint.
pub fn gateway(directory: &Path, routes: usize, backend: SocketAddr) -> io::Result<()> {
    fs::create_dir(directory)?;
    fs::write(directory.join("gateway.yaml"), GATEWAY)?;
    fs::write(
        directory.join("service.yaml"),
        service("echo", Some(backend)),
    )?;
    let mut all = String::new();
    for route in 0..routes {
        let host = host(route);
        let _ = write!(
            all,
            "---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: route-{route}, namespace: bench}}
spec:
  parentRefs: [{{name: public}}]
  hostnames: [{host}]
  rules:
  - matches: [{{path: {{type: PathPrefix, value: /app}}}}]
    backendRefs: [{{name: echo, port: 80}}]
"
        );
    }
    fs::write(directory.join("routes.yaml"), all)
}

/// A class, a namespace and a Gateway with one HTTP listener on port 80.
pub const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: gatewright}
spec: {controllerName: gatewright.example/gateway}
---
apiVersion: v1
kind: Namespace
metadata: {name: bench}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: bench}
spec:
  gatewayClassName: gatewright
  listeners: [{name: http, protocol: HTTP, port: 80}]
";

/// A Service and its EndpointSlice.
pub fn service(name: &str, endpoint: Option<SocketAddr>) -> String {
    let port = endpoint.map_or(80, |endpoint| endpoint.port());
    let endpoints = endpoint.map_or(String::new(), |endpoint| {
        format!(
            "{{addresses: [{}], conditions: {{ready: true}}}}",
            endpoint.ip()
        )
    });
    format!(
        "apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: bench}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}-1, namespace: bench, labels: {{kubernetes.io/service-name: {name}}}}}
addressType: IPv4
ports: [{{port: {port}}}]
endpoints: [{endpoints}]
"
    )
}

/// What the proxy and the backend have in common: everything below the directory it is started in.
const NGINX: &str = "daemon off;
worker_processes 1;
error_log stderr crit;
pid nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;";

/// A backend that tells what arrived, as [`backend`](crate::backend) does.
pub fn backend(file: &Path, listen: SocketAddr) -> io::Result<()> {
    let text = format!(
        "{NGINX}
  default_type text/plain;
  server {{
    listen {listen};
    location / {{ return 200 \"$request_method $host $request_uri - echo\"; }}
  }}
}}
"
    );
    fs::write(file, text)
}

/// A `server` with a `location` for each host, connections to the backend kept.
pub fn nginx(
    file: &Path,
    routes: usize,
    listen: SocketAddr,
    backend: SocketAddr,
) -> io::Result<()> {
    let mut text = format!(
        "{NGINX}
  server_names_hash_max_size 8192;
  server_names_hash_bucket_size 128;
  proxy_http_version 1.1;
  proxy_set_header Connection \"\";
  proxy_set_header Host $host;
  upstream echo {{
    server {backend};
    keepalive 256;
    keepalive_requests 1000000000;
  }}
  server {{ listen {listen} default_server; return 404; }}
"
    );
    for route in 0..routes {
        let host = host(route);
        let _ = writeln!(
            text,
            "  server {{ listen {listen}; server_name {host}; location /app {{ proxy_pass http://echo; }} location / {{ return 404; }} }}"
        );
    }
    text.push_str("}\n");
    fs::write(file, text)
}

/// A map from the beginnings of host and path to backends: one rule however many routes, looked up in a tree.
pub fn haproxy(
    file: &Path,
    routes: usize,
    listen: SocketAddr,
    backend: SocketAddr,
) -> io::Result<()> {
    let map = file.with_extension("map");
    let mut lines = String::new();
    for route in 0..routes {
        let _ = writeln!(lines, "{}/app echo", host(route));
    }
    fs::write(&map, lines)?;
    let text = format!(
        "global
  nbthread 1
  maxconn 4096
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend public
  bind {listen}
  use_backend %[base,map_beg({})]
  default_backend none
backend echo
  server echo {backend}
backend none
  http-request return status 404
",
        map.display()
    );
    fs::write(file, text)
}
