"""The words agree with the figures."""

import msgspec

from wardstream.report.figures import Figures, Percentiles, Raised
from wardstream.report.narrate import narrate

HELD = Figures(
    published=1000,
    acknowledged=1000,
    app_acknowledged=600,
    in_kafka=1000,
    scored=990,
    rejected=10,
    anomalies=40,
    alarms_raised=1,
    alarms_cleared=0,
    alarm_rows=1,
    parquet_rows=990,
    duplicates=0,
    lost=0,
    app_lost=0,
    unexpected=0,
    resent=0,
    reading_to_alarm_ms=Percentiles(p50=80.0, p99=210.0),
    seconds=60.0,
)
ALARM = Raised(
    reading_id="r",
    recorded_at_us=0,
    user_id="anna",
    kind="clinical",
    priority="high",
    sentence="Heart rate 142 bpm at rest; the limit is 131 bpm.",
)


def test_a_promise_that_held_is_said_in_plain_words() -> None:
    told = narrate(HELD, people=1, raised=[ALARM])

    assert "1 person was watched" in told
    assert "anna, high priority: Heart rate 142 bpm at rest" in told
    assert told.endswith("Nothing was lost and nothing was counted twice.\n")


def test_a_broken_promise_says_what_is_missing() -> None:
    broken = msgspec.structs.replace(HELD, lost=3, parquet_rows=987)

    told = narrate(broken, people=2, raised=[])

    assert "THE PROMISE DID NOT HOLD: 3 lost" in told
    assert "3 not in the lake" in told


def test_many_alarms_are_counted_not_listed() -> None:
    told = narrate(msgspec.structs.replace(HELD, alarms_raised=8, alarm_rows=8), people=2, raised=[ALARM] * 8)

    assert "... and 3 more." in told
