//! Tables as Arrow: read in place by everything that knows the Arrow PyCapsule interface, without pyarrow.

use crate::errors::FourseeError;
use crate::python::needed;
use arrow_array::builder::{BooleanBuilder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use foursee::core::report::Report;
use foursee::report::json::SCHEMA_VERSION;
use foursee::report::tables::{Cell, Type};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PyTuple};
use std::collections::HashMap;
use std::sync::Arc;

/// So many rows are one record batch.
const BATCH: usize = 1 << 16;

/// One of a report's tables: typed columns, read through Arrow.
///
/// Whatever reads Arrow streams takes it as it is, without a copy: `polars.DataFrame(table)`,
/// `pyarrow.table(table)`, and duckdb, which finds a variable by its name: `duckdb.sql("FROM edges")`.
#[pyclass(frozen, module = "foursee")]
pub struct Table {
    name: String,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

/// The rows so far, by column.
enum Column {
    Text(StringBuilder),
    Number(Int64Builder),
    Bool(BooleanBuilder),
}

impl Column {
    fn new(holds: Type) -> Self {
        match holds {
            Type::Text => Self::Text(StringBuilder::new()),
            Type::Number => Self::Number(Int64Builder::new()),
            Type::Bool => Self::Bool(BooleanBuilder::new()),
        }
    }

    fn push(&mut self, cell: Cell) -> Result<(), ArrowError> {
        match (self, cell) {
            (Self::Text(column), Cell::Text(text)) => column.append_value(text),
            (Self::Text(column), Cell::Null) => column.append_null(),
            (Self::Number(column), Cell::Number(number)) => column.append_value(number),
            (Self::Number(column), Cell::Null) => column.append_null(),
            (Self::Bool(column), Cell::Bool(yes)) => column.append_value(yes),
            (Self::Bool(column), Cell::Null) => column.append_null(),
            (_, cell) => {
                let wrong = format!("the cell {cell:?} is not of its column's type");
                return Err(ArrowError::SchemaError(wrong));
            }
        }
        Ok(())
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Number(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
        }
    }
}

/// Rows, filed into record batches.
struct Filing {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    batches: Vec<RecordBatch>,
}

impl Filing {
    fn new<'a>(name: &str, columns: impl Iterator<Item = (&'a str, Type)> + Clone) -> Self {
        let field = |(name, holds): (&str, Type)| {
            let of = match holds {
                Type::Text => DataType::Utf8,
                Type::Number => DataType::Int64,
                Type::Bool => DataType::Boolean,
            };
            Field::new(name, of, true)
        };
        let about = [
            ("foursee.schema", SCHEMA_VERSION.to_string()),
            ("foursee.table", name.to_owned()),
        ];
        let about: HashMap<String, String> = about
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        Self {
            schema: Arc::new(Schema::new_with_metadata(
                columns.clone().map(field).collect::<Vec<_>>(),
                about,
            )),
            columns: columns.map(|(_, holds)| Column::new(holds)).collect(),
            rows: 0,
            batches: Vec::new(),
        }
    }

    fn push(&mut self, row: Vec<Cell>) -> Result<(), ArrowError> {
        if row.len() != self.columns.len() {
            return Err(ArrowError::SchemaError("a row lacks cells".to_owned()));
        }
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell)?;
        }
        self.rows += 1;
        if self.rows == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ArrowError> {
        let columns = self.columns.iter_mut().map(Column::take).collect();
        self.batches
            .push(RecordBatch::try_new(Arc::clone(&self.schema), columns)?);
        self.rows = 0;
        Ok(())
    }

    fn table(mut self, name: &str) -> Result<Table, ArrowError> {
        if self.rows > 0 {
            self.flush()?;
        }
        Ok(Table {
            name: name.to_owned(),
            schema: self.schema,
            batches: self.batches,
        })
    }
}

fn wrong(error: &ArrowError) -> PyErr {
    FourseeError::new_err(error.to_string())
}

impl Table {
    /// A table of a report.
    pub fn of(report: &Report, table: &foursee::report::tables::Table) -> PyResult<Self> {
        let columns = table.columns.iter().map(|column| (column.name, column.holds));
        let mut filing = Filing::new(table.name, columns);
        let mut done = Ok(());
        table.rows(report, |row| {
            if done.is_ok() {
                done = filing.push(row);
            }
        });
        done.and_then(|()| filing.table(table.name))
            .map_err(|error| wrong(&error))
    }

    /// The headings.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.schema.fields().iter().map(|field| field.name().as_str())
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The first rows.
    pub fn first(&self, most: usize) -> Vec<Vec<Cell>> {
        let rows = self
            .batches
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
        rows.take(most)
            .map(|(batch, row)| batch.columns().iter().map(|column| cell(column, row)).collect())
            .collect()
    }

    fn values<'py>(&self, py: Python<'py>, column: usize) -> PyResult<Bound<'py, PyList>> {
        let all = PyList::empty(py);
        for array in self
            .batches
            .iter()
            .filter_map(|batch| batch.columns().get(column))
        {
            for row in 0..array.len() {
                all.append(object(py, &cell(array, row))?)?;
            }
        }
        Ok(all)
    }
}

fn cell(column: &ArrayRef, row: usize) -> Cell {
    if column.is_null(row) {
        return Cell::Null;
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Cell::Text(texts.value(row).to_owned());
    }
    if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
        return Cell::Number(numbers.value(row));
    }
    column
        .as_boolean_opt()
        .map_or(Cell::Null, |yes| Cell::Bool(yes.value(row)))
}

