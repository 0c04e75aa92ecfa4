"""The lake as Athena sees it: the same columns, the same rows as here, and questions that can be asked.

Athena speaks Trino's SQL. Each statement is parsed as such, and run in DuckDB after sqlglot has put it into its words: that shows what
it asks, not how Athena runs it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
import sqlglot
from sqlglot import exp

from tests.cloudformation.templates import Tree, resources
from tests.lake.rows import row, table
from tests.lake.test_view import COLUMNS, worn
from wardstream.contracts.tables import LAKE_READINGS, LAKE_TABLES, LakeTable
from wardstream.lake import athena
from wardstream.lake.schema import FOLDERS, LAKE_SCHEMA
from wardstream.lake.view import ATHENA, DUCKDB, READINGS, WEARERS, create_views

# Arrow's types in Hive's words.
_HIVE = {
    "string": "string",
    "timestamp[us, UTC]": "timestamp",
    "int32": "int",
    "int64": "bigint",
    "double": "double",
    "bool": "boolean",
    "list<string>": "array<string>",
}
_TODAY = datetime.now(UTC).replace(microsecond=0)
QUERIES = {
    key: one["Properties"]["QueryString"]
    for key, one in resources("analytics", "AWS::Athena::NamedQuery").items()
    if key != "MakeReadings"
}


def _table_input(name: str) -> Tree:
    found: Tree = resources("analytics")[name]["Properties"]["TableInput"]
    return found


def _key(name: str) -> str:
    return name.title().replace("_", "")


def _view(name: str = "iot_data") -> Tree:
    encoded = _table_input(_key(name))["ViewOriginalText"]["Fn::Join"][1][1]["Fn::Base64"]["Fn::Sub"]
    found: Tree = json.loads(encoded)
    return found


def _columns(name: str) -> list[tuple[str, str]]:
    return [(one["Name"], one["Type"]) for one in _table_input(name)["StorageDescriptor"]["Columns"]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parquet files by date, as the sink lays them out: three people, a resent reading, an artefact, a silent device."""
    folder = tmp_path_factory.mktemp("lake") / LAKE_READINGS
    rows = [
        _reading("r1", 0, heart_rate_bpm=72.0, systolic_mmhg=120.0, diastolic_mmhg=80.5, spo2_pct=97.0),
        _reading("r1", 1, heart_rate_bpm=72.0, systolic_mmhg=120.0, diastolic_mmhg=80.5, spo2_pct=97.0),
        _reading("r2", 2, spo2_pct=103.0, artefacts=["spo2_pct"], temperature_c=38.2),
        _reading("r3", 3, device_id="device_2", user_id="bob", heart_rate_bpm=58.0, systolic_mmhg=130.0),
        _reading("r4", 4, ago=timedelta(days=1), device_id="device_3", user_id="eve", on_body=True, gcs=15),
    ]
    files = table(rows)
    ds.write_dataset(
        files.append_column("date", files["measured_at"].cast(pa.date32())),
        folder,
        format="parquet",
        partitioning=ds.partitioning(FOLDERS, flavor="hive"),
    )
    return folder


