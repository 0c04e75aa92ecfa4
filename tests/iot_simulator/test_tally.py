"""The progress line and the last words."""

import msgspec

from iot_simulator.tally import Standing, Summary, Tally, closing, progress

WELL = Standing(
    devices=10_000, connections=1000, connected=1000, queued=0, behind_s=0.02, broker="broker:1883"
)
DONE = Summary(
    devices=10_000,
    connections=1000,
    seconds=60.0,
    published=702_000,
    acknowledged=702_000,
    unacknowledged=0,
    queued=0,
    refused=0,
    carried=0,
    owed=0,
    resent=0,
    rate_per_s=11_700.0,
    worst_behind_s=0.04,
    resident_mib=210.0,
)


def test_a_good_second_is_devices_connections_rate_acknowledged_and_queued() -> None:
    line = progress(WELL, (11_700, 11_000), Tally(published=23_400, acknowledged=22_000), 1.0)

    assert line == (
        "devices 10,000 | connections 1,000/1,000 | 11,700/s | acknowledged 22,000 (11,000/s) | queued 0"
    )


def test_a_bad_second_says_so() -> None:
    away = msgspec.structs.replace(WELL, connected=0, queued=5, behind_s=3.21)

    line = progress(away, (0, 0), Tally(refused=7), 1.0)

    assert "refused 7 (outbox full)" in line
    assert "behind schedule by 3.2 s" in line
    assert "broker not reachable at broker:1883" in line


def test_a_run_that_held_its_schedule_says_so() -> None:
    assert closing(DONE).endswith("210 MiB; on schedule (at worst 0.04 s late)")


def test_a_run_that_did_not_says_by_how_much() -> None:
    slow = msgspec.structs.replace(DONE, worst_behind_s=12.34)

    assert "behind schedule by 12.3 s at worst" in closing(slow)
