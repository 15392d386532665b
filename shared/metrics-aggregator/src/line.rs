//! Events as lines of JSON. What programs usually write is read without a parser of all of JSON, in a
//! tenth of its time; what looks like anything else is read by that parser, which also says what is wrong.

use std::borrow::Cow;

use jiff::Timestamp;
use memchr::memchr2;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::book::Minute;

/// An event, as far as it matters.
#[derive(Debug, PartialEq)]
pub(crate) struct Line<'a> {
    pub(crate) minute: Minute,
    pub(crate) user: Cow<'a, str>,
    pub(crate) kind: Cow<'a, str>,
    pub(crate) value: f64,
}

/// It is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Deserialize)]
struct Written<'a> {
    timestamp: Timestamp,
    #[serde(borrow)]
    user_id: Cow<'a, str>,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// Reads one event. A field beside its four is left alone.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, Unreadable> {
    usual(line).map_or_else(|| whole(line), Ok)
}

/// Whether there is nothing but white space.
pub(crate) fn is_empty(line: &[u8]) -> bool {
    line.iter().all(is_space)
}

/// The minute that a time is in. Before 1970 the seconds of a time are cut off towards zero.
pub(crate) fn minute_of(time: Timestamp) -> Minute {
    let is_before = i64::from(time.subsec_nanosecond() < 0);
    (time.as_second() - is_before).div_euclid(60)
}

fn whole(line: &[u8]) -> Result<Line<'_>, Unreadable> {
    // A list of the four values in this order could be read, too.
    if !trimmed(line).starts_with(b"{") {
        return Err(Unreadable);
    }
    let written: Written<'_> = serde_json::from_slice(line).map_err(|_| Unreadable)?;
    Ok(Line {
        minute: minute_of(written.timestamp),
        user: written.user_id,
        kind: written.event_type,
        value: Rest(written.value.get().as_bytes())
            .number()
            .ok_or(Unreadable)?,
    })
}

/// Four fields, each once, in any order; texts without escapes, and a time in UTC.
fn usual(line: &[u8]) -> Option<Line<'_>> {
    let mut rest = Rest(trimmed(line));
    let (mut minute, mut user, mut kind, mut value) = (None, None, None, None);
    rest.skip(b'{')?;
    loop {
        let name = rest.text()?;
        rest.skip(b':')?;
        let is_new = match name {
            b"timestamp" => minute.replace(minute_in(rest.text()?)?).is_none(),
            b"user_id" => user.replace(name_in(rest.text()?)?).is_none(),
            b"event_type" => kind.replace(name_in(rest.text()?)?).is_none(),
            b"value" => value.replace(rest.number()?).is_none(),
            _ => false,
        };
        if !is_new {
            return None;
        }
        if rest.skip(b',').is_none() {
            break;
        }
    }
    rest.skip(b'}')?;
    let read = Line {
        minute: minute?,
        user: Cow::Borrowed(user?),
        kind: Cow::Borrowed(kind?),
        value: value?,
    };
    rest.0.is_empty().then_some(read)
}

/// Without the white space of JSON around it.
fn trimmed(text: &[u8]) -> &[u8] {
    let text = trimmed_start(text);
    let end = text.iter().rposition(|byte| !is_space(byte));
    let end = end.map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_space(byte));
    let start = start.unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn name_in(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text).ok()
}

/// What was not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Goes past a mark and the white space around it.
    fn skip(&mut self, mark: u8) -> Option<()> {
        self.0 = trimmed_start(trimmed_start(self.0).strip_prefix(&[mark])?);
        Some(())
    }

    /// A text that is written as it is.
    fn text(&mut self) -> Option<&'a [u8]> {
        let text = self.0.strip_prefix(b"\"")?;
        let (text, rest) = text.split_at_checked(memchr2(b'"', b'\\', text)?)?;
        self.0 = rest.strip_prefix(b"\"")?;
        // JSON has no line breaks and the like in its texts.
        text.iter().all(|byte| *byte >= b' ').then_some(text)
    }

    /// A number as JSON has it: the machine's own parser also takes others.
    fn number(&mut self) -> Option<f64> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        let end = self.0.iter().position(|byte| !is_part(byte));
        let end = end.unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let digits = number.strip_prefix(b"-").unwrap_or(number);
        let whole = digits.iter().take_while(|it| it.is_ascii_digit()).count();
        let is_whole = match digits.first()? {
            b'0' => whole == 1,
            _ => whole > 0,
        };
        let after = digits.get(whole..)?;
        let is_part = match after.split_first() {
            None => true,
            Some((b'.', part)) => part.first()?.is_ascii_digit(),
            Some((mark, _)) => matches!(mark, b'e' | b'E'),
        };
        let number = std::str::from_utf8(number).ok()?;
        // It is told apart there whether it is too large.
        let value = number.parse().ok().filter(|it: &f64| it.is_finite());
        value.filter(|_| is_whole && is_part)
    }
}

