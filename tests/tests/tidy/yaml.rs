//! A reader of the YAML that our template is written in: block maps and lists, flow maps and
//! lists on one line, quoted and plain scalars, tags before scalars, comments. No anchors, no
//! multi-line scalars, no documents: what it cannot read fails the test.

use std::iter::Peekable;
use std::str::Chars;

/// A node. A scalar keeps its tag and loses its quotes: `!Ref X`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yaml {
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Yaml {
    /// Reads a document.
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines: Vec<Line> = text.lines().filter_map(Line::of).collect();
        lines.reverse();
        let indent = lines.last().map_or(0, |line| line.indent);
        let node = block(&mut lines, indent);
        assert!(lines.is_empty(), "cannot read {:?}", lines.last());
        node
    }

    /// What is at the end of these keys.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| {
            let (_, value) = node.entries().iter().find(|(known, _)| known == key)?;
            Some(value)
        })
    }

    /// The scalar at the end of these keys; empty when there is none.
    pub(crate) fn text(&self, path: &[&str]) -> &str {
        match self.get(path) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// Keys and values of a map; of nothing else.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items at the end of these keys.
    pub(crate) fn items(&self, path: &[&str]) -> &[Self] {
        match self.get(path) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    /// Whether any scalar in it is this text.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        match self {
            Self::Text(own) => own == text,
            Self::List(items) => items.iter().any(|item| item.mentions(text)),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.mentions(text)),
        }
    }
}

#[derive(Debug)]
struct Line {
    indent: usize,
    text: String,
}

impl Line {
    /// Nothing for a line without content.
    fn of(line: &str) -> Option<Self> {
        let text = without_comment(line).trim_end();
        let content = text.trim_start();
        let line = Self {
            indent: text.len() - content.len(),
            text: content.to_owned(),
        };
        (!content.is_empty()).then_some(line)
    }

    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
}

/// A `#` starts a comment at the start of a line or after a space, outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') if before == ' ' => return line.get(..at).unwrap_or_default(),
            _ => {}
        }
        before = letter;
    }
    line
}

/// Lines are taken from the end.
fn block(lines: &mut Vec<Line>, indent: usize) -> Yaml {
    match lines.last() {
        Some(line) if line.is_item() => list(lines, indent),
        Some(_) => map(lines, indent),
        None => Yaml::Text(String::new()),
    }
}

fn list(lines: &mut Vec<Line>, indent: usize) -> Yaml {
    let mut items = Vec::new();
    while let Some(line) = lines.pop_if(|line| line.indent == indent && line.is_item()) {
        let rest = line.text.trim_start_matches('-');
        let inner = indent + line.text.len() - rest.trim_start().len();
        let rest = rest.trim_start().to_owned();
        if split_key(&rest).is_some() {
            lines.push(Line {
                indent: inner,
                text: rest,
            });
            items.push(map(lines, inner));
        } else {
            items.push(inline(&rest));
        }
    }
    Yaml::List(items)
}

fn map(lines: &mut Vec<Line>, indent: usize) -> Yaml {
    let mut entries = Vec::new();
    while let Some(line) = lines.pop_if(|line| line.indent == indent && !line.is_item()) {
        let Some((key, value)) = split_key(&line.text) else {
            panic!("cannot read {line:?}");
        };
        let value = if value.is_empty() {
            nested(lines, indent)
        } else {
            inline(value)
        };
        entries.push((key, value));
    }
    Yaml::Map(entries)
}

/// What is indented deeper, or a list at the same depth.
fn nested(lines: &mut Vec<Line>, indent: usize) -> Yaml {
    let Some(next) = lines.last() else {
        return Yaml::Text(String::new());
    };
    let deeper = next.indent;
    if deeper > indent || (deeper == indent && next.is_item()) {
        block(lines, deeper)
    } else {
        Yaml::Text(String::new())
    }
}

/// Key and value of `key: value`; a flow collection, a quoted text or a tag has none.
fn split_key(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['{', '[', '"', '\'', '!']) {
        return None;
    }
    let (key, value) = match text.strip_suffix(':') {
        Some(key) if !key.contains(": ") => (key, ""),
        _ => text.split_once(": ")?,
    };
    Some((key.to_owned(), value.trim()))
}

