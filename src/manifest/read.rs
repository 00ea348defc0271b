//! Documents from files, directories and standard input.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{MAX_BYTES, Parsed, parse};

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// How deep directories are followed; what lies below (most likely a loop of links) is an error.
const MAX_DIRECTORY_DEPTH: usize = 64;

/// Everything that was read from some paths.
#[derive(Debug, Default)]
pub struct Reading {
    /// Documents and parse errors, file for file.
    pub parsed: Parsed,
    /// Files and directories that could not be opened.
    pub unreadable: Vec<ReadError>,
}

/// A file or directory that could not be opened or read.
#[derive(Debug)]
pub struct ReadError {
    path: PathBuf,
    error: io::Error,
}

impl ReadError {
    /// The file or directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The files that some paths stand for: files as they are given, `-` for standard input, and of directories every
/// `*.yaml`, `*.yml` and `*.json` below, in the order of their names.
///
/// # Errors
///
/// One for each path that is not there and each directory that cannot be listed; the others are still given.
pub fn files<P: AsRef<Path>>(paths: &[P]) -> (Vec<PathBuf>, Vec<ReadError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if path == Path::new(STDIN) {
            files.push(path.to_owned());
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                directory(path, MAX_DIRECTORY_DEPTH, &mut files, &mut errors);
            }
            Ok(_) => files.push(path.to_owned()),
            Err(error) => errors.push(ReadError {
                path: path.to_owned(),
                error,
            }),
        }
    }
    (files, errors)
}

// Depth is bounded by `depth`.
fn directory(path: &Path, depth: usize, files: &mut Vec<PathBuf>, errors: &mut Vec<ReadError>) {
    let mut fail = |error: io::Error| {
        errors.push(ReadError {
            path: path.to_owned(),
            error,
        });
    };
    if depth == 0 {
        let message = format!("more than {MAX_DIRECTORY_DEPTH} directories deep");
        return fail(io::Error::other(message));
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(path).and_then(Iterator::collect);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return fail(error),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            directory(&path, depth - 1, files, errors);
        } else if path
            .extension()
            .is_some_and(|ext| ["yaml", "yml", "json"].iter().any(|known| ext == *known))
        {
            files.push(path);
        }
    }
}

/// Reads one file, or standard input for `-`.
///
/// # Errors
///
/// The file cannot be opened or read. What is in it never is an error here, but one in [`Parsed::errors`].
pub fn read_file(path: &Path) -> Result<Parsed, ReadError> {
    let fail = |error| ReadError {
        path: path.to_owned(),
        error,
    };
    // One byte past the limit is enough to see that it is exceeded.
    let limit = u64::try_from(MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    if path == Path::new(STDIN) {
        io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
        return Ok(parse(&bytes, "stdin"));
    }
    let file = fs::File::open(path).map_err(fail)?;
    file.take(limit).read_to_end(&mut bytes).map_err(fail)?;
    Ok(parse(&bytes, &path.to_string_lossy()))
}

/// Reads all documents of some paths: files, directories ([`files`] says which files of them), `-`.
///
/// # Examples
///
/// ```no_run
/// let reading = gatewright::manifest::read(&["deploy/", "extra.yaml"]);
/// for error in &reading.parsed.errors {
///     eprintln!("{error}");
/// }
/// ```
pub fn read<P: AsRef<Path>>(paths: &[P]) -> Reading {
    let (files, unreadable) = files(paths);
    let mut reading = Reading {
        unreadable,
        ..Reading::default()
    };
    for file in files {
        match read_file(&file) {
            Ok(parsed) => {
                reading.parsed.documents.extend(parsed.documents);
                reading.parsed.errors.extend(parsed.errors);
            }
            Err(error) => reading.unreadable.push(error),
        }
    }
    reading
}
