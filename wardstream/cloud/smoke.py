"""Whether a deployed stack works: says one reading as a device would, and asks the lake for it."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from wardstream.contracts.topics import MQTT_READINGS
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_iot_data import IoTDataPlaneClient

Say = Callable[[str], None]
# Two flush intervals and a cold start of everything.
_PATIENCE_S = 600.0
_POLL_S = 15.0
_ANSWERED = {"SUCCEEDED", "FAILED", "CANCELLED"}


class Spoken(NamedTuple):
    """What the test says, and how it is asked for."""

    topic: str
    payload: bytes
    question: str


def spoken(name: str, now: datetime) -> Spoken:
    """An ordinary reading of a device of its own: nothing in it raises an alarm."""
    said = {
        "v": 1,
        "device_id": name,
        "boot": 1,
        "seq": 1,
        "measured_at": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "heart_rate_bpm": 72,
    }
    question = f"SELECT count(*) FROM iot_data WHERE device_id = '{name}' AND \"date\" = DATE '{now.date().isoformat()}'"  # noqa: S608 -- our own name
    return Spoken(f"{MQTT_READINGS}/{name}", msgspec.json.encode(said), question)


def smoke(
    iot: "IoTDataPlaneClient",
    athena: "AthenaClient",
    outputs: dict[str, str],
    say: Say,
    poll_s: float = _POLL_S,
) -> None:
    """Returns once the reading is in the lake; `CannotRun` if it isn't within ten minutes."""
    test = spoken(f"smoke-{uuid.uuid4().hex[:12]}", datetime.now(UTC))
    iot.publish(topic=test.topic, qos=1, payload=test.payload)
    say(f"said one reading on {test.topic}")
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if _counted(athena, outputs, test.question, poll_s):
            say("it is in the lake")
            return
        time.sleep(poll_s)
    raise CannotRun(f"{test.topic} is not in the lake after ten minutes: docs/deploy.md tells where to look")


def _counted(athena: "AthenaClient", outputs: dict[str, str], question: str, poll_s: float) -> int:
    asked = athena.start_query_execution(
        QueryString=question,
        WorkGroup=outputs["Workgroup"],
        QueryExecutionContext={"Database": outputs["Database"]},
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]
        if status["State"] in _ANSWERED:
            break
        time.sleep(poll_s / 10)
    if status["State"] != "SUCCEEDED":
        raise CannotRun(f"Athena does not answer: {status.get('StateChangeReason', status['State'])}")
    rows = athena.get_query_results(QueryExecutionId=asked)["ResultSet"]["Rows"]
    # The first row is the header.
    return int(rows[1]["Data"][0]["VarCharValue"])