def _reading(name: str, offset: int, ago: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    at = _TODAY - ago
    return row(name, offset, measured_at=at, received_at=at, **more)


@contextmanager
def _asked(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake under the table's name, and no view yet."""
    readings = ds.dataset(
        lake,
        format="parquet",
        schema=pa.schema([*LAKE_SCHEMA, *FOLDERS]),
        partitioning=ds.partitioning(FOLDERS, flavor="hive"),
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(READINGS, readings)
        connection.register(WEARERS, worn(readings))
        yield connection
        connection.unregister(READINGS)


def _in_duckdb(sql: str) -> str:
    """The statement in DuckDB's words. A pressure is put together by a function that DuckDB has under another name and with other signs."""
    of = ("n.systolic_mmhg", "n.diastolic_mmhg")
    known = sql.replace(ATHENA.blood_pressure.format(*of), DUCKDB.blood_pressure.format(*of))
    (statement,) = sqlglot.transpile(known, read="athena", write="duckdb")
    return statement


@pytest.mark.parametrize("contract", LAKE_TABLES, ids=lambda contract: contract.folder)
def test_a_table_has_the_contract_s_columns_in_hive_s_types(contract: LakeTable) -> None:
    name = athena.files_table(contract)

    assert _table_input(_key(name))["Name"] == name
    assert _columns(_key(name)) == [(column, _HIVE[kind]) for column, kind in contract.columns]
    assert _table_input(_key(name))["PartitionKeys"] == [{"Name": "date", "Type": "date"}]


@pytest.mark.parametrize("contract", LAKE_TABLES, ids=lambda contract: contract.folder)
def test_a_table_lies_where_the_sink_writes_it_and_finds_its_dates_by_itself(contract: LakeTable) -> None:
    declared = _table_input(_key(athena.files_table(contract)))
    lies_in = f"s3://${{LakeBucket}}/{contract.folder}/"

    assert declared["StorageDescriptor"]["Location"]["Fn::Sub"] == lies_in
    assert declared["Parameters"]["projection.enabled"] == "true"
    assert declared["Parameters"]["storage.location.template"]["Fn::Sub"] == f"{lies_in}date=${{!date}}/"


@pytest.mark.parametrize("name", ["iot_data", "anomalies", "alarms"])
def test_a_view_is_the_rule_that_is_kept_for_athena(name: str) -> None:
    rule = athena.statements()[name].partition(" AS\n")[2]

    view = _view(name)

    assert view["originalSql"].split() == rule.split()
    assert [one["name"] for one in view["columns"]] == [column for column, _ in _columns(_key(name))]


def test_the_ddl_makes_the_same_table() -> None:
    ddl = resources("analytics")["MakeReadings"]["Properties"]["QueryString"]["Fn::Sub"]

    parsed = sqlglot.parse_one(ddl, read="athena")
    made = [
        (column.name, column.args["kind"].sql(dialect="hive").lower())
        for column in parsed.this.expressions
        if isinstance(column, exp.ColumnDef)
    ]
    properties = {
        one.name: one.args["value"].name for one in parsed.find_all(exp.Property) if type(one) is exp.Property
    }

    assert isinstance(parsed, exp.Create)
    assert made == _columns("Readings")
    given = _table_input("Readings")["Parameters"]
    assert properties["projection.date.range"] == given["projection.date.range"]


def test_the_view_has_the_columns_it_has_here() -> None:
    view = _view()

    parsed = sqlglot.parse_one(view["originalSql"], read="athena")

    assert isinstance(parsed, exp.Select)
    assert parsed.named_selects == COLUMNS
    assert [one["name"] for one in view["columns"]] == COLUMNS
    assert [name for name, _ in _columns("IotData")] == COLUMNS
    hive = {"varchar": "string"}
    assert _columns("IotData") == [
        (one["name"], hive.get(one["type"], one["type"])) for one in view["columns"]
    ]


def test_the_view_shows_the_rows_that_it_shows_here(lake: Path) -> None:
    with _asked(lake) as connection:
        connection.execute(create_views(None)[0])
        ours = connection.sql("SELECT * FROM iot_data ORDER BY reading_id").to_arrow_table().to_pylist()
        theirs = (
            connection.sql(f"SELECT * FROM ({_in_duckdb(_view()['originalSql'])}) ORDER BY reading_id")
            .to_arrow_table()
            .to_pylist()
        )

    assert [one["reading_id"] for one in theirs] == ["r1", "r2", "r3", "r4"]
    assert theirs[0]["blood_pressure"] == "120/80.5"
    assert theirs == ours


@pytest.mark.parametrize("name", QUERIES)
def test_a_named_question_is_answered(lake: Path, name: str) -> None:
    with _asked(lake) as connection:
        connection.execute(f"CREATE TEMPORARY VIEW iot_data AS {_in_duckdb(_view()['originalSql'])}")

        answer = connection.sql(_in_duckdb(QUERIES[name])).to_arrow_table()

    assert answer.num_rows > 0


@pytest.mark.parametrize("name", QUERIES)
def test_a_named_question_says_which_dates_it_wants(name: str) -> None:
    # Without, Athena would look into every folder since 2000.
    where = sqlglot.parse_one(QUERIES[name], read="athena").find(exp.Where)

    assert where is not None
    assert "date" in {column.name for column in where.find_all(exp.Column)}


def test_quicksight_asks_for_columns_that_the_view_has() -> None:
    custom = resources("analytics")["QuickSightReadings"]["Properties"]["PhysicalTableMap"]["readings"][
        "CustomSql"
    ]

    parsed = sqlglot.parse_one(custom["SqlQuery"]["Fn::Sub"].replace("${Database}", "lake"), read="athena")

    assert isinstance(parsed, exp.Select)
    assert parsed.named_selects == [one["Name"] for one in custom["Columns"]]
    assert set(parsed.named_selects) <= set(COLUMNS)


def test_a_question_may_read_only_so_much() -> None:
    settings = resources("analytics")["Workgroup"]["Properties"]["WorkGroupConfiguration"]

    assert settings["BytesScannedCutoffPerQuery"] == {"Ref": "ScanLimitBytes"}
    assert settings["EnforceWorkGroupConfiguration"] is True
