//! An echo backend: one thread a connection, two system calls a request.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// The longest head of a request.
const LONGEST_HEAD: usize = 8 << 10;

/// Serves until the process ends. Requests must be without body.
pub fn serve(listener: &TcpListener, name: &'static str) {
    for stream in listener.incoming().flatten() {
        // A client that goes away is none of ours.
        thread::spawn(move || drop(connection(stream, name)));
    }
}

fn connection(mut stream: TcpStream, name: &str) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut head, mut filled) = ([0; LONGEST_HEAD], 0);
    let mut answer = Vec::with_capacity(512);
    loop {
        let read = stream.read(&mut head[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        if !head[..filled].ends_with(b"\r\n\r\n") {
            continue;
        }
        write_answer(&head[..filled], name, &mut answer)?;
        stream.write_all(&answer)?;
        filled = 0;
    }
}

/// The answer tells what arrived: `method host path tag backend`.
fn write_answer(head: &[u8], name: &str, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut request_line = lines.next().unwrap_or_default().split(|byte| *byte == b' ');
    let method = request_line.next().unwrap_or_default();
    let path = request_line.next().unwrap_or_default();
    let (mut host, mut tag) = (&b"-"[..], &b"-"[..]);
    for line in lines {
        if let Some(value) = value(line, b"host:") {
            host = value;
        } else if let Some(value) = value(line, b"x-tag:") {
            tag = value;
        }
    }
    let length = method.len() + host.len() + path.len() + tag.len() + name.len() + 4;
    answer.clear();
    write!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n"
    )?;
    for part in [method, b" ", host, b" ", path, b" ", tag, b" "] {
        answer.extend_from_slice(part);
    }
    answer.extend_from_slice(name.as_bytes());
    Ok(())
}

fn value<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let start = line.get(..name.len())?;
    start
        .eq_ignore_ascii_case(name)
        .then(|| line[name.len()..].trim_ascii())
}
