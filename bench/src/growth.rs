//! How figures grow with the number of users: the same rows at 1,000, 10,000, 100,000 and 1,000,000, as a table and as a plot.

mod plot;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::report::{Row, Unit, count};
use crate::{Name, Options, machine, rows};

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const LARGE: u64 = 10_000_000;

/// One figure at every size.
struct Line {
    what: String,
    unit: Unit,
    measured: Vec<f64>,
    /// How many users an answer had at each size, where that was counted.
    shows: Vec<f64>,
}

/// Measures at each size, and writes table and plot into `docs/performance/`.
pub(crate) async fn run(options: &Options, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut sizes = SIZES.to_vec();
    if options.large {
        sizes.push(LARGE);
    }
    let machine = machine::Machine::look(folder)?;
    let mut lines: Vec<Line> = Vec::new();
    for users in &sizes {
        eprintln!("    {} users", count(*users as f64));
        let own = folder.join(users.to_string());
        std::fs::create_dir(&own)?;
        let only = vec![Name::Start, Name::Memory, Name::Read, Name::Check, Name::Lists];
        let rows = rows::measure(&Options { users: *users, only, ..options.clone() }, &own).await?;
        std::fs::remove_dir_all(&own)?;
        for row in rows {
            add(&mut lines, row, *users);
        }
    }
    lines.retain(|line| line.measured.len() == sizes.len());
    anyhow::ensure!(!lines.is_empty(), "nothing was measured at every size");
    let head = format!(
        "# How it grows\n\n{}, commit {}: {}, {} s for each side of a row.\n{}\n\n",
        machine::today(),
        machine::commit(&options.top),
        options.engine.text(),
        options.seconds,
        machine.text()
    );
    let about = "A list's figure is the p95 of a page of 100 users in one environment; a rate is what 32 connections get, who \
                 ask for at most 100,000 users, one here and one there. The last step \
                 is the growth over ten times the users; beside it, how many users a page had on average before it and after it: \
                 where there are more, the answer itself is longer.\n\n![The p95 of list pages by the number of \
                 users](growth.svg)\n\nMade by `cargo xtask bench --growth`.\n";
    let folder = options.top.join("docs/performance");
    let (page, picture) = (folder.join("growth.md"), folder.join("growth.svg"));
    std::fs::write(&page, format!("{head}{}\n{about}", table(&sizes, &lines))).context("cannot write the table")?;
    std::fs::write(&picture, plot::svg(&sizes, &lines)).context("cannot write the plot")?;
    Ok(vec![page, picture])
}

/// Adds a row to the line of the same figure at other sizes.
fn add(lines: &mut Vec<Line>, row: Row, users: u64) {
    // What says how many users there are is another text at every size.
    if row.what.contains(&count(users as f64)) {
        return;
    }
    match lines.iter_mut().find(|line| line.what == row.what) {
        Some(line) => {
            line.measured.push(row.measured);
            line.shows.extend(row.shows);
        }
        None => {
            let shows = row.shows.into_iter().collect();
            lines.push(Line { what: row.what, unit: row.unit, measured: vec![row.measured], shows });
        }
    }
}

fn table(sizes: &[u64], lines: &[Line]) -> String {
    let heads: Vec<String> = sizes.iter().map(|size| format!("{} users", count(*size as f64))).collect();
    let mut table =
        format!("| what | {} | last step | users a page |\n|{}\n", heads.join(" | "), " --- |".repeat(sizes.len() + 3));
    for Line { what, unit, measured, shows } in lines {
        let cells: Vec<String> = measured.iter().map(|value| unit.show(*value)).collect();
        let step = match measured.as_slice() {
            [.., before, last] if *before > 0.0 => format!("{:.2}", last / before),
            _ => String::new(),
        };
        let shows = match shows.as_slice() {
            [.., before, last] => format!("{before:.0}, {last:.0}"),
            _ => String::new(),
        };
        table.push_str(&format!("| {what} | {} | {step} | {shows} |\n", cells.join(" | ")));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_one_line_over_all_sizes() {
        let line = Line {
            what: "p95 of x".to_owned(),
            unit: Unit::Milliseconds,
            measured: vec![1.0, 1.5],
            shows: vec![7.0, 100.0],
        };
        let table = table(&[1_000, 10_000], &[line]);
        assert!(
            table.starts_with(
                "| what | 1,000 users | 10,000 users | last step | users a page |\n| --- | --- | --- | --- | --- |\n"
            ),
            "{table}"
        );
        assert!(table.ends_with("| 1.50 | 7, 100 |\n"), "{table}");
    }
}
