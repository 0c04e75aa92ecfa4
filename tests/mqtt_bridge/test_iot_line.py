"""Acknowledgements through AWS IoT's data plane: boto3's own client, which holds requests to botocore's model of the service."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mqtt_bridge.acker_settings import AckerSettings
from mqtt_bridge.iot_line import AT_ONCE, MOST_WAITING, IotLine
from tests import aws_keys
from tests.mqtt_bridge.data_plane import DataPlane, data_plane
from tests.mqtt_bridge.ward import until
from wardstream.contracts.ack import Ack
from wardstream.runtime import aws
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_iot_data import IoTDataPlaneClient


@pytest.fixture
def plane() -> Iterator[DataPlane]:
    with data_plane() as made:
        yield made


@pytest.fixture
def line(plane: DataPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[IotLine]:
    made = IotLine(client(plane.url, monkeypatch))
    yield made
    made.close()


def client(url: str, monkeypatch: pytest.MonkeyPatch) -> "IoTDataPlaneClient":
    aws_keys.lend(monkeypatch)
    settings = AckerSettings(
        kafka_bootstrap="unused:9092", source="kafka", aws_endpoint_url_iot_data_plane=url
    )
    return aws.iot_data(settings, AT_ONCE)


def test_a_device_and_a_gateway_are_told_on_their_own_topics(plane: DataPlane, line: IotLine) -> None:
    line.say("watch-1", Ack(3, 7))
    line.say("hub:watch-2", Ack(1, 1))
    until(lambda: len(plane.said) == 2, "both words")

    assert plane.said["cmd/device/watch-1/ack"] == [Ack(3, 7)]
    assert plane.said["cmd/gateway/hub/hub:watch-2/ack"] == [Ack(1, 1)]
    assert plane.signed_for == {"iotdata"}
    assert line.is_connected


def test_what_aws_does_not_take_now_is_said_until_it_does(plane: DataPlane, line: IotLine) -> None:
    plane.refuse.extend([(429, "ThrottlingException"), (500, "InternalFailureException"), (503, "")])

    line.say("watch-1", Ack(1, 5))
    until(lambda: bool(plane.said), "the word")

    assert plane.asked == 4
    assert plane.said == {"cmd/device/watch-1/ack": [Ack(1, 5)]}
    line.keep(0.0)
    until(lambda: line.is_connected, "the line to be well")


def test_a_word_that_aws_calls_wrong_is_left_out_and_holds_nobody_up(plane: DataPlane, line: IotLine) -> None:
    plane.refuse.append((400, "InvalidRequestException"))

    for _ in range(2):
        line.say("watch-1", Ack(1, 5))
    until(lambda: bool(plane.said), "the second word")

    assert plane.asked == 2
    line.keep(0.0)


def test_a_role_that_may_not_speak_is_told_of_instead_of_waited_for(plane: DataPlane, line: IotLine) -> None:
    plane.refuse_always = (403, "ForbiddenException")

    line.say("watch-1", Ack(1, 5))
    until(lambda: not line.is_connected, "the refusal")

    with pytest.raises(CannotRun, match=r"ForbiddenException.*iot:Publish"):
        line.keep(0.0)


def test_while_aws_is_away_only_so_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody listens there: a port that was free a moment ago.
    with data_plane() as gone:
        url = gone.url
    line = IotLine(client(url, monkeypatch))

    said = 0
    while line.has_room and said < 10 * MOST_WAITING:
        line.say(f"watch-{said}", Ack(1, 1))
        said += 1
    until(lambda: not line.is_connected, "the first failure")
    line.close()

    assert MOST_WAITING <= said <= MOST_WAITING + AT_ONCE


def test_behind_iot_core_the_acker_needs_no_mqtt_host() -> None:
    settings = AckerSettings(kafka_bootstrap="unused:9092", source="kafka")

    assert settings.ack_interval_s == 1.0
    with pytest.raises(ValueError, match="is not set"):
        AckerSettings(kafka_bootstrap="unused:9092", source="mqtt")
