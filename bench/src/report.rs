//! What a run found: rows of numbers, each beside its ceiling and its target; as a table, as Markdown, as JSON. Knows
//! nothing of how they were measured.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::machine::Machine;

/// A whole run.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) engine: &'static str,
    pub(crate) users: u64,
    /// For how long each side of a row was measured.
    pub(crate) seconds: u64,
    pub(crate) log: String,
    pub(crate) machine: Machine,
    #[serde(serialize_with = "judged")]
    pub(crate) rows: Vec<Row>,
}

/// Rows with their verdicts.
fn judged<S: Serializer>(rows: &[Row], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Judged<'r> {
        #[serde(flatten)]
        row: &'r Row,
        met: Option<bool>,
    }
    serializer.collect_seq(rows.iter().map(|row| Judged { row, met: row.met() }))
}

/// One thing that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) what: String,
    pub(crate) measured: f64,
    pub(crate) unit: Unit,
    /// What this machine can do at most, measured between the rounds of the same row.
    pub(crate) ceiling: Option<Ceiling>,
    pub(crate) target: Option<Target>,
    /// What else is worth knowing.
    pub(crate) note: String,
    /// How many things an answer has on average, where that depends on how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shows: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    PerSecond,
    Milliseconds,
    Megabytes,
    Kilobytes,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ceiling {
    pub(crate) what: &'static str,
    pub(crate) measured: f64,
    /// The median of the rounds' ratios.
    pub(crate) ratio: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// So much of the ceiling.
    Ratio(f64),
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

impl Row {
    /// Whether the target is met; `None`: there is none.
    fn met(&self) -> Option<bool> {
        Some(match self.target? {
            Target::Ratio(least) => self.ceiling.as_ref()?.ratio >= least,
            Target::AtMost(most) => self.measured <= most,
            Target::AtLeast(least) => self.measured >= least,
        })
    }

    /// What it is, what was measured, the ceiling, the ratio, the target, the verdict, the note.
    fn cells(&self) -> [String; 7] {
        let ceiling = self.ceiling.as_ref();
        [
            self.what.clone(),
            self.unit.show(self.measured),
            ceiling.map_or_else(String::new, |c| format!("{} {}", self.unit.show(c.measured), c.what)),
            ceiling.map_or_else(String::new, |c| format!("{:.2}", c.ratio)),
            match self.target {
                Some(Target::Ratio(least)) => format!("at least {least}"),
                Some(Target::AtMost(most)) => format!("at most {}", self.unit.show(most)),
                Some(Target::AtLeast(least)) => format!("at least {}", self.unit.show(least)),
                None => String::new(),
            },
            self.met().map_or("", |met| if met { "met" } else { "MISSED" }).to_owned(),
            self.note.clone(),
        ]
    }
}

const TITLES: [&str; 7] = ["what", "measured", "ceiling", "ratio", "target", "", "besides"];

impl Unit {
    pub(crate) fn show(self, number: f64) -> String {
        match self {
            Unit::PerSecond => format!("{}/s", count(number)),
            Unit::Milliseconds => format!("{} ms", count(number)),
            Unit::Megabytes => format!("{} MB", count(number)),
            Unit::Kilobytes => format!("{} KB", count(number)),
        }
    }
}

/// Three digits that mean something, and thousands apart.
pub(crate) fn count(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Report {
    /// For a terminal: columns in line.
    pub(crate) fn table(&self) -> String {
        let rows: Vec<[String; 7]> =
            std::iter::once(TITLES.map(str::to_owned)).chain(self.rows.iter().map(Row::cells)).collect();
        let widths: Vec<usize> =
            (0..7).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
        let line = |row: &[String; 7]| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        format!("{}\n\n{}\n", self.heading(), rows.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// For people who read the repository.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String; 7]| {
            format!("| {} |\n", cells.each_ref().map(|cell| cell.replace('|', "\\|")).join(" | "))
        };
        let mut table = line(&TITLES.map(str::to_owned));
        table.push_str(&line(&TITLES.map(|_| "---".to_owned())));
        table.extend(self.rows.iter().map(|row| line(&row.cells())));
        format!(
            "# Measured: {}\n\n{}\n\n{table}\nServer, load generator and ceilings share the machine and its cores. \
             Server and ceiling take turns, three rounds each; a number is the median of its rounds, a ratio the median \
             of the rounds' ratios. Made by `cargo xtask bench --engine {} --users {} --seconds {} --write`.\n",
            self.engine,
            self.heading(),
            self.engine,
            self.users,
            self.seconds
        )
    }

    fn heading(&self) -> String {
        format!(
            "{}, commit {}: {}, {} users, {} s each, log level {}.\n{}",
            self.date,
            self.commit,
            self.engine,
            count(self.users as f64),
            self.seconds,
            self.log,
            self.machine.text()
        )
    }

    /// Writes the Markdown into the checkout at `top`; says where.
    pub(crate) fn write(&self, top: &Path) -> anyhow::Result<PathBuf> {
        let folder = top.join("docs/performance");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.md", self.engine));
        std::fs::write(&file, self.markdown())?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(measured: f64, ratio: f64, target: Target) -> Row {
        let ceiling = Some(Ceiling { what: "bare axum", measured: 100_000.0, ratio });
        let what = "GET".to_owned();
        Row {
            name: "read",
            what,
            measured,
            unit: Unit::PerSecond,
            ceiling,
            target: Some(target),
            note: String::new(),
            shows: None,
        }
    }

    #[test]
    fn numbers_are_shown_with_their_thousands_apart() {
        let shown: Vec<String> = [0.25, 99.94, 100.4, 12_345.6, 1_234_567.0].into_iter().map(count).collect();
        assert_eq!(shown, ["0.2", "99.9", "100", "12,346", "1,234,567"]);
    }

    #[test]
    fn a_target_is_met_or_missed() {
        assert_eq!(row(1.0, 0.6, Target::Ratio(0.6)).met(), Some(true));
        assert_eq!(row(1.0, 0.59, Target::Ratio(0.6)).met(), Some(false));
        assert_eq!(row(21.0, 0.0, Target::AtMost(20.0)).met(), Some(false));
        let cells = row(61_234.0, 0.612, Target::Ratio(0.6)).cells();
        assert_eq!(cells[1..6], ["61,234/s", "100,000/s bare axum", "0.61", "at least 0.6", "met"]);
    }
}
