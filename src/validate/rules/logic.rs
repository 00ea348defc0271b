//! The words that rules are written in, each with the meaning that CEL gives it.
//!
//! An [`Answer`] has three values: holds, does not hold, could not be read. `all` and `any` let a clear item outvote an
//! unreadable one; `only_one` and `count` do not, and neither does [`when`].

use crate::validate::view::{Absent, Answer, View, both, either};

/// `!`: an unreadable answer stays one.
pub(super) fn not(answer: Answer) -> Answer {
    answer.map(|holds| !holds)
}

/// `condition ? then : true`.
pub(super) fn when(condition: Answer, then: impl FnOnce() -> Answer) -> Answer {
    if condition? { then() } else { Ok(true) }
}

/// Whether every item keeps the rule.
pub(super) fn all<'v>(list: View<'v>, mut holds: impl FnMut(View<'v>) -> Answer) -> Answer {
    let mut so_far = Ok(true);
    for item in list.items() {
        so_far = both(so_far, || holds(item));
        if so_far == Ok(false) {
            break;
        }
    }
    so_far
}

/// Whether some item is so.
pub(super) fn any<'v>(list: View<'v>, mut is: impl FnMut(View<'v>) -> Answer) -> Answer {
    let mut so_far = Ok(false);
    for item in list.items() {
        so_far = either(so_far, || is(item));
        if so_far == Ok(true) {
            break;
        }
    }
    so_far
}

/// How many items are so; every item has to be readable.
pub(super) fn count<'v>(
    list: View<'v>,
    mut is: impl FnMut(View<'v>) -> Answer,
) -> Result<usize, Absent> {
    let mut found = 0;
    for item in list.items() {
        found += usize::from(is(item)?);
    }
    Ok(found)
}

/// Whether exactly one item is so: with two, the answer is no.
pub(super) fn only_one<'v>(list: View<'v>, is: impl FnMut(View<'v>) -> Answer) -> Answer {
    Ok(count(list, is)? == 1)
}

/// Whether each item is the only one that is `same` as itself.
pub(super) fn unique<'v>(
    list: View<'v>,
    mut same: impl FnMut(View<'v>, View<'v>) -> Answer,
) -> Answer {
    all(list, |one| only_one(list, |other| same(one, other)))
}

/// Whether at most one filter of the list has this type.
pub(super) fn at_most_one_of_type(filters: View<'_>, wanted: &str) -> Answer {
    Ok(count(filters, |filter| is(filter, "type", wanted))? <= 1)
}

/// The text of the field.
pub(super) fn text<'v>(of: View<'v>, field: &str) -> Result<&'v str, Absent> {
    of.get(field).map(View::as_str)
}

/// The whole number of the field. `80.0` is none: reading it is an error of the rule.
pub(super) fn integer(of: View<'_>, field: &str) -> Result<i64, Absent> {
    of.get(field)?.as_i64().ok_or(Absent)
}

/// Whether the whole number is set: even this question reads it, and fails on `80.0`.
pub(super) fn has_integer(of: View<'_>, field: &str) -> Answer {
    match of.field(field) {
        None => Ok(false),
        Some(found) => found.as_i64().map(|_| true).ok_or(Absent),
    }
}

/// Whether the field has this text.
pub(super) fn is(of: View<'_>, field: &str, wanted: &str) -> Answer {
    Ok(text(of, field)? == wanted)
}

/// Whether the field has one of these texts.
pub(super) fn is_one_of(of: View<'_>, field: &str, wanted: &[&str]) -> Answer {
    Ok(wanted.contains(&text(of, field)?))
}

/// Whether the field has the same text in both.
pub(super) fn same(field: &str, one: View<'_>, other: View<'_>) -> Answer {
    Ok(text(one, field)? == text(other, field)?)
}

/// The text of an optional field; an empty one counts as unset.
pub(super) fn filled<'v>(of: View<'v>, field: &str) -> Option<&'v str> {
    of.field(field)
        .map(View::as_str)
        .filter(|text| !text.is_empty())
}

/// The whole number of an optional field; 0 counts as unset.
pub(super) fn filled_integer(of: View<'_>, field: &str) -> Result<Option<i64>, Absent> {
    match of.field(field) {
        None => Ok(None),
        Some(found) => {
            let number = found.as_i64().ok_or(Absent)?;
            Ok((number != 0).then_some(number))
        }
    }
}

/// Whether `field` is set exactly where `applies` says so.
pub(super) fn set_exactly_when(of: View<'_>, field: &str, applies: Answer) -> Answer {
    Ok(applies? == of.has(field))
}
