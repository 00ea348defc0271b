//! Paths of the API.

use super::Place;

/// `/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`, or `/api/VERSION/...` for the core group.
pub(crate) struct Path<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) plural: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) subresource: Option<&'a str>,
}

impl<'a> Path<'a> {
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let steps: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let (group, version, rest) = match &*steps {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (*plural, None, None),
            [plural, name] => (*plural, Some(*name), None),
            [plural, name, subresource] => (*plural, Some(*name), Some(*subresource)),
            _ => return None,
        };
        Some(Path {
            group,
            version,
            namespace,
            plural,
            name,
            subresource,
        })
    }

    pub(crate) fn place(&self) -> Option<Place> {
        Some((
            self.group.to_owned(),
            self.plural.to_owned(),
            self.namespace.unwrap_or_default().to_owned(),
            self.name?.to_owned(),
        ))
    }
}
