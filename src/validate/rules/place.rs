//! Where rules hang: a tree of places that follows the structs.

use std::fmt;

use crate::validate::rule::Rule;
use crate::validate::view::View;
use crate::vocab::{Bundle, Window};

/// A kind with rules.
pub(super) struct Kind {
    /// Its name.
    pub(super) name: &'static str,
    /// Its versions, and the bundles whose CRD lists them, served or not.
    pub(super) versions: &'static [(&'static str, Window)],
    /// What hangs below the object.
    pub(super) places: &'static [Place],
}

/// One place of a struct, and what hangs there.
pub(super) struct Place {
    path: &'static str,
    window: Window,
    versions: &'static [&'static str],
    hangs: Hangs,
}

#[derive(Clone, Copy)]
enum Hangs {
    Rules(&'static [Rule], Option<Glance>),
    Struct(&'static [Place]),
}

/// `rules` hang on `path`; an empty path is the struct itself.
pub(super) const fn rules(path: &'static str, rules: &'static [Rule]) -> Place {
    Place {
        path,
        window: Window::ALWAYS,
        versions: &[],
        hangs: Hangs::Rules(rules, None),
    }
}

/// As [`rules`], where `glance` often sees at once that all of them hold.
pub(super) const fn rules_at_a_glance(
    path: &'static str,
    glance: Glance,
    rules: &'static [Rule],
) -> Place {
    Place {
        path,
        window: Window::ALWAYS,
        versions: &[],
        hangs: Hangs::Rules(rules, Some(glance)),
    }
}

/// At `path` there is a struct (or, where it ends in `[]`, a list of them) with places of its own.
pub(super) const fn part(path: &'static str, places: &'static [Place]) -> Place {
    Place {
        path,
        window: Window::ALWAYS,
        versions: &[],
        hangs: Hangs::Struct(places),
    }
}

impl Place {
    fn is_in(&self, version: &str) -> bool {
        self.versions.is_empty() || self.versions.contains(&version)
    }

    /// The place exists only in these bundles.
    pub(super) const fn only(self, window: Window) -> Place {
        Place { window, ..self }
    }

    /// The place has its rules only in these versions of the kind.
    pub(super) const fn versions(self, versions: &'static [&'static str]) -> Place {
        Place { versions, ..self }
    }
}

/// Whether all rules of a place certainly hold. `false` says nothing: then each has to be asked.
///
/// PERF: most objects are valid, and most rules of one place read the same few fields. Asking them one by one was half
/// of a check.
pub(crate) type Glance = fn(View<'_>) -> bool;

/// Rules that hang together.
pub(crate) struct RuleGroup {
    /// What may spare asking them.
    pub(crate) glance: Option<Glance>,
    /// The rules that the bundle has, in the order of the specification.
    pub(crate) rules: Vec<&'static Rule>,
}

/// A rule at one of the places where it hangs.
///
/// ```
/// use gatewright::validate::placed_rules;
///
/// let rules = placed_rules();
/// let once = rules.iter().find(|rule| rule.id() == "http_route_filter.cors.once").unwrap();
/// assert_eq!(once.kind(), "HTTPRoute");
/// assert_eq!(once.place(), "spec.rules[].filters");
/// assert!(!once.window().holds("v1.4-experimental".parse()?));
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
#[derive(Clone)]
pub struct PlacedRule {
    pub(super) kind: &'static str,
    pub(super) version: &'static str,
    pub(super) place: String,
    pub(super) window: Window,
    pub(super) rule: &'static Rule,
}

impl PlacedRule {
    /// The name of the rule: struct, field, claim. The same rule can hang on several places.
    pub fn id(&self) -> &'static str {
        self.rule.id
    }

    /// What the rule asks for.
    pub fn message(&self) -> &'static str {
        self.rule.message
    }

    /// The kind of the object.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The version of the kind.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The path from the object to the value that is judged, with `[]` for the items of a list.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The bundles whose CRDs have the rule here, in versions that are not served too.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether the rule compares with the old object, so that only an update can break it.
    pub fn is_transition(&self) -> bool {
        self.rule.transition
    }
}

impl fmt::Debug for PlacedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlacedRule")
            .field("id", &self.rule.id)
            .field("kind", &self.kind)
            .field("version", &self.version)
            .field("place", &self.place)
            .field("window", &self.window)
            .finish()
    }
}

impl Kind {
    /// Every rule of the kind at every place.
    pub(super) fn placed(&self) -> Vec<PlacedRule> {
        let mut placed = Vec::new();
        for &(version, window) in self.versions {
            let mut walk = Walk {
                kind: self.name,
                version,
                placed: &mut placed,
            };
            walk.down(self.places, "", window);
        }
        placed
    }

    /// The rules at one place in one bundle.
    pub(super) fn at(
        &self,
        version: &str,
        place: &str,
        bundle: Bundle,
        found: &mut Vec<RuleGroup>,
    ) {
        let known = self
            .versions
            .iter()
            .any(|&(name, window)| name == version && window.holds(bundle));
        if known {
            find(self.places, version, place, bundle, found);
        }
    }
}

// INVARIANT: the tables are constants that name each other without a circle, which bounds both recursions.

fn find(
    places: &'static [Place],
    version: &str,
    path: &str,
    bundle: Bundle,
    found: &mut Vec<RuleGroup>,
) {
    for place in places {
        if !place.is_in(version) || !place.window.holds(bundle) {
            continue;
        }
        match (place.hangs, below(place.path, path)) {
            (_, None) => {}
            (Hangs::Struct(inner), Some(rest)) => find(inner, version, rest, bundle, found),
            (Hangs::Rules(rules, glance), Some("")) => {
                let rules = rules.iter().filter(|rule| rule.window.holds(bundle));
                let rules: Vec<&'static Rule> = rules.collect();
                if !rules.is_empty() {
                    found.push(RuleGroup { glance, rules });
                }
            }
            (Hangs::Rules(..), Some(_)) => {}
        }
    }
}

/// What is left of `path` below `place`.
fn below<'p>(place: &str, path: &'p str) -> Option<&'p str> {
    match path.strip_prefix(place)? {
        rest if place.is_empty() || rest.is_empty() => Some(rest),
        rest => rest.strip_prefix('.').filter(|rest| !rest.is_empty()),
    }
}

struct Walk<'a> {
    kind: &'static str,
    version: &'static str,
    placed: &'a mut Vec<PlacedRule>,
}

impl Walk<'_> {
    fn down(&mut self, places: &'static [Place], above: &str, window: Window) {
        for place in places {
            if !place.is_in(self.version) {
                continue;
            }
            let window = window.and(place.window);
            let path = match (above, place.path) {
                ("", below) => below.to_owned(),
                (above, "") => above.to_owned(),
                (above, below) => format!("{above}.{below}"),
            };
            match place.hangs {
                Hangs::Struct(inner) => self.down(inner, &path, window),
                Hangs::Rules(rules, _) => {
                    self.placed.extend(
                        rules
                            .iter()
                            .map(|rule| PlacedRule {
                                kind: self.kind,
                                version: self.version,
                                place: path.clone(),
                                window: window.and(rule.window),
                                rule,
                            })
                            .filter(|placed| placed.window != Window::NEVER),
                    );
                }
            }
        }
    }
}
