# The same verbs as in CI. `just all` is what CI does.

export RUSTDOCFLAGS := "-D warnings"

all: test fmt lint doc features bench-smoke fuzz-smoke

# What the README names: everything, with all features.
test:
    cargo test --all-features

fmt:
    cargo fmt --all --check

lint:
    cargo clippy --all-features --all-targets -- -D warnings
    cargo clippy --no-default-features -- -D warnings

doc:
    cargo doc --no-deps --all-features

features:
    scripts/features

bench-smoke:
    cargo bench --all-features --no-run

fuzz-smoke:
    scripts/fuzz-smoke

# Needs cargo-deny.
deny:
    cargo deny check

# Needs cargo-semver-checks and a published baseline.
semver:
    cargo semver-checks
