//! What messages have in common: values, places of bundles, near misses.

use serde_json::Value;

use crate::vocab::{Bundle, Channel, Release, Window};

/// A value as a message shows it: short, and never over several lines.
pub(crate) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::Null => return "null".to_owned(),
        Value::Array(items) => return format!("a list of {}", counted(items.len(), "item")),
        Value::Object(entries) => {
            return format!("an object of {}", counted(entries.len(), "field"));
        }
        Value::String(text) if text.chars().count() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            return format!("`{}...`", start.escape_debug());
        }
        Value::String(text) => text.escape_debug().to_string(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    format!("`{text}`")
}

/// `1 item`, `2 items`, `1 entry`, `2 entries`.
pub(crate) fn counted(count: usize, of: &str) -> String {
    match (count, of.strip_suffix('y')) {
        (1, _) => format!("1 {of}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {of}s"),
    }
}

/// Texts to choose from: `` `A`, `B` or `C` ``.
pub(crate) fn choice<T: std::fmt::Display>(texts: &[T]) -> String {
    let mut out = String::new();
    for (i, text) in texts.iter().enumerate() {
        match i {
            0 => {}
            _ if i + 1 == texts.len() => out.push_str(" or "),
            _ => out.push_str(", "),
        }
        out.push('`');
        out.push_str(&text.to_string());
        out.push('`');
    }
    out
}

/// Who has a thing of this window, with the verb: `v1.5 and later have`, `the experimental channel has`.
pub(crate) fn has(window: Window) -> String {
    let verb = |plural| if plural { "have" } else { "has" };
    for channel in [None, Some(Channel::Experimental), Some(Channel::Standard)] {
        let within = match channel {
            None => Window::ALWAYS,
            Some(Channel::Experimental) => Window::EXPERIMENTAL,
            Some(Channel::Standard) => Window::STANDARD,
        };
        let which = match channel {
            None => String::new(),
            Some(channel) => format!(" ({channel} channel)"),
        };
        if window == within {
            return match channel {
                None => "every bundle has".to_owned(),
                Some(channel) => format!("the {channel} channel has"),
            };
        }
        for release in Release::ALL {
            if window == Window::since(release).and(within) {
                let later = release != Release::NEWEST;
                let more = if later { " and later" } else { "" };
                return format!("{release}{more}{which} {}", verb(later));
            }
            if window == Window::before(release).and(within) && window != Window::NEVER {
                return format!("only releases before {release}{which} have");
            }
        }
    }
    let without = Bundle::ALL
        .into_iter()
        .filter(|bundle| !window.holds(*bundle));
    if let [only] = without.collect::<Vec<_>>().as_slice() {
        return format!("every bundle but {only} has");
    }
    let bundles: Vec<Bundle> = window.bundles().collect();
    format!("{} {}", listed(&bundles), verb(bundles.len() > 1))
}

fn listed(bundles: &[Bundle]) -> String {
    let names: Vec<String> = bundles.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The candidate that was probably meant by `written`: same letters in another case, or one slip in four letters.
pub(crate) fn nearest(
    written: &str,
    candidates: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    const LONGEST: usize = 64;
    if written.len() > LONGEST {
        return None;
    }
    let slips = |candidate: &str| {
        if candidate.eq_ignore_ascii_case(written) {
            0
        } else {
            distance(written.as_bytes(), candidate.as_bytes())
        }
    };
    candidates
        .map(|candidate| (slips(candidate), candidate))
        .min()
        .filter(|(slips, candidate)| *slips == 0 || slips * 4 <= written.len().max(candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// How many single changes lead from one text to the other; a swap of neighbours counts as one.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_in_words() {
        let v1_5 = Window::since(Release::V1_5);
        let v1_6 = Window::since(Release::V1_6);
        assert_eq!(has(Window::EXPERIMENTAL), "the experimental channel has");
        assert_eq!(has(v1_5), "v1.5 and later have");
        assert_eq!(has(v1_6), "v1.6 has");
        assert_eq!(
            has(v1_6.and(Window::EXPERIMENTAL)),
            "v1.6 (experimental channel) has"
        );
        assert_eq!(
            has(Window::before(Release::V1_6).and(Window::EXPERIMENTAL)),
            "only releases before v1.6 (experimental channel) have"
        );
        assert_eq!(
            has(Window::EXPERIMENTAL.or(v1_5)),
            "every bundle but v1.4-standard has"
        );
    }

    #[test]
    fn near_misses_are_found_and_strangers_are_not() {
        let near = |written| nearest(written, ["hostnames", "parentRefs", "rules"].into_iter());
        assert_eq!(near("hostNames"), Some("hostnames"));
        assert_eq!(near("hostname"), Some("hostnames"));
        assert_eq!(near("parentRef"), Some("parentRefs"));
        assert_eq!(near("ruels"), Some("rules"));
        assert_eq!(near("bogus"), None);
        assert_eq!(near(""), None);
    }
}
