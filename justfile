# The same verbs as in CI. `just all` is what CI does.

export RUSTDOCFLAGS := "-D warnings"

all: test fmt lint doc features bench-smoke fuzz-smoke beside

# What the README names: everything, with all features.
test:
    cargo test --all-features

fmt:
    cargo fmt --all --check

lint:
    cargo clippy --all-features --all-targets -- -D warnings
    cargo clippy --no-default-features -- -D warnings

doc:
    K8S_OPENAPI_ENABLED_VERSION=1.36 cargo doc --no-deps --all-features

features:
    scripts/features

bench-smoke:
    cargo bench --all-features --no-run

fuzz-smoke:
    scripts/fuzz-smoke

# The crates beside the library: kube-rs against an API server in memory, rules against a CEL engine, the arena, the gateway and
# its load, the webhook.
beside:
    cargo test --manifest-path tests/kube-mock/Cargo.toml
    cargo test --manifest-path tests/cel-differential/Cargo.toml
    cargo test --manifest-path benches/arena/Cargo.toml
    cargo test --manifest-path benches/gateway/Cargo.toml
    cargo test --manifest-path examples/gateway/Cargo.toml
    cargo test --manifest-path examples/webhook/Cargo.toml

# Needs cargo-deny.
deny:
    cargo deny check

# Needs cargo-semver-checks and a published baseline.
semver:
    cargo semver-checks
