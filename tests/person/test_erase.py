"""A person is exported and forgotten, on the real servers, whatever is killed; the other one keeps everything."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.person.household import Household, household, until
from tests.stream_processor.topics import write_readings
from wardstream.local.addresses import Addresses
from wardstream.person.deeds import Deed, logged
from wardstream.person.erase import erase
from wardstream.person.export import Form, export
from wardstream.person.journal import Journal
from wardstream.person.receipt import receipt, text
from wardstream.runtime.failure import CannotRun

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
REQUEST = "request-1"
# Each is true from some moment of an erasure on; the process is killed when it is first seen.
KILLED_WHEN: dict[str, Callable[[Journal], bool]] = {
    "devices are noted": lambda journal: journal.devices is not None,
    "the processor was told": lambda journal: journal.forgotten_at is not None,
    "items are counted": lambda journal: journal.anomalies is not None,
    "files are found": lambda journal: bool(journal.found),
}


def kill_when(home: Household, user: str, is_time: Callable[[Journal], bool]) -> None:
    """Starts the erasure and kills it as soon as its journal says so."""
    running = home.command("erase", "--user", user, "--request", REQUEST)

    def seen() -> bool:
        entry = home.journals.read(REQUEST)
        return running.poll() is not None or (entry is not None and is_time(entry.journal))

    try:
        until(seen, "the erasure")
        assert running.poll() is None, running.communicate()
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()


def test_a_person_is_exported_and_then_forgotten_everywhere_and_nobody_else_is(
    servers: Addresses, tmp_path: Path
) -> None:
    with household(servers, tmp_path) as home:
        ada, bob = home.people
        home.introduce()
        for burst in range(3):
            home.say(burst)
        until(home.is_at_rest, "everything in its place")

        _exported(home, ada, tmp_path)
        before, others, claims = home.left_of(ada), home.left_of(bob), home.claims()
        assert all(before[name] for name in ("readings", "items", "device", "model", "state"))
        for is_time in KILLED_WHEN.values():
            kill_when(home, ada, is_time)
        said = home.run("erase", "--user", ada, "--receipt", "receipt.json")

        assert not any(home.left_of(ada).values())
        assert home.left_of(bob) == others
        assert home.claims() == claims
        assert not any(ada.encode() in home.body(key) for key in home.objects())
        _is_true(json.loads((tmp_path / "receipt.json").read_text()), before, home.devices[ada])
        assert ada not in said
        assert re.search(r"Kafka topic readings: \d{4}-\d\d-\d\d", said)

        again = erase(home.settings, ada, REQUEST, logged)
        assert text(receipt(again)) == said.rstrip("\n") + "\n"
        with pytest.raises(CannotRun, match="about somebody else"):
            erase(home.settings, bob, REQUEST, logged)
        write_readings(servers, [home.reading(ada, 1000)])
        until(lambda: len(home.rows(ada)) == 1, "a later reading, of somebody new")


def _exported(home: Household, user: str, folder: Path) -> None:
    told: list[Deed] = []
    forms: tuple[Form, ...] = ("csv", "parquet", "fhir")
    for form in forms:
        export(home.settings, user, form, folder / form, told.append)
    assert [(deed.what, deed.detail) for deed in told] == [("exported", form) for form in forms]
    rows = home.rows(user)
    ids = {one["reading_id"] for one in rows}
    as_csv = pa_csv.read_csv(folder / "csv" / "readings.csv").to_pylist()
    as_parquet = pq.read_table(folder / "parquet" / "readings.parquet").to_pylist()
    assert [one["reading_id"] for one in as_csv] == [one["reading_id"] for one in as_parquet]
    assert sorted(one["reading_id"] for one in as_parquet) == sorted(ids)
    tables = [pq.read_table(folder / "parquet" / f"{name}.parquet") for name in ("anomalies", "alarms")]
    assert sum(table.num_rows for table in tables) == len(home.items(user))
    bundle = (folder / "fhir" / "observations.json").read_bytes()
    Bundle.model_validate_json(bundle)
    assert len(json.loads(bundle)["entry"]) == 3 * len(ids)
    person = json.loads((folder / "fhir" / "person.json").read_text())
    assert [one["device_id"] for one in person["devices"]] == [home.devices[user]]
    assert person["model"]["version"] == 1


def _is_true(receipt: dict[str, object], before: dict[str, Any], device: str) -> None:
    assert receipt["is_done"] is True
    assert receipt["devices"] == [device]
    assert receipt["rows"] == {
        name: len(before[name]) for name in ("alarms", "anomalies", "readings", "wearers") if before[name]
    }
    assert int(str(receipt["anomalies"])) + int(str(receipt["alarms"])) == len(before["items"])
