//! A letter as its reader gets it: the same paragraphs as plain text and as HTML. Knows no language and no occasion.

/// A mail as its reader gets it.
pub(crate) struct Letter {
    /// The subject line.
    pub(crate) subject: String,
    /// What it says as plain text, the link included.
    pub(crate) text: String,
    /// The same as a small HTML page, without anything that is fetched from elsewhere.
    pub(crate) html: String,
    /// The link alone, if it has one.
    pub(crate) link: Option<String>,
}

/// A piece of a letter.
pub(super) enum Paragraph {
    /// Words.
    Words(String),
    /// The letter's link.
    Link(String),
    /// Labels and what they say.
    Facts(Vec<(&'static str, String)>),
}

/// Lines of text are at most so long, in characters; what cannot be parted is not parted.
const LINE: usize = 72;

impl Letter {
    /// Puts paragraphs into both forms. `language` is the tag of what they are written in.
    pub(super) fn of(language: &'static str, subject: String, paragraphs: &[Paragraph]) -> Letter {
        let link = paragraphs.iter().find_map(|paragraph| match paragraph {
            Paragraph::Link(link) => Some(link.clone()),
            Paragraph::Words(_) | Paragraph::Facts(_) => None,
        });
        let text = paragraphs.iter().map(text).collect::<Vec<_>>().join("\n\n") + "\n";
        let body: String = paragraphs.iter().map(html).collect();
        let html = format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
             <body style=\"font: 16px/1.5 sans-serif; max-width: 36em\">\n{body}</body>\n</html>\n",
            escaped(&subject)
        );
        Letter { subject, text, html, link }
    }
}

fn text(paragraph: &Paragraph) -> String {
    match paragraph {
        Paragraph::Words(words) => wrapped(words),
        // Whole on a line of its own: programs that make links of addresses end them at the line.
        Paragraph::Link(link) => link.clone(),
        Paragraph::Facts(facts) => {
            facts.iter().map(|(label, value)| wrapped(&format!("{label}: {value}"))).collect::<Vec<_>>().join("\n")
        }
    }
}

fn html(paragraph: &Paragraph) -> String {
    match paragraph {
        Paragraph::Words(words) => format!("<p>{}</p>\n", escaped(words)),
        Paragraph::Link(link) => {
            let link = escaped(link);
            format!("<p><a href=\"{link}\" style=\"word-break: break-all\">{link}</a></p>\n")
        }
        Paragraph::Facts(facts) => {
            let lines: Vec<String> =
                facts.iter().map(|(label, value)| format!("{label}: {}", escaped(value))).collect();
            format!("<p>{}</p>\n", lines.join("<br>\n"))
        }
    }
}

fn wrapped(words: &str) -> String {
    let (mut text, mut column) = (String::with_capacity(words.len()), 0);
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > LINE {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// Nothing that others chose may be read as HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words_and_a_link_stays_whole() {
        let long = "word ".repeat(60);
        let link = format!("https://id.example.com/{}", "x".repeat(200));
        let paragraphs = [Paragraph::Words(long), Paragraph::Link(link.clone()), Paragraph::Words("y".repeat(90))];
        let letter = Letter::of("en", "S".to_owned(), &paragraphs);
        let lines: Vec<&str> = letter.text.lines().collect();
        assert!(lines[0].chars().count() <= LINE && lines[0].chars().count() > LINE - 6, "{}", lines[0]);
        assert!(lines.contains(&link.as_str()) && lines.contains(&"y".repeat(90).as_str()));
        assert!(lines.iter().all(|line| !line.ends_with(' ')));
        assert_eq!(letter.link, Some(link));
    }

    #[test]
    fn html_holds_nothing_of_others_but_text_and_fetches_nothing() {
        let nasty = "<img src=x onerror=alert(1)> & \"'".to_owned();
        let paragraphs = [Paragraph::Words(nasty.clone()), Paragraph::Facts(vec![("Device", nasty.clone())])];
        let html = Letter::of("en", nasty, &paragraphs).html;
        assert_eq!(html.matches("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#39;").count(), 3);
        assert!(!html.contains("<img") && !html.contains("src=\"") && !html.contains("url("));
    }
}
