"""The quiet path in C against Python's: the same rows, outputs and counts, whatever is said."""

import copy
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.native import build, built
from stream_processor.native.quiet import quietly
from stream_processor.partition import Partition, Snapshot, Taken
from stream_processor.people import People
from tests.scoring.made import said
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS

QUIETLY = quietly()
needs_compiler = pytest.mark.skipif(QUIETLY is None, reason="no C compiler: scoring is interpreted here")

_PEOPLE = ("ada", "bob", "eve")
_VITALS = st.fixed_dictionaries(
    {},
    optional={
        "heart_rate_bpm": st.floats(65, 95).map(lambda each: round(each, 1))
        | st.sampled_from([40.0, 60.0, 100.0, 111.3, 131.0]),
        "spo2_pct": st.floats(95, 99) | st.sampled_from([88.0, 96.0, 100.0, 112.0]),
        "temperature_c": st.floats(36.2, 37.2).map(lambda each: round(each, 2))
        | st.sampled_from([35.0, 39.2]),
        "respiratory_rate_bpm": st.integers(12, 20).map(float),
        "systolic_mmhg": st.floats(90, 140).map(lambda each: round(each, 3)),
        "diastolic_mmhg": st.floats(55, 90),
    },
)
_MORE = st.fixed_dictionaries(
    {},
    optional={
        "steps_per_min": st.sampled_from([0.0, 20.0, 90.0]),
        "battery_pct": st.sampled_from([100.0, 50.5, 10.0, 8.0]),
        "on_body": st.sampled_from([True, True, False]),
        "sequence": st.integers(0, 3),
        "boot": st.integers(0, 1),
        "artefacts": st.just(("spo2_pct",)),
        "gcs": st.just(15),
    },
)
_SAID = st.lists(
    st.tuples(
        st.sampled_from(_PEOPLE),
        st.sampled_from([1, 1, 5, 10, 60, 400, 0, -30]),
        st.sampled_from([0.2, 0.2, 0.2, 1.0, 700.0, -3.0]),
        _VITALS,
        st.just({}) | st.just({}) | _MORE,
        st.booleans(),
    ),
    max_size=60,
)