fn inline(text: &str) -> Yaml {
    if text.starts_with(['|', '>', '&', '*']) {
        panic!("this reader does not know {text:?}");
    }
    if text.starts_with(['{', '[']) {
        return flow(&mut text.chars().peekable());
    }
    Yaml::Text(unquoted(text))
}

/// Keeps a tag before the text.
fn unquoted(text: &str) -> String {
    let (tag, rest) = match text.split_once(' ') {
        Some((tag, rest)) if tag.starts_with('!') => (format!("{tag} "), rest.trim()),
        _ => (String::new(), text),
    };
    let inner = ['"', '\''].iter().find_map(|quote| {
        let inner = rest.strip_prefix(*quote)?;
        inner.strip_suffix(*quote)
    });
    format!("{tag}{}", inner.unwrap_or(rest))
}

fn flow(letters: &mut Peekable<Chars<'_>>) -> Yaml {
    skip_blanks(letters);
    match letters.peek() {
        Some('[') => {
            letters.next();
            let mut items = Vec::new();
            while !at_end(letters, ']') {
                items.push(flow(letters));
            }
            Yaml::List(items)
        }
        Some('{') => {
            letters.next();
            let mut entries = Vec::new();
            while !at_end(letters, '}') {
                let key = scalar(letters, &[':']);
                letters.next();
                entries.push((key, flow(letters)));
            }
            Yaml::Map(entries)
        }
        _ => Yaml::Text(scalar(letters, &[',', '}', ']'])),
    }
}

/// Past the end of a collection, or past the comma before its next entry.
fn at_end(letters: &mut Peekable<Chars<'_>>, end: char) -> bool {
    skip_blanks(letters);
    letters.next_if_eq(&',');
    skip_blanks(letters);
    assert!(letters.peek().is_some(), "a collection without its {end}");
    letters.next_if_eq(&end).is_some()
}

fn skip_blanks(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if_eq(&' ').is_some() {}
}

/// Up to one of these, outside quotes.
fn scalar(letters: &mut Peekable<Chars<'_>>, ends: &[char]) -> String {
    skip_blanks(letters);
    let mut text = String::new();
    let mut quote = None;
    while let Some(&letter) = letters.peek() {
        match quote {
            Some(open) if open == letter => quote = None,
            None if ends.contains(&letter) => break,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        text.push(letter);
        letters.next();
    }
    unquoted(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r##"
# A comment
Resources:
  Queue:
    Type: AWS::SQS::Queue  # a comment
    Properties:
      Name: !Sub "${AWS::StackName}-queue"
      Redrive:
        target: !GetAtt Dead.Arn
      Tags: [{Key: a, Value: !Ref B}, {"aws:x": 'c, d'}]
      Statement:
        - Effect: Allow
          Action: [one, two]
          Resource:
            - !Ref X
            - "*"
        - Effect: Deny
      Pattern: '{"eventName": ["INSERT"]}'
      Empty: {}
  Other:
    Description: "Says a: b, #c"
"##;

    #[test]
    fn reads_what_our_template_uses() {
        let yaml = Yaml::parse(SAMPLE);
        let queue = yaml.get(&["Resources", "Queue", "Properties"]).unwrap();
        assert_eq!(queue.text(&["Name"]), "!Sub ${AWS::StackName}-queue");
        assert_eq!(queue.text(&["Redrive", "target"]), "!GetAtt Dead.Arn");
        assert_eq!(queue.items(&["Tags"])[0].text(&["Value"]), "!Ref B");
        assert_eq!(queue.items(&["Tags"])[1].text(&["aws:x"]), "c, d");
        let allow = &queue.items(&["Statement"])[0];
        assert_eq!(allow.items(&["Action"]).len(), 2);
        assert!(allow.mentions("*") && allow.mentions("!Ref X"));
        assert_eq!(queue.items(&["Statement"])[1].text(&["Effect"]), "Deny");
        assert_eq!(queue.text(&["Pattern"]), r#"{"eventName": ["INSERT"]}"#);
        assert_eq!(queue.get(&["Empty"]), Some(&Yaml::Map(Vec::new())));
        let other = yaml.text(&["Resources", "Other", "Description"]);
        assert_eq!(other, "Says a: b, #c");
        let kind = yaml.text(&["Resources", "Queue", "Type"]);
        assert_eq!(kind, "AWS::SQS::Queue");
    }
}
