//! What texts may hold, as regular expressions that JavaScript, Python and Rust read alike. They repeat what the domain's
//! parsers accept; that they agree is tested by sending what they allow and what they forbid.

use serde_json::{Value, json};

/// What nobody sees, or what changes the direction of writing.
const DECEPTIVE: &str = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069";
/// White space, which is trimmed off the ends of names.
const SPACE: &str = r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Joiners and fillers; no username has them.
const INVISIBLE: &str = r"\u00ad\u200b-\u200f\u2060-\u2064\ufeff";
/// What is an @, or becomes one when it is folded.
const AT: &str = r"@\uff20\ufe6b";

/// `langtag` or `privateuse` of RFC 5646, section 2.1, or one of its irregular tags.
pub(crate) const LANGUAGE_TAG: &str = "^(([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?\
    (-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*\
    (-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?|[xX](-[A-Za-z0-9]{1,8})+|\
    i-(ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|en-GB-oed|sgn-(BE-FR|BE-NL|CH-DE))$";

/// A name that must be there, of at most this many characters.
pub(crate) fn name(most: usize) -> Value {
    let words = words(most);
    let pattern = format!("^[{SPACE}]*{words}[{SPACE}]*$");
    json!({ "type": "string", "pattern": pattern, "minLength": 1, "description": about(most) })
}

/// A text that may be empty, of at most this many characters.
pub(crate) fn text(most: usize) -> Value {
    let words = words(most);
    let pattern = format!("^[{SPACE}]*({words})?[{SPACE}]*$");
    json!({ "type": "string", "pattern": pattern, "description": about(most) })
}

/// What stays of a text when it is trimmed. Its length stands here, because `maxLength` would count the white space too.
fn words(most: usize) -> String {
    format!("[^{SPACE}{DECEPTIVE}]([^{DECEPTIVE}]{{0,{}}}[^{SPACE}{DECEPTIVE}])?", most.saturating_sub(2))
}

fn about(most: usize) -> String {
    format!("At most {most} characters, without the white space at its ends, which is dropped.")
}

/// A text in which everything can be seen.
pub(crate) fn visible() -> String {
    format!("^[^{DECEPTIVE}]+$")
}

/// A username that is no e-mail address.
pub(crate) fn username() -> String {
    let inside = format!("{DECEPTIVE}{INVISIBLE}{AT}");
    format!("^[^{SPACE}{inside}]([^{inside}]*[^{SPACE}{inside}])?$")
}

/// Where a menu's item leads.
pub(crate) fn href() -> String {
    let bad = format!(r"{SPACE}{DECEPTIVE}\\");
    let rest = format!("[^{bad}]*");
    let relative = format!("[^:/?#{bad}]+([/?#]{rest})?|[?#]{rest}|/([^/{bad}]{rest})?");
    let web = format!("[hH][tT][tT][pP][sS]?://[^:/?#{bad}]{rest}");
    let mail = format!("[mM][aA][iI][lL][tT][oO]:/*[^/{bad}]{rest}");
    format!("^({relative}|{web}|{mail})?$")
}
