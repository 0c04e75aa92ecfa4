"""No vital sign, name or payload in a log."""

import pytest

from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import VITALS
from wardstream.runtime.logs import PrivateField, refuse_private


@pytest.mark.parametrize("field", [*VITALS, "value", "payload", "user_id", "kafka_password"])
def test_a_private_field_is_a_defect_that_crashes(field: str) -> None:
    with pytest.raises(PrivateField):
        refuse_private(None, "info", {"event": "happened", field: 1})


def test_an_ordinary_field_passes() -> None:
    event = {"event": "slot_taken", "slot": 3}

    assert refuse_private(None, "info", event) == event


def test_every_vital_of_a_reading_is_refused() -> None:
    said = set(Reading.__struct_fields__) & set(VITALS)

    assert said == set(VITALS)
