//! Rust sources without what only looks like code.

/// The source with comments, and the insides of texts and of characters, as blanks. Lines stay
/// where they are.
pub(crate) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        let length = hidden(rest, code.chars().next_back());
        if length == 0 {
            code.push(letter);
            rest = tail(rest, letter.len_utf8());
        } else {
            let (text, after) = rest.split_at(length);
            code.extend(text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = after;
        }
    }
    code
}

fn tail(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

/// How many bytes at the start are no code.
fn hidden(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |at| at + 2);
    }
    if rest.starts_with('"') {
        return quoted(rest);
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    let in_a_name = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    if in_a_name { 0 } else { raw(rest) }
}

/// A text with escapes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character; nothing for a lifetime.
fn character(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    let end = match letters.next() {
        Some((_, '\\')) => letters.skip(1).find(|(_, letter)| *letter == '\''),
        _ => letters.next().filter(|(_, letter)| *letter == '\''),
    };
    end.map_or(0, |(at, _)| at + 1)
}

/// A raw text: `r"…"`, `r#"…"#`, `br#"…"#`.
fn raw(rest: &str) -> usize {
    let inner = rest.strip_prefix('b').unwrap_or(rest);
    let Some(inner) = inner.strip_prefix('r') else {
        return 0;
    };
    let body = inner.trim_start_matches('#');
    if !body.starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(inner.len() - body.len()));
    let opened = rest.len() - body.len() + 1;
    let closed = tail(body, 1).find(&end);
    closed.map_or(rest.len(), |at| opened + at + end.len())
}

#[test]
fn only_code_is_left() {
    let source = r##"let a = "x // y \" z"; // todo
let b = '"'; let c = '\''; fn f<'a>(x: &'a str) {}
/* todo */ let d = r#"a "quoted" b"#; let bar = 1;"##;
    let code = code_of(source);
    assert_eq!(code.lines().count(), 3);
    for gone in ["todo", "quoted", "x //", "\""] {
        assert!(!code.contains(gone), "{gone}: {code}");
    }
    for kept in [
        "let a =",
        "fn f<'a>(x: &'a str) {}",
        "let d =",
        "let bar = 1;",
    ] {
        assert!(code.contains(kept), "{kept}: {code}");
    }
}
