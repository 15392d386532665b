//! Events as lines of JSON. What programs usually write is read without a parser of all of JSON
//! ([`usual`](crate::usual)); what looks like anything else is read by that parser, which also says what
//! is wrong.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::book::Minute;
use crate::usual::{Recent, number, trimmed, usual};

/// An event, as far as it matters.
#[derive(Debug, PartialEq)]
pub(crate) struct Line<'a> {
    pub(crate) minute: Minute,
    /// In UTF-8.
    pub(crate) user: Cow<'a, [u8]>,
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

/// Reads events one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader(Recent);

impl Reader {
    /// Reads one event. A field beside its four is left alone.
    pub(crate) fn read<'a>(&mut self, line: &'a [u8]) -> Result<Line<'a>, Unreadable> {
        usual(line, &mut self.0).map_or_else(|| whole(line), Ok)
    }
}

fn bytes_of(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
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
        user: bytes_of(written.user_id),
        kind: written.event_type,
        value: number(written.value.get().as_bytes()).ok_or(Unreadable)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
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
            user: b"mia".into(),
            kind: "checkout".into(),
            value: -1.5e3,
        };
        for text in [
            line("2026-11-23T10:00:59.999Z", "mia", "checkout", "-1.5e3"),
            r#" { "value" : -1500 , "event_type":"checkout","user_id":"mia", "timestamp":"2026-11-23T10:00:00Z" } "#
                .to_owned(),
        ] {
            assert_eq!(usual(text.as_bytes(), &mut Recent::default()).as_ref(), Some(&expected), "{text}");
            assert_eq!(whole(text.as_bytes()).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn a_minute_before_1970_begins_where_it_begins() {
        let text = line("1969-12-31T23:59:59.5Z", "a", "b", "1");
        assert_eq!(
            usual(text.as_bytes(), &mut Recent::default())
                .unwrap()
                .minute,
            -1
        );
        assert_eq!(whole(text.as_bytes()).unwrap().minute, -1);
    }

    #[test]
    fn what_is_unusual_is_read_by_the_parser_of_all_of_json() {
        let escaped = line("2026-11-23T12:00:00+02:00", "mi\"a", "check\\out\n", "1");
        let read = Reader::default().read(escaped.as_bytes()).unwrap();
        assert_eq!(
            (read.minute, &*read.user),
            (minute("2026-11-23T10:00:00Z"), &b"mi\"a"[..])
        );
        let more = r#"{"tenant":"main","timestamp":"2026-11-23T10:00:00Z","user_id":"a","event_type":"b","value":1}"#;
        assert!(Reader::default().read(more.as_bytes()).is_ok());
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
            assert_eq!(
                Reader::default().read(text.as_bytes()),
                Err(Unreadable),
                "{text}"
            );
        }
        let no_text = line(at, "?", "b", "1").into_bytes();
        let no_text: Vec<u8> = no_text
            .into_iter()
            .map(|it| if it == b'?' { 0xff } else { it })
            .collect();
        assert_eq!(Reader::default().read(&no_text), Err(Unreadable));
    }

    /// Fields in some order, with some space, in some minute.
    fn written() -> impl Strategy<Value = String> {
        let fields = [
            r#""timestamp":"2026-11-23T10:0?:30Z""#,
            r#""user_id":"mia""#,
            r#""event_type":"view""#,
            r#""value":2.5"#,
        ];
        let fields = Just(fields.map(str::to_owned).to_vec()).prop_shuffle();
        (fields, 0..3_u8, "[ \\t]{0,3}", 0..9_usize).prop_map(
            |(mut fields, minute, space, other)| {
                // One of them twice, or one less.
                match (other, fields.first().cloned()) {
                    (0, Some(first)) => fields.push(first),
                    (1, Some(first)) => fields.splice(3.., [first]).for_each(drop),
                    (2, _) => fields.truncate(3),
                    _ => {}
                }
                let fields = fields.join(&format!("{space},{space}"));
                format!("{{{space}{fields}{space}}}").replace('?', &minute.to_string())
            },
        )
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
            let short = usual(text.as_bytes(), &mut Recent::default());
            prop_assert!(short.is_none() || whole(text.as_bytes()).ok() == short, "{}", text);
            let is_usual = !user.contains(['"', '\\']) && value.is_finite();
            let is_common = at.to_string().len() <= 30 && !at.to_string().starts_with('-');
            prop_assert_eq!(short.is_some(), is_usual && is_common, "{}", text);
        }

        #[test]
        fn what_was_read_before_changes_nothing(lines in vec(written(), 1..12)) {
            let mut reader = Reader::default();
            for line in lines {
                prop_assert_eq!(reader.read(line.as_bytes()), whole(line.as_bytes()), "{}", line);
            }
        }

        #[test]
        fn no_line_makes_them_differ(text in r#"[{}":,\\ \f0-9eE.+-]{0,20}|[ \f\t]?\{"timestamp":"[0-9TZ:.-]{0,25}","user_id":"a","event_type":"b","value":[0-9eE.+-]{0,9}\}"#) {
            let short = usual(text.as_bytes(), &mut Recent::default());
            prop_assert!(short.is_none() || whole(text.as_bytes()).ok() == short, "{}", text);
        }
    }
}
