import pytest

from stream_processor.person import Person, scored
from tests.scoring.made import heart_rates, reading
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.state import UnreadableState, from_bytes

NOBODY = Person(state=None, model=None, limits=None)
MODEL = wire.encode(
    UserModel(
        user_id="ada",
        version=2,
        fitted_at_us=0,
        usual={"heart_rate_bpm": Usual(mean=52, spread=5, readings=900)},
    )
)


def test_a_repeated_reading_leaves_the_row_as_it_is() -> None:
    said = reading(0, heart_rate_bpm=25)
    row, first = scored(NOBODY, said, DEFAULTS)

    again, second = scored(NOBODY._replace(state=row), said, DEFAULTS)

    assert len(first.alarms) == 1
    assert again is None
    assert second.is_repeated


def test_the_model_on_the_shelf_is_in_the_next_reading_and_out_when_it_is_gone() -> None:
    row, _ = scored(NOBODY._replace(model=MODEL), reading(0, heart_rate_bpm=52), DEFAULTS)
    assert row is not None
    assert from_bytes(row).model_version == 2

    row, _ = scored(NOBODY._replace(state=row), reading(10, heart_rate_bpm=52), DEFAULTS)
    assert row is not None
    assert from_bytes(row).model_version == 0


def test_own_limits_come_before_everybodys() -> None:
    own = SetLimits(user_id="ada", by="nurse", at_us=0, simple={"heart_rate_bpm": LimitPair(high=150)})
    (said,) = heart_rates([120])

    _, outcome = scored(NOBODY._replace(limits=wire.encode(own)), said, DEFAULTS)

    assert outcome.anomalies == ()


def test_a_row_of_another_build_is_not_guessed_at() -> None:
    with pytest.raises(UnreadableState):
        scored(NOBODY._replace(state=b"\x81\xa1v\x63"), reading(0, heart_rate_bpm=52), DEFAULTS)
