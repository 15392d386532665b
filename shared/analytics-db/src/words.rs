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

/// How many of so many trigrams of a query a name must have: two fifths.
fn enough(all: usize) -> usize {
    (2 * all).div_ceil(5)
}

/// Those that an entry must have one of to be looked at. The firsts of words are left out, which a great
/// many names have, and then the lasts; but fewer of them than are enough, so that a name that has enough
/// of all has one of these, whatever the query.
fn telling(folded: &str, all: &[String]) -> Vec<String> {
    let words: Vec<Vec<String>> = folded.split(' ').map(trigrams_of).collect();
    let firsts = words.iter().filter_map(|word| word.first());
    let lasts = words.iter().filter_map(|word| word.last());
    let most = enough(all.len()).saturating_sub(1);
    let mut left_out = BTreeSet::new();
    for trigram in firsts.chain(lasts) {
        if left_out.len() < most {
            left_out.insert(trigram);
        }
    }
    let inner = all.iter().filter(|trigram| !left_out.contains(trigram));
    inner.cloned().collect()
}

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
    /// So many of them are enough.
    pub(crate) enough: usize,
    /// What has enough of them has one of these at least.
    pub(crate) telling: Vec<String>,
}

impl Asked {
    /// Words are letters and digits only, which mean nothing else to `to_tsquery`.
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').take(MAX_ASKED).collect();
        let plain = words.join(" ");
        let trigrams = trigrams(&plain);
        Self {
            every: format!("{}:*", words.join(" & ")),
            any: format!("{}:*", words.join(" | ")),
            enough: enough(trigrams.len()),
            telling: telling(&plain, &trigrams),
            trigrams,
            plain,
        }
    }
}