fn object<'py>(py: Python<'py>, cell: &Cell) -> PyResult<Bound<'py, PyAny>> {
    match cell {
        Cell::Null => Ok(py.None().into_bound(py)),
        Cell::Text(text) => text.into_bound_py_any(py),
        Cell::Number(number) => number.into_bound_py_any(py),
        Cell::Bool(yes) => yes.into_bound_py_any(py),
    }
}

#[pymethods]
impl Table {
    /// The table's name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The names of the columns.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.headings().collect::<Vec<_>>())
    }

    fn __len__(&self) -> usize {
        self.count()
    }

    /// The values of a column.
    fn __getitem__<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        match self.headings().position(|name| name == column) {
            Some(at) => self.values(py, at),
            None => Err(PyKeyError::new_err(format!(
                "no column `{column}`; there are {}",
                self.headings().collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// The rows, each a dictionary.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_dicts(py)?.into_any().try_iter().map(Bound::into_any)
    }

    /// The rows, each a dictionary.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let all = PyList::empty(py);
        for row in self.first(usize::MAX) {
            let one = PyDict::new(py);
            for (name, cell) in self.headings().zip(&row) {
                one.set_item(name, object(py, cell)?)?;
            }
            all.append(one)?;
        }
        Ok(all)
    }

    /// The columns, each a list under its name.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        for (at, name) in self.headings().enumerate() {
            all.set_item(name, self.values(py, at)?)?;
        }
        Ok(all)
    }

    /// The table as a pandas.DataFrame; needs pandas, and no pyarrow. What is not known is missing, whatever the type.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let pandas = needed(py, "pandas", "to_pandas")?;
        let (series, columns) = (pandas.getattr("Series")?, PyDict::new(py));
        let this = slf.get();
        for (at, field) in this.schema.fields().iter().enumerate() {
            let dtype = PyDict::new(py);
            dtype.set_item(
                "dtype",
                match field.data_type() {
                    DataType::Int64 => "Int64",
                    DataType::Boolean => "boolean",
                    _ => "string",
                },
            )?;
            columns.set_item(field.name(), series.call((this.values(py, at)?,), Some(&dtype))?)?;
        }
        pandas.call_method1("DataFrame", (columns,))
    }

    /// The table as a polars.DataFrame; needs polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        needed(slf.py(), "polars", "to_polars")?.call_method1("DataFrame", (slf,))
    }

    /// The table as a pyarrow.Table; needs pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        needed(slf.py(), "pyarrow", "to_arrow")?.call_method1("table", (slf,))
    }

    /// The table as a stream of the Arrow PyCapsule interface. Another schema than its own is not given.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer answer with its own schema where it cannot give another.
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, Arc::clone(&self.schema));
        PyCapsule::new_with_value(
            py,
            FFI_ArrowArrayStream::new(Box::new(reader)),
            c"arrow_array_stream",
        )
    }

    /// The table's schema, by the Arrow PyCapsule interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(&*self.schema).map_err(|error| wrong(&error))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            (&self.name, &self.schema, &self.batches) == (&other.name, &other.schema, &other.batches)
        })
    }

    fn __repr__(&self) -> String {
        let columns: Vec<&str> = self.headings().collect();
        format!(
            "Table({}, {} rows: {})",
            self.name,
            self.count(),
            columns.join(", ")
        )
    }

    fn _repr_html_(&self) -> String {
        crate::html::table(self)
    }

    #[expect(clippy::type_complexity, reason = "what pickle asks for")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(
        Bound<'py, PyAny>,
        (&str, Vec<(&str, &'static str, Bound<'py, PyList>)>),
    )> {
        let columns = self.schema.fields().iter().enumerate().map(|(at, field)| {
            let holds = match field.data_type() {
                DataType::Int64 => "number",
                DataType::Boolean => "bool",
                _ => "text",
            };
            Ok((field.name().as_str(), holds, self.values(py, at)?))
        });
        let restore = py.import("foursee._foursee")?.getattr("_restore_table")?;
        Ok((restore, (&self.name, columns.collect::<PyResult<_>>()?)))
    }
}

/// Makes a table of what `__reduce__` gave: for pickle and copy alone.
#[pyfunction]
#[pyo3(name = "_restore_table")]
pub fn restore_table(name: &str, columns: Vec<(String, String, Bound<'_, PyList>)>) -> PyResult<Table> {
    let holds = |word: &str| match word {
        "number" => Type::Number,
        "bool" => Type::Bool,
        _ => Type::Text,
    };
    let heads = columns.iter().map(|(name, word, _)| (name.as_str(), holds(word)));
    let mut filing = Filing::new(name, heads);
    let rows = columns.first().map_or(0, |(_, _, list)| list.len());
    for row in 0..rows {
        let mut cells = Vec::with_capacity(columns.len());
        for (_, word, list) in &columns {
            let value = list.get_item(row)?;
            cells.push(match holds(word) {
                _ if value.is_none() => Cell::Null,
                Type::Text => Cell::Text(value.extract()?),
                Type::Number => Cell::Number(value.extract()?),
                Type::Bool => Cell::Bool(value.extract()?),
            });
        }
        filing.push(cells).map_err(|error| wrong(&error))?;
    }
    filing.table(name).map_err(|error| wrong(&error))
}
