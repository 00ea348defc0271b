//! Data flows down: a module uses those above it, never one below.

use std::path::Path;

/// Modules from the top down.
const LAYERS: [&str; 12] = [
    "vocab", "sequence", "api", "manifest", "validate", "snapshot", "plan", "resolve", "router",
    "filter", "lint", "kube",
];

/// What may be used from the core that builds without any feature.
const CORE: [&str; 5] = ["vocab", "sequence", "plan", "router", "filter"];

#[test]
fn every_module_uses_only_modules_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (place, layer) in LAYERS.iter().enumerate() {
        let folder = source.join(layer);
        let mut files = vec![source.join(format!("{layer}.rs"))];
        collect(&folder, &mut files);
        for file in files.iter().filter(|file| file.exists()) {
            let text = std::fs::read_to_string(file).unwrap();
            seen += 1;
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let uses = code.flat_map(|line| line.split("crate::").skip(1).map(module_name));
            for used in uses {
                let Some(used_place) = LAYERS.iter().position(|other| *other == used) else {
                    continue;
                };
                let allowed =
                    used_place <= place && (!CORE.contains(layer) || CORE.contains(&used));
                assert!(allowed, "{} uses `{used}`", file.display());
            }
        }
    }
    assert!(seen > 20, "only {seen} files were found");
}

fn module_name(after: &str) -> &str {
    let end = after
        .find(|c: char| !c.is_ascii_lowercase() && c != '_')
        .unwrap_or(after.len());
    &after[..end]
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
