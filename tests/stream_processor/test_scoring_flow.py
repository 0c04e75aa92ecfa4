"""Readings in, anomalies and alarms out, through real Kafka."""

import time

import pytest

from tests.scoring.made import reading
from tests.stream_processor.people import expected, new_person, ward
from tests.stream_processor.processing import Worker
from tests.stream_processor.topics import Record, listening, write, write_readings
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.local.addresses import Addresses

pytestmark = pytest.mark.flow
_TIMEOUT_S = 60.0


def _of(user: str, values: list[float], start_s: float = 0) -> list[Reading]:
    return [reading(start_s + n * 10, user=user, heart_rate_bpm=value) for n, value in enumerate(values)]


def _wait_for(worker: Worker, metric: str, above: float) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while worker.metric(metric) <= above:
        assert time.monotonic() < deadline, f"{metric} stays at {above}"


def test_readings_come_out_as_the_anomalies_and_alarms_the_scorer_finds(
    servers: Addresses, processor: Worker
) -> None:
    users = [new_person() for _ in range(6)]
    readings = ward(users, rounds=60, seed=1)
    wanted = expected(readings)

    with listening(servers, set(users)) as heard:
        partitions = write_readings(servers, readings)
        heard.until(lambda said: said.steps >= wanted.alarms.keys())
        heard.until(lambda said: said.anomaly_ids >= wanted.anomaly_ids)

    assert len(wanted.alarms) > 10
    assert len(wanted.anomaly_ids) > 100
    assert heard.steps == wanted.alarms.keys()
    assert heard.anomaly_ids == wanted.anomaly_ids
    assert {(alarm.alarm_id, alarm.revision): alarm for alarm in heard.alarms} == wanted.alarms
    # Faust and librdkafka agree where a key belongs.
    assert heard.partitions == set(partitions)


def test_a_published_model_changes_what_is_usual(servers: Addresses, processor: Worker) -> None:
    user = new_person()
    usual = {"heart_rate_bpm": Usual(mean=52, spread=5, readings=9000)}
    model = UserModel(user_id=user, version=7, fitted_at_us=1, usual=usual)
    before = processor.metric("wardstream_processor_models_total")

    with listening(servers, {user}) as heard:
        write(servers, [Record(USER_MODELS.name, user, wire.encode(model))])
        _wait_for(processor, "wardstream_processor_models_total", before)
        write_readings(servers, _of(user, [96] * 13))
        heard.until(lambda said: len(said.alarms) == 1)
        write(servers, [Record(USER_MODELS.name, user, None)])
        _wait_for(processor, "wardstream_processor_models_total", before + 1)
        write_readings(servers, _of(user, [96], start_s=140))
        heard.until(lambda said: len(said.alarms) == 2)

    raised, cleared = heard.alarms
    assert (raised.kind, raised.state, raised.explanation.model_version) == ("personal", "active", 7)
    assert "usual is 42 to 62 bpm" in raised.explanation.sentence
    assert (cleared.alarm_id, cleared.state) == (raised.alarm_id, "cleared")
    assert "no longer known" in cleared.explanation.sentence


def test_limits_set_for_one_person_hold_for_that_person_only(servers: Addresses, processor: Worker) -> None:
    restless, other = new_person(), new_person()
    own = SetLimits(
        user_id=restless, by="nurse", at_us=1, simple={"heart_rate_bpm": LimitPair(low=45, high=150)}
    )
    before = processor.metric("wardstream_processor_limits_total")

    with listening(servers, {restless, other}) as heard:
        write(servers, [Record(ALARM_ACTIONS.name, restless, wire.encode(own))])
        _wait_for(processor, "wardstream_processor_limits_total", before)
        write_readings(servers, [*_of(restless, [120, 151]), *_of(other, [120, 151])])
        heard.until(lambda said: len(said.anomalies) == 3)

    assert {(each.user_id, each.value, each.limit) for each in heard.anomalies} == {
        (restless, 151, 150),
        (other, 120, 100),
        (other, 151, 100),
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xff\xfe garbage", "json"),
        (b'{"v":1,"heart_rate_bpm":"fast"}', "format"),
        (b'{"v":99}', "version"),
        (None, "json"),
    ],
)
def test_a_record_without_a_reading_is_set_aside_and_its_partition_goes_on(
    servers: Addresses, processor: Worker, value: bytes | None, reason: str
) -> None:
    user = new_person()

    with listening(servers, {user}) as heard:
        write(servers, [Record(READINGS.name, user, value)])
        write_readings(servers, _of(user, [120]))
        heard.until(lambda said: bool(said.rejected and said.anomalies))

    (refused,) = heard.rejected
    assert (refused.reason, refused.topic, refused.device_id) == (reason, "readings", user)
    assert refused.payload == (value or b"")


def test_a_reading_under_another_persons_key_is_set_aside(servers: Addresses, processor: Worker) -> None:
    user, other = new_person(), new_person()

    with listening(servers, {user, other}) as heard:
        write(servers, [Record(READINGS.name, other, wire.encode(_of(user, [25])[0]))])
        heard.until(lambda said: bool(said.rejected))

    assert (heard.rejected[0].reason, heard.alarms) == ("identity", [])


def test_a_refused_model_and_refused_limits_stop_nobody(servers: Addresses, processor: Worker) -> None:
    user = new_person()

    with listening(servers, {user}) as heard:
        write(servers, [Record(USER_MODELS.name, user, b"{}"), Record(ALARM_ACTIONS.name, user, b"[")])
        write_readings(servers, _of(user, [120]))
        heard.until(lambda said: bool(said.anomalies))

    assert heard.rejected == []


def test_no_vital_sign_and_no_persons_name_is_logged(servers: Addresses, processor: Worker) -> None:
    user = new_person()

    with listening(servers, {user}) as heard:
        write_readings(servers, _of(user, [25]))
        heard.until(lambda said: bool(said.alarms))

    assert user not in processor.log
    assert "heart" not in processor.log.lower()
