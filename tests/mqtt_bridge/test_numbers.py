"""Which number a record carries, and that nobody's bytes acknowledge another's."""

import pytest

from mqtt_bridge.numbers import Number, of_reading, of_refusal
from mqtt_bridge.translate import translate
from tests.mqtt_bridge.ward import MEASURED_AT_US, native
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import refused


def _refused(payload: bytes) -> bytes:
    return wire.encode(
        refused(
            Malformed("json", "no"), topic="iot/device/d", device_id="d", received_at_us=1, payload=payload
        )
    )


def test_a_reading_carries_the_number_its_device_gave_it() -> None:
    reading = translate("iot/device/d", native("d", 5), MEASURED_AT_US, {})

    assert of_reading(wire.encode(reading)) == Number("d", 1, 5)


def test_a_refusal_carries_the_number_that_the_bytes_say_for_the_device_of_the_topic() -> None:
    assert of_refusal(_refused(b'{"v":1,"device_id":"other","boot":3,"seq":9,"heart_rate_bpm":900}')) == (
        Number("d", 3, 9)
    )


def test_of_an_oversize_message_the_beginning_says_it() -> None:
    payload = b'{"v":1,"boot":3,"seq":9,"note":"' + b"x" * 200_000 + b'"}'

    assert of_refusal(_refused(payload)) == Number("d", 3, 9)


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b'{"boot":3,"seq":9', b'{"boot":3}', b"[" * 5000, b'{"boot":"3","seq":{}}']
)
def test_what_says_no_number_acknowledges_nothing(payload: bytes) -> None:
    assert of_refusal(_refused(payload)) is None


def test_bytes_that_are_no_reading_and_readings_without_numbers_acknowledge_nothing() -> None:
    assert of_reading(b"{}") is None
    assert of_reading(b'{"device_id":"d","boot":1}') is None
    assert of_refusal(b"nonsense") is None
