//! Words for a text message. Each part of 160 letters is paid for, of 70 where one of them is not in
//! the alphabet of GSM 03.38.

use domain::Notice;

/// Letters of one part.
const PART: usize = 160;
/// Letters of one part with a letter of any other alphabet.
const OTHER_PART: usize = 70;
/// The basic alphabet, beside the letters and digits of ASCII. A letter of its extension counts twice:
/// it is treated as one of another alphabet.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// The notice in one part, with a reference at its end that it can be found by.
pub fn text_of(notice: &Notice, reference: &str) -> String {
    let end = format!(" Ref. {reference}");
    let said = match notice.data.get("tracking_number") {
        Some(number) => format!("{}. Its number: {number}.", notice.title),
        None => format!("{}.", notice.title),
    };
    let letters = match said.chars().all(is_gsm) {
        true => PART,
        false => OTHER_PART,
    };
    let room = letters.saturating_sub(end.chars().count());
    let said: String = said.chars().take(room).collect();
    format!("{said}{end}")
}

/// A code in one part, with such a reference. It begins with the code, which is what a glance sees.
pub fn code_text(code: &str, reference: &str) -> String {
    format!(
        "{code} is the code that shows that this number is yours. Good for 5 minutes. Nobody of ours \
         asks you for it. Ref. {reference}"
    )
}

fn is_gsm(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || GSM.contains(letter)
}
