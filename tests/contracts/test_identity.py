"""Ids come from content alone."""

from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts.identity import ID_LENGTH, alarm_id, anomaly_id, reading_id

values = st.dictionaries(st.sampled_from(["heart_rate_bpm", "spo2_pct"]), st.floats(0, 150), max_size=2)


@given(values)
def test_the_order_of_values_does_not_matter(said: dict[str, float]) -> None:
    backwards = dict(reversed(said.items()))

    assert reading_id("d", 1, None, None, said) == reading_id("d", 1, None, None, backwards)


def test_a_whole_number_and_its_float_are_one_value() -> None:
    assert reading_id("d", 1, None, None, {"a": 72}) == reading_id("d", 1, None, None, {"a": 72.0})


def test_a_sequence_number_makes_the_id_whatever_was_said() -> None:
    first = reading_id("d", 1, 1, 7, {"heart_rate_bpm": 72.0})
    resent = reading_id("d", 2, 1, 7, {})

    assert first == resent
    assert first != reading_id("d", 1, 1, 8, {})
    assert first != reading_id("d", 1, 2, 7, {})


def test_without_sequence_each_thing_said_is_one_reading() -> None:
    one = reading_id("d", 1, None, None, {"heart_rate_bpm": 72.0})

    assert one != reading_id("e", 1, None, None, {"heart_rate_bpm": 72.0})
    assert one != reading_id("d", 2, None, None, {"heart_rate_bpm": 72.0})
    assert one != reading_id("d", 1, None, None, {"heart_rate_bpm": 73.0})
    assert one != reading_id("d", 1, None, None, {"spo2_pct": 72.0})


def test_published_ids_never_change() -> None:
    """These are in lakes and tables: another value here means every stored id is orphaned."""
    assert reading_id("d", 1, 1, 7, {}) == "ZNPo68cG2HBt0Dmfgw92"
    assert reading_id("d", 1, None, None, {"heart_rate_bpm": 72.0}) == "cygSu9sN4lOdfzCqcDxX"
    assert anomaly_id("r", "heart_rate_bpm", "simple_limit") == "rFutPya9ILx61QNzjQHS"
    assert alarm_id("u", "clinical", "heart_rate_bpm:high", "r") == "ZcC18oL83VMHO-ln-rJ8"


def test_an_id_is_short_and_safe_in_urls_and_keys() -> None:
    made = reading_id("d", 1, None, None, {})

    assert len(made) == ID_LENGTH
    assert made.replace("-", "").replace("_", "").isalnum()
