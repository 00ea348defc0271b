//! TCP in clear and over TLS: each line is answered with a JSON object on a line.

use std::sync::Arc;

use rustls::ServerConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Echo, secure};

/// Serves a port until the task is dropped.
pub async fn serve(listener: TcpListener, tls: Option<Arc<ServerConfig>>, echo: Arc<Echo>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (tls, echo) = (tls.clone(), Arc::clone(&echo));
        tokio::spawn(async move {
            let Some(config) = tls else {
                return lines(stream, Value::Null, &echo).await;
            };
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            let report = secure::report(stream.get_ref().1);
            lines(stream, report, &echo).await
        });
    }
}

async fn lines<S>(stream: S, tls: Value, echo: &Echo) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let identity = echo.identity();
        let mut answer = json!({
            "request": line.trim_end(),
            "namespace": identity.namespace,
            "pod": identity.pod,
            "service": identity.service,
            "tls": tls,
        })
        .to_string();
        answer.push('\n');
        stream.get_mut().write_all(answer.as_bytes()).await?;
        stream.get_mut().flush().await?;
        line.clear();
    }
    stream.get_mut().shutdown().await
}
