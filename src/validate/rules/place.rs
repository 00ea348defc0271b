//! Where rules hang: a tree of places that follows the structs.

use crate::validate::rule::Rule;
use crate::vocab::Window;

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

enum Hangs {
    Rules(&'static [Rule]),
    Struct(&'static [Place]),
}

/// `rules` hang on `path`; an empty path is the struct itself.
pub(super) const fn rules(path: &'static str, rules: &'static [Rule]) -> Place {
    Place {
        path,
        window: Window::ALWAYS,
        versions: &[],
        hangs: Hangs::Rules(rules),
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
    /// The place exists only in these bundles.
    pub(super) const fn only(self, window: Window) -> Place {
        Place { window, ..self }
    }

    /// The place has its rules only in these versions of the kind.
    pub(super) const fn versions(self, versions: &'static [&'static str]) -> Place {
        Place { versions, ..self }
    }
}

/// A rule at one of its places.
pub(crate) struct Hung {
    /// The kind.
    pub(crate) kind: &'static str,
    /// The version of the kind.
    pub(crate) version: &'static str,
    /// The path from the object, `[]` for the items of a list.
    pub(crate) place: String,
    /// The bundles in which the rule holds here.
    pub(crate) window: Window,
    /// The rule.
    pub(crate) rule: &'static Rule,
}

impl Kind {
    /// Every rule of the kind at every place.
    pub(super) fn hung(&self) -> Vec<Hung> {
        let mut hung = Vec::new();
        for &(version, window) in self.versions {
            let mut walk = Walk {
                kind: self.name,
                version,
                hung: &mut hung,
            };
            walk.down(self.places, "", window);
        }
        hung
    }
}

struct Walk<'a> {
    kind: &'static str,
    version: &'static str,
    hung: &'a mut Vec<Hung>,
}

impl Walk<'_> {
    /// The tables are constants that name each other without a circle, which bounds the recursion.
    fn down(&mut self, places: &'static [Place], above: &str, window: Window) {
        for place in places {
            if !place.versions.is_empty() && !place.versions.contains(&self.version) {
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
                Hangs::Rules(rules) => {
                    self.hung.extend(
                        rules
                            .iter()
                            .map(|rule| Hung {
                                kind: self.kind,
                                version: self.version,
                                place: path.clone(),
                                window: window.and(rule.window),
                                rule,
                            })
                            .filter(|hung| hung.window != Window::NEVER),
                    );
                }
            }
        }
    }
}
