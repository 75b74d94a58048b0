//! A row of the database kept small: its columns in one piece of memory, read again as it was read the first time. Knows
//! nothing of what the columns mean.

use super::columns::{Cell, Row};
use crate::error::{Error, Result};
use std::sync::Arc;

/// The columns of one row: where the values begin, for each column its kind and where it ends, then all values. Cloning it is
/// a counter.
#[derive(Clone)]
pub(crate) struct Packed(Arc<[u8]>);

/// What a column takes in the table at the beginning: its kind, and the two bytes of a place.
const PLACE: usize = 3;

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

impl Packed {
    /// `None` for a row that is too long: some 64 KB.
    pub(super) fn of(row: &dyn Row) -> Result<Option<Packed>> {
        // The entry before the first column says where that begins.
        let head = (row.columns() + 1) * PLACE;
        let mut packed = vec![NULL; head];
        let (mut kind, mut next) = (NULL, 0);
        loop {
            let Ok(end) = u16::try_from(packed.len()) else { return Ok(None) };
            let [low, high] = end.to_le_bytes();
            let place = packed.iter_mut().skip(next * PLACE);
            place.zip([kind, low, high]).for_each(|(place, byte)| *place = byte);
            if next == row.columns() {
                return Ok(Some(Packed(packed.into())));
            }
            kind = append(&mut packed, row.cell(next)?);
            next += 1;
        }
    }

    /// How many bytes it takes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// An entry of the table: a kind, and where its value ends.
    fn place(&self, entry: usize) -> Option<(u8, usize)> {
        let [kind, end @ ..] = self.0.get(entry * PLACE..)?.first_chunk::<PLACE>()?;
        Some((*kind, usize::from(u16::from_le_bytes([end[0], end[1]]))))
    }
}

/// Adds a value; says of which kind it is.
fn append(packed: &mut Vec<u8>, cell: Cell<'_>) -> u8 {
    match cell {
        Cell::Null => NULL,
        Cell::Integer(integer) => {
            let bytes = integer.to_le_bytes();
            let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
            packed.extend(bytes.iter().take(bytes.len() - zeros));
            INTEGER
        }
        Cell::Text(text) => {
            packed.extend(text.as_bytes());
            TEXT
        }
        Cell::Bytes(bytes) => {
            packed.extend(bytes);
            BYTES
        }
    }
}

impl Row for Packed {
    fn columns(&self) -> usize {
        self.place(0).map_or(0, |(_, begin)| begin / PLACE - 1)
    }

    fn cell(&self, column: usize) -> Result<Cell<'_>> {
        let value = || {
            let (_, begin) = self.place(column)?;
            let (kind, end) = self.place(column + 1)?;
            let value = self.0.get(begin..end)?;
            Some(match kind {
                NULL => Cell::Null,
                INTEGER => {
                    let mut bytes = [0; 8];
                    bytes.iter_mut().zip(value).for_each(|(byte, kept)| *byte = *kept);
                    Cell::Integer(i64::from_le_bytes(bytes))
                }
                TEXT => Cell::Text(std::str::from_utf8(value).ok()?),
                _ => Cell::Bytes(value),
            })
        };
        value().ok_or_else(|| Error::Internal(format!("column {column} was not packed as it is read")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given(Vec<Cell<'static>>);

    impl Row for Given {
        fn columns(&self) -> usize {
            self.0.len()
        }

        fn cell(&self, column: usize) -> Result<Cell<'_>> {
            Ok(self.0[column])
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_packed() {
        let integers = [0, 1, 255, 256, -1, i64::MAX, i64::MIN].map(Cell::Integer);
        let others =
            [Cell::Null, Cell::Text(""), Cell::Text("größe"), Cell::Bytes(b""), Cell::Bytes(b"\0\xff"), Cell::Null];
        let given = Given(integers.into_iter().chain(others).collect());
        let packed = Packed::of(&given).unwrap().unwrap();
        assert_eq!(packed.columns(), given.0.len());
        for (column, cell) in given.0.iter().enumerate() {
            assert_eq!(packed.cell(column).unwrap(), *cell, "{column}");
        }
        assert!(packed.cell(given.0.len()).is_err());
    }

    #[test]
    fn a_row_that_is_too_long_is_not_packed() {
        let long: &'static str = "x".repeat(65_000).leak();
        assert!(Packed::of(&Given(vec![Cell::Text(long)])).unwrap().is_some());
        assert!(Packed::of(&Given(vec![Cell::Text(long), Cell::Text(long)])).unwrap().is_none());
        assert_eq!(Packed::of(&Given(vec![])).unwrap().unwrap().columns(), 0);
    }
}
