//! Arguments of the form `--name value`.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

/// What was given on the command line.
pub struct Arguments(HashMap<String, String>);

impl Arguments {
    /// Reads pairs of `--name` and value.
    pub fn parse(mut words: impl Iterator<Item = String>) -> io::Result<Self> {
        let mut all = HashMap::new();
        while let Some(word) = words.next() {
            let name = word
                .strip_prefix("--")
                .ok_or_else(|| io::Error::other(format!("expected `--name`, found `{word}`")))?;
            let value = words
                .next()
                .ok_or_else(|| io::Error::other(format!("`{word}` lacks its value")))?;
            all.insert(name.to_owned(), value);
        }
        Ok(Arguments(all))
    }

    /// A value that must be there.
    pub fn text(&self, name: &str) -> io::Result<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.ok_or_else(|| io::Error::other(format!("`--{name}` is missing")))
    }

    /// A path that must be there.
    pub fn path(&self, name: &str) -> io::Result<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A number, or its default.
    pub fn number<T: FromStr>(&self, name: &str, default: T) -> io::Result<T> {
        let Some(value) = self.0.get(name) else {
            return Ok(default);
        };
        value
            .parse()
            .map_err(|_| io::Error::other(format!("`--{name} {value}` is no such number")))
    }
}
