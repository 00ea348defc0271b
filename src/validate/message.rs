//! What messages have in common: values, places of bundles, near misses.

use serde_json::Value;

use crate::vocab::{Channel, Release, Window};

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
        Value::String(text) if text.is_empty() => return "an empty text".to_owned(),
        Value::String(text) => text.escape_debug().to_string(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    format!("`{text}`")
}

/// A value with its type, where the type is what is wrong.
pub(crate) fn shown_with_type(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => format!("the text {}", shown(value)),
        Value::Number(_) => format!("the number {}", shown(value)),
        _ => shown(value),
    }
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

/// Where a thing of this window is: `since v1.5`, `in the experimental channel`; `None` if everywhere.
pub(crate) fn when(window: Window) -> Option<String> {
    let since = |release| Window::since(release);
    for release in Release::ALL {
        let later = since(release);
        let earlier = Window::before(release);
        let from_the_first = release == Release::V1_4;
        if window == later {
            return (!from_the_first).then(|| format!("since {release}"));
        }
        if window == earlier {
            return Some(format!("before {release}"));
        }
        for channel in Channel::ALL {
            let of_channel = match channel {
                Channel::Standard => Window::STANDARD,
                Channel::Experimental => Window::EXPERIMENTAL,
            };
            let place = format!("in the {channel} channel");
            if window == of_channel.and(later) && from_the_first {
                return Some(place);
            }
            if window == of_channel.and(later) {
                return Some(format!("{place} since {release}"));
            }
            if window == of_channel.and(earlier) && window != Window::NEVER {
                return Some(format!("{place} before {release}"));
            }
        }
        if window == Window::EXPERIMENTAL.or(later) {
            return Some(format!(
                "in the experimental channel, since {release} in the standard channel too"
            ));
        }
    }
    let bundles: Vec<String> = window.bundles().map(|b| b.to_string()).collect();
    Some(format!("in {}", bundles.join(", ")))
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
        let lower = || (candidate.to_ascii_lowercase(), written.to_ascii_lowercase());
        let is_part = |(whole, part): (String, String)| {
            part.len() * 2 >= whole.len() && whole.contains(&part)
        };
        if candidate.eq_ignore_ascii_case(written) {
            0
        } else if is_part(lower()) {
            1
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
        let experimental = Window::EXPERIMENTAL;
        for (window, words) in [
            (experimental, "in the experimental channel"),
            (v1_5, "since v1.5"),
            (
                v1_6.and(experimental),
                "in the experimental channel since v1.6",
            ),
            (Window::before(Release::V1_6), "before v1.6"),
            (
                Window::before(Release::V1_6).and(experimental),
                "in the experimental channel before v1.6",
            ),
            (
                experimental.or(v1_5),
                "in the experimental channel, since v1.5 in the standard channel too",
            ),
            (
                Window::of_bits(0b00_01_10),
                "in v1.4-experimental, v1.5-standard",
            ),
        ] {
            assert_eq!(when(window).as_deref(), Some(words));
        }
        assert_eq!(when(Window::ALWAYS), None);
    }

    #[test]
    fn near_misses_are_found_and_strangers_are_not() {
        let near = |written| nearest(written, ["hostnames", "parentRefs", "rules"].into_iter());
        assert_eq!(near("hostNames"), Some("hostnames"));
        assert_eq!(near("hostname"), Some("hostnames"));
        assert_eq!(near("parentRef"), Some("parentRefs"));
        assert_eq!(near("ruels"), Some("rules"));
        assert_eq!(near("names"), Some("hostnames"));
        assert_eq!(near("bogus"), None);
        assert_eq!(near(""), None);
    }
}
