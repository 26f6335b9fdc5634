//! Cells and columns: text, whole numbers, yes or no.

/// One cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing is known.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Bool(bool),
}

/// What the cells of a column are, where they are not [`Cell::Null`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Number`].
    Number,
    /// [`Cell::Bool`].
    Bool,
}

/// A column of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// What its cells are: the same whatever the report holds.
    pub holds: Type,
}

pub(super) const fn words(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Text,
    }
}

pub(super) const fn whole(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Number,
    }
}

pub(super) const fn flag(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Bool,
    }
}

pub(super) fn text(value: impl Into<String>) -> Cell {
    Cell::Text(value.into())
}

pub(super) fn maybe(value: Option<impl Into<String>>) -> Cell {
    value.map_or(Cell::Null, text)
}

pub(super) fn number(value: Option<impl Into<i64>>) -> Cell {
    value.map_or(Cell::Null, |value| Cell::Number(value.into()))
}

pub(super) fn count(value: usize) -> Cell {
    Cell::Number(i64::try_from(value).unwrap_or(i64::MAX))
}
