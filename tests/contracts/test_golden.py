"""The bytes of every published version stay readable for ever: a golden file is never edited, only added."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm, Explanation
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.user_model import UserModel, Usual

GOLDEN = Path(__file__).parent.parent / "golden"

READING = Reading(
    reading_id="Wb5pCVkSSc4AEzlfLW7W",
    device_id="monitor-7",
    user_id="person-3",
    measured_at_us=1762597425123456,
    received_at_us=1762597425200000,
    boot=3,
    sequence=41,
    heart_rate_bpm=72.0,
    spo2_pct=104.0,
    temperature_c=36.89,
    systolic_mmhg=120.0,
    diastolic_mmhg=80.0,
    respiratory_rate_bpm=14.0,
    steps_per_min=0.0,
    battery_pct=81.5,
    on_body=True,
    gcs=15,
    artefacts=("spo2_pct",),
)
ANOMALY = Anomaly(
    anomaly_id="anomaly-1-----------",
    reading_id=READING.reading_id,
    device_id="monitor-7",
    user_id="person-3",
    measured_at_us=1762597425123456,
    received_at_us=1762597425200000,
    vital="heart_rate_bpm",
    value=131.0,
    direction="high",
    rule="simple_limit",
    limit=100.0,
)
ALARM = Alarm(
    alarm_id="alarm-1-------------",
    revision=1,
    user_id="person-3",
    device_id="monitor-7",
    kind="clinical",
    vital="heart_rate_bpm",
    direction="high",
    priority="high",
    state="active",
    raised_at_us=1762597425123456,
    at_us=1762597435123456,
    explanation=Explanation(
        reading_id=READING.reading_id,
        measured_at_us=1762597435123456,
        value=142.0,
        sentence="Heart rate 142 bpm at rest for 60 s; the limit is 131 bpm (NEWS2 red value).",
        limit=131.0,
        source="NEWS2",
        usual_low=58.0,
        usual_high=74.0,
        evidence={"heart_rate_bpm": 4.5},
        readings_used=812,
        model_version=2,
    ),
)
USER_MODEL_V1 = UserModel(
    user_id="person-3",
    version=2,
    fitted_at_us=1762597425123456,
    usual={"heart_rate_bpm": Usual(mean=66.0, spread=4.0, readings=4000)},
)
USER_MODEL = UserModel(
    user_id="person-3",
    version=3,
    fitted_at_us=1762597425123456,
    usual={
        "heart_rate_bpm": Usual(
            mean=66.0, spread=4.0, readings=4000, shape=(-4.5, -2.0, 0.5, 0.25), day_spread=1.75, days=21.5
        ),
        "steps_per_min": Usual(mean=7.5, spread=20.0, readings=900, day_spread=2.5, days=21.0),
    },
)
DEVICE = Device(device_id="monitor-7", user_id="person-3", ward="B2", bed="4", zone="Europe/Berlin")
REJECTED = Rejected(
    reason="encoding",
    detail="not UTF-8",
    topic="iot/device/monitor-7",
    device_id="monitor-7",
    received_at_us=1762597425200000,
    payload=b"\xff\xfe{",
    payload_bytes=3,
    payload_sha256="0" * 64,
)
SET_LIMITS = SetLimits(
    user_id="person-3",
    by="nurse-1",
    at_us=1762597425123456,
    simple={"heart_rate_bpm": LimitPair(low=50.0, high=110.0)},
    clinical={"spo2_pct": LimitPair(low=88.0)},
)

CASES: list[tuple[str, wire.Message, Callable[[bytes], wire.Message]]] = [
    ("reading_v1", READING, wire.reading),
    ("anomaly_v1", ANOMALY, wire.anomaly),
    ("alarm_v1", ALARM, wire.alarm),
    ("user_model_v2", USER_MODEL, wire.user_model),
    ("device_v1", DEVICE, wire.device),
    ("rejected_v1", REJECTED, wire.rejected),
    ("set_limits_v1", SET_LIMITS, wire.set_limits),
]


# Versions that are no longer written.
OLD: list[tuple[str, wire.Message, Callable[[bytes], wire.Message]]] = [
    ("user_model_v1", USER_MODEL_V1, wire.user_model),
]


@pytest.mark.parametrize(("name", "message", "decode"), CASES + OLD, ids=[name for name, _, _ in CASES + OLD])
def test_a_published_version_stays_readable(
    name: str, message: wire.Message, decode: Callable[[bytes], wire.Message]
) -> None:
    golden = (GOLDEN / f"{name}.json").read_bytes()

    decoded = decode(golden)

    assert decoded == message


@pytest.mark.parametrize(("name", "message", "decode"), CASES, ids=[name for name, _, _ in CASES])
def test_what_is_written_today_is_the_golden_form(
    name: str, message: wire.Message, decode: Callable[[bytes], wire.Message]
) -> None:
    golden = (GOLDEN / f"{name}.json").read_bytes()

    written = wire.encode(message)

    assert written == golden
    assert decode(written) == message
