//! What tables have in common while they are built: names that conditions ask about, automata.

use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderName;
use http::header::HOST;

use super::bytes::Seed;
use super::regexes::Engine;

/// Expressions, and whether the first that fits decides: what an automaton depends on.
type Expressions = (bool, Box<[Box<str>]>);

/// Keeps each header name and each automaton once.
pub(super) struct Interner {
    seed: Seed,
    names: Arc<Vec<HeaderName>>,
    places: HashMap<HeaderName, u32>,
    /// Automata by their expressions: hosts with the same ones share one.
    engines: HashMap<Expressions, Arc<Engine>>,
}

impl Interner {
    /// Goes on from names that are known.
    pub(super) fn new(seed: Seed, names: &Arc<Vec<HeaderName>>) -> Self {
        let mut names = Arc::clone(names);
        if names.is_empty() {
            // INVARIANT: `host` is the first, as it is compared in its own way.
            Arc::make_mut(&mut names).push(HOST);
        }
        let places = names
            .iter()
            .enumerate()
            .map(|(place, name)| (name.clone(), place as u32));
        Interner {
            seed,
            places: places.collect(),
            names,
            engines: HashMap::new(),
        }
    }

    pub(super) fn seed(&self) -> Seed {
        self.seed
    }

    /// The place of a name; INVARIANT: it was checked when its Route was compiled.
    pub(super) fn place(&mut self, name: &[u8]) -> u32 {
        let Ok(name) = HeaderName::from_bytes(name) else {
            return u32::MAX;
        };
        let next = self.names.len() as u32;
        let place = *self.places.entry(name.clone()).or_insert(next);
        if place == next {
            Arc::make_mut(&mut self.names).push(name);
        }
        place
    }

    /// What runs these expressions: the first one that matches may decide.
    pub(super) fn engine(&mut self, expressions: &[&str], first_decides: bool) -> Arc<Engine> {
        let key = expressions.iter().map(|text| Box::from(*text)).collect();
        let engine = self.engines.entry((first_decides, key));
        Arc::clone(engine.or_insert_with(|| Arc::new(Engine::build(expressions, first_decides))))
    }

    /// All names.
    pub(super) fn finish(self) -> Arc<Vec<HeaderName>> {
        self.names
    }
}
