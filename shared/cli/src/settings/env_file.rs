//! The file that a shell can source: `export NAME='value'` lines. Only what its writer writes is
//! understood: quotes and plain characters, nothing that a shell would expand.

/// Names and values; the number of the first line that is none of ours.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, usize> {
    let lines = text.lines().map(str::trim).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, number)| assignment(line).ok_or(number))
        .collect()
}

fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name.to_owned(), unquote(value)?))
}

/// Joins quoted and plain pieces; nothing for an open quote.
fn unquote(value: &str) -> Option<String> {
    let mut open = None;
    let mut plain = String::new();
    for c in value.chars() {
        match (open, c) {
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            (None, '$' | '`' | '\\' | ' ') | (Some('"'), '$' | '`' | '\\') => return None,
            (_, c) => plain.push(c),
        }
    }
    open.is_none().then_some(plain)
}
