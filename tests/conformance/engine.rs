//! The two ways in: the library, and the program that is built on it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What the expectations are held against.
pub trait Engine {
    /// Entries of `gatewright status --format json`.
    fn statuses(&self, bundle: &str, without: &[String], objects: &[Value]) -> Vec<Value>;
    /// Decisions of `gatewright route --requests`.
    fn decide(
        &self,
        bundle: &str,
        without: &[String],
        objects: &[Value],
        requests: &[Value],
    ) -> Vec<Value>;
}

/// `gatewright status` and `gatewright route`.
pub struct Program {
    folder: PathBuf,
}

impl Program {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gatewright-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temporary folder");
        Program { folder }
    }

    fn run(
        &self,
        command: &str,
        bundle: &str,
        without: &[String],
        objects: &[Value],
        more: &[&str],
        input: &str,
    ) -> String {
        let file = self.folder.join("world.json");
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
        std::fs::write(&file, serde_json::to_vec(&list).expect("JSON")).expect("manifest");
        let mut program = Command::new(env!("CARGO_BIN_EXE_gatewright"));
        program
            .arg(command)
            .arg(&file)
            .args(["--bundle", bundle])
            .args(more);
        if !without.is_empty() {
            program.args(["--without", &without.join(",")]);
        }
        program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = program.spawn().expect("program");
        let mut stdin = child.stdin.take().expect("stdin");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("program ends");
        // The program may end without reading its input.
        let _ = writer.join();
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Leaving a temporary folder behind is no failure of a test.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Engine for Program {
    fn statuses(&self, bundle: &str, without: &[String], objects: &[Value]) -> Vec<Value> {
        let output = self.run(
            "status",
            bundle,
            without,
            objects,
            &["--format", "json"],
            "",
        );
        serde_json::from_str(&output).unwrap_or_else(|e| panic!("status: {e}: {output}"))
    }

    fn decide(
        &self,
        bundle: &str,
        without: &[String],
        objects: &[Value],
        requests: &[Value],
    ) -> Vec<Value> {
        let mut input = String::new();
        for request in requests {
            input += &format!("{request}\n");
        }
        let output = self.run(
            "route",
            bundle,
            without,
            objects,
            &["--requests", "-"],
            &input,
        );
        output
            .lines()
            .map(|line| serde_json::from_str(line).expect("a decision a line"))
            .collect()
    }
}
