//! Reads the text of an intrinsic function call. `None` stands for "not in the subset"; a path in
//! an argument reports its own error.

use super::{Argument, Intrinsic};
use crate::asl::path::Path;
use crate::asl::strict::ParseError;

type Read<T> = Result<Option<T>, ParseError>;

/// A call with nothing before or after it.
pub(super) fn call(at: &str, text: &str) -> Read<Intrinsic> {
    Ok(match one_call(at, text.trim())? {
        Some((call, "")) => Some(call),
        _ => None,
    })
}

fn one_call<'t>(at: &str, text: &'t str) -> Read<(Intrinsic, &'t str)> {
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(None);
    };
    let Some((arguments, rest)) = arguments(at, rest)? else {
        return Ok(None);
    };
    let call = match name {
        "States.Format" => format(arguments),
        "States.MathAdd" => <[Argument; 2]>::try_from(arguments)
            .ok()
            .map(|terms| Intrinsic::MathAdd(Box::new(terms))),
        _ => None,
    };
    Ok(call.map(|call| (call, rest)))
}

/// What follows the opening bracket, up to and without the closing one.
fn arguments<'t>(at: &str, mut rest: &'t str) -> Read<(Vec<Argument>, &'t str)> {
    let mut found = Vec::new();
    loop {
        let Some((argument, after)) = argument(at, rest.trim_start())? else {
            return Ok(None);
        };
        found.push(argument);
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix(')') {
            return Ok(Some((found, after)));
        }
        let Some(next) = after.strip_prefix(',') else {
            return Ok(None);
        };
        rest = next;
    }
}

fn argument<'t>(at: &str, text: &'t str) -> Read<(Argument, &'t str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        return Ok(quoted_end(quoted).map(|(text, rest)| (Argument::Text(text.to_owned()), rest)));
    }
    if text.starts_with("States.") {
        return Ok(one_call(at, text)?.map(|(call, rest)| (Argument::Call(call), rest)));
    }
    let end = text.find([',', ')']).unwrap_or(text.len());
    let Some((word, rest)) = text.split_at_checked(end) else {
        return Ok(None);
    };
    let word = word.trim_end();
    if word.starts_with('$') {
        return Ok(Some((Argument::Path(Path::parse(at, word)?), rest)));
    }
    Ok(word
        .parse()
        .ok()
        .map(|number| (Argument::Number(number), rest)))
}

/// The raw text up to the closing quote, escapes left in, and what follows the quote.
fn quoted_end(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (n, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Some((text.get(..n)?, text.get(n + 1..)?)),
            _ => {}
        }
    }
    None
}

/// `States.Format`: as many arguments as `{}` in the text, which must be a plain text.
fn format(arguments: Vec<Argument>) -> Option<Intrinsic> {
    let mut arguments = arguments.into_iter();
    let Some(Argument::Text(text)) = arguments.next() else {
        return None;
    };
    let mut pieces = pieces(&text)?.into_iter();
    let first = pieces.next()?;
    if pieces.len() != arguments.len() {
        return None;
    }
    let unescaped = |argument| match argument {
        Argument::Text(text) => pieces_of_plain(&text).map(Argument::Text),
        other => Some(other),
    };
    let arguments: Option<Vec<Argument>> = arguments.map(unescaped).collect();
    Some(Intrinsic::Format {
        first,
        rest: arguments?.into_iter().zip(pieces).collect(),
    })
}

fn pieces_of_plain(text: &str) -> Option<String> {
    match <[String; 1]>::try_from(pieces(text)?) {
        Ok([piece]) => Some(piece),
        Err(_) => None,
    }
}

/// The text around each `{}`, escapes (`\'`, `\{`, `\}`, `\\`) resolved.
fn pieces(text: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut piece = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => piece.push(chars.next().filter(|c| "'{}\\".contains(*c))?),
            '{' if chars.next() == Some('}') => done.push(std::mem::take(&mut piece)),
            '{' | '}' => return None,
            plain => piece.push(plain),
        }
    }
    done.push(piece);
    Some(done)
}
