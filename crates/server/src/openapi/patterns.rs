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

/// Where a webhook listens: an address of RFC 3986 with http or https, a host, no user and no fragment.
pub(crate) fn web_address() -> String {
    let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    let ipv4 = format!(r"({byte}\.){{3}}{byte}");
    let inside = "[A-Za-z0-9_-]*[A-Za-z0-9_]";
    // The last label is no number: that is how addresses end.
    let name = format!(r"([A-Za-z0-9_]({inside})?\.)*([1-9][0-9]*)?[A-Za-z_]({inside})?");
    let port = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    let path = "A-Za-z0-9!$%&'()*+,./:;=@_~-";
    format!("^[hH][tT][tT][pP][sS]?://({ipv4}|{name}|\\[({})\\])(:{port})?(/[{path}]*)?(\\?[{path}?]*)?$", ipv6(&ipv4))
}

/// RFC 3986, section 3.2.2: by how many pieces stand in front of `::`.
fn ipv6(ipv4: &str) -> String {
    let piece = "[0-9A-Fa-f]{1,4}";
    let pieces = |count: String| format!("({piece}:){count}");
    let before = |most: usize| format!("({}{piece})?::", pieces(format!("{{0,{most}}}")));
    let last = format!("({piece}:{piece}|{ipv4})");
    let mut all = vec![format!("{}{last}", pieces("{6}".to_owned())), format!("::{}{last}", pieces("{5}".to_owned()))];
    all.extend((0..5).map(|most| format!("{}{}{last}", before(most), pieces(format!("{{{}}}", 4 - most)))));
    all.extend([format!("{}{piece}", before(5)), before(6)]);
    all.join("|")
}
