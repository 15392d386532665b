//! Texts as they are compared: words of small letters without accents, and their trigrams. The index
//! and the queries are made by the same functions, so what they do matters less than that they do the
//! same; a change of them wants `cartwright search rebuild`.

use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// Words of a query beyond these are not looked at.
pub(crate) const MAX_ASKED: usize = 12;

/// Small letters and digits, without accents, one space between words.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            // Joined to the letter before; or inside a word, as in "chef's".
            '\u{300}'..='\u{36f}' | '\'' | '’' => {}
            letter if letter.is_alphanumeric() => match plain(letter) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(letter),
            },
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// What stands for a small Latin letter that has an accent, or is two in one.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

/// The trigrams of folded words, each once and sorted: of each word with two spaces before and one
/// behind, so that its beginning counts most.
pub(crate) fn trigrams(folded: &str) -> Vec<String> {
    sorted(folded.split(' ').flat_map(trigrams_of))
}

/// Those that an entry must have one of to be looked at: not the first of a word, which a great many
/// have, nor the last of a longer one. What has enough of all of them has one of these.
fn telling(folded: &str) -> Vec<String> {
    let inner = |word: &str| {
        let trigrams = trigrams_of(word);
        let ends = usize::from(trigrams.len() > LONG);
        let inner = trigrams.len().saturating_sub(ends);
        trigrams.into_iter().take(inner).skip(1)
    };
    sorted(folded.split(' ').flat_map(inner))
}

/// Trigrams of the longest word of which the last one tells something.
const LONG: usize = 4;

fn trigrams_of(word: &str) -> Vec<String> {
    if word.is_empty() {
        return Vec::new();
    }
    let padded: Vec<char> = "  ".chars().chain(word.chars()).chain([' ']).collect();
    padded.windows(3).map(String::from_iter).collect()
}

fn sorted(trigrams: impl Iterator<Item = String>) -> Vec<String> {
    let once: BTreeSet<String> = trigrams.collect();
    once.into_iter().collect()
}

/// A query as the server is asked it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The words, with spaces between.
    pub(crate) plain: String,
    /// All words, the last one as a beginning, in the language of `to_tsquery`.
    pub(crate) every: String,
    /// Any of them.
    pub(crate) any: String,
    /// The trigrams of the words.
    pub(crate) trigrams: Vec<String>,
    /// Of these what is looked for has one at least.
    pub(crate) telling: Vec<String>,
}

impl Asked {
    /// Words are letters and digits only, which mean nothing else to `to_tsquery`.
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').take(MAX_ASKED).collect();
        let plain = words.join(" ");
        Self {
            every: format!("{}:*", words.join(" & ")),
            any: format!("{}:*", words.join(" | ")),
            trigrams: trigrams(&plain),
            telling: telling(&plain),
            plain,
        }
    }
}
