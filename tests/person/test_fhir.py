"""Readings as FHIR: every Observation and Bundle is held against the R4B models of fhir.resources."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.rows import row, table
from wardstream.person import fhir

MADE_AT = "2025-11-09T08:00:00+00:00"
FULL: dict[str, Any] = {
    "heart_rate_bpm": 72.0,
    "spo2_pct": 97.0,
    "temperature_c": 36.9,
    "systolic_mmhg": 120.0,
    "diastolic_mmhg": 80.0,
    "respiratory_rate_bpm": 14.0,
    "steps_per_min": 3.0,
    "on_body": True,
}


def bundled(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The Bundle, which the models take."""
    said = b"".join(fhir.bundle(iter(table(rows).to_pylist()), MADE_AT))
    Bundle.model_validate_json(said)
    found: dict[str, Any] = json.loads(said)
    return found


def observations(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundled(rows)["entry"]]
    for one in found:
        Observation.model_validate(one)
    return found


def test_a_full_reading_is_five_observations_with_the_profiles_codes_and_units() -> None:
    found = observations([row("r1", **FULL)])

    said = {
        one["code"]["coding"][0]["code"]: (one["valueQuantity"]["value"], one["valueQuantity"]["code"])
        for one in found
        if "valueQuantity" in one
    }
    assert said == {
        "8867-4": (72.0, "/min"),
        "9279-1": (14.0, "/min"),
        "2708-6": (97.0, "%"),
        "8310-5": (36.9, "Cel"),
    }
    (panel,) = [one for one in found if one["code"]["coding"][0]["code"] == "85354-9"]
    assert [
        (
            part["code"]["coding"][0]["code"],
            part["valueQuantity"]["value"],
            part["valueQuantity"]["code"],
        )
        for part in panel["component"]
    ] == [("8480-6", 120.0, "mm[Hg]"), ("8462-4", 80.0, "mm[Hg]")]
    (spo2,) = [one for one in found if one["code"]["coding"][0]["code"] == "2708-6"]
    assert spo2["code"]["coding"][1]["code"] == "59408-5"
    assert all(one["category"][0]["coding"][0]["code"] == "vital-signs" for one in found)
    assert {one["subject"]["identifier"]["value"] for one in found} == {"ann"}
    assert {one["effectiveDateTime"] for one in found} == {"2025-11-08T12:00:00Z"}


def test_a_value_that_cannot_be_true_is_told_as_absent() -> None:
    (found,) = observations([row("r1", spo2_pct=103.0, artefacts=["spo2_pct"])])

    assert "valueQuantity" not in found
    assert found["dataAbsentReason"]["coding"][0]["code"] == "error"


def test_half_a_blood_pressure_says_which_half_is_missing() -> None:
    (found,) = observations([row("r1", systolic_mmhg=120.0)])

    high, low = found["component"]
    assert high["valueQuantity"]["value"] == 120.0
    assert low["dataAbsentReason"]["coding"][0]["code"] == "unknown"


def test_without_vital_signs_the_bundle_has_no_entry() -> None:
    assert "entry" not in bundled([])
    assert "entry" not in bundled([row("r1", steps_per_min=4.0, battery_pct=50.0)])


def test_the_same_reading_has_the_same_ids_and_another_has_others() -> None:
    twice = [observations([row("r1", **FULL)]) for _ in range(2)]
    other = observations([row("r2", **FULL)])

    ids = {one["id"] for one in twice[0]}
    assert ids == {one["id"] for one in twice[1]}
    assert len(ids) == 5
    assert ids.isdisjoint(one["id"] for one in other)


numbers = st.none() | st.floats(0, 50, allow_nan=False)


@pytest.mark.slow
@given(
    st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(
                ("heart_rate_bpm", "spo2_pct", "temperature_c", "systolic_mmhg", "diastolic_mmhg"), numbers
            )
        ),
        max_size=4,
    ),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- aware by `timezones`
)
def test_whatever_readings_say_the_bundle_is_valid(said: list[dict[str, Any]], at: datetime) -> None:
    rows = [row(f"r{n}", n, measured_at=at, **values) for n, values in enumerate(said)]

    assert bundled(rows)["type"] == "collection"
