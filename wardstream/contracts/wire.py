"""Bytes to contracts and back. No dict leaves this room.

Wire form: JSON with the version in `v`. Unknown fields are ignored on reading, so that an older service reads what
a newer one writes within a version; `tests/golden/` keeps the bytes of every published version readable for ever.
"""

from typing import TypeVar

import msgspec

from wardstream.contracts.ack import Ack
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Action, AlarmAction, Forget, SetLimits
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.user_model import UserModel, UserModelV1, upgraded

Message = Reading | Anomaly | Alarm | UserModel | Device | Rejected | SetLimits | Action | Forget | Ack
M = TypeVar("M", Reading, Anomaly, Alarm, UserModel, Device, Rejected, AlarmAction, Ack)

_encoder = msgspec.json.Encoder()
_reading = msgspec.json.Decoder(Reading)
_ack = msgspec.json.Decoder(Ack)
_anomaly = msgspec.json.Decoder(Anomaly)
_alarm = msgspec.json.Decoder(Alarm)
_user_model = msgspec.json.Decoder(UserModel | UserModelV1)
_device = msgspec.json.Decoder(Device)
_rejected = msgspec.json.Decoder(Rejected)
_alarm_action: "msgspec.json.Decoder[AlarmAction]" = msgspec.json.Decoder(AlarmAction)


def encode(message: Message) -> bytes:
    """The bytes of a message, versioned."""
    return _encoder.encode(message)


def _is_another_version(error: msgspec.ValidationError) -> bool:
    # msgspec says where it stopped; a tag it doesn't know is the only fault it finds at `$.v`.
    return str(error).endswith("`$.v`")


_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _malformed(error: Exception) -> Malformed:
    if isinstance(error, msgspec.ValidationError):
        return Malformed("version" if _is_another_version(error) else "format", str(error))
    return Malformed("json", "not a JSON document")


def _decode(decoder: "msgspec.json.Decoder[M]", data: bytes) -> M:
    try:
        return decoder.decode(data)
    except _REFUSED as error:
        raise _malformed(error) from error


def reading(data: bytes) -> Reading:
    """The reading in `data`, or `Malformed`."""
    # Not by `_decode`: of the scorer's time per reading a call is a thirtieth.
    try:
        return _reading.decode(data)
    except _REFUSED as error:
        raise _malformed(error) from error


def anomaly(data: bytes) -> Anomaly:
    """The anomaly in `data`, or `Malformed`."""
    return _decode(_anomaly, data)


def alarm(data: bytes) -> Alarm:
    """The alarm step in `data`, or `Malformed`."""
    return _decode(_alarm, data)


def user_model(data: bytes) -> UserModel:
    """The personal model in `data`, whichever version wrote it, or `Malformed`."""
    try:
        model = _user_model.decode(data)
    except _REFUSED as error:
        raise _malformed(error) from error
    return model if isinstance(model, UserModel) else upgraded(model)


def device(data: bytes) -> Device:
    """The registry row in `data`, or `Malformed`."""
    return _decode(_device, data)


def rejected(data: bytes) -> Rejected:
    """The refused message in `data`, or `Malformed`."""
    return _decode(_rejected, data)


def alarm_action(data: bytes) -> AlarmAction:
    """The action in `data`, of any version, or `Malformed`."""
    return _decode(_alarm_action, data)


def ack(data: bytes) -> Ack:
    """The application acknowledgement in `data`, or `Malformed`."""
    return _decode(_ack, data)
