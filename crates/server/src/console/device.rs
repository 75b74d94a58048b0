//! What people call the browser that a session was opened with. Knows no page.

/// A browser's name for itself as people know it: the browser, and what it runs on. Any other program's stays as it is.
pub(super) fn known(named: &str) -> String {
    // The first that is named, because each claims to be those behind it too.
    let browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| named.contains(sign)).map(|(_, name)| *name);
    match (named.starts_with("Mozilla/"), find(&browsers), find(&systems)) {
        (true, Some(browser), Some(system)) => format!("{browser}, {system}"),
        (true, Some(browser), None) => browser.to_owned(),
        _ => named.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn browsers_are_called_as_people_know_them() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
        assert_eq!(known(chrome), "Chrome, Linux");
        assert_eq!(known(&format!("{chrome} Edg/120.0")), "Edge, Linux");
        assert_eq!(known("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1"), "Safari, iPhone");
        assert_eq!(known("curl/8.0"), "curl/8.0");
        assert_eq!(known(""), "");
    }
}
