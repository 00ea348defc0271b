//! Messages with the line that they are about.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use gatewright::manifest::{ParseError, Source, Span};

use super::style::{self, paint};

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Error,
    Warning,
    Note,
}

/// One message about a place in an input.
pub(super) struct Message<'a> {
    pub(super) severity: Severity,
    /// Short name of what is wrong, shown in brackets.
    pub(super) id: &'a str,
    pub(super) title: String,
    pub(super) source: &'a Source,
    pub(super) span: Span,
    /// What stands beside the carets.
    pub(super) label: String,
    /// Lines below.
    pub(super) notes: Vec<String>,
}

/// The message as text for a terminal, closed by an empty line.
pub(super) fn message(message: &Message<'_>) -> String {
    let level = match message.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&message.title).id(message.id);
    let window = window(message.source.text(), message.span);
    let mut report = Group::with_title(title);
    let line = usize::try_from(message.span.line).unwrap_or(usize::MAX);
    if window.text.is_empty() {
        let origin = annotate_snippets::Origin::path(message.source.file()).line(line);
        report = report.element(origin);
    } else {
        let label = (!message.label.is_empty()).then_some(message.label.as_str());
        report = report.element(
            Snippet::source(window.text)
                .line_start(line.saturating_sub(window.lines_before))
                .path(message.source.file())
                .annotation(AnnotationKind::Primary.span(window.span).label(label)),
        );
    }
    for note in &message.notes {
        report = report.element(Level::NOTE.no_name().message(note));
    }
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    format!("{}\n\n", renderer.render(&[report]))
}

/// A document that cannot be read, with its place.
pub(super) fn parse_error(error: &ParseError) -> String {
    message(&Message {
        severity: Severity::Error,
        id: if error.is_limit() {
            "limit"
        } else {
            "unreadable"
        },
        title: error.message(),
        source: error.source_text(),
        span: error.span(),
        label: String::new(),
        notes: vec!["this document is left out, those beside it are read".to_owned()],
    })
}

/// Tells a problem without a place on standard error.
pub(super) fn problem(what: &dyn fmt::Display) {
    anstream::eprintln!("{} {what}", paint(style::ERROR, "error:"));
}

/// Tells a warning without a place on standard error.
pub(super) fn warning(what: &dyn fmt::Display) {
    anstream::eprintln!("{} {what}", paint(style::WARNING, "warning:"));
}

/// Gives a hint on standard error.
pub(super) fn hint(what: &dyn fmt::Display) {
    anstream::eprintln!("{} {what}", paint(style::NOTE, "hint:"));
}

/// Longest line that is shown; minified JSON has no lines to speak of.
const MAX_LINE: usize = 240;

/// The line of a span and the one before, short enough to show.
struct Window<'t> {
    text: &'t str,
    lines_before: usize,
    span: std::ops::Range<usize>,
}

fn window(text: &str, span: Span) -> Window<'_> {
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(line_start..).unwrap_or_default();
    let line_end = line_start + rest.find('\n').unwrap_or(rest.len());
    if line_end - line_start > MAX_LINE {
        return around(text, span, line_start, line_end);
    }
    let previous = text
        .get(..line_start.saturating_sub(1))
        .map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let first = if line_start - previous > MAX_LINE {
        line_start
    } else {
        previous
    };
    Window {
        text: text.get(first..line_end).unwrap_or_default(),
        lines_before: usize::from(first < line_start),
        span: start - first..span.end.clamp(start, line_end) - first,
    }
}

/// A piece of a very long line.
fn around(text: &str, span: Span, line_start: usize, line_end: usize) -> Window<'_> {
    let start = span.start.min(text.len());
    let boundary = |at: usize| (at..=line_end).find(|at| text.is_char_boundary(*at));
    let first = boundary(start.saturating_sub(MAX_LINE / 3).max(line_start)).unwrap_or(line_start);
    let last = boundary((start + MAX_LINE / 2).min(line_end)).unwrap_or(line_end);
    Window {
        text: text.get(first..last).unwrap_or_default(),
        lines_before: 0,
        span: start - first..span.end.clamp(start, last) - first,
    }
}