class Written(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 1_760_000_000_000


def _records(steps: list[tuple[str, int, float, dict[str, float], dict[str, object], bool]]) -> list[Written]:
    second, records = 10_000.0, []
    for person, step_s, late_s, vitals, more, is_resent in steps:
        second += step_s
        reading = said(second, vitals, user=person, received_second=second + late_s)
        value = wire.encode(msgspec.structs.replace(reading, **more))
        records += [Written(0, person.encode(), value)] * (2 if is_resent and second % 7 < 1 else 1)
    return [record._replace(offset=n) for n, record in enumerate(records)]


def _taken(
    records: list[Written],
    *,
    is_native: bool,
    has_model: bool,
    before: list[tuple[str, Written]] | None = None,
) -> tuple[Taken, Snapshot]:
    partition = Partition(
        People({}, 100, rows.encode),
        {},
        DEFAULTS,
        has_model=has_model,
        quietly=QUIETLY if is_native else None,
    )
    for topic, record in before or []:
        partition.take(topic, [record], record.offset, record.offset + 1)
    return partition.take(READINGS.name, records, 0, len(records)), partition.snapshot()


def _both(
    records: list[Written], *, has_model: bool, before: list[tuple[str, Written]] | None = None
) -> None:
    native = _taken(records, is_native=True, has_model=has_model, before=before)
    interpreted = _taken(records, is_native=False, has_model=has_model, before=before)

    # Rows as bytes: not a bit may differ.
    assert native == interpreted


@needs_compiler
@given(_SAID, st.booleans())
def test_compiled_and_interpreted_say_and_keep_the_same_of_all_that_may_be_said(
    steps: list[tuple[str, int, float, dict[str, float], dict[str, object], bool]], has_model: bool
) -> None:
    _both(_records(steps), has_model=has_model)


@needs_compiler
@given(st.lists(_VITALS, min_size=6, max_size=30), st.sampled_from([1, 13, 29]), st.booleans(), st.booleans())
def test_a_long_history_is_the_same_to_the_last_bit(
    some: list[dict[str, float]], every_s: int, has_model: bool, has_own: bool
) -> None:
    model = UserModel(
        user_id="ada",
        version=1,
        fitted_at_us=0,
        usual={"heart_rate_bpm": Usual(mean=78.3, spread=7.1, readings=5000)},
    )
    own = SetLimits(
        user_id="ada",
        by="nurse",
        at_us=1,
        simple={"heart_rate_bpm": LimitPair(low=70, high=90.5)},
        clinical={"heart_rate_bpm": LimitPair(high=120)},
    )
    before = [
        (USER_MODELS.name, Written(0, b"ada", wire.encode(model))),
        (ALARM_ACTIONS.name, Written(0, b"ada", wire.encode(own))),
    ]

    _both(
        # Now and then two of one instant.
        _records(
            [("ada", every_s if n % 5 else 0, 0.2, vitals, {}, False) for n, vitals in enumerate(some * 9)]
        ),
        has_model=has_model,
        before=before if has_own else None,
    )


@needs_compiler
@pytest.mark.parametrize("has_model", [True, False])
def test_soon_after_a_step_the_slowest_heart_rate_is_kept_all_the_same(has_model: bool) -> None:
    step: dict[str, object] = {"steps_per_min": 90.0}
    # After three steps another device of theirs speaks, which knows none.
    told = [
        ("ada", 10, 0.2, {"heart_rate_bpm": 84.0 - n % 7}, step if n < 3 else {}, False) for n in range(90)
    ]

    _both(_records(told), has_model=has_model)


_PLAIN = wire.encode(said(20_000, {"heart_rate_bpm": 71.5, "spo2_pct": 97.0}))


@needs_compiler
@given(st.integers(0, len(_PLAIN) - 1), st.binary(max_size=3), st.integers(0, 3), st.booleans())
def test_damaged_bytes_are_judged_by_python_alone(place: int, put: bytes, cut: int, has_model: bool) -> None:
    good = _records([("ada", 5, 0.2, {"heart_rate_bpm": 70.0, "spo2_pct": 97.0}, {}, False)] * 5)
    bad = Written(len(good), b"ada", _PLAIN[:place] + put + _PLAIN[place + cut :])

    _both([*good, bad, *[each._replace(offset=each.offset + 6) for each in good]], has_model=has_model)


@needs_compiler
@pytest.mark.parametrize(
    "record",
    [Written(5, None, _PLAIN), Written(5, b"bob", _PLAIN), Written(5, b"ada", None), Written(5, b"", b"")],
)
def test_a_record_without_its_person_or_its_value_is_left_to_python(record: Written) -> None:
    good = _records([("ada", 5, 0.2, {"heart_rate_bpm": 70.0}, {}, False)] * 5)

    _both([*good, record], has_model=True)


@needs_compiler
def test_nearly_all_of_a_quiet_stretch_is_taken_by_the_compiled_code() -> None:
    left = 0
    assert QUIETLY is not None
    run = QUIETLY

    def counting(*batch: Any) -> int:
        nonlocal left
        left += 1
        return run(*batch)

    # Round after round, a second apart.
    records = [
        record._replace(offset=3 * n + place)
        for place, who in enumerate(_PEOPLE)
        for n, record in enumerate(
            _records([(who, 1, 0.2, {"heart_rate_bpm": 70.0 + n % 9}, {}, False) for n in range(300)])
        )
    ]
    records.sort()
    partition = Partition(People({}, 100, rows.encode), {}, DEFAULTS, quietly=counting)

    taken = partition.take(READINGS.name, records, 0, len(records))

    # Each person's first, and the first of each five minutes.
    assert taken.scored == 900
    assert left <= 1 + 3 * (2 + 900 // 300)


def test_what_was_compiled_from_another_source_is_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / built.SOURCE.name
    shutil.copy(built.SOURCE, source)
    monkeypatch.setattr(built, "SOURCE", source)
    before = built.path()
    before.write_bytes(b"as if compiled")

    source.write_text(source.read_text() + "/* edited */\n")

    assert built.path() != before
    assert quietly() is None


def test_without_a_compiler_it_says_so_in_a_line_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / built.SOURCE.name
    source.write_text("not C")
    monkeypatch.setattr(built, "SOURCE", source)
    monkeypatch.setenv("CC", "/nonexistent/cc")

    assert build.main([]) == 0
    assert build.main(["--required"]) == 1

    said_lines = capsys.readouterr().err.splitlines()
    assert len(said_lines) == 2
    assert all("stays interpreted" in line for line in said_lines)
    assert list(tmp_path.iterdir()) == [source]


@needs_compiler
def test_states_copied_share_nothing_that_is_written_over() -> None:
    records = _records([("ada", 5, 0.2, {"heart_rate_bpm": 70.0 + n}, {}, False) for n in range(9)])
    partition = Partition(People({}, 100, rows.encode), {}, DEFAULTS, quietly=QUIETLY)
    partition.take(READINGS.name, records[:5], 0, 5)
    newest = partition.people.awake[b"ada"].vitals["heart_rate_bpm"].newest
    known = copy.copy(newest)

    partition.take(READINGS.name, records[5:], 5, 9)

    assert newest == known
    assert partition.people.awake[b"ada"].vitals["heart_rate_bpm"].newest != known


def test_a_reading_as_written_is_in_the_form_the_compiled_code_knows() -> None:
    # Field names in order: a field added elsewhere than behind these would send every reading the slow way.
    assert Reading.__struct_fields__[:13] == (
        "reading_id",
        "device_id",
        "user_id",
        "measured_at_us",
        "received_at_us",
        "boot",
        "sequence",
        "heart_rate_bpm",
        "spo2_pct",
        "temperature_c",
        "systolic_mmhg",
        "diastolic_mmhg",
        "respiratory_rate_bpm",
    )
