//! Things to choose some of: the first many with a box each, the rest by name, a line each. A form says which boxes it showed; what
//! stood in none of them stays as it is. Knows no noun.

use super::form::Form;
use std::collections::BTreeSet;

/// The most boxes: what one still looks through.
pub(super) const BOXES: usize = 100;

/// One of them.
pub(super) struct Choice {
    /// What the form sends.
    pub(super) value: String,
    pub(super) text: String,
    pub(super) detail: String,
}

/// The fields of one such question.
pub(super) struct Choices {
    pub(super) name: &'static str,
    /// The field of those that were shown.
    pub(super) shown: &'static str,
    /// The field of those that are named.
    pub(super) more: &'static str,
    /// The boxes, and whether each is ticked.
    pub(super) boxes: Vec<(Choice, bool)>,
    /// There are others.
    pub(super) others: bool,
}

/// The names of its fields.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) name: &'static str,
    pub(super) shown: &'static str,
    pub(super) more: &'static str,
}

impl Fields {
    /// The boxes: those that are chosen first, whatever stands in the form by now.
    pub(super) fn ask(self, form: &Form, chosen: &[String], all: Vec<Choice>, total: usize) -> Choices {
        let asked = !form.text(self.shown).is_empty();
        let ticked: BTreeSet<String> = match asked {
            true => form.all(self.name).map(str::to_owned).collect(),
            false => chosen.iter().cloned().collect(),
        };
        let first: BTreeSet<&String> = chosen.iter().collect();
        let (mut boxes, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|choice| first.contains(&choice.value));
        boxes.extend(rest);
        boxes.truncate(BOXES);
        let others = total > boxes.len();
        let boxes = boxes.into_iter().map(|choice| (ticked.contains(&choice.value), choice));
        let boxes = boxes.map(|(ticked, choice)| (choice, ticked)).collect();
        Choices { name: self.name, shown: self.shown, more: self.more, boxes, others }
    }

    /// What is chosen now, of what was before: in that order, then what is new.
    pub(super) fn chosen(self, form: &Form, before: Vec<String>) -> Vec<String> {
        let shown: BTreeSet<&str> = form.text(self.shown).split(',').collect();
        let ticked: BTreeSet<&str> = form.all(self.name).collect();
        let fresh =
            ticked.iter().filter(|value| !before.iter().any(|own| own == *value)).map(|value| (*value).to_owned());
        let fresh: Vec<String> = fresh.collect();
        let stays = |value: &String| !shown.contains(value.as_str()) || ticked.contains(value.as_str());
        before.into_iter().filter(stays).chain(fresh).collect()
    }

    /// What is named besides.
    pub(super) fn named(self, form: &Form) -> Vec<String> {
        form.text(self.more).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

impl Choices {
    /// What the form says that it showed.
    pub(super) fn values(&self) -> String {
        let values: Vec<&str> = self.boxes.iter().map(|(choice, _)| choice.value.as_str()).collect();
        // Never empty, so that a form that was sent differs from one that was not.
        format!("{},", values.join(","))
    }
}
