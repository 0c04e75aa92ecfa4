import pytest

from stream_processor.record import Record
from stream_processor.standing import MODELS, OWN_LIMITS, is_new
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.user_model import UserModel


def _model(version: int) -> bytes:
    return wire.encode(UserModel(user_id="ada", version=version, fitted_at_us=0, usual={}))


def _limits(at_us: int) -> bytes:
    return wire.encode(SetLimits(user_id="ada", by="nurse", at_us=at_us))


def _said(value: bytes | None, key: bytes = b"ada") -> Record:
    return Record(key, value, 0, 0)


def test_only_a_higher_version_supersedes_a_model() -> None:
    assert is_new(_said(_model(1)), None, MODELS)
    assert is_new(_said(_model(3)), _model(2), MODELS)
    assert not is_new(_said(_model(2)), _model(2), MODELS)
    assert not is_new(_said(_model(1)), _model(2), MODELS)


def test_limits_said_earlier_do_not_supersede_later_ones() -> None:
    assert is_new(_said(_limits(5)), _limits(5), OWN_LIMITS)
    assert not is_new(_said(_limits(4)), _limits(5), OWN_LIMITS)


def test_a_tombstone_ends_what_stands() -> None:
    assert is_new(_said(None), _model(9), MODELS)
    assert not is_new(_said(None), None, MODELS)


@pytest.mark.parametrize("value", [b"", b"{}", b"\xff", _limits(1)])
def test_what_is_no_model_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed):
        is_new(_said(value), None, MODELS)


def test_nobody_speaks_for_another() -> None:
    with pytest.raises(Malformed) as why:
        is_new(_said(_model(1), key=b"bob"), None, MODELS)

    assert why.value.reason == "identity"
