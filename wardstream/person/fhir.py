"""Readings as FHIR R4 Observations of the vital-signs profile. Pure.

Codes are LOINC, units UCUM, as https://hl7.org/fhir/R4/observation-vitalsigns.html has them. People and devices are told by
identifier: we hold no Patient resource that could be referred to.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

Row = Mapping[str, object]
Resource = dict[str, object]

_NAMESPACE = UUID("6f6cfd5b-5a5b-5c3e-9a53-2d0d2bd6c1a4")
_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
USER_SYSTEM = "urn:wardstream:user"
DEVICE_SYSTEM = "urn:wardstream:device"


class Kind(NamedTuple):
    """A vital sign: its LOINC codes (the profile's first), what they're called, its unit and the unit's UCUM code."""

    codes: tuple[tuple[str, str], ...]
    unit: str
    ucum: str


KINDS: dict[str, Kind] = {
    "heart_rate_bpm": Kind((("8867-4", "Heart rate"),), "beats/minute", "/min"),
    "respiratory_rate_bpm": Kind((("9279-1", "Respiratory rate"),), "breaths/minute", "/min"),
    "spo2_pct": Kind(
        (
            ("2708-6", "Oxygen saturation in Arterial blood"),
            ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
        ),
        "%",
        "%",
    ),
    "temperature_c": Kind((("8310-5", "Body temperature"),), "C", "Cel"),
}
_PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
_PARTS: dict[str, Kind] = {
    "systolic_mmhg": Kind((("8480-6", "Systolic blood pressure"),), "mmHg", "mm[Hg]"),
    "diastolic_mmhg": Kind((("8462-4", "Diastolic blood pressure"),), "mmHg", "mm[Hg]"),
}


def entries(row: Row) -> Iterator[bytes]:
    """A Bundle's entries for one reading: an Observation for each vital sign it says; those who say none have no entry.

    The same reading gives the same ids. A value that can't be true (an artefact) is told as absent because of an error.
    """
    for name, kind in KINDS.items():
        if row[name] is not None:
            said = _absent("error") if name in _artefacts(row) else _quantity(row[name], kind)
            yield _entry(row, kind.codes, said)
    if any(row[name] is not None for name in _PARTS):
        parts = [
            {"code": _code(kind.codes)}
            | (_absent("unknown") if row[name] is None else _quantity(row[name], kind))
            for name, kind in _PARTS.items()
        ]
        yield _entry(row, (_PRESSURE,), {"component": parts})


def _artefacts(row: Row) -> list[str]:
    found = row["artefacts"]
    return found if isinstance(found, list) else []


def _entry(row: Row, codes: tuple[tuple[str, str], ...], said: Resource) -> bytes:
    id_ = str(uuid5(_NAMESPACE, f"{row['reading_id']}/{codes[0][0]}"))
    observation: Resource = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs", "display": "Vital Signs"}]}],
        "code": _code(codes),
        "subject": {"type": "Patient", "identifier": {"system": USER_SYSTEM, "value": row["user_id"]}},
        "effectiveDateTime": row["measured_at"],
        "issued": row["received_at"],
        "device": {"identifier": {"system": DEVICE_SYSTEM, "value": row["device_id"]}},
    }
    return msgspec.json.encode({"fullUrl": f"urn:uuid:{id_}", "resource": observation | said})


def _code(codes: tuple[tuple[str, str], ...]) -> Resource:
    return {"coding": [{"system": _LOINC, "code": code, "display": name} for code, name in codes]}


def _quantity(value: object, kind: Kind) -> Resource:
    return {"valueQuantity": {"value": value, "unit": kind.unit, "system": _UCUM, "code": kind.ucum}}


def _absent(why: str) -> Resource:
    return {"dataAbsentReason": {"coding": [{"system": _ABSENT, "code": why}]}}


def bundle(rows: Iterator[Row], made_at: str) -> Iterator[bytes]:
    """A Bundle (type collection) of every reading, piece by piece. `made_at` is ISO 8601 with zone."""
    yield b'{"resourceType":"Bundle","type":"collection","timestamp":' + msgspec.json.encode(made_at)
    opened = False
    for row in rows:
        for entry in entries(row):
            # FHIR knows no empty list: without entries there's no `entry`.
            yield (b",\n" if opened else b',"entry":[\n') + entry
            opened = True
    yield b"\n]}\n" if opened else b"}\n"
