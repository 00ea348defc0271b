//! The command-line program: reads, prints, exits; every decision is the library's.

fn main() {}
