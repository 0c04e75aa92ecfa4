"""A device's message in, a reading or a refusal out: the bridge's one decision, whatever brought the bytes."""

import re
from collections.abc import Mapping
from typing import get_args

from mqtt_bridge import formats, instants
from wardstream.contracts import identity
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Id, Reading
from wardstream.contracts.rejected import Rejected, refused
from wardstream.contracts.topics import MQTT_GATEWAY
from wardstream.contracts.vitals import ACCEPTED, SPO2_CEILING_PCT

_ID = re.compile(get_args(Id)[1].pattern)
_LARGEST_COUNT = 2**63 - 1
_COMA_SCALE = ACCEPTED["gcs"]


def device_level(topic: str) -> str:
    """The last level of an MQTT topic: the device that may speak on it."""
    return topic.rpartition("/")[2]


def _check_gateway(topic: str) -> None:
    """`Malformed` when a gateway speaks for a device that doesn't carry its name: `iot/gateway/<gateway>/<gateway>:<device>`.

    The broker holds a gateway to its own level (the certificate's name), so this holds it to its own devices.
    """
    root, _, rest = topic.partition(f"{MQTT_GATEWAY}/")
    if root or not rest:
        return
    gateway, _, device_id = rest.partition("/")
    if not gateway or not device_id.startswith(f"{gateway}:"):
        raise Malformed("identity", "a gateway speaks for a device that is not its own")


def translate(
    topic: str, payload: bytes, received_at_us: int, devices: Mapping[str, Device]
) -> Reading | Rejected:
    """The reading that `payload` is, or its refusal with the reason. Never raises, whatever the bytes are.

    `received_at_us` is the wall clock at arrival. A device that isn't in `devices` is its own user, its clock UTC.
    """
    device_id = device_level(topic)
    try:
        _check_gateway(topic)
        return _reading(formats.said(payload), device_id, received_at_us, devices.get(device_id))
    except Malformed as fault:
        return refused(
            fault, topic=topic, device_id=device_id, received_at_us=received_at_us, payload=payload
        )


def _reading(said: formats.Said, device_id: str, received_at_us: int, device: Device | None) -> Reading:
    _check_identity(said.device_id, device_id)
    measured_at_us = instants.measured_at_us(said.at, device.zone if device else "UTC", received_at_us)
    _check_ranges(said)
    return Reading(
        reading_id=_reading_id(said, measured_at_us),
        device_id=device_id,
        user_id=device.user_id if device else device_id,
        measured_at_us=measured_at_us,
        received_at_us=received_at_us,
        boot=said.boot,
        sequence=said.sequence,
        gcs=said.gcs,
        on_body=said.on_body,
        artefacts=("spo2_pct",) if said.values.get("spo2_pct", 0.0) > SPO2_CEILING_PCT else (),
        **said.values,
    )


def _check_identity(said_id: str, device_id: str) -> None:
    if said_id != device_id:
        raise Malformed("identity", "speaks for another device than its topic's")
    if _ID.fullmatch(device_id) is None:
        raise Malformed("identity", "not a usable device id: up to 128 of letters, digits and : _ . -")


def _check_ranges(said: formats.Said) -> None:
    if not said.values and said.gcs is None and said.on_body is None:
        raise Malformed("format", "says nothing: no vital sign and no state")
    for name, value in said.values.items():
        accepted = ACCEPTED[name]
        # Written so that a NaN, should one ever come through, is refused.
        if not accepted.low <= value <= accepted.high:
            raise Malformed("range", f"{name}: no sensor of this kind can mean that")
    if said.gcs is not None and not _COMA_SCALE.low <= said.gcs <= _COMA_SCALE.high:
        raise Malformed("range", "gcs: the scale goes from 3 to 15")
    for name, count in (("boot", said.boot), ("seq", said.sequence)):
        if count is not None and not 0 <= count <= _LARGEST_COUNT:
            raise Malformed("range", f"{name}: not a count")


def _reading_id(said: formats.Said, measured_at_us: int) -> str:
    values = said.values
    if said.gcs is not None:
        values = values | {"gcs": float(said.gcs)}
    if said.on_body is not None:
        values = values | {"on_body": float(said.on_body)}
    return identity.reading_id(said.device_id, measured_at_us, said.boot, said.sequence, values)
