//! Times of metadata.

/// A time of metadata as it is kept: in UTC, to the second; `None` if `text` is no RFC 3339 time.
pub(crate) fn normal(text: &str) -> Option<String> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let year = digits(date.next()?, 4)?;
    let month = digits(date.next()?, 2)?;
    let day = digits(date.next()?, 2)?;
    let (clock, offset) = split_offset(time)?;
    let clock = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => {
            let all = fraction.bytes().all(|byte| byte.is_ascii_digit());
            Some(clock).filter(|_| all && !fraction.is_empty())?
        }
        None => clock,
    };
    let mut clock = clock.splitn(3, ':');
    let hour = digits(clock.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(clock.next()?, 2).filter(|minute| *minute < 60)?;
    let second = digits(clock.next()?, 2).filter(|second| *second < 60)?;
    let month_has = days_in_month(year, month)?;
    let day = Some(day).filter(|day| (1..=month_has).contains(day))?;
    let seconds = (days_before(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    Some(written(seconds - offset))
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

/// The clock and the offset from UTC in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (clock, offset) = time.split_at_checked(at)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let hours = digits(hours, 2).filter(|hours| *hours <= 24)?;
    let minutes = digits(minutes, 2).filter(|minutes| *minutes <= 60)?;
    let seconds = hours * 3600 + minutes * 60;
    let west = offset.starts_with('-');
    Some((clock, if west { -seconds } else { seconds }))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap(year)),
        _ => return None,
    })
}

/// Days from the first day of the year 0 to this day.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let before = (1..month).filter_map(|month| days_in_month(year, month));
    days_before_year(year) + before.sum::<i64>() + day - 1
}

fn days_before_year(year: i64) -> i64 {
    // The year 0 is a leap year.
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps(year - 1) + 1
}

fn written(seconds: i64) -> String {
    let (mut day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = day.div_euclid(366);
    while days_before_year(year + 1) <= day {
        year += 1;
    }
    day -= days_before_year(year);
    let mut month = 1;
    while let Some(length) = days_in_month(year, month).filter(|length| *length <= day) {
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        day + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_in_utc_to_the_second() {
        for (read, kept) in [
            ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
            ("2024-02-29T23:30:00.75-01:30", "2024-03-01T01:00:00Z"),
            ("2024-01-01T00:00:00+00:01", "2023-12-31T23:59:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(normal(read).as_deref(), Some(kept));
        }
        for wrong in [
            "x",
            "2024-05-06",
            "2024-02-30T00:00:00Z",
            "2024-05-06T07:08:60Z",
        ] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
