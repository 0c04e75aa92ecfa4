"""The reading that a deployed stack is tried with."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from mqtt_bridge.translate import translate
from wardstream.cloud.smoke import smoke, spoken
from wardstream.contracts.reading import Reading
from wardstream.contracts.units import epoch_us
from wardstream.runtime.failure import CannotRun

NOW = datetime(2025, 11, 8, 10, 23, 45, 123456, tzinfo=UTC)
OUTPUTS = {"Workgroup": "wardstream", "Database": "wardstream"}
KEYS = {"region_name": "eu-central-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


def test_it_is_a_reading_that_the_bridge_takes_and_asked_for_by_its_device_and_date() -> None:
    said = spoken("smoke-1", NOW)

    taken = translate(said.topic, said.payload, epoch_us(NOW), {})

    assert isinstance(taken, Reading)
    assert taken.device_id == "smoke-1"
    assert "device_id = 'smoke-1'" in said.question
    assert "\"date\" = DATE '2025-11-08'" in said.question


@pytest.mark.parametrize("counts", [["0", "1"]])
def test_it_passes_once_the_lake_has_it(counts: list[str]) -> None:
    iot = boto3.client("iot-data", **KEYS)  # type: ignore[call-overload]  # the same keys for both
    athena = boto3.client("athena", **KEYS)  # type: ignore[call-overload]
    lines: list[str] = []
    with Stubber(iot) as devices, Stubber(athena) as answers:
        devices.add_response("publish", {}, {"topic": ANY, "qos": 1, "payload": ANY})
        for count in counts:
            answers.add_response("start_query_execution", {"QueryExecutionId": "q"})
            _answered(answers, {"State": "RUNNING"})
            _answered(answers, {"State": "SUCCEEDED"})
            rows = [{"Data": [{"VarCharValue": text}]} for text in ("_col0", count)]
            answers.add_response("get_query_results", {"ResultSet": {"Rows": rows}})

        smoke(iot, athena, OUTPUTS, lines.append, poll_s=0)

    assert lines[-1] == "it is in the lake"


def test_what_athena_has_against_the_question_is_told() -> None:
    iot = boto3.client("iot-data", **KEYS)  # type: ignore[call-overload]
    athena = boto3.client("athena", **KEYS)  # type: ignore[call-overload]
    lines: list[str] = []
    with Stubber(iot) as devices, Stubber(athena) as answers:
        devices.add_response("publish", {})
        answers.add_response("start_query_execution", {"QueryExecutionId": "q"})
        _answered(answers, {"State": "FAILED", "StateChangeReason": "no such table"})

        with pytest.raises(CannotRun, match="no such table"):
            smoke(iot, athena, OUTPUTS, lines.append, poll_s=0)


def _answered(answers: Stubber, status: dict[str, str]) -> None:
    answers.add_response("get_query_execution", {"QueryExecution": {"Status": status}})
