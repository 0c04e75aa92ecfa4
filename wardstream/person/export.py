"""A copy of everything about one person, written as it is read: memory doesn't grow with what there is."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa

from wardstream.contracts.device import Device
from wardstream.contracts.user_model import UserModel
from wardstream.lake.query import Asked, one_line_faults, opened
from wardstream.lake.view import READINGS, VIEW
from wardstream.person import copies, fhir, tables
from wardstream.person.deeds import Deed, Record
from wardstream.person.known import devices_of, model_of
from wardstream.person.settings import PersonSettings
from wardstream.runtime import aws
from wardstream.runtime.failure import CannotRun

Form = Literal["parquet", "csv", "fhir"]
_WRITERS: dict[Form, copies.Write] = {"parquet": copies.parquet, "csv": copies.as_csv}
_PART = ".part"


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What the copy holds: rows by file, what the registry and training know, and the dates that lie in cold storage.

    `anomalies` and `alarms` are not in a FHIR Bundle of vital signs. With `cold_dates` the copy is not complete.
    """

    user_id: str
    made_at: str
    rows: dict[str, int]
    devices: list[Device]
    model: UserModel | None
    cold_dates: list[str]


def export(settings: PersonSettings, user_id: str, form: Form, out: Path, record: Record) -> Exported:
    """Writes the copy into the folder `out`, made if need be; what it holds is in `person.json`, written last.

    A file has its name only once it is whole. `CannotRun` if one is there already, or a source is not to be had; `record`
    hears of the copy before anything is handed out.
    """
    out.mkdir(parents=True, exist_ok=True)
    _refuse_what_is_there(out)
    made_at = datetime.now(UTC)
    record(Deed.of("exported", user_id, request=secrets.token_hex(6), detail=form))
    heard: list[Asked] = []
    with one_line_faults(), opened(_of_person(user_id), settings, heard.append) as readings:
        rows = {"readings": _readings(readings, form, out, made_at)}
    if form != "fhir":
        rows |= _tables(settings, user_id, form, out)
    done = Exported(
        user_id=user_id,
        made_at=made_at.isoformat(timespec="seconds"),
        rows=rows,
        devices=devices_of(settings, user_id),
        model=model_of(settings, user_id),
        cold_dates=sorted({str(one.day) for asked in heard for one in asked.cold}),
    )
    with _whole(out / "person.json") as file:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(done)) + b"\n")
    return done


def _of_person(user_id: str) -> str:
    quoted = user_id.replace("'", "''")
    # Those rows that `iot_data` shows, with every column; where Kafka held them is no business of the person's.
    return f"""
        SELECT r.* EXCLUDE ("date", "partition", "offset") FROM {READINGS} r
        SEMI JOIN (SELECT reading_id, "date" FROM {VIEW} WHERE user_id = '{quoted}') shown
            ON shown.reading_id = r.reading_id AND shown."date" = r."date"
        WHERE r.user_id = '{quoted}'
        QUALIFY row_number() OVER (
            PARTITION BY r.reading_id, r.device_id, r."date" ORDER BY r.received_at, r."partition", r."offset"
        ) = 1 ORDER BY r.measured_at, r.reading_id
    """  # noqa: S608 -- quoted above


def _readings(rows: pa.RecordBatchReader, form: Form, out: Path, made_at: datetime) -> int:
    if form == "fhir":
        with _whole(out / "observations.json") as file:
            return _bundle(rows, file, made_at)
    with _whole(out / f"readings.{form}") as file:
        return _WRITERS[form](rows, file)


def _bundle(rows: pa.RecordBatchReader, file: Path, made_at: datetime) -> int:
    count = 0

    def readings() -> Iterator[fhir.Row]:
        nonlocal count
        for batch in rows:
            count += batch.num_rows
            yield from batch.to_pylist()

    with file.open("wb") as out:
        out.writelines(fhir.bundle(readings(), made_at.isoformat(timespec="seconds")))
    return count


def _tables(settings: PersonSettings, user_id: str, form: Form, out: Path) -> dict[str, int]:
    client = aws.dynamodb(settings)
    sources: dict[str, tuple[pa.Schema, Callable[[], Iterator[tables.Item]]]] = {
        "anomalies": (copies.ANOMALIES, lambda: tables.anomalies_of(client, user_id)),
        "alarms": (copies.ALARMS, lambda: tables.alarms_of(client, user_id)),
    }
    rows = {}
    for name, (schema, found) in sources.items():
        with _whole(out / f"{name}.{form}") as file:
            rows[name] = _WRITERS[form](copies.items(map(tables.plain, found()), schema), file)
    return rows


def _refuse_what_is_there(out: Path) -> None:
    there = sorted(file.name for file in out.iterdir() if not file.name.endswith(_PART))
    if there:
        raise CannotRun(f"{out} is not empty ({there[0]}): name a folder for this copy alone")


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A file to write to, which gets its name at the end of the block, and not if the block fails."""
    part = file.with_name(file.name + _PART)
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
