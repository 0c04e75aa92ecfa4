from pathlib import Path

import pytest

from stream_processor.limits_file import limits_from
from wardstream.contracts.alarm_action import LimitPair
from wardstream.runtime.failure import CannotRun
from wardstream.scoring.limits import DEFAULTS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limits.toml", "[simple.heart_rate_bpm]\nlow = 50\nhigh = 120\n"),
        ("limits.json", '{"simple": {"heart_rate_bpm": {"low": 50, "high": 120}}}'),
    ],
)
def test_limits_come_from_toml_or_json(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    limits = limits_from(tmp_path / name)

    assert limits.simple["heart_rate_bpm"] == LimitPair(low=50, high=120)


def test_without_a_file_the_defaults_hold() -> None:
    assert limits_from(None) is DEFAULTS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[simple.pulse]\nlow = 50\n", "pulse"),
        ("[simpel.heart_rate_bpm]\nlow = 50\n", "simpel"),
        ("[simple.heart_rate_bpm]\nlow = 'slow'\n", "low"),
        ("[simple.heart_rate_bpm]\nlow = 120\nhigh = 100\n", "low must be below high"),
        ("low = = 5\n", "LIMITS_FILE"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_with_its_name_and_fault(
    tmp_path: Path, text: str, why: str
) -> None:
    written = tmp_path / "limits.toml"
    written.write_text(text)

    with pytest.raises(CannotRun) as failure:
        limits_from(written)

    assert str(written) in str(failure.value)
    assert why in str(failure.value)
