"""The seven tables, as everything reads them that knows Arrow."""

import subprocess
import sys

import duckdb
import foursee
import pandas
import polars
import pyarrow
import pytest

NAMES = ("findings", "identities", "resources", "privileges", "edges", "paths", "gaps")


def test_there_are_seven(report: foursee.Report) -> None:
    assert report.tables.keys() == tuple(report.tables) == NAMES
    assert len(report.tables) == 7 and "edges" in report.tables and "nodes" not in report.tables
    for name, table in report.tables.items():
        assert table.name == name and table is getattr(report.tables, name) is report.tables[name]
        assert len(table) > 0, name
    with pytest.raises(KeyError, match="no table `nodes`; there are findings, identities"):
        report.tables["nodes"]


def test_rows_are_the_views(report: foursee.Report) -> None:
    findings = report.tables.findings
    assert findings["fingerprint"] == [one.fingerprint for one in report]
    assert findings["rung"] == [one.rung for one in report]
    assert len(report.tables.paths) == sum(len(path.hops) for path in report.paths)
    assert report.tables.gaps["target"] == [gap.target for gap in report.gaps]
    with pytest.raises(KeyError, match="no column `colour`; there are fingerprint"):
        findings["colour"]


@pytest.mark.parametrize("name", NAMES)
def test_every_reader_reads_the_same(report: foursee.Report, name: str) -> None:
    table = report.tables[name]
    rows = table.to_dicts()
    assert rows == list(table)
    assert table.to_dict() == {column: [row[column] for row in rows] for column in table.columns}
    assert table.to_arrow().to_pylist() == rows
    assert pyarrow.RecordBatchReader.from_stream(table).read_all().to_pylist() == rows
    assert table.to_polars().to_dicts() == rows
    assert polars.DataFrame(table).equals(table.to_polars())
    frame = table.to_pandas()
    assert list(frame.columns) == list(table.columns)
    assert [[None if pandas.isna(cell) else cell for cell in row] for row in frame.itertuples(index=False)] == [
        list(row.values()) for row in rows
    ]
    these = table  # found by its name
    assert duckdb.sql("FROM these").fetchall() == [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_types_do_not_depend_on_what_was_found(report: foursee.Report, name: str) -> None:
    empty = foursee.audit({"x.json": "{}"}).tables[name]
    schema = pyarrow.schema(report.tables[name])  # by __arrow_c_schema__
    assert pyarrow.schema(empty).equals(schema, check_metadata=True)
    assert set(schema.types) <= {pyarrow.string(), pyarrow.int64(), pyarrow.bool_()}
    assert all(field.nullable for field in schema)
    assert schema.metadata == {b"foursee.schema": b"1", b"foursee.table": name.encode()}


def test_pyarrow_is_not_needed_to_read_tables() -> None:
    program = """
import sys
sys.modules["pyarrow"] = None
import foursee, duckdb
tables = foursee.audit({"x.json": "{}"}).tables
assert len(tables) == 7
for name, table in tables.items():
    these = table
    assert table.to_polars().height == len(table.to_pandas()) == len(table) == len(table.to_dicts())
    assert len(duckdb.sql("FROM these").fetchall()) == len(table) and table.__arrow_c_stream__()
    try:
        table.to_arrow()
    except ImportError as error:
        assert "pip install pyarrow" in str(error), error
    else:
        raise AssertionError(name)
assert len(tables.gaps) > 0
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_foursee_imports_no_frames() -> None:
    program = "import sys, foursee; assert not {'pyarrow', 'pandas', 'polars', 'duckdb', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
