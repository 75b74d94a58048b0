//! A plot with two logarithmic axes, as SVG by hand: a few lines need no library.

use super::Line;
use crate::report::{Unit, count};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 330.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 50.0;
/// Colours that people who see few can tell apart (Okabe and Ito), and black.
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999900", "#000000"];

/// The figures in milliseconds, by the number of users.
pub(super) fn svg(sizes: &[u64], lines: &[Line]) -> String {
    let lines: Vec<&Line> =
        lines.iter().filter(|line| line.unit == Unit::Milliseconds && line.what.starts_with("p95")).collect();
    let all = || lines.iter().flat_map(|line| line.measured.iter().copied()).filter(|value| *value > 0.0);
    let (low, high) = (all().fold(1.0, f64::min).log10().floor(), all().fold(1.0, f64::max).log10().ceil());
    let (first, last) = (log(sizes.first()), log(sizes.last()));
    let x = |size: f64| LEFT + (size - first) / (last - first).max(1.0) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - (value - low) / (high - low).max(1.0) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<title>The p95 of list pages in milliseconds, by the number of users</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for size in sizes {
        let at = x((*size as f64).log10());
        svg.push_str(&rule(at, TOP, at, HEIGHT - BOTTOM));
        svg.push_str(&text(at, HEIGHT - BOTTOM + 16.0, "middle", "#333333", &count(*size as f64)));
    }
    for power in low as i32..=high as i32 {
        let at = y(f64::from(power));
        svg.push_str(&rule(LEFT, at, WIDTH - RIGHT, at));
        svg.push_str(&text(LEFT - 6.0, at + 4.0, "end", "#333333", &format!("{} ms", 10_f64.powi(power))));
    }
    svg.push_str(&text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0, "middle", "#333333", "users in one environment"));
    for (n, line) in lines.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        // The colours come again with dashes.
        let dashes = if n < COLOURS.len() { "" } else { " stroke-dasharray=\"5 3\"" };
        let points: Vec<String> = sizes
            .iter()
            .zip(&line.measured)
            .map(|(size, value)| format!("{:.1},{:.1}", x((*size as f64).log10()), y(value.max(0.001).log10())))
            .collect();
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{dashes}/>\n",
            points.join(" ")
        ));
        let label = TOP + 10.0 + n as f64 * 20.0;
        svg.push_str(&format!(
            "<line x1=\"{:.1}\" y1=\"{label:.1}\" x2=\"{:.1}\" y2=\"{label:.1}\" stroke=\"{colour}\" stroke-width=\"3\"{dashes}/>\n",
            WIDTH - RIGHT + 20.0,
            WIDTH - RIGHT + 44.0
        ));
        let what = line.what.strip_prefix("p95 of GET /api/v2/user, ").unwrap_or(&line.what);
        svg.push_str(&text(WIDTH - RIGHT + 50.0, label + 4.0, "start", "#000000", what));
    }
    svg.push_str("</svg>\n");
    svg
}

fn log(size: Option<&u64>) -> f64 {
    size.map_or(0.0, |size| (*size as f64).log10())
}

fn rule(x1: f64, y1: f64, x2: f64, y2: f64) -> String {
    format!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>\n")
}

fn text(x: f64, y: f64, anchor: &str, colour: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_drawn_and_named() {
        let line = |what: &str| Line {
            what: what.to_owned(),
            unit: Unit::Milliseconds,
            measured: vec![0.5, 5.0],
            shows: Vec::new(),
        };
        let svg = svg(&[1_000, 10_000], &[line("p95 of a"), line("p95 of <b>"), line("p99 of c")]);
        assert_eq!((svg.matches("<polyline").count(), svg.matches("NaN").count()), (2, 0), "{svg}");
        assert!(svg.contains("p95 of &lt;b>") && !svg.contains("p99"), "{svg}");
    }
}
