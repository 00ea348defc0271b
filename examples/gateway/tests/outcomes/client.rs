//! One request, and its answer.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::json::{list, text};

/// Longer than anything may take here.
pub const LONG: Duration = Duration::from_secs(60);

/// What is read until the gateway ends the connection.
pub async fn end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await;
    // A reset is an end too.
    let _ = read.expect("the connection is still open");
    String::from_utf8(answer).unwrap()
}

/// A request of HTTP/1.1 to `app.example.com`.
pub struct Ask<'t> {
    method: &'t str,
    target: &'t str,
    lines: String,
    body: &'t str,
}

impl<'t> Ask<'t> {
    pub fn get(target: &'t str) -> Self {
        Ask {
            method: "GET",
            target,
            lines: String::new(),
            body: "",
        }
    }

    pub fn post(target: &'t str, body: &'t str) -> Self {
        Ask {
            method: "POST",
            body,
            ..Ask::get(target)
        }
        .header("content-length", &body.len().to_string())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.lines += &format!("{name}: {value}\r\n");
        self
    }

    pub async fn of(self, address: SocketAddr) -> Answer {
        let Ask {
            method,
            target,
            lines,
            body,
        } = self;
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: app.example.com\r\nconnection: close\r\n{lines}\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        Answer::read(&answer)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    lines: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    fn read(answer: &str) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let (first, lines) = head.split_once("\r\n").unwrap_or((head, ""));
        let line = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Answer {
            status: first.split(' ').nth(1).unwrap().parse().unwrap(),
            lines: lines.lines().map(line).collect(),
            body: body.to_owned(),
        }
    }

    /// The values of a header.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let own = self.lines.iter().filter(|(own, _)| own == name);
        own.map(|(_, value)| &**value).collect()
    }

    /// What the echo backend saw.
    pub fn seen(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// The pod that answered.
    pub fn pod(&self) -> String {
        text(&self.seen()["pod"]).to_owned()
    }

    /// The values of a header as the backend saw it.
    pub fn sent(&self, name: &str) -> Vec<String> {
        let seen = self.seen();
        let headers = seen["headers"].as_object().unwrap();
        let own = headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let values = own.flat_map(|(_, values)| list(values));
        values.map(|value| text(value).to_owned()).collect()
    }
}
