//! Events as lines of JSON. What programs usually write is read without a parser of all of JSON
//! ([`usual`](crate::usual)); what looks like anything else is read by that parser, which also says what
//! is wrong.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::book::{Entry, Minute};
use crate::usual::{Recent, number, trimmed, usual};

/// It is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// What a line says, with texts of its own where they were not written as they are.
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
    /// Reads one event, and does something with it. A field beside its four is left alone.
    pub(crate) fn read<R>(
        &mut self,
        line: &[u8],
        then: impl FnOnce(Result<Entry<'_>, Unreadable>) -> R,
    ) -> R {
        match usual(line, &mut self.0) {
            Some(entry) => then(Ok(entry)),
            None => whole(line, then),
        }
    }
}

/// The minute that a time is in. Before 1970 the seconds of a time are cut off towards zero.
pub(crate) fn minute_of(time: Timestamp) -> Minute {
    let is_before = i64::from(time.subsec_nanosecond() < 0);
    (time.as_second() - is_before).div_euclid(60)
}

fn whole<R>(line: &[u8], then: impl FnOnce(Result<Entry<'_>, Unreadable>) -> R) -> R {
    // A list of the four values in this order could be read, too.
    let is_object = trimmed(line).starts_with(b"{");
    let written = is_object.then(|| serde_json::from_slice::<Written<'_>>(line));
    let written = written.and_then(Result::ok);
    let entry = written.as_ref().and_then(|written| {
        Some(Entry {
            minute: minute_of(written.timestamp),
            user: written.user_id.as_bytes(),
            kind: &written.event_type,
            value: number(written.value.get().as_bytes())?,
        })
    });
    then(entry.ok_or(Unreadable))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What one of the readers says, with texts of its own.
    type Said = Result<(Minute, Vec<u8>, String, f64), Unreadable>;

    fn said(read: Result<Entry<'_>, Unreadable>) -> Said {
        read.map(|it| (it.minute, it.user.to_owned(), it.kind.to_owned(), it.value))
    }

    fn of_usual(line: &str) -> Option<Said> {
        usual(line.as_bytes(), &mut Recent::default()).map(|it| said(Ok(it)))
    }

    fn of_whole(line: &str) -> Said {
        whole(line.as_bytes(), said)
    }

    fn of_both(line: &[u8]) -> Said {
        Reader::default().read(line, said)
    }

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
        let expected = Ok((
            minute("2026-11-23T10:00:00Z"),
            b"mia".to_vec(),
            "checkout".to_owned(),
            -1.5e3,
        ));
        for text in [
            line("2026-11-23T10:00:59.999Z", "mia", "checkout", "-1.5e3"),
            r#" { "value" : -1500 , "event_type":"checkout","user_id":"mia", "timestamp":"2026-11-23T10:00:00Z" } "#
                .to_owned(),
        ] {
            assert_eq!(of_usual(&text).as_ref(), Some(&expected), "{text}");
            assert_eq!(of_whole(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_minute_before_1970_begins_where_it_begins() {
        let text = line("1969-12-31T23:59:59.5Z", "a", "b", "1");
        assert_eq!(of_usual(&text).unwrap().unwrap().0, -1);
        assert_eq!(of_whole(&text).unwrap().0, -1);
    }

    #[test]
    fn what_is_unusual_is_read_by_the_parser_of_all_of_json() {
        let escaped = line("2026-11-23T12:00:00+02:00", "mi\"a", "check\\out\n", "1");
        let (at, user, kind, _) = of_both(escaped.as_bytes()).unwrap();
        assert_eq!(at, minute("2026-11-23T10:00:00Z"));
        assert_eq!((&*user, &*kind), (&b"mi\"a"[..], "check\\out\n"));
        let more = r#"{"tenant":"main","timestamp":"2026-11-23T10:00:00Z","user_id":"a","event_type":"b","value":1}"#;
        assert!(of_both(more.as_bytes()).is_ok());
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
            assert_eq!(of_both(text.as_bytes()), Err(Unreadable), "{text}");
        }
        let no_text = line(at, "?", "b", "1").into_bytes();
        let no_text: Vec<u8> = no_text
            .into_iter()
            .map(|it| if it == b'?' { 0xff } else { it })
            .collect();
        assert_eq!(of_both(&no_text), Err(Unreadable));
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
            let short = of_usual(&text);
            prop_assert!(short.is_none() || short == Some(of_whole(&text)), "{}", text);
            let is_usual = !user.contains(['"', '\\']) && value.is_finite();
            let is_common = at.to_string().len() <= 30 && !at.to_string().starts_with('-');
            prop_assert_eq!(short.is_some(), is_usual && is_common, "{}", text);
        }

        #[test]
        fn what_was_read_before_changes_nothing(lines in vec(written(), 1..12)) {
            let mut reader = Reader::default();
            for line in lines {
                prop_assert_eq!(reader.read(line.as_bytes(), said), of_whole(&line), "{}", line);
            }
        }

        #[test]
        fn no_line_makes_them_differ(text in r#"[{}":,\\ \f0-9eE.+-]{0,20}|[ \f\t]?\{"timestamp":"[0-9TZ:.-]{0,25}","user_id":"a","event_type":"b","value":[0-9eE.+-]{0,9}\}"#) {
            let short = of_usual(&text);
            prop_assert!(short.is_none() || short == Some(of_whole(&text)), "{}", text);
        }
    }
}