/// The minute of a time such as `2026-11-23T10:00:30.25Z`.
fn minute_in(text: &[u8]) -> Option<Minute> {
    let (day, time) = text.split_at_checked(10)?;
    let (time, rest) = time.split_at_checked(9)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = day else {
        return None;
    };
    let [b'T', h1, h2, b':', n1, n2, b':', s1, s2] = time else {
        return None;
    };
    let year = 100 * two(*y1, *y2)? + two(*y3, *y4)?;
    let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
    let (hour, minute, second) = (two(*h1, *h2)?, two(*n1, *n2)?, two(*s1, *s2)?);
    let is_part = match rest.split_last()? {
        (b'Z', []) => true,
        (b'Z', [b'.', digits @ ..]) => {
            (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    // The last year has an end that other readers see earlier.
    let is_time = year < 9_999 && hour < 24 && minute < 60 && second < 60 && is_part;
    let days = is_time.then(|| days_to(year, month, day))??;
    Some(days * 24 * 60 + hour * 60 + minute)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Days from 1970 to a day that every month has. Years begin in March, so that the odd day is their last
/// (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days_to(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) {
        return rare_day(year, month, day);
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + days - 719_468)
}

/// The 29th to the 31st.
fn rare_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = jiff::civil::Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    );
    let first = jiff::civil::date(1970, 1, 1);
    Some((date.ok()? - first).get_days().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn line(timestamp: &str, user: &str, kind: &str, value: &str) -> String {
        let [user, kind] = [user, kind].map(|text| json!(text).to_string());
        format!(
            r#"{{"timestamp":"{timestamp}","user_id":{user},"event_type":{kind},"value":{value}}}"#
        )
    }

    fn minute(text: &str) -> Minute {
        minute_of(text.parse().unwrap())
    }

    #[test]
    fn an_event_is_read_in_any_order_and_with_any_space() {
        let expected = Line {
            minute: minute("2026-11-23T10:00:00Z"),
            user: "mia".into(),
            kind: "checkout".into(),
            value: -1.5e3,
        };
        for text in [
            line("2026-11-23T10:00:59.999Z", "mia", "checkout", "-1.5e3"),
            r#" { "value" : -1500 , "event_type":"checkout","user_id":"mia", "timestamp":"2026-11-23T10:00:00Z" } "#
                .to_owned(),
        ] {
            assert_eq!(usual(text.as_bytes()).as_ref(), Some(&expected), "{text}");
            assert_eq!(whole(text.as_bytes()).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn a_minute_before_1970_begins_where_it_begins() {
        let text = line("1969-12-31T23:59:59.5Z", "a", "b", "1");
        assert_eq!(usual(text.as_bytes()).unwrap().minute, -1);
        assert_eq!(whole(text.as_bytes()).unwrap().minute, -1);
    }

    #[test]
    fn what_is_unusual_is_read_by_the_parser_of_all_of_json() {
        let escaped = line("2026-11-23T12:00:00+02:00", "mi\"a", "check\\out\n", "1");
        let read = read(escaped.as_bytes()).unwrap();
        assert_eq!(
            (read.minute, &*read.user),
            (minute("2026-11-23T10:00:00Z"), "mi\"a")
        );
        let more = r#"{"tenant":"main","timestamp":"2026-11-23T10:00:00Z","user_id":"a","event_type":"b","value":1}"#;
        assert!(super::read(more.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_event_is_not_read() {
        let at = "2026-11-23T10:00:00Z";
        for text in [
            String::new(),
            "{}".to_owned(),
            "null".to_owned(),
            line(at, "a", "b", "NaN"),
            line(at, "a", "b", "inf"),
            line(at, "a", "b", "1e999"),
            line(at, "a", "b", "01"),
            line(at, "a", "b", "1."),
            line(at, "a", "b", "1.e5"),
            line(at, "a", "b", ".5"),
            line(at, "a", "b", "+1"),
            line(at, "a", "b", "-"),
            line(at, "a", "b", "\"1\""),
            line("2026-02-29T10:00:00Z", "a", "b", "1"),
            line("2026-13-01T10:00:00Z", "a", "b", "1"),
            line("2026-11-23T24:00:00Z", "a", "b", "1"),
            line("2026-11-23T10:00:00", "a", "b", "1"),
            line(at, "a", "b", "1") + "x",
            "\u{c}".to_owned() + &line(at, "a", "b", "1"),
            format!(r#"["{at}","a","b",1]"#),
            line("9999-12-31T23:00:00Z", "a", "b", "1"),
            line(at, "a", "b", "1").replace("\"user_id\"", "\"value\""),
            line(at, "a\u{1}", "b", "1").replace("\\u0001", "\u{1}"),
            line(at, "a", "b", "1").replace(",\"value\":1", ""),
        ] {
            assert_eq!(read(text.as_bytes()), Err(Unreadable), "{text}");
        }
        let no_text = line(at, "?", "b", "1").into_bytes();
        let no_text: Vec<u8> = no_text
            .into_iter()
            .map(|it| if it == b'?' { 0xff } else { it })
            .collect();
        assert_eq!(read(&no_text), Err(Unreadable));
    }

    proptest! {
        /// Both readers say the same of whatever the short one reads.
        #[test]
        fn both_readers_agree(
            seconds in -62_135_596_800_i64..=253_370_764_799,
            nanos in 0_i32..1_000_000_000,
            user in "[ -~é]{0,12}",
            value in any::<f64>(),
        ) {
            let at = Timestamp::new(seconds, nanos).unwrap();
            let text = line(&at.to_string(), &user, "view", &json!(value).to_string());
            let short = usual(text.as_bytes());
            prop_assert!(short.is_none() || whole(text.as_bytes()).ok() == short, "{}", text);
            let is_usual = !user.contains(['"', '\\']) && value.is_finite();
            let is_common = at.to_string().len() <= 30 && !at.to_string().starts_with('-');
            prop_assert_eq!(short.is_some(), is_usual && is_common, "{}", text);
        }

        #[test]
        fn no_line_makes_them_differ(text in r#"[{}":,\\ \f0-9eE.+-]{0,20}|[ \f\t]?\{"timestamp":"[0-9TZ:.-]{0,25}","user_id":"a","event_type":"b","value":[0-9eE.+-]{0,9}\}"#) {
            let short = usual(text.as_bytes());
            prop_assert!(short.is_none() || whole(text.as_bytes()).ok() == short, "{}", text);
        }
    }
}
