"""Answers as a table for eyes, as CSV or as JSON; each written while it is still being computed."""

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Literal, TextIO

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

Format = Literal["table", "csv", "json"]
Row = tuple[object, ...]
Writer = Callable[[pa.Schema, Iterator[list[Row]], TextIO], int]


def write(answer: pa.RecordBatchReader, out: TextIO, form: Format) -> int:
    """Writes every row of `answer` and returns their number. Instants are ISO 8601 with zone.

    `table`: columns as wide as the first batch needs. `csv`: as RFC 4180 has it, a header, NULL is empty. `json`: one array, one object
    a line, NULL is null.
    """
    return _WRITERS[form](answer.schema, (_rows(batch) for batch in answer), out)


def _rows(batch: pa.RecordBatch) -> list[Row]:
    return list(zip(*(_said(column).to_pylist() for column in batch.columns), strict=True))


def _said(column: pa.Array) -> pa.Array:
    """Instants as ISO 8601 text, a column at once: cell by cell they'd take longer than all the rest."""
    if not pa.types.is_timestamp(column.type) or column.type.tz != "UTC":
        return column
    # Without its zone, Arrow writes an instant in a twentieth of the time.
    text = pc.binary_replace_slice(column.cast(pa.timestamp(column.type.unit)).cast(pa.string()), 10, 11, "T")
    return pc.binary_join_element_wise(pc.replace_substring_regex(text, r"\.0+$", ""), "Z", "")


def _table(schema: pa.Schema, batches: Iterator[list[Row]], out: TextIO) -> int:
    first = next(batches, [])
    widths = _widths(schema.names, first)
    numeric = [_is_number(field.type) for field in schema]
    out.write(_line(schema.names, widths, numeric))
    out.write("  ".join("-" * width for width in widths) + "\n")
    count = 0
    for rows in chain([first], batches):
        out.writelines(_line([_text(cell) for cell in row], widths, numeric) for row in rows)
        count += len(rows)
    out.write(f"({count} row{'' if count == 1 else 's'})\n")
    return count


def _widths(names: list[str], rows: list[Row]) -> list[int]:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return [
        max(len(name), *(len(_text(cell)) for cell in column), 0)
        for name, column in zip(names, columns, strict=True)
    ]


def _line(cells: list[str], widths: list[int], numeric: list[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    )
    return "  ".join(padded).rstrip() + "\n"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _text(cell: object) -> str:
    if cell is None:
        return "NULL"
    return cell if isinstance(cell, str) else str(msgspec.to_builtins(cell, str_keys=True))


def _csv(schema: pa.Schema, batches: Iterator[list[Row]], out: TextIO) -> int:
    writer = csv.writer(out)
    writer.writerow(schema.names)
    is_plain = all(map(_is_plain, schema.types))
    count = 0
    for rows in batches:
        writer.writerows(rows if is_plain else [list(map(_csv_text, row)) for row in rows])
        count += len(rows)
    return count


def _is_plain(kind: pa.DataType) -> bool:
    """Whether the csv module writes such cells as `_text` would."""
    of_utc = pa.types.is_timestamp(kind) and kind.tz == "UTC"
    plain = (
        pa.types.is_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_boolean,
        pa.types.is_date,
    )
    return of_utc or any(is_one(kind) for is_one in plain)


def _csv_text(cell: object) -> str:
    return "" if cell is None else _text(cell)


def _json(schema: pa.Schema, batches: Iterator[list[Row]], out: TextIO) -> int:
    count = 0
    out.write("[")
    for row in chain.from_iterable(batches):
        said = msgspec.json.encode(dict(zip(schema.names, row, strict=True))).decode()
        out.write(f"{',' if count else ''}\n{said}")
        count += 1
    out.write("\n]\n")
    return count


_WRITERS: dict[Format, Writer] = {"table": _table, "csv": _csv, "json": _json}
