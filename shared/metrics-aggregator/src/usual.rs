//! Events as programs usually write them: four fields, each once, in any order; texts without escapes, and
//! a time in UTC. Eight bytes of a text are looked at in one step; names and minutes are mostly those of the
//! line before, and then only compared.

use jiff::civil::{Date, date};
use memchr::memchr2;

use crate::book::{Entry, Minute};

/// What the line before was like.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// What was before each of its values, and so which value it was.
    names: [Option<Name>; 4],
    /// Its minute, as it was written: `2026-11-23T10:00`.
    text: [u8; 16],
    minute: Minute,
}

/// A name and all that is around it, where that is at most sixteen bytes: `,"user_id":`.
#[derive(Clone, Copy, Debug)]
struct Name {
    written: u128,
    /// The bits that are written.
    mask: u128,
    length: usize,
    field: Field,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Timestamp,
    User,
    Kind,
    Value,
}

/// Reads a line. Nothing where it looks like anything else, right or wrong.
pub(crate) fn usual<'a>(line: &'a [u8], recent: &mut Recent) -> Option<Entry<'a>> {
    let mut rest = Rest(trimmed(line));
    let (mut minute, mut user, mut kind, mut value) = (None, None, None, None);
    for place in 0..4 {
        match recent.field(place, &mut rest)? {
            Field::Timestamp => minute = recent.minute(rest.text()?),
            Field::User => user = rest.text(),
            Field::Kind => kind = rest.text(),
            Field::Value => value = rest.number(),
        }
    }
    rest.skip(b'}')?;
    // Of four that are there, each was there once.
    let read = Entry {
        minute: minute?,
        user: user?,
        kind: std::str::from_utf8(kind?).ok()?,
        value: value?,
    };
    rest.0.is_empty().then_some(read)
}

/// A number as JSON has it, and nothing else.
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    let mut rest = Rest(text);
    rest.number().filter(|_| rest.0.is_empty())
}

/// Without the white space of JSON around it.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let text = trimmed_start(text);
    let end = text.iter().rposition(|byte| !is_space(byte));
    let end = end.map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(first) if !is_space(first) => text,
        _ => {
            let start = text.iter().position(|byte| !is_space(byte));
            text.get(start.unwrap_or(text.len())..).unwrap_or_default()
        }
    }
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// What was not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Goes past a mark and the white space around it.
    fn skip(&mut self, mark: u8) -> Option<()> {
        self.0 = trimmed_start(trimmed_start(self.0).strip_prefix(&[mark])?);
        Some(())
    }

    /// A text that is written as it is, in UTF-8.
    fn text(&mut self) -> Option<&'a [u8]> {
        let text = self.0.strip_prefix(b"\"")?;
        let end = plain(text);
        let (read, rest) = text.split_at_checked(end)?;
        match rest.split_first()? {
            (b'"', rest) => {
                self.0 = rest;
                Some(read)
            }
            (0x80.., _) => self.other_text(text),
            _ => None,
        }
    }

    /// A text with letters that have more than a byte.
    fn other_text(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (text, rest) = text.split_at_checked(memchr2(b'"', b'\\', text)?)?;
        self.0 = rest.strip_prefix(b"\"")?;
        // JSON has no line breaks and the like in its texts.
        let is_text = std::str::from_utf8(text).is_ok() && text.iter().all(|byte| *byte >= b' ');
        is_text.then_some(text)
    }

    fn number(&mut self) -> Option<f64> {
        let (number, rest) = short_number(self.0).or_else(|| any_number(self.0))?;
        self.0 = rest;
        Some(number)
    }
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHEST_BITS: u64 = ONES << 7;

/// How many bytes there are before one that ends a text, or is not ASCII.
fn plain(text: &[u8]) -> usize {
    let mut words = text.chunks_exact(8);
    let mut before = 0;
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        let stops = stops(word);
        if stops != 0 {
            return before + stops.trailing_zeros() as usize / 8;
        }
        before += 8;
    }
    let rest = words.remainder();
    let stop = rest
        .iter()
        .position(|byte| stops((*byte).into()) & 0x80 != 0);
    before + stop.unwrap_or(rest.len())
}

/// The highest bit of each byte that is a quote, a backslash, below a space, or not ASCII. Only the lowest
/// bit that is set is sure to be right: each subtraction may borrow from the byte above.
const fn stops(word: u64) -> u64 {
    let quotes = word ^ (ONES * b'"' as u64);
    let backslashes = word ^ (ONES * b'\\' as u64);
    let quotes = quotes.wrapping_sub(ONES) & !quotes;
    let backslashes = backslashes.wrapping_sub(ONES) & !backslashes;
    let controls = word.wrapping_sub(ONES * b' ' as u64) & !word;
    (quotes | backslashes | controls | word) & HIGHEST_BITS
}

/// A number of at most 15 digits and no exponent, and what is behind it. Its digits and the power of ten are
/// floats without a loss, so that their quotient is the nearest float (W. D. Clinger, "How to Read Floating
/// Point Numbers Accurately", 1990).
fn short_number(text: &[u8]) -> Option<(f64, &[u8])> {
    const POWERS: [f64; 15] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
    ];
    let (is_negative, text) = match text.strip_prefix(b"-") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (whole, before, rest) = digits(text, 0);
    let (all, behind, rest) = match rest.strip_prefix(b".") {
        Some(part) if part.first().is_some_and(u8::is_ascii_digit) => digits(part, whole),
        _ => (whole, 0, rest),
    };
    let is_whole = before == 1 || (before > 1 && text.first() != Some(&b'0'));
    let is_over = !rest.first().is_some_and(is_of_number);
    let size = all as f64 / POWERS.get(behind)?;
    let value = if is_negative { -size } else { size };
    (is_whole && is_over && before + behind <= 15).then_some((value, rest))
}

/// What the digits at the beginning are behind those that were read, how many there are, and the rest.
fn digits(text: &[u8], read: u64) -> (u64, usize, &[u8]) {
    let (mut all, mut rest) = (read, text);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        all = all.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        rest = after;
    }
    (all, text.len() - rest.len(), rest)
}

const fn is_of_number(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')
}

/// A number as JSON has it, and what is behind it. The machine's own parser also takes others.
fn any_number(text: &[u8]) -> Option<(f64, &[u8])> {
    let end = text.iter().position(|byte| !is_of_number(byte));
    let (number, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let whole = digits.iter().take_while(|it| it.is_ascii_digit()).count();
    let is_whole = match digits.first()? {
        b'0' => whole == 1,
        _ => whole > 0,
    };
    let is_part = match digits.get(whole..)?.split_first() {
        None => true,
        Some((b'.', part)) => part.first()?.is_ascii_digit(),
        Some((mark, _)) => matches!(mark, b'e' | b'E'),
    };
    let value = std::str::from_utf8(number).ok()?.parse().ok();
    // It is told apart there whether it is too large.
    let value = value.filter(|it: &f64| it.is_finite() && is_whole && is_part);
    Some((value?, rest))
}

impl Name {
    fn new(text: &[u8], field: Field) -> Option<Self> {
        let mut written = [0; 16];
        let mut mask = [0; 16];
        written.get_mut(..text.len())?.copy_from_slice(text);
        mask.get_mut(..text.len())?.fill(0xff);
        Some(Self {
            written: u128::from_ne_bytes(written),
            mask: u128::from_ne_bytes(mask),
            length: text.len(),
            field,
        })
    }

    /// What is behind it; nothing where it is not written like this.
    fn skip<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let is_written = match text.first_chunk() {
            Some(first) => u128::from_ne_bytes(*first) & self.mask == self.written,
            None => text.starts_with(self.written.to_ne_bytes().get(..self.length)?),
        };
        is_written.then(|| text.get(self.length..))?
    }
}

impl Recent {
    /// Goes past a name, to its value.
    fn field(&mut self, place: usize, rest: &mut Rest<'_>) -> Option<Field> {
        let known = self.names.get_mut(place)?;
        if let Some(known) = known
            && let Some(after) = known.skip(rest.0)
        {
            rest.0 = after;
            return Some(known.field);
        }
        let begun = rest.0;
        rest.skip(if place == 0 { b'{' } else { b',' })?;
        let field = match rest.text()? {
            b"timestamp" => Field::Timestamp,
            b"user_id" => Field::User,
            b"event_type" => Field::Kind,
            b"value" => Field::Value,
            _ => return None,
        };
        rest.skip(b':')?;
        *known = Name::new(begun.get(..begun.len() - rest.0.len())?, field);
        Some(field)
    }

    /// The minute of a time such as `2026-11-23T10:00:30.25Z`.
    fn minute(&mut self, text: &[u8]) -> Option<Minute> {
        let (minute, [b':', s1, s2, part @ .., b'Z']) = text.split_first_chunk()? else {
            return None;
        };
        let is_part = match part {
            [] => true,
            [b'.', digits @ ..] => {
                (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        };
        if !is_part || two(*s1, *s2)? >= 60 {
            return None;
        }
        if *minute != self.text {
            self.minute = minute_in(minute)?;
            self.text = *minute;
        }
        Some(self.minute)
    }
}

/// The minute of `2026-11-23T10:00`.
fn minute_in(text: &[u8; 16]) -> Option<Minute> {
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
    ] = text
    else {
        return None;
    };
    let year = 100 * two(*y1, *y2)? + two(*y3, *y4)?;
    let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
    let (hour, minute) = (two(*h1, *h2)?, two(*n1, *n2)?);
    // The last year has an end that other readers see earlier.
    let is_time = year < 9_999 && hour < 24 && minute < 60;
    let days = is_time.then(|| days_to(year, month, day))??;
    Some(days * 24 * 60 + hour * 60 + minute)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Days from 1970.
fn days_to(year: i64, month: i64, day: i64) -> Option<i64> {
    let day = Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    );
    Some((day.ok()? - date(1970, 1, 1)).get_days().into())
}
